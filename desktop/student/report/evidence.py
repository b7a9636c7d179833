"""All that is known of a student, gathered from its project: what the report, the table and the card are made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from desktop.check.comparison import Comparison, compare
from desktop.check.store import Record, ResultStore
from desktop.check.summary import Line as AbilityLine
from desktop.check.summary import lines_of
from desktop.check.types import Kind, Outcome, TaskResult
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.student.attribution import Attribution, attribution_of
from desktop.student.checking import Line, Verdict, verdict
from desktop.student.manifest import Manifest
from desktop.student.project import Project
from desktop.student.report.curve import curve_of
from desktop.student.results import CHECKS, CheckFile, Compared, Contestant, Role, Speed
from desktop.student.training.curve import CurvePoint

# Answers that are set side by side: so many of the best, and of the worst.
_SIDE: Final = 10
# A difference in tasks that chance brings about less often than this is one.
_SIGNIFICANT: Final = 0.05


@dataclass(frozen=True)
class Sides:
    """Held-out prompts, by how near a student's thoughts are to its teacher's there.

    Attributes:
        nearest: Ids, the nearest first.
        furthest: Ids, the furthest first.
    """

    nearest: tuple[str, ...]
    furthest: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Both."""
        return (*self.nearest, *self.furthest)


@dataclass(frozen=True)
class Reading:
    """How a student reads texts, beside its teacher: facts asked of a text, the task that small models are good for.

    Attributes:
        right: Answers of the student.
        teacher: Answers of its teacher.
        asked: Tasks that both were asked.
    """

    right: int
    teacher: int
    asked: int


@dataclass(frozen=True)
class Evidence:
    """All that is known.

    Attributes:
        manifest: Of the project.
        compared: What the comparison has found.
        student: The one that the report is about.
        verdicts: By fingerprint of a student.
        results: By fingerprint: what came of the tasks; only of models that were asked all of them.
        curve: Of its training; empty: it was not trained, or nobody has kept it.
        attribution: What the teacher's file says of its makers.
    """

    manifest: Manifest
    compared: Compared
    student: Contestant
    verdicts: Mapping[str, Verdict]
    results: Mapping[str, tuple[TaskResult, ...]]
    curve: tuple[CurvePoint, ...]
    attribution: Attribution = field(default_factory=Attribution)

    @property
    def teacher(self) -> Contestant:
        """The one that was learnt from."""
        return self.compared.of(Role.TEACHER)[0]

    @property
    def verdict(self) -> Verdict:
        """Of the student that the report is about."""
        return self.verdicts[self.student.fingerprint]

    @property
    def rival(self) -> Contestant:
        """What the student is held against: plain quantisation for the same bytes."""
        name = self.verdict.rival.name
        return next(each for each in self.compared.contestants if each.name == name)

    @property
    def twin(self) -> Contestant | None:
        """The teacher in the student's own number format; None: that is not known, or was not written."""
        found = (each for each in self.compared.of(Role.PLAIN) if each.like == self.student.name)
        return next(found, self.teacher if self.student.kind == self.teacher.kind else None)

    def functions(self, contestant: Contestant) -> tuple[AbilityLine, ...]:
        """Returns what a model can do, by kind and language; empty: it was not asked."""
        return lines_of(self.results.get(contestant.fingerprint, ()))

    def against(self, other: Contestant) -> Comparison | None:
        """Returns the student's tasks beside another model's; None: one of them was asked none."""
        mine, theirs = (self.results.get(each.fingerprint, ()) for each in (self.student, other))
        return compare(mine, theirs) if mine and theirs else None

    @property
    def only_against(self) -> tuple[str, ...]:
        """The plain formats that it was held against, where those were chosen; empty: all of them."""
        run = self.manifest.last("check")
        return () if run is None else tuple(map(str, run.settings.get("against", ())))

    @property
    def is_worth_it(self) -> bool:
        """Whether the student beats plain quantisation: closer beyond chance, and no worse at the tasks beyond it."""
        tasks = self.against(self.rival)
        worse = tasks is not None and tasks.only_second > tasks.only_first and tasks.p < _SIGNIFICANT
        return self.verdict.beats and not worse

    @property
    def reading(self) -> Reading | None:
        """How it reads texts; None: nobody has asked both."""
        mine, theirs = (
            {each.task_id: each.outcome for each in self.results.get(model.fingerprint, ()) if each.kind is Kind.FACTS}
            for model in (self.student, self.teacher)
        )
        both = [task for task in mine if Outcome.NOT_ASKED not in (mine[task], theirs.get(task, Outcome.NOT_ASKED))]
        right, teacher = (sum(each[task] is Outcome.RIGHT for task in both) for each in (mine, theirs))
        return Reading(right, teacher, len(both)) if both else None

    def speeds(self) -> Iterator[tuple[Contestant, Speed]]:
        """Yields how many times as long and as fast the student is as its teacher, and as its twin, where known."""
        for other in dict.fromkeys((self.teacher, self.twin)):
            ratio = None if other is None else self.compared.ratio(self.student, other)
            if other is not None and ratio is not None and ratio.warm and ratio.speed:
                yield other, ratio

    def sentences(self) -> Iterator[str]:
        """Yields in English what the tasks and the speed have come to, beside the rival and the teacher."""
        for other in dict.fromkeys((self.rival, self.teacher)):
            if (comparison := self.against(other)) is not None:
                yield f"Tasks: {comparison.words(self.student.name, other.name)}"
        if (reading := self.reading) is not None:
            yield f"Reads texts: {reading.right} right of {reading.asked}, {self.teacher.name} {reading.teacher}."
        for model, ratio in self.speeds():
            yield (
                f"First token after {ratio.warm:.2f} times the time of {model.name}, "
                f"{ratio.speed:.2f} times as many tokens a second."
            )


