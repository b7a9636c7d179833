"""What the function check asks and what came of it: frozen values, standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any, Final

from desktop.common.errors import QT_TRANSLATE_NOOP


class Kind(Enum):
    """What a task is about; the value stands in files and on the command line."""

    QUESTIONS = "questions"
    ARITHMETIC = "arithmetic"
    PYTHON = "python"
    TABLES = "tables"
    FACTS = "facts"
    LONG_TEXT = "long-text"
    JSON = "json"
    INSTRUCTIONS = "instructions"
    RATED = "rated"


# The kinds as a person calls them, within a sentence that lists several.
KIND_NAMES: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.QUESTIONS: QT_TRANSLATE_NOOP("Check", "Chinese questions"),
        Kind.ARITHMETIC: QT_TRANSLATE_NOOP("Check", "sums"),
        Kind.PYTHON: QT_TRANSLATE_NOOP("Check", "Python"),
        Kind.TABLES: QT_TRANSLATE_NOOP("Check", "tables"),
        Kind.FACTS: QT_TRANSLATE_NOOP("Check", "facts from a text"),
        Kind.LONG_TEXT: QT_TRANSLATE_NOOP("Check", "long texts"),
        Kind.JSON: QT_TRANSLATE_NOOP("Check", "JSON"),
        Kind.INSTRUCTIONS: QT_TRANSLATE_NOOP("Check", "following instructions"),
        Kind.RATED: QT_TRANSLATE_NOOP("Check", "answers you marked down"),
    }
)


class Language(Enum):
    """Which language a task is asked in."""

    ENGLISH = "en"
    CHINESE = "zh"


LANGUAGE_NAMES: Final[Mapping[Language, str]] = MappingProxyType(
    {
        Language.ENGLISH: QT_TRANSLATE_NOOP("Check", "English"),
        Language.CHINESE: QT_TRANSLATE_NOOP("Check", "Chinese"),
    }
)


@dataclass(frozen=True)
class Task:
    """One thing that is asked.

    Attributes:
        id: Unique within its file; results are kept under it.
        question: Without the text that it is about.
        expect: What a right answer is, as in the file; :func:`desktop.check.scoring.score.check_expectation` has seen
            to it that this can be told.
        text: What the question is about; empty: nothing.
        max_tokens: Of the answer, however far it got.
    """

    id: str
    kind: Kind
    language: Language
    question: str
    expect: Mapping[str, Any]
    text: str = ""
    max_tokens: int = 64


class Outcome(Enum):
    """What came of a task; the value stands in files."""

    RIGHT = "right"
    WRONG = "wrong"
    NOT_ASKED = "not asked"


class Why(Enum):
    """Why a task was not asked; the value stands in files."""

    NOTHING = ""
    NO_WALLS = "no walls"
    TOO_LONG = "too long"


WHY_NOT: Final[Mapping[Why, str]] = MappingProxyType(
    {
        Why.NO_WALLS: QT_TRANSLATE_NOOP("Check", "This system cannot shut in a program that a model wrote."),
        Why.TOO_LONG: QT_TRANSLATE_NOOP("Check", "The text does not fit into the context of this model."),
    }
)


@dataclass(frozen=True)
class TaskResult:
    """What came of one task.

    Attributes:
        task_id: Of which.
        digest: Of the task as it was asked, see :func:`desktop.check.tasks.digest_of`: another one is another task.
        answer: What the model said, without its thoughts; cut off beyond what any right answer needs.
        why: It was not asked.
    """

    task_id: str
    digest: str
    kind: Kind
    language: Language
    outcome: Outcome
    answer: str = ""
    why: Why = Why.NOTHING
