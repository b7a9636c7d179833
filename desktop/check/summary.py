"""Results as figures and as words: the share of each kind, how sure that is, and what a model is good at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from desktop.check.statistics import Interval, wilson
from desktop.check.types import KIND_NAMES, LANGUAGE_NAMES, Kind, Language, Outcome, TaskResult
from desktop.common.errors import QT_TRANSLATE_NOOP

# A model is good at what it does more than three times in five, and bad at what it does less than every second time,
# each with 95 % confidence.
_GOOD: Final = 0.6
_BAD: Final = 0.5
# An interval wider than this says nothing: some eight tasks or fewer.
_TOO_WIDE: Final = 0.5

Translate = Callable[[str], str]


@dataclass(frozen=True)
class Line:
    """What came of one kind of tasks in one language.

    Attributes:
        right: Tasks that were done.
        asked: Tasks that were asked.
        not_asked: Those that could not be.
    """

    kind: Kind
    language: Language
    right: int
    asked: int
    not_asked: int = 0

    @property
    def share(self) -> float:
        """Of the tasks that were asked; 0 where none was."""
        return self.right / self.asked if self.asked else 0.0

    @property
    def interval(self) -> Interval:
        """Where the share lies with 95 % confidence."""
        return wilson(self.right, self.asked)


class Grade(Enum):
    """What can be said of a kind of tasks."""

    GOOD = "good"
    PARTLY = "partly"
    BAD = "bad"
    UNKNOWN = "unknown"


# {0} is a list of kinds: "facts from a text, JSON in English".
_SENTENCES: Final = {
    Grade.GOOD: QT_TRANSLATE_NOOP("Check", "Good at: {0}."),
    Grade.PARTLY: QT_TRANSLATE_NOOP("Check", "Sometimes right: {0}."),
    Grade.BAD: QT_TRANSLATE_NOOP("Check", "Not good at: {0}."),
    Grade.UNKNOWN: QT_TRANSLATE_NOOP("Check", "Not enough tasks to tell: {0}."),
}
_IN_LANGUAGE: Final = QT_TRANSLATE_NOOP("Check", "{0} in {1}")
_COMMA: Final = QT_TRANSLATE_NOOP("Check", ", ")


def lines_of(results: Iterable[TaskResult]) -> tuple[Line, ...]:
    """Returns the figures of results, by kind and language, in the order of the kinds."""
    counted: dict[tuple[Kind, Language], list[int]] = {}
    for result in results:
        figures = counted.setdefault((result.kind, result.language), [0, 0, 0])
        figures[2 if result.outcome is Outcome.NOT_ASKED else 1] += 1
        figures[0] += result.outcome is Outcome.RIGHT
    places = [(kind, language) for kind in Kind for language in Language]
    return tuple(Line(*place, *counted[place]) for place in places if place in counted)


def grade_of(right: int, asked: int) -> Grade:
    """Returns what can be said of a share with 95 % confidence."""
    interval = wilson(right, asked)
    if interval.high <= _BAD:
        return Grade.BAD
    if interval.low >= _GOOD:
        return Grade.GOOD
    return Grade.UNKNOWN if interval.high - interval.low > _TOO_WIDE else Grade.PARTLY


def summary_of(lines: Sequence[Line], translate: Translate = str) -> str:
    """Returns in words what a model is good at and what not; empty: nothing was asked.

    Args:
        lines: See :func:`lines_of`.
        translate: Into the language of the reader.
    """
    named: dict[Grade, list[str]] = {grade: [] for grade in Grade}
    for kind in Kind:
        grades = {each.language: grade_of(each.right, each.asked) for each in lines if each.kind is kind and each.asked}
        name = translate(KIND_NAMES[kind])
        if len(set(grades.values())) == 1:
            named[next(iter(grades.values()))].append(name)
            continue
        for language, grade in grades.items():
            named[grade].append(translate(_IN_LANGUAGE).format(name, translate(LANGUAGE_NAMES[language])))
    sentences = [
        translate(_SENTENCES[grade]).format(translate(_COMMA).join(names)) for grade, names in named.items() if names
    ]
    # Chinese has no space after a full stop.
    return "".join(each if each.endswith("。") else f"{each} " for each in sentences).rstrip()
