"""What a drawn formula is made of: boxes that stand on a line, each with what is painted in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPainterPath, QTransform


@dataclass(frozen=True)
class Letters:
    """Letters whose line begins at a point."""

    x: float
    y: float
    text: str
    font: QFont

    def moved(self, x: float, y: float) -> Letters:
        return Letters(self.x + x, self.y + y, self.text, self.font)

    def paint(self, painter: QPainter) -> None:
        painter.setFont(self.font)
        painter.drawText(QPointF(self.x, self.y), self.text)


@dataclass(frozen=True)
class Shape:
    """A shape that is filled."""

    path: QPainterPath

    def moved(self, x: float, y: float) -> Shape:
        return Shape(self.path.translated(x, y))

    def paint(self, painter: QPainter) -> None:
        painter.fillPath(self.path, painter.pen().color())


@dataclass(frozen=True)
class Box:
    """A part of a formula.

    Attributes:
        width: In pixels, like all of it.
        ascent: What of it is above its line.
        descent: What is below.
        marks: What is painted, from where the line of the box begins.
        slant: How much further right what stands above its end has to be.
    """

    width: float = 0.0
    ascent: float = 0.0
    descent: float = 0.0
    marks: tuple[Letters | Shape, ...] = ()
    slant: float = 0.0

    @property
    def height(self) -> float:
        return self.ascent + self.descent

    def placed(self, x: float, y: float) -> tuple[Letters | Shape, ...]:
        """Returns its marks moved; down is positive."""
        return tuple(mark.moved(x, y) for mark in self.marks)

    def paint(self, painter: QPainter) -> None:
        """Paints it where the painter's origin is, in the colour of its pen."""
        for mark in self.marks:
            mark.paint(painter)


def letters(text: str, font: QFont) -> Box:
    """Returns a word; as high as its letters are, not as its font."""
    metrics = QFontMetricsF(font)
    width = metrics.horizontalAdvance(text)
    if not text.strip():
        return Box(width)
    area = metrics.tightBoundingRect(text)
    slant = max(0.0, area.right() - width) if font.italic() else 0.0
    return Box(width, max(0.0, -area.top()), max(0.0, area.bottom()), (Letters(0, 0, text, font),), slant)


def line(x: float, y: float, width: float, height: float) -> Shape:
    """Returns a filled bar."""
    path = QPainterPath()
    path.addRect(QRectF(x, y, width, height))
    return Shape(path)


def stroke(points: Sequence[tuple[float, float]], thickness: float) -> Shape:
    """Returns a line through some points."""
    from PySide6.QtGui import QPainterPathStroker

    path = QPainterPath(QPointF(*points[0]))
    for point in points[1:]:
        path.lineTo(QPointF(*point))
    stroker = QPainterPathStroker()
    stroker.setWidth(thickness)
    stroker.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    return Shape(stroker.createStroke(path))


def in_row(boxes: Sequence[Box]) -> Box:
    """Returns boxes beside each other, on one line."""
    x, ascent, descent = 0.0, 0.0, 0.0
    marks: list[Letters | Shape] = []
    for box in boxes:
        marks += box.placed(x, 0)
        x += box.width
        ascent, descent = max(ascent, box.ascent), max(descent, box.descent)
    return Box(max(0.0, x), ascent, descent, tuple(marks), boxes[-1].slant if boxes else 0.0)


def stretched(text: str, font: QFont, ascent: float, descent: float) -> Box:
    """Returns a sign made as high as what it stands beside; it never gets smaller."""
    plain = letters(text, font)
    if plain.height <= 0 or ascent + descent <= plain.height * 1.05:
        return plain
    grow = (ascent + descent) / plain.height
    wide = min(grow, 1.25) if text not in "|\u2016\u2223\u2225" else 1.0
    path = QPainterPath()
    path.addText(QPointF(0, 0), font, text)
    area = path.boundingRect()
    path = QTransform().scale(wide, (ascent + descent) / area.height()).map(path)
    path.translate(0, -ascent - path.boundingRect().top())
    return Box(plain.width * wide, ascent, descent, (Shape(path),))


def widened(text: str, font: QFont, width: float) -> Box:
    """Returns a sign made as wide as what it stands above or below."""
    path = QPainterPath()
    path.addText(QPointF(0, 0), font, text)
    area = path.boundingRect()
    if area.width() <= 0:
        return Box()
    path = QTransform().scale(width / area.width(), 1).map(path)
    area = path.boundingRect()
    path.translate(-area.left(), -area.bottom())
    return Box(width, area.height(), 0, (Shape(path),))
