"""Is a student worth its bytes? It, its teacher, and what plain quantisation makes of the teacher, on the same answers.

All of them are judged as the files that people would use. The answers are those held out: nothing was learnt from them,
and no layer was chosen by them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.engine.distillation.client import AskedModel
from desktop.student.exporting import Format, collected_importance, export
from desktop.student.judging import Estimate, ModelFigures, judge
from desktop.student.project import Project
from desktop.student.sequences import TaughtSequence, read_sequences
from desktop.student.vocabulary import pieces_of

# A file that is larger by no more than that counts as of the same size.
_SAME_SIZE: Final = 1.01


@dataclass(frozen=True)
class Line:
    """One model in the table.

    Attributes:
        name: What it is called there.
        size: Bytes of its file.
        figures: What came of it.
    """

    name: str
    size: int
    figures: ModelFigures


class Outcome(Enum):
    """What came of a student beside its rival."""

    BEATS = "beats"
    LOSES = "loses"
    CHANCE = "chance"
    SMALLER_AND_FURTHER = "smaller and further"


@dataclass(frozen=True)
class Verdict:
    """Whether a student is worth its bytes: closer to the teacher than what plain quantisation gives for them.

    Attributes:
        outcome: Beyond chance, or not.
        student: The line of the student.
        rival: The line that it is held against.
        larger: How many times as large as the student the rival is, where none is so small; 0: it is no larger.
        further: By how much the student is further from the teacher, with its interval.
    """

    outcome: Outcome
    student: Line
    rival: Line
    larger: float
    further: Estimate

    @property
    def beats(self) -> bool:
        """Whether it is closer beyond chance."""
        return self.outcome is Outcome.BEATS

    @property
    def words(self) -> str:
        """The same as a sentence."""
        name = self.student.name
        place = f", the smallest, which is {self.larger:.2f} times its size" if self.larger else ""
        kl, rival = self.student.figures.kl.value, self.rival.figures.kl.value
        known = f"KL {kl:.3f} against {rival:.3f} of {self.rival.name}{place}"
        if self.outcome is Outcome.BEATS:
            return f"{name} beats plain quantisation for the same bytes: {known}."
        if self.outcome is Outcome.SMALLER_AND_FURTHER:
            return f"{name} is smaller than any plain quantisation that was tried, and further away: {known}."
        if self.outcome is Outcome.LOSES:
            return f"{name} does not beat plain quantisation for the same bytes: {known}."
        return (
            f"{name} does not beat plain quantisation for the same bytes beyond chance: {known}, "
            f"difference {self.further}."
        )


def held_out(project: Project) -> tuple[TaughtSequence, ...]:
    """Returns the answers that models are judged by.

    Raises:
        UserFacingError: There are none.
    """
    found = tuple(read_sequences(project.held_out))
    if not found:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "There are no answers to judge models by yet."),
            "",
            QT_TRANSLATE_NOOP("Errors", "First: catnap student collect DIR"),
        )
    return found


def look(
    path: Path,
    name: str,
    sequences: Sequence[TaughtSequence],
    teacher: Path,
    n_ctx: int,
    threads: int,
    watch: Callable[[int], None],
) -> Line:
    """Judges one model.

    Args:
        path: Its file.
        name: What it is called in the table.
        sequences: The answers.
        teacher: The file of whose vocabulary they are.
        n_ctx: Tokens that an answer may have, with some more where the vocabulary is smaller.
        threads: That compute.
        watch: Told how many answers are done.

    Raises:
        UserFacingError: It cannot be asked.
    """
    with AskedModel(path, n_ctx, threads) as model:
        is_smaller = model.vocabulary != sequences[0].layout.vocabulary
        pieces = pieces_of(teacher, path) if is_smaller else None
        return Line(name, path.stat().st_size, judge(model, sequences, watch=watch, pieces=pieces))


def plain_versions(
    project: Project, threads: int, watch: Callable[[Format], None], wanted: Iterable[Format]
) -> tuple[tuple[Format, Path], ...]:
    """Writes the teacher in smaller formats, those that are not there yet; returns how and where each is written.

    All are weighed by the answers that were collected to learn from, as a student may be: without that a rival would be
    weaker than it is (Q4_0 of SmolLM2: KL 0.28 without, 0.18 with).

    Args:
        project: With its answers collected.
        threads: That compute.
        watch: Told what is written now.
        wanted: The formats; of two with one name the last counts.

    Raises:
        UserFacingError: The library refuses.
        OSError: They cannot be written.
    """
    folder = project.folder / "plain"
    folder.mkdir(exist_ok=True)
    found = [(each, folder / each.file_name) for each in {each.name: each for each in wanted}.values()]
    missing = [(each, target) for each, target in found if not target.exists()]
    importance = collected_importance(project, project.base, threads)[0] if missing else {}
    for each, target in missing:
        watch(each)
        export(project.base, target, each, threads, importance)
    return tuple(found)


def verdict(student: Line, plain: Sequence[Line]) -> Verdict:
    """Says whether a student beats what plain quantisation gives for the same bytes.

    The rival is the best of those that are no larger; where none is so small, the smallest.

    Args:
        student: The student.
        plain: The teacher in its own format and in smaller ones.
    """
    fitting = [line for line in plain if line.size <= student.size * _SAME_SIZE]
    if fitting:
        rival, larger = min(fitting, key=lambda line: line.figures.kl.value), 0.0
    else:
        rival = min(plain, key=lambda line: line.size)
        larger = rival.size / student.size
    further = student.figures.further_than(rival.figures)
    if further.interval.high < 0:
        outcome = Outcome.BEATS
    elif further.interval.low <= 0:
        outcome = Outcome.CHANCE
    else:
        outcome = Outcome.LOSES if fitting else Outcome.SMALLER_AND_FURTHER
    return Verdict(outcome, student, rival, larger, further)
