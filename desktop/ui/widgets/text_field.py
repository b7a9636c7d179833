"""A field for several lines."""

from __future__ import annotations

from PySide6.QtWidgets import QPlainTextEdit, QWidget


class TextField(QPlainTextEdit):
    """Tab leaves it, and the whole outline of the keyboard is seen around it: half of it would lie below the text."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTabChangesFocus(True)
        self.setViewportMargins(1, 1, 1, 1)
