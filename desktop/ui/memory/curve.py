"""The curve of the last ten minutes: what Catnap took, what the computer used, and when the model slept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.common.byte_sizes import format_bytes
from desktop.lifecycle.memory_history import KEPT_SECONDS, Rest, Sample, stretches
from desktop.machine.memory import MemoryReading
from desktop.ui.memory.words import rest_words
from desktop.ui.theme.metrics import spacing
from desktop.ui.theme.palette import accented, muted, tinted

_MB = 1_000_000
# Where the scale may end, in bytes: figures that can be read off.
_ENDS = tuple(step * _MB for step in (100, 200, 300, 500, 750, 1_000, 1_500, 2_000, 3_000, 4_000, 6_000, 8_000))
# Between measurements further apart than this nothing was looked at: the last one holds, and then it jumps.
_HOLDS_AFTER_S = 5.0


def engine_colour(palette: QPalette) -> QColor:
    """Returns the colour of what the engine has of its own."""
    return palette.color(QPalette.ColorRole.Accent)


def file_colour(palette: QPalette) -> QColor:
    """Returns the colour of the mapped model file."""
    return accented(palette, 0.4)


def program_colour(palette: QPalette) -> QColor:
    """Returns the colour of the program itself."""
    return tinted(palette, 0.55)


_LAYERS: tuple[tuple[Callable[[QPalette], QColor], Callable[[MemoryReading], int]], ...] = (
    (program_colour, lambda reading: reading.app),
    (engine_colour, lambda reading: reading.app + reading.engine),
    (file_colour, lambda reading: reading.app + reading.engine + reading.mapped),
)


_USUAL, _LEAST = 26, 15  # units of height


class MemoryCurve(QWidget):
    """Paints samples; it measures nothing itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._samples: tuple[Sample, ...] = ()
        self._now = 0.0
        self._lower = 0  # pixels, where the screen is low
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_samples(self, samples: tuple[Sample, ...], now: float) -> None:
        """Sets what is painted.

        Args:
            samples: The oldest first.
            now: The right end of the curve, in the time of the samples, seconds.
        """
        self._samples, self._now = samples, now
        self.setAccessibleName(self._in_words())
        self.update()

    def lower_by(self, pixels: int) -> None:
        """Leaves that much of its usual height to what else is in its window, as far as it can still be read."""
        self._lower = max(0, pixels)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        unit = spacing(self).unit
        return QSize(unit * 60, max(unit * _LEAST, unit * _USUAL - self._lower))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints scale, areas, the line of the computer, and the band of the states."""
        del event  # all of it changes every second
        gap, line = spacing(self).half, self.fontMetrics().height()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(self.rect())
        band = QRectF(whole.left(), whole.bottom() - 2 * line - gap, whole.width(), line)
        machine = QRectF(whole.left(), band.top() - gap - 2 * line, whole.width(), 2 * line)
        areas = QRectF(whole.left(), line, whole.width(), machine.top() - 2 * gap - line)
        end = self._end()
        self._paint_areas(painter, areas, end)
        self._paint_machine(painter, machine)
        self._paint_band(painter, band)
        self._paint_times(painter, QRectF(whole.left(), band.bottom(), whole.width(), line))
        painter.setPen(muted(self.palette()))
        painter.drawText(QRectF(0, 0, whole.width(), line), Qt.AlignmentFlag.AlignLeft, format_bytes(end))

    def _end(self) -> int:
        most = max((sample.reading.rss for sample in self._samples), default=0)
        return next((end for end in _ENDS if end >= most), most)

    def _x(self, at: float, area: QRectF) -> float:
        share = 1 - (self._now - at) / KEPT_SECONDS
        return area.left() + max(0.0, min(1.0, share)) * area.width()

    def _outline(self, area: QRectF, end: float, value: Callable[[MemoryReading], int]) -> list[QPointF]:
        def y(reading: MemoryReading) -> float:
            return area.bottom() - min(1.0, value(reading) / max(end, 1)) * area.height()

        points: list[QPointF] = []
        for before, sample in _pairs(self._samples):
            x = self._x(sample.at, area)
            if before is not None and sample.at - before.at > _HOLDS_AFTER_S:
                points.append(QPointF(x, y(before.reading)))
            points.append(QPointF(x, y(sample.reading)))
        if points:
            points.append(QPointF(area.right(), points[-1].y()))
        return points

    def _paint_areas(self, painter: QPainter, area: QRectF, end: int) -> None:
        painter.setPen(QPen(tinted(self.palette(), 0.2), 1))
        for share in (0.0, 0.5, 1.0):
            y = round(area.bottom() - share * area.height()) + 0.5
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        painter.setPen(Qt.PenStyle.NoPen)
        for colour, value in reversed(_LAYERS):
            points = self._outline(area, end, value)
            if points:
                feet = (QPointF(points[-1].x(), area.bottom()), QPointF(points[0].x(), area.bottom()))
                painter.setBrush(colour(self.palette()))
                painter.drawPolygon(QPolygonF([*points, *feet]))

    def _paint_machine(self, painter: QPainter, area: QRectF) -> None:
        if not self._samples:
            return
        total = self._samples[-1].reading.machine_total
        points = self._outline(area, total, lambda reading: reading.machine_used)
        painter.setPen(QPen(tinted(self.palette(), 0.2), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tinted(self.palette(), 0.16))
        feet = (QPointF(points[-1].x(), area.bottom()), QPointF(points[0].x(), area.bottom()))
        painter.drawPolygon(QPolygonF([*points, *feet]))
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        used = self._samples[-1].reading.machine_used
        words = self.tr("Computer: {used} of {total} in use").format(used=format_bytes(used), total=format_bytes(total))
        inside = area.adjusted(spacing(self).half, 0, -spacing(self).half, 0)
        painter.drawText(inside, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_band(self, painter: QPainter, area: QRectF) -> None:
        palette = self.palette()
        shades = {
            Rest.AWAKE: accented(palette, 0.45),
            Rest.DOZING: accented(palette, 0.2),
            Rest.ASLEEP: tinted(palette, 0.08),
        }
        for rest, start, end in stretches(self._samples, self._now):
            part = QRectF(QPointF(self._x(start, area), area.top()), QPointF(self._x(end, area), area.bottom()))
            painter.fillRect(part, shades[rest])
            words = rest_words(rest)
            if self.fontMetrics().horizontalAdvance(words) + spacing(self).unit <= part.width():
                painter.setPen(palette.color(QPalette.ColorRole.Text))
                painter.drawText(part, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_times(self, painter: QPainter, area: QRectF) -> None:
        painter.setPen(muted(self.palette()))
        flag = Qt.AlignmentFlag
        for words, side in (
            (self.tr("10 min ago"), flag.AlignLeft),
            (self.tr("5 min ago"), flag.AlignHCenter),
            (self.tr("now"), flag.AlignRight),
        ):
            painter.drawText(area, side | flag.AlignVCenter, words)

    def _in_words(self) -> str:
        if not self._samples:
            return self.tr("Memory in the last ten minutes: nothing was measured yet")
        figures = [sample.reading.rss for sample in self._samples]
        return self.tr("Memory in the last ten minutes: Catnap took {least} to {most}, now {now}").format(
            least=format_bytes(min(figures)), most=format_bytes(max(figures)), now=format_bytes(figures[-1])
        )


def _pairs(samples: Sequence[Sample]) -> Iterator[tuple[Sample | None, Sample]]:
    before: Sample | None = None
    for sample in samples:
        yield before, sample
        before = sample
