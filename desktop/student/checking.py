"""Is a student worth its bytes? It, its teacher, and what plain quantisation makes of the teacher, on the same answers.

All of them are judged as the files that people would use. The answers are those held out: nothing was learnt from them,
and no layer was chosen by them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.engine.distillation.client import AskedModel
from desktop.student.exporting import PLAIN, Format, collected_importance, export
from desktop.student.judging import ModelFigures, judge
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


@dataclass(frozen=True)
class Verdict:
    """Whether a student is worth its bytes.

    Attributes:
        beats: It is closer to the teacher than what plain quantisation gives for its bytes, beyond chance.
        words: The same as a sentence.
    """

    beats: bool
    words: str


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


def plain_versions(project: Project, threads: int, watch: Callable[[Format], None]) -> tuple[tuple[str, Path], ...]:
    """Writes the teacher in smaller formats, those that are not there yet; returns what they are called, and where.

    All are weighed by the answers that were collected to learn from, as a student may be: without that a rival would be
    weaker than it is (Q4_0 of SmolLM2: KL 0.28 without, 0.18 with).

    Raises:
        UserFacingError: The library refuses.
        OSError: They cannot be written.
    """
    folder = project.folder / "plain"
    folder.mkdir(exist_ok=True)
    found = [(f"teacher, {each.name}", folder / f"{each.name}.gguf", each) for each in PLAIN]
    missing = [(target, each) for _, target, each in found if not target.exists()]
    importance = collected_importance(project, project.base, threads)[0] if missing else {}
    for target, each in missing:
        watch(each)
        export(project.base, target, each, threads, importance)
    return tuple((name, target) for name, target, _ in found)


def verdict(student: Line, plain: Sequence[Line]) -> Verdict:
    """Says whether a student beats what plain quantisation gives for the same bytes.

    The rival is the best of those that are no larger; where none is so small, the smallest.

    Args:
        student: The student.
        plain: The teacher in its own format and in smaller ones.
    """
    fitting = [line for line in plain if line.size <= student.size * _SAME_SIZE]
    if fitting:
        rival = min(fitting, key=lambda line: line.figures.kl.value)
        place = ""
    else:
        rival = min(plain, key=lambda line: line.size)
        place = f", the smallest, which is {rival.size / student.size:.2f} times its size"
    further = student.figures.further_than(rival.figures)
    known = f"KL {student.figures.kl.value:.3f} against {rival.figures.kl.value:.3f} of {rival.name}{place}"
    if further.interval.high < 0:
        return Verdict(True, f"{student.name} beats plain quantisation for the same bytes: {known}.")
    if not fitting and further.interval.low > 0:
        return Verdict(
            False, f"{student.name} is smaller than any plain quantisation that was tried, and further away: {known}."
        )
    if further.interval.low > 0:
        return Verdict(False, f"{student.name} does not beat plain quantisation for the same bytes: {known}.")
    return Verdict(
        False,
        f"{student.name} does not beat plain quantisation for the same bytes beyond chance: {known}, "
        f"difference {further}.",
    )
