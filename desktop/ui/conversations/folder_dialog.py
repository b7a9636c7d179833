"""Asks for the name of a folder of conversations."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from desktop.history.exchange.values import as_title
from desktop.ui.theme.metrics import spacing, unit
from desktop.ui.widgets.labels import MutedLabel
from desktop.ui.widgets.plain_buttons import take_pictures_away

_WIDTH_UNITS = 44


class FolderDialog(QDialog):
    """A field; of a name that there is already it says what that means."""

    def __init__(self, folders: Collection[str], renamed: str = "", parent: QWidget | None = None) -> None:
        """
        Args:
            folders: The names that there are.
            renamed: The folder that shall get another name; empty: a new one begins.
            parent: Its window.
        """
        super().__init__(parent)
        self._folders, self._renamed = folders, renamed
        self.setWindowTitle(self.tr("Rename folder") if renamed else self.tr("New folder"))
        self.setModal(True)
        self.setMinimumWidth(_WIDTH_UNITS * unit(self))
        self._field = QLineEdit(renamed)
        self._field.selectAll()
        label = QLabel(self.tr("&Name of the folder"))
        label.setBuddy(self._field)
        self._note = MutedLabel()
        self._note.setWordWrap(True)
        buttons = QDialogButtonBox()
        words = self.tr("&Rename") if renamed else self.tr("&Move there")
        self._accept = buttons.addButton(words, QDialogButtonBox.ButtonRole.AcceptRole)
        self._accept.setDefault(True)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        take_pictures_away(buttons)
        gap = spacing(self).unit
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * gap, 2 * gap, 2 * gap, 2 * gap)
        column.setSpacing(gap)
        for part in (label, self._field, self._note, buttons):
            column.addWidget(part)
        self._field.textChanged.connect(self._follow)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._follow()

    @property
    def name(self) -> str:
        """What was written, as a folder is called."""
        return as_title(self._field.text())

    def _follow(self) -> None:
        self._accept.setEnabled(bool(self.name) and self.name != self._renamed)
        is_there = self.name in self._folders and self.name != self._renamed
        if not is_there:
            self._note.setText("")
        elif self._renamed:
            self._note.setText(self.tr("There is a folder of this name; the two become one."))
        else:
            self._note.setText(self.tr("There is a folder of this name; the conversation is moved there."))
