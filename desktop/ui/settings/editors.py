"""The controls of the settings dialog, one for each kind of option."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QValidator, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import UserFacingError
from desktop.models.types import InstalledModel
from desktop.settings.types import Option, OptionValue
from desktop.ui.settings.number_text import read_number
from desktop.ui.theme.metrics import unit
from desktop.ui.widgets.accessible import ChoiceBox
from desktop.ui.widgets.file_dialog import choose_folder
from desktop.ui.widgets.layouts.nesting import add_layout
from desktop.ui.widgets.text_field import TextField
from desktop.ui.words import SEPARATOR, option_words, plain_tip, short_name

_PROGRESS_STEPS = 1000


# Decimals a person may type; what is shown has no zeros at the end.
_DECIMALS = 3
_DIGITS = 7
_TEXT_LINES = 5
_SHORT_LABEL = 24  # characters

# Width of a choice that is cut short, in theme units, that it may ask for at the least.
_LEAST_CHOICE = 14


class OptionEditor(QWidget):
    """Edits the value of one option.

    Attributes:
        edited: The user has changed the value; never emitted for ``set_value``.
        debounced: Whether further changes are likely to follow at once (typing, turning).
        control: The widget that takes the focus.
        row: Holds the control.
    """

    edited = Signal()
    debounced = False

    def __init__(self, control: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.control = control
        self.setFocusProxy(control)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(unit(self))
        self.row.addWidget(control)

    def value(self) -> OptionValue:
        """Returns what the control holds, not yet validated."""
        raise NotImplementedError

    def set_value(self, value: OptionValue) -> None:
        """Shows ``value`` without emitting anything."""
        raise NotImplementedError


class CheckEditor(OptionEditor):
    """A tick; the label is beside it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._box = QCheckBox()
        self._text, self._narrow = "", False
        super().__init__(self._box, parent)
        self._box.toggled.connect(lambda _on: self.edited.emit())

    def set_text(self, text: str) -> None:
        """Sets the label, with its mnemonic."""
        self._text = text
        self._box.setText(in_two_lines(text) if self._narrow else text)

    def set_narrow(self, narrow: bool) -> None:
        """Breaks a long label into two lines."""
        self._narrow = narrow
        self.set_text(self._text)

    def value(self) -> OptionValue:
        return self._box.isChecked()

    def set_value(self, value: OptionValue) -> None:
        with QSignalBlocker(self._box):
            self._box.setChecked(bool(value))


