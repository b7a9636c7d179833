"""Asks for the name of a folder of conversations."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.history.exchange.values import as_title
from desktop.ui.widgets.field_dialog import FieldDialog


class FolderDialog(FieldDialog):
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
        self._field = QLineEdit(renamed)
        self._field.selectAll()
        self.lay_out(
            self.tr("Rename folder") if renamed else self.tr("New folder"),
            self.tr("&Name of the folder"),
            self._field,
            self.tr("&Rename") if renamed else self.tr("&Move there"),
        )
        self._field.textChanged.connect(self._follow)
        self._follow()

    @property
    def name(self) -> str:
        """What was written, as a folder is called."""
        return as_title(self._field.text())

    def _follow(self) -> None:
        self.accept_button.setEnabled(bool(self.name) and self.name != self._renamed)
        is_there = self.name in self._folders and self.name != self._renamed
        if not is_there:
            self.note.setText("")
        elif self._renamed:
            self.note.setText(self.tr("There is a folder of this name; the two become one."))
        else:
            self.note.setText(self.tr("There is a folder of this name; the conversation is moved there."))
