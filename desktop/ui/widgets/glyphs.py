"""The few signs on buttons, drawn in the colour of the text, so that they follow palette and size."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from desktop.ui.theme.metrics import unit


class Glyph(Enum):
    """What is drawn; the value lists its strokes in a square of 16."""

    LIST = (((2, 4), (14, 4)), ((2, 8), (14, 8)), ((2, 12), (14, 12)))
    PLUS = (((8, 2.5), (8, 13.5)), ((2.5, 8), (13.5, 8)))
    CLOSE = (((4, 4), (12, 12)), ((12, 4), (4, 12)))
    UP = (((4, 10), (8, 6)), ((8, 6), (12, 10)))
    DOWN = (((4, 6), (8, 10)), ((8, 10), (12, 6)))
    MORE = (((3, 8), (3, 8.1)), ((8, 8), (8, 8.1)), ((13, 8), (13, 8.1)))
    BATTERY = (
        ((1.5, 4.5), (12.5, 4.5)),
        ((12.5, 4.5), (12.5, 11.5)),
        ((12.5, 11.5), (1.5, 11.5)),
        ((1.5, 11.5), (1.5, 4.5)),
        ((14.5, 7), (14.5, 9)),
        ((4, 7), (4, 9)),
        ((6.5, 7), (6.5, 9)),
    )


class GlyphButton(QToolButton):
    """A flat button with a sign."""

    def __init__(self, glyph: Glyph, name: str, parent: QWidget | None = None) -> None:
        """
        Args:
            glyph: The sign.
            name: Accessible name and tooltip, translated.
            parent: Owner.
        """
        super().__init__(parent)
        self._glyph = glyph
        self.setAutoRaise(True)
        self.setAccessibleName(name)
        self.setToolTip(name)

    def sizeHint(self) -> QSize:
        edge = unit(self) * 4 - unit(self) // 2
        return QSize(edge, edge)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        _paint(self, self._glyph)


class GlyphSign(QWidget):
    """A sign that only says something."""

    def __init__(self, glyph: Glyph, parent: QWidget | None = None) -> None:
        """
        Args:
            glyph: The sign.
            parent: Owner.
        """
        super().__init__(parent)
        self._glyph = glyph
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def say(self, words: str) -> None:
        """Sets what the sign means, translated: its tooltip and accessible name."""
        self.setToolTip(words)
        self.setAccessibleName(words)

    def sizeHint(self) -> QSize:
        edge = unit(self) * 2
        return QSize(edge, edge)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event  # a sign is small: it is painted whole
        _paint(self, self._glyph)


def _paint(widget: QWidget, glyph: Glyph) -> None:
    edge = unit(widget) * 2
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate((widget.width() - edge) / 2, (widget.height() - edge) / 2)
    painter.scale(edge / 16, edge / 16)
    pen = QPen(widget.palette().color(QPalette.ColorRole.ButtonText), 1.5)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    for start, end in glyph.value:
        painter.drawLine(QPointF(*start), QPointF(*end))
    painter.end()
