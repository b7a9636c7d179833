"""Actions of menus that come and go."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu


def add_action(menu: QMenu, text: str, do: Callable[[], object]) -> QAction:
    """Adds a command to a menu, and goes with it.

    WORKAROUND(PySide 6.8, of QMenu.addAction with a text): the action that it makes stays in Python's memory for ever,
    though Qt's own is gone with the menu, and with it all that ``do`` holds. ``make soak`` counted them.

    Args:
        menu: Owns the action.
        text: Translated.
        do: Called when it is chosen.
    """
    action = QAction(text, menu)
    action.triggered.connect(lambda _checked=False: do())
    menu.addAction(action)
    return action
