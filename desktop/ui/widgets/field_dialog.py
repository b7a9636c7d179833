"""A small dialog that asks for one thing: a label, a field, a line about it, and two buttons."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop.ui.theme.metrics import spacing, unit
from desktop.ui.widgets.labels import MutedLabel
from desktop.ui.widgets.plain_buttons import take_pictures_away

_WIDTH_UNITS = 44


class FieldDialog(QDialog):
    """The form of such a dialog; modal, since a command needs what it asks for.

    Attributes:
        note: Says what follows from what is in the field.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        """
        Args:
            parent: Its window.
        """
        super().__init__(parent)
        self.setModal(True)
        self.note = MutedLabel()
        self.note.setWordWrap(True)
        self._buttons = QDialogButtonBox()
        self._accept = self._buttons.addButton("", QDialogButtonBox.ButtonRole.AcceptRole)
        self._accept.setDefault(True)
        self._buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        take_pictures_away(self._buttons)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)

    @property
    def accept_button(self) -> QPushButton:
        """Takes what is in the field."""
        return self._accept

    def lay_out(self, title: str, label: str, field: QWidget, accept: str) -> None:
        """Puts the parts in their places.

        Args:
            title: Of the window.
            label: Of the field, with its mnemonic.
            field: What is filled in.
            accept: On the button that takes it, with its mnemonic.
        """
        self.setWindowTitle(title)
        self.setMinimumWidth(_WIDTH_UNITS * unit(self))
        words = QLabel(label)
        words.setBuddy(field.focusProxy() or field)
        self._accept.setText(accept)
        gap = spacing(self).unit
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * gap, 2 * gap, 2 * gap, 2 * gap)
        column.setSpacing(gap)
        for part in (words, field, self.note, self._buttons):
            column.addWidget(part)
        field.setFocus()
