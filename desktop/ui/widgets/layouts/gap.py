"""Room between two parts of a column."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


class Gap(QWidget):
    """In place of a layout's own spacing: that is no widget, and could be scaled only through ``QLayout.itemAt``.

    What that returns is wrong once Qt has deleted the item, which Python is not told: as soon as a widget comes to lie
    at the same address, it is taken for the item.
    """

    def __init__(self, height: int) -> None:
        """
        Args:
            height: In pixels; scaled with the text (:mod:`desktop.ui.theme.text_size`).
        """
        super().__init__()
        self.setFixedHeight(height)
