"""Whoever keeps or erases words that are to be deleted is killed at each change to a file, and no word may be left.

A search of all bytes of the data folder looks for them, once the program has started again and done what it does by
itself: in the database, its log and journal, copies of the day and of earlier versions, states, drafts, scratch files.
"""

from __future__ import annotations

import json
import random
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tests.torture.erasing_writers import ERASING, Erased
from tests.torture.kills import dying
from tests.torture.kills.writers import ask, cannot_kill, in_child, numbered
from tests.torture.results import Outcome, Run

_MOST: Final = 1000  # changes of one writer
_SHORT: Final = 40  # in the short form, one of so many, which the seed draws
_MOST_S: Final = 600.0


def run(run: Run) -> Iterator[Outcome]:
    """Kills each at each of its changes; in the short form at one of many."""
    if (skipped := cannot_kill("erasures")) is not None:
        yield skipped
        return
    library = dying.compile_library(run.folder)
    for writer, first in numbered(run, ERASING, _MOST):
        wanted = sorted(number - first for number in run.only if first <= number < first + _MOST)
        step = _SHORT if run.is_short else 1
        begin = random.Random(f"{run.seed} {first}").randint(1, step)
        for at in wanted or (begin,):
            yield from _kill(run, writer, first, library, (at, _MOST if wanted else step))


def _kill(run: Run, writer: type[Erased], first: int, library: Path, at: tuple[int, int]) -> Iterator[Outcome]:
    folder = run.folder / f"{first + at[0]}"
    began = time.monotonic()
    count = 0
    for found in kill_at(folder, writer.name, library, *at):
        number = first + int(found["at"])
        again = f"--seed {run.seed} --part erasures --only {number}"
        what, ending = f"{writer.name}: killed at change {found['at']}", "lost" if found["lost"] else "no word left"
        seconds, began = time.monotonic() - began, time.monotonic()
        yield Outcome("erasures", writer.name, what, ending, found["lost"], again, seconds=seconds)
        count += 1
    if not count:
        yield Outcome("erasures", writer.name, writer.name, "lost", "nothing was tried", f"--only {first + at[0]}")
    shutil.rmtree(folder, ignore_errors=True)


def kill_at(folder: Path, name: str, library: Path, first: int, step: int = 1) -> Iterator[dict[str, Any]]:
    """Kills a writer at the first of its changes, and every so many further, until it has no more.

    Args:
        folder: For its files; there is none yet.
        name: Which writer.
        library: See :func:`tests.torture.kills.dying.compile_library`.
        first: The change that it is killed at first.
        step: How many further it is killed next.

    Yields:
        ``{"at", "lost"}``: at which change, and what was lost; empty: nothing.
    """
    told = ask("tests.torture.erasures_part", folder, (name, str(first), str(step)), library, _MOST_S)
    for line in told.lines:
        yield json.loads(line)
    if told.failure:
        yield {"at": 0, "lost": told.failure}


def main() -> None:
    """Kills children at one change after the other, and says what was left: ``FOLDER NAME FIRST STEP``."""
    folder, name, at, step = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    made = next(one for one in ERASING if one.name == name)
    given = folder / "given"
    given.mkdir()
    in_child(lambda: made(given).prepare())
    while at < _MOST:
        place = folder / f"at-{at}"
        shutil.copytree(given, place)
        died = in_child(lambda: _die(made(place), str(place), at), may_die=True)  # noqa: B023 (it is called at once)
        state = _state(made, place, folder / f"{at}.txt")
        print(json.dumps({"at": at, "lost": state}), flush=True)
        shutil.rmtree(place)
        if not died:
            return
        at += step


def _die(writer: Erased, words: str, at: int) -> None:
    dying.arm(words, at, -1)
    writer.act()


def _state(made: type[Erased], place: Path, answer: Path) -> str:
    """Returns what a search finds, by a process of its own: its threads are in nobody's way."""
    in_child(lambda: answer.write_text(made(place).state()))
    return answer.read_text()


if __name__ == "__main__":
    main()
