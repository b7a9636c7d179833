"""The tints behind the user's messages and code, painted under the text, so that they follow the palette at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QPainter,
    QPalette,
    QPen,
    QTextBlock,
    QTextBlockFormat,
    QTextDocument,
    QTextList,
    QTextListFormat,
)
from PySide6.QtWidgets import QWidget

from desktop.ui.theme.code_colours import CODE_TINT
from desktop.ui.theme.palette import accented, tinted
from desktop.ui.transcript.markdown.document import JOINT, KIND, Kind, blocks_of

# In units: a bullet, and the room between it and the text.
_BULLET_SIZE, _BULLET_GAP = 0.65, 1.0
_TASK_GAP = 0.9  # behind the box of a task, which is as high as a capital letter
_MARKERS = QTextBlockFormat.MarkerType
_CODE_KINDS = (Kind.CODE_HEAD, Kind.CODE)


def paint_blocks(
    viewport: QWidget, document: QTextDocument, first: QTextBlock, scrolled: int, unit: int, part: QRect
) -> None:
    """Paints the tints of a part of what is in view.

    Args:
        viewport: Where to paint.
        document: The page.
        first: The topmost block in the part.
        scrolled: How far down the page is scrolled, in pixels.
        unit: The 8 px rhythm.
        part: What is to be painted, in the viewport's coordinates; with each token of an answer that is one line.
    """
    painter = QPainter(viewport)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(0, -scrolled)
    top = _start_above(document, first, scrolled + part.top() - 2 * unit)
    # A box that ends below the part ends so far below that its corners are not in it.
    view = (float(scrolled + part.top()), float(scrolled + part.bottom() + 1 + 2 * unit))
    paint_tints(painter, document, viewport.palette(), unit, top, first, view)
    painter.end()


def paint_tints(
    painter: QPainter,
    document: QTextDocument,
    palette: QPalette,
    unit: int,
    first_area: QTextBlock,
    first_bullet: QTextBlock,
    view: tuple[float, float],
) -> None:
    """Paints the tints and the bullets of a part of a page, in the page's own coordinates.

    Args:
        painter: On a screen or on paper; its pen and brush are changed.
        document: The page.
        palette: For the colours.
        unit: The 8 px rhythm.
        first_area: The first block that may have a tint.
        first_bullet: The first block that may have a bullet.
        view: The heights between which something can be seen.
    """
    top, bottom = view
    painter.setPen(Qt.PenStyle.NoPen)
    for kind, area in _areas(document, first_area, bottom):
        if area.bottom() + unit <= top or area.top() - unit >= bottom:
            continue
        if kind == Kind.CUT:
            _paint_rules(painter, area, tinted(palette, 0.2), unit)
            continue
        if kind == Kind.THOUGHT:
            painter.setBrush(tinted(palette, 0.15))
            painter.drawRect(QRectF(area.left() + unit * 0.75, area.top(), max(2.0, unit * 0.25), area.height()))
            continue
        painter.setBrush(_tint(palette, kind))
        box = area.adjusted(-unit, -unit * 0.9, unit, unit * 0.9)
        painter.drawRoundedRect(box, unit * 0.75, unit * 0.75)
    painter.setBrush(palette.text())
    for marker, place in _bullets(document, first_bullet, bottom, unit):
        if marker is _MARKERS.NoMarker:
            painter.drawEllipse(place)
        else:
            _paint_task(painter, palette, place, is_done=marker is _MARKERS.Checked)


def _paint_task(painter: QPainter, palette: QPalette, box: QRectF, *, is_done: bool) -> None:
    """Paints the box of a task: filled and ticked where it is done."""
    thickness = max(1.0, box.width() / 10)
    painter.save()
    painter.setPen(QPen(palette.link() if is_done else tinted(palette, 0.55), thickness))
    painter.setBrush(palette.link() if is_done else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box, box.width() / 5, box.width() / 5)
    if is_done:
        tick = [QPointF(0.22, 0.53), QPointF(0.42, 0.72), QPointF(0.78, 0.3)]
        pen = QPen(palette.base(), box.width() / 7, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline([box.topLeft() + point * box.width() for point in tick])
    painter.restore()


def _bullets(
    document: QTextDocument, first: QTextBlock, bottom: float, unit: int
) -> Iterator[tuple[QTextBlockFormat.MarkerType, QRectF]]:
    """Yields the bullets of lists, and the boxes of tasks, with where they are."""
    for block in blocks_of(document, first):
        layout, items = block.layout(), cast("QTextList | None", block.textList())
        if layout.position().y() > bottom:
            break
        if (
            items is None
            or items.format().style() != QTextListFormat.Style.ListStyleUndefined
            or not layout.lineCount()
        ):
            continue
        marker, metrics = block.blockFormat().marker(), QFontMetricsF(layout.font())
        is_task = marker is not _MARKERS.NoMarker
        size, gap = (metrics.capHeight(), unit * _TASK_GAP) if is_task else (unit * _BULLET_SIZE, unit * _BULLET_GAP)
        line = layout.lineAt(0)
        text = line.naturalTextRect().translated(layout.position())
        from_right = block.textDirection() is Qt.LayoutDirection.RightToLeft
        x = text.right() + gap if from_right else text.left() - gap - size
        # As high as the middle of a small letter; all of a least line height is above the letters.
        letters = metrics.xHeight()
        yield marker, QRectF(x, layout.position().y() + line.y() + line.ascent() - (letters + size) / 2, size, size)


def _tint(palette: QPalette, kind: int) -> QColor:
    return accented(palette, 0.11) if kind == Kind.USER else tinted(palette, CODE_TINT)


def _start_above(document: QTextDocument, block: QTextBlock, height: float) -> QTextBlock:
    """Returns the first block of the code that a block belongs to, or one above a height.

    The corners of its box have to be where they belong, or out of view; not all of a long piece has to be looked at.
    """
    layout = document.documentLayout()
    while block.previous().isValid() and _goes_on(block.blockFormat()):
        block = block.previous()
        if layout.blockBoundingRect(block).bottom() < height:
            break
    return block


def _goes_on(form: QTextBlockFormat) -> bool:
    """Tells whether the tint behind a block is that of the one before it."""
    return form.property(KIND) == Kind.CODE or (form.property(KIND) == Kind.USER and form.property(JOINT) is not None)


def _areas(document: QTextDocument, first: QTextBlock, bottom: float) -> Iterator[tuple[int, QRectF]]:
    """Yields kind and area of everything that is painted, blocks of one piece of code as one."""
    layout = document.documentLayout()
    width = document.textWidth()
    margin = document.documentMargin()
    box: QRectF | None = None
    whose = Kind.CODE
    for block in blocks_of(document, first):
        form = block.blockFormat()
        kind = form.property(KIND)
        if box is not None and not _goes_on(form):
            yield whose, box
            box = None
        lines = block.layout().boundingRect()
        area = layout.blockBoundingRect(block)
        if area.top() > bottom:
            break
        if kind is None or (lines.isEmpty() and kind != Kind.CODE):
            continue
        left = margin + form.indent() * document.indentWidth()
        top, bottom_line = _lines_reach(block, area)
        part = QRectF(left, top, width - margin - left, bottom_line - top)
        if kind in (*_CODE_KINDS, Kind.USER):
            whose = Kind.USER if kind == Kind.USER else Kind.CODE
            box = part if box is None else box.united(part)
        elif kind in (Kind.THOUGHT, Kind.CUT):
            yield int(kind), part
    if box is not None:
        yield whose, box


def _lines_reach(block: QTextBlock, area: QRectF) -> tuple[float, float]:
    """Returns where the text of a block begins and ends: Qt puts all of a least line height above the letters."""
    layout = block.layout()
    if layout.lineCount() == 0:
        return area.top(), area.bottom()
    first, last = layout.lineAt(0), layout.lineAt(layout.lineCount() - 1)
    return layout.position().y() + first.y(), layout.position().y() + last.y() + last.height()


def _paint_rules(painter: QPainter, area: QRectF, colour: QColor, unit: int) -> None:
    painter.setBrush(colour)
    painter.drawRect(QRectF(area.left(), area.top() - unit * 0.5, area.width(), 1))
    painter.drawRect(QRectF(area.left(), area.bottom() + unit * 0.5, area.width(), 1))
