"""A field for several lines."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from desktop.ui.theme.metrics import unit

_EDGE = 1  # pixels
_LEAST_MARGIN = 4  # pixels between outline and words, as Qt has it for every size


class TextField(QPlainTextEdit):
    """Tab leaves it, and the whole outline of the keyboard is seen around it: half of it would lie below the text."""

    def __init__(self, text: str = "", lines: int = 0, parent: QWidget | None = None) -> None:
        """
        Args:
            text: To begin with.
            lines: How many it shows, in whatever letters; 0: as high as its layout makes it.
            parent: Owner.
        """
        super().__init__(text, parent)
        self._lines = lines
        self.setTabChangesFocus(True)
        self.setViewportMargins(_EDGE, _EDGE, _EDGE, _EDGE)
        # The style fills it, with round corners, as it does a field for a single line.
        self.viewport().setAutoFillBackground(False)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange and hasattr(self, "_lines"):
            self._fit()

    def _fit(self) -> None:
        self.document().setDocumentMargin(max(_LEAST_MARGIN, unit(self) / 2))
        if self._lines:
            frame = 2 * (self.frameWidth() + _EDGE + round(self.document().documentMargin()))
            self.setFixedHeight(self._lines * self.fontMetrics().lineSpacing() + frame)