def gather(project: Project, student: str | None = None) -> Evidence:
    """Gathers what is known.

    Args:
        project: With a comparison.
        student: The name of a student's file; None: the first of those that were compared last.

    Raises:
        UserFacingError: It was not compared yet.
    """
    compared = CheckFile(project.folder).compared
    found = [each for each in compared.of(Role.STUDENT) if student is None or each.file == student]
    judged = {each.fingerprint for each in compared.contestants if each.fingerprint in compared.figures}
    if not found or not {each.fingerprint for each in compared.contestants} <= judged:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "This student was not compared with its teacher yet."),
            student or str(project.folder),
            QT_TRANSLATE_NOOP("Errors", "First: catnap student check DIR"),
        )
    verdicts = {each.fingerprint: verdict_of(compared, each) for each in compared.of(Role.STUDENT)}
    results = _results(project.folder, compared)
    curve = curve_of(project.folder, Path(found[0].file).stem)
    return Evidence(project.manifest, compared, found[0], verdicts, results, curve, attribution_of(project))


def line_of(compared: Compared, contestant: Contestant) -> Line:
    """Returns the line of a contestant that was judged."""
    return Line(contestant.name, contestant.size, compared.figures[contestant.fingerprint])


def verdict_of(compared: Compared, student: Contestant) -> Verdict:
    """Returns whether a student is worth its bytes; all contestants were judged."""
    plain = (*compared.of(Role.TEACHER), *compared.of(Role.PLAIN))
    return verdict(line_of(compared, student), [line_of(compared, each) for each in plain])


def sides_of(compared: Compared, fingerprint: str) -> Sides:
    """Returns the prompts whose answers are set side by side: the ten nearest and the ten furthest, or half of each.

    Args:
        compared: With the figures of the student.
        fingerprint: Of the student.
    """
    figures = sorted(compared.figures[fingerprint].prompts, key=lambda each: each.kl / max(1, each.tokens))
    ids = [each.id for each in figures]
    count = min(_SIDE, len(ids) // 2)
    return Sides(tuple(ids[:count]), tuple(ids[::-1][:count]))


def _results(folder: Path, compared: Compared) -> dict[str, tuple[TaskResult, ...]]:
    """Returns what came of the tasks; of a model that was asked a part of them nothing, which says nothing of it."""
    newest: dict[str, Record] = {}
    for record in ResultStore(folder / CHECKS).all():
        newest.setdefault(record.setup.fingerprint, record)
    results: dict[str, tuple[TaskResult, ...]] = {}
    for contestant in compared.contestants:
        known = newest.get(contestant.fingerprint)
        found = {} if known is None else {each.task_id: each for each in known.results}
        mine = tuple(
            found[task] for task, digest in compared.asked.items() if task in found and found[task].digest == digest
        )
        if mine and len(mine) == len(compared.asked):
            results[contestant.fingerprint] = mine
    return results
