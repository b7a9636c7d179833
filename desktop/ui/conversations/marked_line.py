"""A line of text with words marked in it, cut so that the first of them can be seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPalette

from desktop.ui.theme.palette import accented

_DOTS = "\u2026"
_NO_BEGINNING = " .,;:!?)\uff0c\u3002\uff1b\uff1a\uff01\uff1f"
MARK_SHARE = 0.22  # of the accent in the colour behind a word


class MarkedLine:
    """What is to be drawn."""

    def __init__(self, text: str, marks: Sequence[Sequence[int]]) -> None:
        """
        Args:
            text: One line.
            marks: Where words begin and end in it.
        """
        self.text = text
        self.marks = tuple((begin, end) for begin, end in marks)

    def fitted(self, metrics: QFontMetricsF, width: float) -> MarkedLine:
        """Returns as much of it as fits: its beginning left out where the first mark would be cut off otherwise."""
        if not self.marks or metrics.horizontalAdvance(self.text) <= width:
            return self._until(metrics, width)
        begin, end = self.marks[0]
        start = 0
        # A third of the line is for what stands before the words.
        while start < begin and metrics.horizontalAdvance(self._from(start).text[: end - start + 1]) > width * 0.66:
            start = min(begin, start + max(1, (begin - start) // 4))
        return self._from(start)._until(metrics, width)

    def paint(self, painter: QPainter, area: QRect, colour: QColor, palette: QPalette) -> None:
        """Draws it at the bottom of an area, in the painter's font."""
        metrics = QFontMetricsF(painter.font())
        line = self.fitted(metrics, area.width())
        base = area.bottom() - metrics.descent()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accented(palette, MARK_SHARE))
        for left, right in line._reaches(metrics):
            painter.drawRoundedRect(
                QRectF(area.left() + left - 1, base - metrics.ascent(), right - left + 2, metrics.height()), 2, 2
            )
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(colour)
        painter.drawText(area.left(), round(base), line.text)

    def _from(self, start: int) -> MarkedLine:
        while 0 < start < self.marks[0][0] and self.text[start] in _NO_BEGINNING:
            start += 1
        if not start:
            return self
        moved = [(begin - start + 1, end - start + 1) for begin, end in self.marks if end > start]
        return MarkedLine(_DOTS + self.text[start:], [(max(1, begin), end) for begin, end in moved])

    def _until(self, metrics: QFontMetricsF, width: float) -> MarkedLine:
        text = metrics.elidedText(self.text, Qt.TextElideMode.ElideRight, width)
        last = len(text) - 1 if text != self.text else len(text)
        return MarkedLine(text, [(begin, min(end, last)) for begin, end in self.marks if begin < last])

    def _reaches(self, metrics: QFontMetricsF) -> Iterator[tuple[float, float]]:
        for begin, end in self.marks:
            yield metrics.horizontalAdvance(self.text[:begin]), metrics.horizontalAdvance(self.text[:end])
