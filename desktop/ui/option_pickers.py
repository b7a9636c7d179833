"""The controls for a folder and for a model. GUI thread only."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QGridLayout, QLineEdit, QProgressBar, QPushButton, QVBoxLayout, QWidget

from desktop.common.byte_sizes import format_bytes
from desktop.models.types import InstalledModel
from desktop.settings.options import OptionValue
from desktop.ui.settings.editors import OptionEditor, QuietCombo
from desktop.ui.theme.theme import unit
from desktop.ui.words import SEPARATOR

_PROGRESS_STEPS = 1000


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
        column.addLayout(self._place)
        column.addWidget(self._bar)
        self.row.addLayout(column)
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
        folder = QFileDialog.getExistingDirectory(self, self.tr("Folder for the models"), self._folder)
        if folder:
            self._take(folder)

    def _take(self, folder: str) -> None:
        if folder != self._folder:
            self.set_value(folder)
            self.edited.emit()


class ModelEditor(OptionEditor):
    """One of the installed models, and the way to more.

    Attributes:
        models_requested: The user wants to see the models that can be had.
    """

    models_requested = Signal()

    def __init__(self, models: Sequence[InstalledModel], parent: QWidget | None = None) -> None:
        self._combo = QuietCombo()
        super().__init__(self._combo, parent)
        self._value = ""
        self._fill(models)
        self._combo.activated.connect(self._activated)

    def value(self) -> OptionValue:
        return self._value

    def set_value(self, value: OptionValue) -> None:
        self._value = str(value)
        self._show_value()

    def set_models(self, models: Sequence[InstalledModel]) -> None:
        """Shows what is installed now."""
        self._combo.clear()
        self._fill(models)
        self._show_value()

    def _fill(self, models: Sequence[InstalledModel]) -> None:
        for model in models:
            note = self.tr("the file is missing") if model.missing else format_bytes(model.size)
            self._combo.addItem(SEPARATOR.join((model.name, note)), model.id)
        if models:
            self._combo.insertSeparator(self._combo.count())
        self._combo.addItem(self.tr("Get more models…"), None)

    def _show_value(self) -> None:
        if not self._value:
            self._combo.setPlaceholderText(self.tr("No model yet"))
        else:
            self._combo.setPlaceholderText(self.tr("{model} (not installed)").format(model=self._value))
        self._combo.setCurrentIndex(self._combo.findData(self._value) if self._value else -1)

    def _activated(self, index: int) -> None:
        chosen = self._combo.itemData(index)
        if chosen is None:
            self._show_value()
            self.models_requested.emit()
        elif chosen != self._value:
            self._value = chosen
            self.edited.emit()
