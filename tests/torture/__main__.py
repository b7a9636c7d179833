"""Torture: tries to take the program down, and counts what it survives: ``make torture ARGS="--part models"``.

--seed N            draws other mutations; the seed is shown, and the same one draws the same again
--short             the short form, five minutes on 2 cores
--part NAME         only this part; may be given more than once:
@PARTS@
--only N,N          of a part, only what has these numbers
--keep FOLDER       where files that did harm are kept; default: a new folder

Exit code 1: something was lost. What reproduces it is printed, and its file kept.
"""

from __future__ import annotations

import argparse
import logging
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.support.surroundings import take_nothing_over
from tests.torture import (
    deaths_part,
    documents_part,
    downloads_part,
    environments_part,
    erasures_part,
    files_part,
    full_part,
    models_part,
    orphans_part,
    state_part,
    templates_part,
    writes_part,
)
from tests.torture.kills import part as kills_part
from tests.torture.results import Outcome, Part, Run, loss, table

PARTS = (
    Part("models", "1,000 mutated model files through the import and the engine", models_part.run),
    Part("templates", "hostile chat templates", templates_part.run),
    Part("files", "the model's file is damaged while it is used", files_part.run),
    Part("orphans", "the app is killed, and no process may be left", orphans_part.run),
    Part("downloads", "downloads from a hostile server, interrupted in every way", downloads_part.run),
    Part("deaths", "the engine's process dies of signals", deaths_part.run),
    Part("state", "every file of the program's own, in every state of decay", state_part.run),
    Part("kills", "the program is killed at random moments of its use, again and again", kills_part.run),
    Part("writes", "a process is killed at each change that it makes to a file", writes_part.run),
    Part("erasures", "killed while deleted words are kept or erased: none may be left", erasures_part.run),
    Part("full", "the disk is full at everything that is written", full_part.run),
    Part("documents", "documents damaged at random, and some that are made to do harm", documents_part.run),
    Part("environments", "shells, systems and folders that are not as usual", environments_part.run),
)
_EVERY_S = 15.0
_MEMORY = 6 << 30


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="make torture", description=_description(), formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--part", choices=[part.name for part in PARTS], action="append")
    parser.add_argument("--only", type=lambda text: frozenset(map(int, text.split(","))), default=frozenset())
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    take_nothing_over()
    _limit_memory()
    # What the engine's process says is judged, not shown.
    logging.getLogger("desktop").addHandler(logging.NullHandler())
    parts = [part for part in PARTS if not arguments.part or part.name in arguments.part]
    with tempfile.TemporaryDirectory(prefix="catnap-torture-", ignore_cleanup_errors=True) as folder:
        keep = _Keeper(arguments.keep).keep
        return torture(parts, Run(arguments.seed, arguments.short, arguments.only, Path(folder), keep))


def torture(parts: Sequence[Part], run: Run) -> int:
    """Runs parts one after the other and prints what became of all; returns the exit code.

    Args:
        parts: What to run.
        run: How; each part gets a folder of its own in ``run.folder``.
    """
    print(f"seed {run.seed}", flush=True)
    began = time.monotonic()
    outcomes: list[Outcome] = []
    code = 0
    for part in parts:
        own = run.folder / part.name
        own.mkdir(parents=True)
        try:
            _collect(part, replace(run, folder=own), outcomes)
        except KeyboardInterrupt:
            print("interrupted; what was tried until then:")
            code = 130
            break
        except Exception:  # the other parts have nothing to do with it
            traceback.print_exc()
            code = 1
    print(table(outcomes))
    lost = sum(bool(outcome.lost) for outcome in outcomes)
    skipped = [outcome for outcome in outcomes if outcome.skipped]
    for (part_name, why), count in Counter((outcome.part, outcome.skipped) for outcome in skipped).items():
        print(f"NOT RUN {part_name}: {count} skipped, since {why}")
    tried = f"{len(outcomes) - len(skipped)} tried, {lost} lost"
    print(f"\n{tried}{f', {len(skipped)} skipped' if skipped else ''}, {time.monotonic() - began:.0f} s")
    return code or int(lost > 0)


def _collect(part: Part, run: Run, outcomes: list[Outcome]) -> None:
    """Runs a part, and says now and then how far it is."""
    began = said = time.monotonic()
    for count, outcome in enumerate(part.run(run), start=1):
        outcomes.append(outcome)
        if outcome.lost:
            print(loss(outcome), flush=True)
        if time.monotonic() > said + _EVERY_S:
            said = time.monotonic()
            print(f"{part.name}: {count} tried after {said - began:.0f} s", file=sys.stderr, flush=True)


def _limit_memory() -> None:
    """Has whatever eats memory fail, and not the machine that this runs on; the engine's process has its own limit."""
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))


class _Keeper:
    """Keeps files that did harm, in a folder that is made for the first one."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def keep(self, path: Path, name: str) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="catnap-torture-lost-"))
        self._folder.mkdir(parents=True, exist_ok=True)
        kept = self._folder / name
        if path.is_file():
            shutil.copyfile(path, kept)
        return kept


def _description() -> str:
    lines = (f"                    {part.name:<11}{part.about}" for part in PARTS)
    return (__doc__ or "").replace("@PARTS@", "\n".join(lines))


if __name__ == "__main__":
    sys.exit(main())
