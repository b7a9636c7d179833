"""Writes one quick action: its name, and what the model is told."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from desktop.chat.quick_actions.actions import MOST_NAME, QuickAction
from desktop.common.errors import UserFacingError
from desktop.ui.quick_actions.words import action_title
from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.labels import MutedLabel, WarningLabel
from desktop.ui.widgets.plain_buttons import take_pictures_away
from desktop.ui.widgets.text_field import TextField
from desktop.ui.widgets.window_size import fitting_size
from desktop.ui.words import error_words

_SIZE_IN_UNITS = QSize(56, 44)


class ActionEditor(QDialog):
    """Stays open until what was written can be kept, or is given up."""

    def __init__(
        self, action: QuickAction | None, keep: Callable[[str, str], object], parent: QWidget | None = None
    ) -> None:
        """
        Args:
            action: What is edited; None: a new one.
            keep: Takes name and prompt, both empty for "as it came"; raises a UserFacingError where they will not do.
            parent: Its window.
        """
        super().__init__(parent)
        self.setWindowTitle(self.tr("Edit the action") if action is not None else self.tr("New action"))
        self.setModal(True)
        self._keep = keep
        self._came = action.built_in if action is not None else None
        self._came_title = action_title(QuickAction(action.id)) if action is not None and self._came else ""
        gap = spacing(self)
        self._name = QLineEdit(action_title(action) if action is not None else "")
        self._name.setMaxLength(MOST_NAME)
        self._name.setPlaceholderText(self.tr("Such as: Make it shorter"))
        name_label = QLabel(self.tr("&Name"))
        name_label.setBuddy(self._name)
        self._prompt = TextField(action.prompt if action is not None else "")
        prompt_label = QLabel(self.tr("What the model is &told"))
        prompt_label.setBuddy(self._prompt)
        if self._came is not None:
            self._prompt.setPlaceholderText(f"{self._came.english}\n\n{self._came.chinese}")
            hint = self.tr("Empty: as shown, in the language of the text. The text goes where {text} stands.")
        else:
            self._prompt.setPlaceholderText(self.tr("Make the text below half as long.\n\n{text}"))
            hint = self.tr("The text goes where {text} stands, or at the end. Short and plain works best.")
        self._error = WarningLabel()
        buttons = QDialogButtonBox()
        save = buttons.addButton(self.tr("&Save"), QDialogButtonBox.ButtonRole.AcceptRole)
        save.setDefault(True)
        for key in ("Ctrl+Return", "Ctrl+Enter"):  # in the field below Enter begins a new line
            QShortcut(QKeySequence(key), self, self._save)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        take_pictures_away(buttons)
        buttons.accepted.connect(self._save)
        buttons.rejected.connect(self.reject)
        page = QVBoxLayout(self)
        page.setContentsMargins(gap.double, gap.double, gap.double, gap.double)
        page.setSpacing(gap.unit)
        for widget in (name_label, self._name, prompt_label):
            page.addWidget(widget)
        page.addWidget(self._prompt, stretch=1)
        page.addWidget(MutedLabel(hint))
        page.addWidget(self._error)
        page.addWidget(buttons)
        self._name.setFocus()
        self.resize(fitting_size(self, _SIZE_IN_UNITS))

    def _save(self) -> None:
        name = self._name.text()
        if self._came is not None and name.strip() in ("", self._came_title):
            name = ""
        try:
            self._keep(name, self._prompt.toPlainText())
        except UserFacingError as problem:
            self._error.say(error_words(problem))
            return
        self.accept()
