"""A share of right answers as a bar, with how sure it is."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.check.statistics import Interval
from desktop.ui.theme.metrics import unit
from desktop.ui.theme.palette import accented, tinted

# Of the accent's colour in the bar, and of the text's in the track: 3 : 1 between the two.
SHARE, TRACK = 0.8, 0.06


class ShareBar(QWidget):
    """The figures stand beside it in words, so a screen reader passes it over."""

    def __init__(self, share: float, interval: Interval, parent: QWidget | None = None) -> None:
        """
        Args:
            share: Between 0 and 1.
            interval: Where it lies with 95 % confidence.
            parent: Owner.
        """
        super().__init__(parent)
        self._share, self._interval = share, interval
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(unit(self) * 12, unit(self) + unit(self) // 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(unit(self) * 4, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the track, the share, and the interval as a line with ends."""
        del event  # it is small: it is painted whole
        palette = self.palette()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(QPen(tinted(palette, 0.25), 1))
        painter.setBrush(tinted(palette, TRACK))
        painter.drawRoundedRect(area, 2, 2)
        filled = QRectF(area.left(), area.top(), area.width() * self._share, area.height())
        painter.fillRect(filled.adjusted(1, 1, -1, -1), accented(palette, SHARE))
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Text), 1.5))
        left, right = (area.left() + area.width() * end for end in (self._interval.low, self._interval.high))
        middle, reach = area.center().y(), area.height() / 4
        painter.drawLine(QPointF(left, middle), QPointF(right, middle))
        for x in (left, right):
            painter.drawLine(QPointF(x, middle - reach), QPointF(x, middle + reach))
