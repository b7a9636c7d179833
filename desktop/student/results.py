"""``check.json`` in a project: what a comparison of models has found so far, so that it goes on where it was.

Everything is kept under the fingerprint of a model's file and at once, so a killed check costs one model's reading, one
answer or one round. Held-out answers that are others than before make all of it void. What the function check found
lies beside it, in ``checks/``, in the form of :mod:`desktop.check.store`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import Enum
from pathlib import Path
from statistics import median
from typing import Any, Final

from desktop.common.json_file import StateFile
from desktop.student.judging import ModelFigures, PromptFigures
from desktop.student.sequences import TaughtSequence

NAME: Final = "check.json"
CHECKS: Final = "checks"
# What the model that a student was made of is called, where that is not the teacher.
BASE: Final = "base"
_MOST_BYTES: Final = 256_000_000


class Role(Enum):
    """What a model is in a comparison."""

    TEACHER = "teacher"
    PLAIN = "plain"
    STUDENT = "student"


@dataclass(frozen=True)
class Contestant:
    """A model that was compared.

    Attributes:
        name: What it is called in the table.
        file: The name of its file.
        size: Bytes.
        kind: Its number format, such as "Q4_0"; empty: the file does not say.
        fingerprint: Of its file, see :func:`desktop.check.store.fingerprint_of`.
        sha256: Of its file; empty: it was not read whole.
        layers: That it has.
        tokens: Of its vocabulary.
        like: Of a plain version: the name of the student whose number format it has; empty: of none.
    """

    name: str
    role: Role
    file: str
    size: int
    kind: str
    fingerprint: str
    sha256: str = ""
    layers: int = 0
    tokens: int = 0
    like: str = ""


@dataclass(frozen=True)
class Round:
    """One measurement of how fast a model is; models are measured in turn, so that all meet the same computer.

    Of each figure 0 says that it could not be had: the answer had no tokens.

    Attributes:
        cold: Seconds from the question to the first token, the model's loading included.
        warm: The same for the next question, the model being loaded.
        speed: Tokens a second after the first.
        processor: Milliseconds of one processor for each of these tokens; 0: the system does not tell.
    """

    cold: float
    warm: float
    speed: float
    processor: float = 0.0


@dataclass(frozen=True)
class Speed:
    """Medians over rounds; 0: there is none."""

    cold: float
    warm: float
    speed: float
    processor: float

    @classmethod
    def of(cls, rounds: Sequence[Round]) -> Speed | None:
        """Returns the medians; None: no round says how fast the model is."""
        columns = [[number for number in column if number > 0] for column in zip(*map(_numbers, rounds), strict=True)]
        found = [median(column) if column else 0.0 for column in columns]
        return cls(*found) if rounds and any(found) else None


@dataclass(frozen=True)
class Compared:
    """All that a comparison has found.

    Attributes:
        contestants: In the order of the table.
        figures: By fingerprint: how far each is from the teacher.
        answers: By fingerprint, and by id of a prompt: what each says to held-out prompts.
        rounds: By fingerprint.
        prompts: By id: the held-out prompts.
        asked: By id of a task: its digest; those that the function check was for.
    """

    contestants: tuple[Contestant, ...] = ()
    figures: Mapping[str, ModelFigures] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    rounds: Mapping[str, tuple[Round, ...]] = field(default_factory=dict)
    prompts: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, str] = field(default_factory=dict)

    def of(self, role: Role) -> tuple[Contestant, ...]:
        """Returns the contestants of a role."""
        return tuple(each for each in self.contestants if each.role is role)

    def speed(self, contestant: Contestant) -> Speed | None:
        """Returns how fast a model is; None: it was not measured."""
        return Speed.of(self.rounds.get(contestant.fingerprint, ()))

    def ratio(self, one: Contestant, other: Contestant) -> Speed | None:
        """Returns how many times as long, or as fast, one model is as another, round by round; None: nobody knows."""
        pairs = zip(self.rounds.get(one.fingerprint, ()), self.rounds.get(other.fingerprint, ()), strict=False)
        return Speed.of(
            [
                Round(*(_ratio(mine, theirs) for mine, theirs in zip(_numbers(a), _numbers(b), strict=True)))
                for a, b in pairs
            ]
        )


class CheckFile:
    """The file, which grows. One thread."""

    def __init__(self, folder: Path) -> None:
        """
        Args:
            folder: Of the project.
        """
        self._file = StateFile(folder / NAME, self._parse, most=_MOST_BYTES)
        self._basis = ""
        self._contestants: tuple[Contestant, ...] = ()
        self._figures: dict[str, ModelFigures] = {}
        self._answers: dict[str, dict[str, str]] = {}
        self._rounds: dict[str, tuple[Round, ...]] = {}
        self._prompts: dict[str, str] = {}
        self._asked: dict[str, str] = {}
        self._file.read()

    @property
    def compared(self) -> Compared:
        """What there is now."""
        return Compared(
            self._contestants,
            dict(self._figures),
            {each: dict(answers) for each, answers in self._answers.items()},
            dict(self._rounds),
            dict(self._prompts),
            dict(self._asked),
        )

    def begin(
        self,
        sequences: Iterable[TaughtSequence],
        contestants: Iterable[Contestant],
        prompts: Mapping[str, str],
    ) -> None:
        """Begins a comparison, or goes on with the one that there is; nothing is written yet.

        Args:
            sequences: The held-out answers.
            contestants: Who is compared.
            prompts: By id: the texts of the prompts.
        """
        sequences = tuple(sequences)
        basis = hashlib.sha256(repr([(each.id, each.tokens) for each in sequences]).encode()).hexdigest()[:32]
        if basis != self._basis:
            self._figures, self._answers = {}, {}
        self._basis, self._contestants = basis, tuple(contestants)
        self._prompts = {each.id: prompts[each.id] for each in sequences if each.id in prompts}

    def ask(self, tasks: Mapping[str, str]) -> None:
        """Notes which tasks the function check is for.

        Args:
            tasks: By id: their digests.

        Raises:
            OSError: It cannot be written.
        """
        self._asked = dict(tasks)
        self._write()

    def keep_figures(self, fingerprint: str, figures: ModelFigures) -> None:
        """Keeps how far a model is from the teacher.

        Raises:
            OSError: It cannot be written.
        """
        self._figures[fingerprint] = figures
        self._write()

    def keep_answer(self, fingerprint: str, prompt: str, answer: str) -> None:
        """Keeps what a model said.

        Raises:
            OSError: It cannot be written.
        """
        self._answers.setdefault(fingerprint, {})[prompt] = answer
        self._write()

    def keep_rounds(self, rounds: Mapping[str, Sequence[Round]]) -> None:
        """Keeps a whole measurement of speed in place of those before: rounds of different times are not compared.

        Raises:
            OSError: It cannot be written.
        """
        self._rounds = {fingerprint: tuple(each) for fingerprint, each in rounds.items()}
        self._write()

    def _write(self) -> None:
        figures = {
            fingerprint: [[each.id, each.tokens, each.kl, each.agreed, each.surprise] for each in found.prompts]
            for fingerprint, found in self._figures.items()
        }
        rounds = {each: [_numbers(round_) for round_ in found] for each, found in self._rounds.items()}
        document = {
            "basis": self._basis,
            "contestants": [{**asdict(each), "role": each.role.value} for each in self._contestants],
            "figures": figures,
            "answers": self._answers,
            "rounds": rounds,
            "prompts": self._prompts,
            "asked": self._asked,
        }
        self._file.write(document, durable=False, indent=None)

    def _parse(self, document: dict[str, Any]) -> bool:
        contestants = tuple(Contestant(**{**each, "role": Role(each["role"])}) for each in document["contestants"])
        figures = {
            str(fingerprint): ModelFigures(tuple(_row(*row) for row in rows))
            for fingerprint, rows in document["figures"].items()
        }
        rounds = {
            str(each): tuple(Round(*map(float, row)) for row in rows) for each, rows in document["rounds"].items()
        }
        answers = {str(each): _texts(found) for each, found in document["answers"].items()}
        prompts, asked = _texts(document["prompts"]), _texts(document["asked"])
        self._basis, self._contestants, self._figures = str(document["basis"]), contestants, figures
        self._answers, self._rounds, self._prompts, self._asked = answers, rounds, prompts, asked
        return True


def _texts(entries: Mapping[str, Any]) -> dict[str, str]:
    return {str(key): str(text) for key, text in entries.items()}


def _row(name: str, tokens: int, kl: float, agreed: int, surprise: float) -> PromptFigures:
    return PromptFigures(str(name), int(tokens), float(kl), int(agreed), float(surprise))


def _numbers(each: Round) -> tuple[float, float, float, float]:
    return each.cold, each.warm, each.speed, each.processor


def _ratio(one: float, other: float) -> float:
    return one / other if other else 0.0
