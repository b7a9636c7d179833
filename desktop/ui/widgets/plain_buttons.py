"""Buttons of dialogs without the coloured pictures that some desktops ask for: words say more, and fit both themes."""

from __future__ import annotations

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialogButtonBox


def take_pictures_away(box: QDialogButtonBox) -> None:
    """Leaves words on the buttons of a box; to be called when all of them are there."""
    for button in box.buttons():
        button.setIcon(QIcon())
