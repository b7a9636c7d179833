"""How fast students are beside their teacher: ``catnap ask`` with each, in turn, loading included."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final

from tests.bench.student.recipe import FIGURES
from tests.support.command_line import environment

NAME: Final = "speed.json"
_TOKENS: Final = 40
# An answer of fewer tokens says nothing of the time that one takes.
_FEW: Final = 8
_QUESTIONS: Final = (
    "Explain in several sentences how bread is made at home, step by step.",
    "Tell me a story about a boy who finds an old map in a library.",
    "Describe a quiet morning in a small town by the sea, in as much detail as you can.",
)

# Of one answer: the fields of `catnap ask --json`.
Answer = Mapping[str, Any]


class Speeds:
    """Rounds in which each model answers once, kept as they come: one that was broken off does not count."""

    def __init__(self, folder: Path) -> None:
        """
        Args:
            folder: Of the project.
        """
        self._file = folder / FIGURES / NAME
        self._home = folder / FIGURES / "home"
        self.rounds: list[dict[str, Answer]] = []
        if self._file.exists():
            self.rounds = json.loads(self._file.read_text(encoding="utf-8"))

    def measure(self, models: Sequence[Path], rounds: int) -> Iterator[int]:
        """Yields the number of each round that is measured.

        Args:
            models: The files; those of another set than before make the rounds before void.
            rounds: So many in all.

        Raises:
            RuntimeError: A model does not answer.
        """
        names = {str(model) for model in models}
        self.rounds = [each for each in self.rounds if each.keys() == names]
        self._file.parent.mkdir(exist_ok=True)
        for number in range(len(self.rounds), rounds):
            yield number
            order = models if number % 2 else models[::-1]
            self.rounds.append({str(model): self._asked(model, number) for model in order})
            self._file.write_text(json.dumps(self.rounds, ensure_ascii=False, indent=1), encoding="utf-8")

    def _asked(self, model: Path, number: int) -> Answer:
        words = ["ask", _QUESTIONS[number % len(_QUESTIONS)], "--model", str(model), "--threads", "1", "--json"]
        words += ["--max-tokens", str(_TOKENS), "--seed", str(number), "--data-dir", str(self._home)]
        command = [sys.executable, "-m", "desktop", *words]
        done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{model.name} does not answer: {done.stderr.strip()}")
        answer: Answer = json.loads(done.stdout)
        return answer


def ratio(rounds: Sequence[Mapping[str, Answer]], field: str, model: str, other: str) -> tuple[float, int] | None:
    """Returns how many times as large a figure of one model is as another's, and in how many pairs; None: in none.

    The median over pairs of one round, since a computer is not as fast now as it was a minute ago.

    Args:
        rounds: See :class:`Speeds`.
        field: Of an answer, such as "ttft_s".
        model: The one.
        other: The other.
    """
    pairs = [(each[model], each[other]) for each in rounds if model in each and other in each]
    if field == "gen_tps":
        pairs = [pair for pair in pairs if min(answer["generated_tokens"] for answer in pair) >= _FEW]
    found = [mine[field] / theirs[field] for mine, theirs in pairs if theirs[field]]
    return (median(found), len(found)) if found else None
