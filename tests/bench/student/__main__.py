"""Makes the students that the README quotes, and sets what is measured beside what was asked: ``make student-figures``.

--project FOLDER    where; one that is there is gone on with (default: build/student-figures)
--part NAME         only this part; may be given more than once:
                    students    22 layers: trained, with a smaller vocabulary, judged, their speed
                    functions   the function check of one, its teacher and its rival, with all tasks
                    widths      narrower students, before any training
                    long        26 layers, see --long
--long MINUTES      train 26 layers for so long, too; 70 for a million tokens
--python PATH       a Python that has PyTorch; default: that of `make student`
--plan              say what is left to do and what it takes, and do nothing

Seeds, settings and hashes stand in the project's project.json. Ctrl+C pauses it; the same command goes on.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from desktop.common.errors import UserFacingError
from desktop.student.environment import find_environment
from tests.bench.results import table
from tests.bench.student.recipe import FIGURES, FUNCTIONS, TWIN, Names, Progress, Recipe, Wish, Work
from tests.bench.student.speed import Speeds
from tests.bench.student.targets import abilities, figures_of
from tests.support.command_line import ROOT, environment
from tests.support.weights import smollm2

_FOLDER = ROOT / "build" / "student-figures"
_PAIR_MINUTES = 0.15
_INTERRUPTED = 130


def main(words: Sequence[str] | None = None, wish: Wish | None = None) -> int:
    """Runs it; returns the exit code.

    Args:
        words: Of the command line; None: those of this process.
        wish: What is made; None: what the README quotes.
    """
    arguments = _parser().parse_args(words)
    folder: Path = arguments.project.absolute()
    wanted = wish or Wish(smollm2(), seed=arguments.seed, python=arguments.python, long_minutes=arguments.long)
    return Run(folder, Recipe(wanted), arguments.part or [], only_plan=arguments.plan).go()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make student-figures", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--project", type=Path, default=_FOLDER, metavar="FOLDER")
    parser.add_argument("--part", choices=("students", "functions", "widths", "long"), action="append")
    parser.add_argument("--long", type=float, default=0.0, metavar="MINUTES")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--python", type=Path, metavar="PATH")
    parser.add_argument("--plan", action="store_true")
    return parser


class Run:
    """One run over a project."""

    def __init__(self, folder: Path, recipe: Recipe, parts: Sequence[str], *, only_plan: bool) -> None:
        """
        Args:
            folder: Of the project, which may be there.
            recipe: What is made.
            parts: Only these; none: all.
            only_plan: Nothing is done.
        """
        self._folder, self._recipe, self._only_plan = folder, recipe, only_plan
        self._parts = [part for part in recipe.parts if not parts or part in parts]
        self._progress = Progress(folder)
        self._names: Names = recipe.names

    def go(self) -> int:
        """Does what is left; returns the exit code."""
        works = self._left()
        self._say_plan(works)
        if self._only_plan:
            return 0
        if any(work.learns for work in works):
            try:
                find_environment(self._recipe.wish.python)
            except UserFacingError as problem:
                print(problem, file=sys.stderr)
                return 1
        try:
            for work in works:
                if code := self._do(work):
                    return code
            if "students" in self._parts:
                self._measure()
        except KeyboardInterrupt:
            print("paused; the same command goes on", file=sys.stderr)
            return _INTERRUPTED
        self._tell()
        return 0

    def _left(self) -> list[Work]:
        found = (work for part in self._parts for work in self._progress.left(self._recipe.parts[part]))
        return list({work.key: work for work in found}.values())

    def _say_plan(self, works: Sequence[Work]) -> None:
        for work in works:
            print(f"  {work.minutes:5.1f} min  catnap student {work.action} {self._folder} {' '.join(work.words)}")
        minutes = sum(work.minutes for work in works)
        if "students" in self._parts:
            minutes += _PAIR_MINUTES * (self._recipe.wish.pairs - len(Speeds(self._folder).rounds))
        gigabytes = sum(work.megabytes for work in works) / 1000
        memory = ", up to 3.5 GB of memory" if any(work.learns for work in works) else ""
        print(
            f"About {minutes:.0f} minutes of one processor and {gigabytes:.1f} GB in {self._folder}{memory}. "
            "Ctrl+C pauses it; the same command goes on.",
            flush=True,
        )

    def _do(self, work: Work) -> int:
        print(f"\n$ catnap student {work.action} {self._folder} {' '.join(work.words)}", flush=True)
        command = [sys.executable, "-m", "desktop", "student", work.action, str(self._folder), *work.words]
        target = subprocess.PIPE if work.prints_json else None
        process = subprocess.Popen(command, stdout=target, env=environment(), text=True)
        try:
            out, _ = process.communicate()
        except KeyboardInterrupt:  # which it has heard, too, and puts things in order
            process.wait()
            raise
        if process.returncode:
            return process.returncode
        if work.prints_json:
            file = self._folder / work.leaves
            file.parent.mkdir(exist_ok=True)
            file.write_text(json.dumps(json.loads(out), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        self._progress.note(work)
        return 0

    def _measure(self) -> None:
        named = self._names.words.format(self._recipe.wish.words)
        models = [self._folder / "models" / f"{name}-Q8_0.gguf" for name in (self._names.short, named)]
        pairs = self._recipe.wish.pairs
        for number in Speeds(self._folder).measure([self._folder / TWIN, *models], pairs):
            print(f"speed: round {number + 1} of {pairs}", file=sys.stderr, flush=True)

    def _tell(self) -> None:
        figures = figures_of(self._folder, self._recipe.wish, self._names, Speeds(self._folder).rounds)
        print(f"\n{table(figures)}")
        if (self._folder / FUNCTIONS).exists():
            print()
            for line in abilities(json.loads((self._folder / FUNCTIONS).read_text(encoding="utf-8"))):
                print(line)
        record = {"seed": self._recipe.wish.seed, "figures": [figure.record() for figure in figures]}
        file = self._folder / FIGURES / "table.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        print(f"\n{file}")


if __name__ == "__main__":
    sys.exit(main())
