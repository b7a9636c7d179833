"""What a setting is: its type and its bounds, what edits it, and when a change takes effect."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.paths import named_in

# Before the path, in the id of a model that is a file of the user's own.
OWN_FILE: Final = "file:"

OptionValue = str | int | float | bool


class Group(Enum):
    """Pages of the settings dialog, in their order; the value is the title."""

    MODEL = QT_TRANSLATE_NOOP("Options", "Model and memory")
    ANSWERS = QT_TRANSLATE_NOOP("Options", "Answers")
    GPU = QT_TRANSLATE_NOOP("Options", "Graphics processor")
    READING = QT_TRANSLATE_NOOP("Options", "Reading aloud")
    WINDOW = QT_TRANSLATE_NOOP("Options", "Window")
    FILES = QT_TRANSLATE_NOOP("Options", "Downloads and files")
    PROGRAMS = QT_TRANSLATE_NOOP("Options", "Other programs")


class Apply(Enum):
    """When a change takes effect; the value is what the dialog says."""

    NOW = QT_TRANSLATE_NOOP("Options", "Takes effect at once.")
    LOGIN = QT_TRANSLATE_NOOP("Options", "Takes effect the next time you log in.")
    NEXT_ANSWER = QT_TRANSLATE_NOOP("Options", "Takes effect with the next answer.")
    NEXT_DOWNLOAD = QT_TRANSLATE_NOOP("Options", "Takes effect with the next download.")
    RELOAD = QT_TRANSLATE_NOOP("Options", "The model is loaded again with the next message; the conversation stays.")
    RESTART = QT_TRANSLATE_NOOP("Options", "Takes effect when Catnap starts again.")


class Editor(Enum):
    """Which control edits an option."""

    CHECK = "check"
    NUMBER = "number"
    CHOICE = "choice"
    LINE = "line"
    TEXT = "text"
    FOLDER = "folder"
    MODEL = "model"
    PERSONA = "persona"
    SERVED = "served"  # this computer, or a model on a server


@dataclass(frozen=True)
class Choice:
    """One value of a CHOICE option and the words for it."""

    value: OptionValue
    label: str


@dataclass(frozen=True)
class Option:
    """A setting.

    Attributes:
        key: Name in settings.json and field of Settings.
        default: Also fixes the type.
        label: A person's words.
        help: One sentence: what it does, its unit and its price.
        technical: The field's own term, shown in the tooltip.
        minimum: Least number allowed, inclusive.
        maximum: Largest number allowed, inclusive.
        step: Step of the spin box.
        suffix: Unit shown in the spin box.
        special: Text shown instead of the minimum ("Automatic", "Never").
        costs_memory: The dialog shows what the value costs in RAM.
        advanced: Folded away until asked for.
        check: An extra check; returns a sentence or None.
    """

    key: str
    default: OptionValue
    group: Group
    editor: Editor
    label: str
    help: str
    apply: Apply
    technical: str = ""
    minimum: float = -math.inf
    maximum: float = math.inf
    step: float = 1
    suffix: str = ""
    special: str = ""
    choices: tuple[Choice, ...] = ()
    costs_memory: bool = False
    advanced: bool = False
    check: Callable[[OptionValue], str | None] | None = None

    def validate(self, value: object) -> OptionValue:
        """Returns ``value`` in the option's own type.

        Raises:
            UserFacingError: Wrong type, out of range, or not one of the choices.
        """
        converted = _convert(self.default, value)
        if converted is None or (isinstance(converted, float) and not math.isfinite(converted)):
            raise self._rejected(value)
        if self.choices and converted not in [choice.value for choice in self.choices]:
            raise self._rejected(value)
        if isinstance(converted, int | float) and not self.minimum <= converted <= self.maximum:
            raise self._rejected(value)
        complaint = self.check(converted) if self.check else None
        if complaint:
            raise UserFacingError(complaint, f"{self.label}: {value}.")
        return converted

    def located(self, value: OptionValue, file: Path) -> OptionValue:
        """Returns a value that stands in a file, with a path in it told from the root on; others as they are."""
        if self.editor is Editor.FOLDER and value:
            return str(named_in(file, str(value)))
        if self.editor is Editor.MODEL and str(value).startswith(OWN_FILE) and value != OWN_FILE:
            return OWN_FILE + str(named_in(file, str(value).removeprefix(OWN_FILE)))
        return value

    def _rejected(self, value: object) -> UserFacingError:
        allowed = ""
        if self.choices:
            allowed = ", ".join(str(choice.value) for choice in self.choices)
        elif math.isfinite(self.minimum) and math.isfinite(self.maximum):
            allowed = f"{self.minimum:.10g} - {self.maximum:.10g}"
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "This setting cannot take that value."),
            f"{self.label}: {value!r}" + (f"; allowed: {allowed}." if allowed else "."),
        )


def _convert(default: OptionValue, value: object) -> OptionValue | None:
    """Returns ``value`` as the type of ``default``, or None where that would lose something."""
    if isinstance(default, bool) or isinstance(value, bool):
        return value if isinstance(default, bool) and isinstance(value, bool) else None
    if isinstance(default, float):
        try:
            return float(value) if isinstance(value, int | float) else None
        except OverflowError:  # JSON knows no bounds: 10**400 is a whole number there
            return None
    if isinstance(default, int):
        if isinstance(value, float) and value.is_integer():
            return int(value)
        return value if isinstance(value, int) else None
    if not isinstance(value, str) or "\0" in value:  # no name of a file has that, and no address
        return None
    try:
        value.encode()
    except UnicodeEncodeError:  # half a surrogate pair, which JSON can spell and no file can hold
        return None
    return value