def in_two_lines(text: str) -> str:
    """Returns ``text`` with a line break at the space nearest to its middle; a short one or one without is kept."""
    spaces = [at for at, character in enumerate(text) if character == " "]
    if len(text) <= _SHORT_LABEL or not spaces:
        return text
    middle = min(spaces, key=lambda at: abs(at - len(text) // 2))
    return f"{text[:middle]}\n{text[middle + 1 :]}"


class _NumberBox(QDoubleSpinBox):
    """A spin box that leaves the wheel to the page unless it has the focus, and steps over values not allowed."""

    def __init__(self, option: Option) -> None:
        super().__init__()
        self._option = option
        self._whole = isinstance(option.default, int)
        self.setDecimals(0 if self._whole else _DECIMALS)
        self.setRange(option.minimum, option.maximum)
        self.setSingleStep(option.step)
        self.setAccelerated(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSuffix(option_words(option.suffix))
        self.setSpecialValueText(option_words(option.special))

    def sizeHint(self) -> QSize:
        # The style measures the largest and the least value only, not 0.125 between 0 and 2.
        measure = self.fontMetrics().horizontalAdvance
        widest = max(measure(self.specialValueText()), measure("0" * _DIGITS + self.suffix()))
        return super().sizeHint().expandedTo(QSize(widest + 5 * unit(self), 0))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def number(self) -> OptionValue:
        return int(self.value()) if self._whole else self.value()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def validate(self, text: str, position: int) -> object:
        """Called by Qt for what is being typed."""
        if text and text == self.specialValueText():
            return QValidator.State.Acceptable, text, position
        number = self._read(text)
        if number is None:
            state = QValidator.State.Invalid if self._typed(text).strip("+-.,") else QValidator.State.Intermediate
        elif self._takes(number):
            state = QValidator.State.Acceptable
        else:
            state = QValidator.State.Intermediate if self._may_grow(number) else QValidator.State.Invalid
        return state, text, position

    def valueFromText(self, text: str) -> float:
        """Called by Qt for what :meth:`validate` has accepted."""
        number = self.minimum() if text == self.specialValueText() else self._read(text)
        return self.value() if number is None else round(number, self.decimals())

    def _read(self, text: str) -> float | None:
        """Returns what was typed: of several meanings that one which this setting can take."""
        typed, group = self._typed(text), self.locale().groupSeparator()
        meanings = [read_number(typed, each) for each in ((group, ".", ",") if self._whole else (group, ""))]
        fitting = (number for number in meanings if number is not None and self._takes(number))
        return next(fitting, meanings[0])

    def _typed(self, text: str) -> str:
        return text.removesuffix(self.suffix()).removesuffix(self.suffix().strip()).strip()

    def _takes(self, number: float) -> bool:
        return self.minimum() <= number <= self.maximum() and (number.is_integer() or not self._whole)

    def _may_grow(self, number: float) -> bool:
        """Whether more digits may make it fit: 1 on the way to 128, 4.09 on the way to 4.096, but not 999 of 64."""
        return abs(number) < max(abs(self.minimum()), abs(self.maximum()))

    def textFromValue(self, value: float) -> str:
        text = super().textFromValue(value)
        point = self.locale().decimalPoint()
        return text.rstrip(self.locale().zeroDigit()).removesuffix(point) if point in text else text

    def stepBy(self, steps: int) -> None:
        """Steps, and goes on in the same direction over values that the option refuses (a text size of 1 pt)."""
        before = self.value()
        super().stepBy(steps)
        direction = 1 if steps > 0 else -1
        while not self._allowed() and self.minimum() < self.value() < self.maximum():
            super().stepBy(direction)
        if not self._allowed():
            self.setValue(before)

    def _allowed(self) -> bool:
        try:
            self._option.validate(self.number())
        except UserFacingError:
            return False
        return True


class NumberEditor(OptionEditor):
    """A number with its unit; the minimum may have a name ("Automatic")."""

    debounced = True

    def __init__(self, option: Option, parent: QWidget | None = None) -> None:
        self._box = _NumberBox(option)
        super().__init__(self._box, parent)
        self._box.valueChanged.connect(lambda _value: self.edited.emit())

    def set_special(self, text: str) -> None:
        """Sets what is shown instead of the minimum."""
        self._box.setSpecialValueText(text)
        self._box.updateGeometry()

    def value(self) -> OptionValue:
        return self._box.number()

    def set_value(self, value: OptionValue) -> None:
        with QSignalBlocker(self._box):
            self._box.setValue(float(value))


class QuietCombo(ChoiceBox):
    """A box of choices as wide as what is chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToContents)

    def minimumSizeHint(self) -> QSize:
        """Cuts a long choice short rather than reaching out of a narrow page."""
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), _LEAST_CHOICE * unit(self)), hint.height())


class ChoiceEditor(OptionEditor):
    """One of a few values."""

    def __init__(self, option: Option, parent: QWidget | None = None) -> None:
        self._combo = QuietCombo()
        super().__init__(self._combo, parent)
        for choice in option.choices:
            self._combo.addItem(option_words(choice.label), choice.value)
        self._combo.currentIndexChanged.connect(lambda _index: self.edited.emit())

    def value(self) -> OptionValue:
        value: OptionValue = self._combo.currentData()
        return value

    def set_value(self, value: OptionValue) -> None:
        with QSignalBlocker(self._combo):
            self._combo.setCurrentIndex(self._combo.findData(value))


class LineEditor(OptionEditor):
    """One line of text."""

    debounced = True

    def __init__(self, parent: QWidget | None = None) -> None:
        self._line = QLineEdit()
        super().__init__(self._line, parent)
        self._line.setClearButtonEnabled(True)
        self._line.textChanged.connect(lambda _text: self.edited.emit())

    def value(self) -> OptionValue:
        return self._line.text().strip()

    def set_value(self, value: OptionValue) -> None:
        if value != self.value():
            with QSignalBlocker(self._line):
                self._line.setText(str(value))


class TextEditor(OptionEditor):
    """A few lines of text."""

    debounced = True

    def __init__(self, parent: QWidget | None = None) -> None:
        self._text = TextField(lines=_TEXT_LINES)
        super().__init__(self._text, parent)
        self._text.textChanged.connect(self.edited)

    def value(self) -> OptionValue:
        return self._text.toPlainText()

    def set_value(self, value: OptionValue) -> None:
        if value != self.value():
            with QSignalBlocker(self._text):
                self._text.setPlainText(str(value))


class FolderEditor(OptionEditor):
    """A folder, chosen in a dialog and never typed: moving models after every letter would be a mistake."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._line = QLineEdit()
        self._line.setReadOnly(True)
        super().__init__(self._line, parent)
        self._line.setPlaceholderText(self.tr("The usual place"))
        self._folder = ""
        self._browse = QPushButton(self.tr("Browse…"))
        self._browse.setAccessibleName(self.tr("Browse for a folder"))
        self._browse.clicked.connect(self._choose)
        self._usual = QPushButton(self.tr("Usual place"))
        self._usual.setToolTip(self.tr("Move the models back to the folder Catnap chooses by itself"))
        self._usual.clicked.connect(lambda: self._take(""))
        for button in (self._browse, self._usual):
            button.setAutoDefault(False)  # Enter in a field of the dialog must not press it
        self._bar = QProgressBar()
        self._bar.setRange(0, _PROGRESS_STEPS)
        self._bar.setAccessibleName(self.tr("Moving the models"))
        self._bar.setFormat(self.tr("Moving the models… %p%"))
        column = QVBoxLayout()
        column.setSpacing(unit(self))
        self._place = QGridLayout()
        self._place.setSpacing(unit(self))
        self.row.removeWidget(self._line)
        add_layout(column, self._place)
        column.addWidget(self._bar)
        add_layout(self.row, column)
        self.set_narrow(False)
        self.set_progress(None)

    def set_narrow(self, narrow: bool) -> None:
        """Puts the buttons below the field instead of beside it."""
        for widget in (self._line, self._browse, self._usual):
            self._place.removeWidget(widget)
        self._place.addWidget(self._line, 0, 0, 1, 3 if narrow else 1)
        for column, button in enumerate((self._browse, self._usual), start=0 if narrow else 1):
            self._place.addWidget(button, int(narrow), column, Qt.AlignmentFlag.AlignLeft)
        for column in range(3):
            self._place.setColumnStretch(column, int(column == (2 if narrow else 0)))

    def value(self) -> OptionValue:
        return self._folder

    def set_value(self, value: OptionValue) -> None:
        self._folder = str(value)
        self._line.setText(self._folder)
        self._line.setCursorPosition(0)
        self._usual.setVisible(bool(self._folder))

    def set_progress(self, fraction: float | None) -> None:
        """Shows how far moving the models has got, from 0 to 1; None: nothing is being moved."""
        self._bar.setVisible(fraction is not None)
        self._browse.setEnabled(fraction is None)
        self._usual.setEnabled(fraction is None)
        if fraction is not None:
            self._bar.setValue(round(fraction * _PROGRESS_STEPS))

    def _choose(self) -> None:
        folder = choose_folder(self, self.tr("Folder for the models"), self._folder)
        if folder:
            self._take(folder)

    def _take(self, folder: str) -> None:
        if folder != self._folder:
            self.set_value(folder)
            self.edited.emit()


class ListEditor(OptionEditor):
    """One of a list that changes, with the way to more below it: the entry without data.

    Attributes:
        more_requested: The user wants to see what else there is.
    """

    more_requested = Signal()

    def __init__(self, value: str, parent: QWidget | None = None) -> None:
        """
        Args:
            value: Until another is set.
            parent: Owner.
        """
        self._combo = QuietCombo()
        super().__init__(self._combo, parent)
        self._value = value
        self._combo.activated.connect(self._activated)

    def value(self) -> OptionValue:
        return self._value

    def set_value(self, value: OptionValue) -> None:
        self._value = str(value)
        self._show_value()

    def _show_value(self) -> None:
        raise NotImplementedError

    def _offer_more(self, words: str) -> None:
        if self._combo.count():
            self._combo.insertSeparator(self._combo.count())
        self._combo.addItem(words, None)

    def _activated(self, index: int) -> None:
        chosen = self._combo.itemData(index)
        if chosen is None:
            self._show_value()
            self.more_requested.emit()
        elif chosen != self._value:
            self._value = chosen
            self.edited.emit()


class ModelEditor(ListEditor):
    """One of the installed models, and the way to more."""

    def __init__(self, models: Sequence[InstalledModel], parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._fill(models)

    def set_models(self, models: Sequence[InstalledModel]) -> None:
        """Shows what is installed now."""
        self._combo.clear()
        self._fill(models)
        self._show_value()

    def _fill(self, models: Sequence[InstalledModel]) -> None:
        for model in models:
            if not model.kind.can_chat:
                continue
            note = self.tr("the file is missing") if model.missing else format_bytes(model.size)
            self._combo.addItem(SEPARATOR.join((short_name(model.name), note)), model.id)
            self._combo.setItemData(self._combo.count() - 1, plain_tip(model.name), Qt.ItemDataRole.ToolTipRole)
        self._offer_more(self.tr("Get more models…"))

    def _show_value(self) -> None:
        if not self._value:
            self._combo.setPlaceholderText(self.tr("No model yet"))
        else:
            self._combo.setPlaceholderText(self.tr("{model} (not installed)").format(model=short_name(self._value)))
        self._combo.setCurrentIndex(self._combo.findData(self._value) if self._value else -1)
        self._combo.setToolTip(self._combo.itemData(self._combo.currentIndex(), Qt.ItemDataRole.ToolTipRole) or "")
