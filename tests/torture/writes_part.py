"""A process is killed at each change that it makes to a file: what was there before is whole, or the new.

Every writer of the program, one after the other: at its first write, its second, a sync, a new name, a removal, until
none is left to die at. Large writes are half done. What the next start reads is the old or the new, never between.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tests.torture.full_histories import HISTORY_WRITERS
from tests.torture.full_window import WindowExport, WindowPdf
from tests.torture.full_writers import WRITERS, Writer
from tests.torture.kept_writers import KEPT_WRITERS
from tests.torture.kills import dying
from tests.torture.kills.writers import ask, cannot_kill, in_child, numbered
from tests.torture.results import Outcome, Run

# Of a damaged and of a vanished history the part "kills" is about, and of most that is done in windows; of models that
# move their own tests; a log loses its last lines.
_OTHERS: Final = (
    "log",
    "log, closed",
    "move of the model folder",
    "history: a damaged file",
    "history: its file is deleted",
)
_ALL: Final[tuple[type[Writer], ...]] = (*WRITERS, *HISTORY_WRITERS, *KEPT_WRITERS, WindowExport, WindowPdf)
KILLED: Final = tuple(one for one in _ALL if one.name not in _OTHERS)
_MOST: Final = 60  # changes of one writer that are died at
_SHORT: Final = 6  # in the short form, one of so many, which the seed draws
_MOST_S: Final = 90.0


def run(run: Run) -> Iterator[Outcome]:
    """Kills each writer at each of its changes; in the short form every second, at one of the first."""
    if (skipped := cannot_kill("writes")) is not None:
        yield skipped
        return
    library = dying.compile_library(run.folder)
    for writer, first in numbered(run, KILLED, _MOST):
        if run.is_short and (first // _MOST + run.seed) % 2:
            continue
        yield from _kill_all(run, writer, first, library)


def _kill_all(run: Run, writer: type[Writer], first: int, library: Path) -> Iterator[Outcome]:
    whole = _ask(run.folder / f"{first}-whole", writer.name, 0, library)
    if "failure" in whole:
        yield _outcome(run, writer, first, 0.0, str(whole["failure"]), "")
        return
    drawn = random.Random(f"{run.seed} {first}").randint(1, _SHORT)
    for at in (drawn,) if run.is_short else range(1, _MOST):
        number = first + at
        if run.only and number not in run.only:
            continue
        began = time.monotonic()
        found = _ask(run.folder / str(number), writer.name, at, library)
        lost = str(found.get("failure", "")) or judge(found, whole)
        yield _outcome(run, writer, number, time.monotonic() - began, lost, str(found.get("state")) == whole["new"])
        if not found.get("died"):
            break


def judge(found: dict[str, Any], whole: dict[str, Any]) -> str:
    """Returns what was lost; empty: nothing.

    Args:
        found: What was found after the kill.
        whole: The old and the new, as they were found without one.
    """
    if found["state"] in (whole["old"], whole["new"]) or found["allowed"]:
        return ""
    return f"neither the old nor the new: {found['state']!r}, not {whole['old']!r} and not {whole['new']!r}"


def _outcome(run: Run, writer: type[Writer], number: int, seconds: float, lost: str, is_new: object) -> Outcome:
    again = f"--seed {run.seed} --part writes --only {number}"
    ending = "lost" if lost else "the new" if is_new else "the old"
    what = f"{writer.name}: killed at change {number % _MOST}"
    return Outcome("writes", writer.name, what, ending, lost, again, seconds=seconds)


def _ask(folder: Path, name: str, at: int, library: Path) -> dict[str, Any]:
    """Returns what became of a writer that died at a change; 0: of one that did not."""
    told = ask("tests.torture.writes_part", folder, (name, str(at)), library, _MOST_S)
    if not told.lines:
        return {"failure": told.failure or "it said nothing"}
    found: dict[str, Any] = json.loads(told.lines[-1])
    return found


def main() -> None:
    """Writes in a child that dies, and says what there is then: ``FOLDER NAME CHANGE``."""
    folder, name, at = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    made = next(one for one in KILLED if one.name == name)
    old = folder / "old.txt"
    place = folder / "disk"
    place.mkdir()
    died = in_child(lambda: _write(made(place), old, at, str(place)), may_die=True)
    writer = made(place)
    state = writer.state()
    said = {"old": old.read_text(), "new": state, "state": state, "allowed": writer.may_be(state), "died": died}
    print(json.dumps(said), flush=True)


def _write(writer: Writer, old: Path, at: int, words: str) -> None:
    writer.prepare()
    old.write_text(writer.state())
    if at:
        dying.arm(words, at, -1)
    writer.act()


if __name__ == "__main__":
    main()
