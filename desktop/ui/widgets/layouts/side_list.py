"""How wide a list is that stands beside what is chosen in it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop.ui.theme.metrics import unit

_WIDTH_IN_UNITS = 30


def fit_side_list(side_list: QWidget, window: QWidget) -> None:
    """Gives the list room for its words, and leaves two thirds of a narrow window to what is beside it.

    Args:
        side_list: Gets a fixed width.
        window: Whoever calls this does so again when its width or its font has changed.
    """
    side_list.setFixedWidth(min(_WIDTH_IN_UNITS * unit(window), window.width() // 3))
