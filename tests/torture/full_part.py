"""The disk is full before, in the middle of and almost at the end of everything that the program writes.

The same with the user's share used up, files that may not be larger, and a disk that turned read-only. What was there
before is whole, or the new; nothing is said to be saved that is not; who waits for it gets a sentence that helps; and
when there is room again it can be saved.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from tests.torture.answering import AnsweringProcess
from tests.torture.full_verbs import VERBS, Given, Verb, needs, try_verb
from tests.torture.full_victim import ALL_WRITERS, Told
from tests.torture.full_writers import Writer
from tests.torture.results import Outcome, Run
from tests.torture.small_disk import REAL, Acting, Disk, acting_library, mounted, why_no_small_disk

# Bytes of the disk: what is written the most takes a fifth of it.
SIZE: Final = 16 << 20
_MOST_S: Final = 60.0
# One of so many is tried in the short form.
_SHORT: Final = 14
_SHORT_VERBS: Final = 24
_ROOT: Final = Path(__file__).parents[2]
# What a sentence about a disk without room speaks of, in its title, its detail or its remedy.
_ABOUT_ROOM: Final = ("full", "room", "space", "quota", "too large")
# These are not about the room; and SQLite does not tell that a file may not be larger.
_ABOUT_OTHERS: Final = ("read-only", "file too large")


@dataclass(frozen=True)
class Shortage:
    """How the room is short.

    Attributes:
        kind: Of :data:`tests.torture.small_disk.ERRORS`.
        share: Of what is to be written there is room for so much.
        room: Bytes beside that.
    """

    name: str
    kind: str
    share: float = 0.0
    room: int = 0

    def drawn(self, rng: random.Random) -> Shortage:
        """Returns it with the share that a seed draws, where there is one to be drawn."""
        return self if self.share >= 0 else Shortage(self.name, self.kind, rng.random(), rng.randrange(4096))


_DRAWN: Final = -1.0
SHORTAGES: Final = (
    *(Shortage(f"full, {room:,} bytes left", REAL, room=room) for room in (0, 1, 4096)),
    Shortage("full at half of it", REAL, 0.5),
    Shortage("full but for a page", REAL, 1.0, -4096),
    Shortage("full somewhere", REAL, _DRAWN),
    *(Shortage(f"no room after {room:,} bytes", "no room", room=room) for room in (1, 4096)),
    Shortage("no room but for a byte", "no room", 1.0, -1),
    Shortage("no room somewhere", "no room", _DRAWN),
    Shortage("share used up", "share used up"),
    Shortage("share used up somewhere", "share used up", _DRAWN),
    Shortage("file too large", "file too large", 0.5),
    Shortage("read-only", "read-only"),
    Shortage("read-only somewhere", "read-only", _DRAWN),
)


def run(run: Run) -> Iterator[Outcome]:
    """Tries each writer and each verb with each shortage; the short form a few, other ones for each seed."""
    writers = [(writer, shortage) for writer in ALL_WRITERS for shortage in SHORTAGES]
    verbs = [(verb, shortage) for verb in VERBS for shortage in SHORTAGES if shortage.kind != REAL]
    numbers, of_verbs = list(range(len(writers))), list(range(len(writers), len(writers) + len(verbs)))
    if run.is_short:
        rng = random.Random(run.seed)
        numbers = sorted(rng.sample(numbers, len(numbers) // _SHORT))
        of_verbs = sorted(rng.sample(of_verbs, len(of_verbs) // _SHORT_VERBS))
    with Victim(run.folder) as victim:
        for number in numbers:
            if not run.only or number in run.only:
                yield _try(victim, run, number, *writers[number])
    yield from _verbs(run, [number for number in of_verbs if not run.only or number in run.only], verbs, len(writers))


def _verbs(run: Run, numbers: Sequence[int], cases: Sequence[tuple[Verb, Shortage]], first: int) -> Iterator[Outcome]:
    if not numbers:
        return
    given, known = Given(run.folder), dict[str, int]()
    for number in numbers:
        verb, shortage = cases[number - first]
        name, what = f"catnap {verb.name}", f"catnap {verb.name}: {shortage.name}"
        why = why_not(shortage)
        if why:
            yield Outcome("full", name, what, SKIPPED, skipped=why)
            continue
        began = time.monotonic()
        if verb.name not in known:
            known[verb.name] = needs(given, verb)
        drawn = shortage.drawn(random.Random(f"{run.seed} {number}"))
        room = max(0, round(drawn.share * known[verb.name]) + drawn.room)
        limit = partial(Disk.limit, kind=drawn.kind, room=room)
        ending, lost = try_verb(given, verb, limit, speaks_of_room=drawn.kind not in _ABOUT_OTHERS)
        again = f"--seed {run.seed} --part full --only {number}"
        yield Outcome("full", name, what, "lost" if lost else ending, lost, again, seconds=time.monotonic() - began)


class Victim(AnsweringProcess):
    """The process that writes, on a disk of its own."""

    def __init__(self, folder: Path) -> None:
        """
        Args:
            folder: Of the part.
        """
        disk, control = folder / "disk", folder / "control"

        def command() -> tuple[list[str], Mapping[str, str]]:
            disk.mkdir(exist_ok=True)
            acting = Acting(disk, control).environment
            victim = [sys.executable, "-m", "tests.torture.full_victim", str(disk), *([str(control)] if acting else [])]
            return [*(() if why_no_small_disk() else mounted(disk, SIZE)), *victim], acting

        super().__init__(command, _MOST_S)

    def tell(self, order: dict[str, Any]) -> Told:
        """Returns what it tells; a failure where it says nothing."""
        answer = self.ask(order)
        return Told(failure=answer) if isinstance(answer, str) else Told(**answer)


def _try(victim: Victim, run: Run, number: int, writer: type[Writer], shortage: Shortage) -> Outcome:
    what = f"{writer.name}: {shortage.name}"
    why = why_not(shortage)
    if why:
        return Outcome("full", writer.name, what, SKIPPED, skipped=why)
    shortage = shortage.drawn(random.Random(f"{run.seed} {number}"))
    began = time.monotonic()
    told = victim.tell({"writer": writer.name, "kind": shortage.kind, "share": shortage.share, "room": shortage.room})
    lost = judge(told, shortage.kind, speaks=writer.speaks, later=writer.later)
    again = f"--seed {run.seed} --part full --only {number}"
    seconds = time.monotonic() - began
    return Outcome("full", writer.name, what, "lost" if lost else _ending(told), lost, again, seconds=seconds)


SKIPPED: Final = "skipped"


def why_not(shortage: Shortage) -> str:
    """Returns why a shortage cannot be brought about here; empty: it can."""
    if shortage.kind == REAL:
        return why_no_small_disk()
    return "" if acting_library() is not None else "there is no C compiler for a disk that only acts"


def _ending(told: Told) -> str:
    if told.short == told.new:
        return "fitted"
    return "said" if told.sentences else "put off"


def judge(told: Told, kind: str, *, speaks: bool, later: bool = False) -> str:
    """Returns what was lost; empty: nothing.

    Args:
        told: What the victim tells.
        kind: Of the shortage.
        speaks: Whoever waits for what is written is to be told.
        later: The rest is done at the next start, and may be said to be done.
    """
    if told.failure:
        return told.failure
    if told.short not in (told.old, told.new) and not told.allowed:
        return f"neither the old nor the new while the room was short: {told.short!r}, not {told.old!r}"
    if told.claimed and told.short != told.new and not (later and told.allowed):
        return f"said to be saved, and it is not: {told.short!r}"
    if speaks and not told.claimed and not told.sentences:
        return "not saved, and nobody was told"
    for title, detail, remedy in told.sentences:
        if not (title and remedy):
            return f"a sentence that helps nobody: {title!r}, {remedy!r}"
        words = f"{title} {detail} {remedy}".lower()
        if kind not in _ABOUT_OTHERS and not any(word in words for word in _ABOUT_ROOM):
            return f"the sentence does not speak of the room: {words!r}"
    if told.after != told.new:
        return f"there is room again, and it is not saved: {told.after!r}, not {told.new!r}"
    if told.restart != told.new:
        return f"it was saved, and is gone at the end: {told.restart!r}, not {told.new!r}"
    return f"left behind: {', '.join(told.left)}" if told.left else ""
