"""The tints behind the user's messages and code, painted under the text, so that they follow the palette at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QPainter,
    QPalette,
    QTextBlock,
    QTextBlockFormat,
    QTextDocument,
    QTextList,
    QTextListFormat,
)
from PySide6.QtWidgets import QWidget

from desktop.ui.theme.palette import accented, tinted
from desktop.ui.transcript.markdown import JOINT, KIND, Kind, blocks_of

# In units: a bullet, and the room between it and the text.
_BULLET_SIZE, _BULLET_GAP = 0.65, 1.0
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
    top = _start_above(first, scrolled + part.top() - 2 * unit)
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
    for disc in _bullets(document, first_bullet, bottom, unit):
        painter.drawEllipse(disc)


def _bullets(document: QTextDocument, first: QTextBlock, bottom: float, unit: int) -> Iterator[QRectF]:
    """Yields where the bullets of lists are."""
    size, gap = unit * _BULLET_SIZE, unit * _BULLET_GAP
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
        line = layout.lineAt(0)
        text = line.naturalTextRect().translated(layout.position())
        from_right = block.textDirection() is Qt.LayoutDirection.RightToLeft
        x = text.right() + gap if from_right else text.left() - gap - size
        # As high as the middle of a small letter; all of a least line height is above the letters.
        letters = QFontMetricsF(layout.font()).xHeight()
        yield QRectF(x, layout.position().y() + line.y() + line.ascent() - (letters + size) / 2, size, size)


def _tint(palette: QPalette, kind: int) -> QColor:
    return accented(palette, 0.11) if kind == Kind.USER else tinted(palette, 0.055)


def _start_above(block: QTextBlock, height: float) -> QTextBlock:
    """Returns the first block of the code that a block belongs to, or one above a height.

    The corners of its box have to be where they belong, or out of view; not all of a long piece has to be looked at.
    """
    layout = block.document().documentLayout()
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
