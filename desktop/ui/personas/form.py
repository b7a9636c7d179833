"""The form in which a persona is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import zip_longest

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.personas.persona import (
    GENERAL,
    HOTTEST,
    LARGE_TYPE,
    MOST_EXAMPLES,
    MOST_NAME,
    MOST_STARTERS,
    Example,
    Persona,
    tidied,
)
from desktop.settings.types import Apply, Editor, Group, Option
from desktop.ui.settings.editors import NumberEditor
from desktop.ui.settings.row import DEBOUNCE_MS
from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.labels import MutedLabel, WarningLabel
from desktop.ui.widgets.layouts.gap import Gap
from desktop.ui.widgets.text_field import TextField
from desktop.ui.words import error_words

_NEW_LINE = "↵"
# Below the least temperature: that of the settings.
_AS_IN_SETTINGS = -0.1
_PROMPT_LINES, _EXAMPLE_LINES, _STARTER_LINES = 5, 4, 4


class PersonaForm(QWidget):
    """Shows one persona; what is written counts after a pause, as in the settings.

    Signals:
        edited: (Persona) It reads like this now.
    """

    edited = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._persona = Persona(GENERAL, "")
        self._pause = QTimer(self, singleShot=True, interval=DEBOUNCE_MS)
        self._pause.timeout.connect(self._tell)
        self._name = QLineEdit()
        self._name.setMaxLength(MOST_NAME)
        self._prompt = TextField(lines=_PROMPT_LINES)
        self._temperature = NumberEditor(
            Option(
                "temperature", _AS_IN_SETTINGS, Group.ANSWERS, Editor.NUMBER,
                label="", help="", apply=Apply.NEXT_ANSWER, minimum=_AS_IN_SETTINGS, maximum=HOTTEST, step=0.1,
                special=QT_TRANSLATE_NOOP("Options", "As in the settings"),
            )
        )  # fmt: skip
        self._starters = TextField(lines=_STARTER_LINES)
        self._examples = TextField(lines=_EXAMPLE_LINES)
        self._large = QCheckBox(self.tr("&Large type in its conversations"))
        self._calculates = QCheckBox(self.tr("Calculate &sums at once"))
        self._complaint = WarningLabel()
        self._help = MutedLabel()
        self._lay_out()
        for signal in (
            *(self._name.textEdited, self._prompt.textChanged, self._starters.textChanged),
            *(self._examples.textChanged, self._temperature.edited, self._large.toggled),
            self._calculates.toggled,
        ):
            signal.connect(lambda *_: self._pause.start())

    @property
    def persona(self) -> Persona:
        """The persona as the form reads."""
        warmth = float(self._temperature.value())
        scale = self._persona.text_scale
        if self._large.isChecked() != self._persona.has_large_type:
            scale = LARGE_TYPE if self._large.isChecked() else 1.0
        return replace(
            self._persona,
            name=self._name.text(),
            prompt=self._prompt.toPlainText(),
            temperature=None if warmth < 0 else round(warmth, 3),
            starters=tuple(line for line in self._starters.toPlainText().splitlines() if line.strip()),
            text_scale=scale,
            examples=_pairs(self._examples.toPlainText()),
            calculates=self._calculates.isChecked(),
        )

    def show_persona(self, persona: Persona) -> None:
        """Shows a persona; one that reads like this already stays as it is, with the caret in it."""
        if persona.id == self._persona.id and (self._pause.isActive() or self._reads_like(persona)):
            self._persona = persona
            return
        self.flush()
        self._persona = persona
        with self._quiet():
            self._name.setText(persona.name)
            self._prompt.setPlainText(persona.prompt)
            self._temperature.set_value(_AS_IN_SETTINGS if persona.temperature is None else persona.temperature)
            self._starters.setPlainText("\n".join(persona.starters))
            self._examples.setPlainText("\n".join(_on_a_line(part) for one in persona.examples for part in one))
            self._large.setChecked(persona.has_large_type)
            self._calculates.setChecked(persona.calculates)
        self._complaint.say("")
        general = self.tr("The instructions and the temperature of this one are those of the settings.")
        self._help.setText(general if persona.id == GENERAL else self._usual_help())

    def flush(self) -> None:
        """Has what is written count at once."""
        if self._pause.isActive():
            self._pause.stop()
            self._tell()

    def say(self, error: UserFacingError | None) -> None:
        """Says why what is written does not count; None: it does."""
        self._complaint.say(error_words(error) if error is not None else "")

    def begin(self) -> None:
        """Puts the keyboard on the name, to be written over."""
        self._name.setFocus(Qt.FocusReason.OtherFocusReason)
        self._name.selectAll()

    def _reads_like(self, persona: Persona) -> bool:
        try:
            return tidied(self.persona) == persona
        except UserFacingError:
            return False

    def _tell(self) -> None:
        self.edited.emit(self.persona)

    @contextmanager
    def _quiet(self) -> Iterator[None]:
        parts = (self._name, self._prompt, self._examples, self._starters, self._large, self._calculates)
        blockers = [QSignalBlocker(part) for part in parts]
        yield
        for blocker in blockers:
            blocker.unblock()

    def _usual_help(self) -> str:
        return self.tr("Small models follow few words: say in two or three short sentences what to do.")

    def _lay_out(self) -> None:
        gap = spacing(self)
        examples = self.tr("E&xamples: a question on one line, its answer on the next ({count} of both at the most)")
        starters = self.tr("&Questions to begin with, one a line ({count} at the most)")
        how = MutedLabel(self.tr("The model answers in their manner. ↵ stands for a new line."))
        waits = MutedLabel(self.tr("One that ends with a colon waits for the rest, such as a text."))
        self._temperature.row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(gap.half)
        for number, group in enumerate(
            (
                (_label(self.tr("N&ame"), self._name), self._name),
                (_label(self.tr("&Instructions to the model"), self._prompt), self._prompt, self._help),
                (_label(examples.format(count=MOST_EXAMPLES), self._examples), self._examples, how),
                (_label(self.tr("I&magination"), self._temperature.control), self._temperature),
                (_label(starters.format(count=MOST_STARTERS), self._starters), self._starters, waits),
                (self._large, self._calculates),
                (self._complaint,),
            )
        ):
            if number:
                column.addWidget(Gap(gap.half))
            for row in group:
                column.addWidget(row)
        column.addStretch(1)
        for part, name in (
            (self._prompt, self.tr("Instructions to the model")),
            (self._examples, self.tr("Examples")),
            (self._starters, self.tr("Questions to begin with")),
            (self._temperature.control, self.tr("Imagination")),
            (self._name, self.tr("Name")),
        ):
            part.setAccessibleName(name)
        self._temperature.control.setToolTip(self.tr("temperature"))
        self._prompt.setToolTip(self.tr("system prompt"))
        words = self.tr("Sums, units and dates are computed, and the model is not asked; off, it may ask back")
        self._calculates.setToolTip(words)


def _pairs(text: str) -> tuple[Example, ...]:
    """Returns examples of lines; the last one without an answer has an empty one."""
    lines = [line.replace(_NEW_LINE, "\n").strip() for line in text.splitlines() if line.strip()]
    return tuple(zip_longest(lines[::2], lines[1::2], fillvalue=""))


def _on_a_line(text: str) -> str:
    return text.replace("\n", _NEW_LINE)


def _label(text: str, control: QWidget) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setBuddy(control)
    return label
