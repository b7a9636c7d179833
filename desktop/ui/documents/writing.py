"""Writes a chunk of a document into a text document, and knows afterwards where each of its characters stands."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextFrameFormat,
    QTextLength,
    QTextTableCellFormat,
    QTextTableFormat,
)

from desktop.documents.types import Document, DocumentKind, Part
from desktop.ui.documents import tables
from desktop.ui.documents.chunks import Chunk
from desktop.ui.documents.words import part_words
from desktop.ui.transcript.typography import Typography
from desktop.ui.transcript.utf16 import utf16_length

_HEIGHTS = QTextBlockFormat.LineHeightTypes
_HEADING: Final = re.compile(r"(#{1,6}) +(?=\S)")
_ITEM: Final = re.compile(r"\s*(?:[-*+]|\d{1,4}\.) +(?=\S)")
# What is read of these is not Markdown: a "#" is a remark of the program, a "|" is a "|".
_PLAIN: Final = frozenset({DocumentKind.PDF, DocumentKind.CODE, DocumentKind.TEXT})
_HEADING_SIZES: Final = (1.35, 1.2, 1.1)


@dataclass(frozen=True)
class Segment:
    """Characters that stand together.

    Attributes:
        start: Where they begin in the text of their part.
        end: What follows them there.
        at: Where they stand in the text document, from where their chunk begins.
        length: How many places they take there; Qt counts in UTF-16.
    """

    start: int
    end: int
    at: int
    length: int


class ChunkWriter:
    """Writes chunks at a cursor."""

    def __init__(self, document: Document, style: Typography) -> None:
        """
        Args:
            document: What the chunks are of.
            style: Fonts and colours.
        """
        self._document = document
        self._style = style
        self._has_marks = document.kind not in _PLAIN
        self._known: tuple[int, int, list[int]] = (-1, -1, [])  # the widths of a table, by part and beginning
        self._letter = QFontMetricsF(style.font).horizontalAdvance("0")
        self._segments: list[Segment] = []
        self._begin = 0
        self._is_fresh = True

    def write(self, cursor: QTextCursor, chunk: Chunk) -> tuple[Segment, ...]:
        """Writes a chunk, below a line that names its part where it is the first of that.

        Args:
            cursor: Stands in an empty block, whose format is replaced; stands in the chunk's last block afterwards.
            chunk: The chunk.
        """
        self._segments, self._begin, self._is_fresh = [], cursor.position(), True
        part = self._document.parts[chunk.part]
        cursor.beginEditBlock()
        if chunk.start == 0 and (title := part_words(part.kind, part.number, part.name)):
            self._title(cursor, title, is_first=chunk.part == 0)
        place = chunk.start
        while place < chunk.end:
            if self._has_marks and tables.is_row(part.text, place):
                place = self._table(cursor, chunk, part, place)
            else:
                feed = part.text.find("\n", place, chunk.end)
                end = feed if feed >= 0 else chunk.end
                self._line(cursor, part.text, place, end)
                place = end + 1
        if self._is_fresh and cursor.block().length() == 1:
            cursor.setBlockFormat(_invisible())
        cursor.endEditBlock()
        return tuple(self._segments)

    def _title(self, cursor: QTextCursor, title: str, *, is_first: bool) -> None:
        form, tone = QTextBlockFormat(), QTextCharFormat()
        form.setTopMargin(0 if is_first else self._style.unit * 4)
        form.setBottomMargin(self._style.unit)
        tone.setFontPointSize(self._style.small)
        tone.setFontWeight(QFont.Weight.DemiBold)
        tone.setForeground(self._style.muted)
        cursor.setBlockFormat(form)
        cursor.insertText(title, tone)
        self._is_fresh = False

    def _line(self, cursor: QTextCursor, text: str, start: int, end: int) -> None:
        form, tone = self._block(), QTextCharFormat()
        if self._document.kind is DocumentKind.CODE:
            tone.setFontFamilies(self._style.mono.families())
            tone.setFontPointSize(self._style.mono.pointSizeF())
        if not text[start:end].strip():
            form.setLineHeight(self._style.unit, _HEIGHTS.FixedHeight.value)
        elif self._has_marks and (mark := _HEADING.match(text, start, end)):
            level = len(mark.group(1))
            start = mark.end()
            tone.setFontWeight(QFont.Weight.DemiBold)
            size = _HEADING_SIZES[min(level, len(_HEADING_SIZES)) - 1]
            tone.setFontPointSize(self._style.font.pointSizeF() * size)
            form.setTopMargin(self._style.unit)
        elif self._has_marks and (mark := _ITEM.match(text, start, end)):
            hang = self._letter * tables.width_of(mark.group())
            form.setLeftMargin(hang)
            form.setTextIndent(-hang)
        self._next_block(cursor, form)
        words = text[start:end].replace("\r", " ").replace("\u2029", " ").replace("\u2028", " ")
        at = cursor.position()
        cursor.insertText(words, tone)
        self._segments.append(Segment(start, end, at - self._begin, cursor.position() - at))

    def _table(self, cursor: QTextCursor, chunk: Chunk, part: Part, place: int) -> int:
        """Writes the rows of a table that lie in the chunk; returns what follows them."""
        text = part.text
        first = tables.table_start(text, place) if place == chunk.start else place
        columns = self._widths(chunk.part, first, text)
        found = [(begin, end) for begin, end in tables.rows(text, place, chunk.end)]
        shown = [
            tables.fitted(tables.cells_of(text, *row), len(columns))
            for row in found
            if not tables.is_rule(text[row[0] : row[1]])
        ]
        if shown and columns:
            if self._is_fresh:
                cursor.setBlockFormat(_invisible())  # Qt needs a block before a table
            else:
                cursor.insertBlock(_invisible(), QTextCharFormat())
            is_head = place == first and tables.has_head(text, first)
            self._rows(cursor, shown, columns, is_head=is_head)
        return found[-1][1] + 1 if found else place + 1

    def _rows(
        self, cursor: QTextCursor, shown: Sequence[Sequence[tables.Cell]], columns: Sequence[int], *, is_head: bool
    ) -> None:
        style = self._style
        form = QTextTableFormat()
        form.setBorderCollapse(True)
        form.setBorder(1)
        form.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_None)
        form.setCellPadding(style.unit * 0.5)
        form.setCellSpacing(0)
        wide = [self._letter * letters + style.unit * 1.5 for letters in columns]
        form.setColumnWidthConstraints([QTextLength(QTextLength.Type.FixedLength, each) for each in wide])
        form.setWidth(QTextLength(QTextLength.Type.FixedLength, sum(wide)))
        table = cursor.insertTable(len(shown), len(columns), form)
        plain, bold = QTextCharFormat(), QTextCharFormat()
        bold.setFontWeight(QFont.Weight.DemiBold)
        block = self._block()
        for number, row in enumerate(shown):
            rule = QTextTableCellFormat()
            rule.setBottomBorder(1)
            rule.setBottomBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
            in_head = is_head and number == 0
            rule.setBottomBorderBrush(style.heavy_rule if in_head else style.rule)
            for column, cell in enumerate(row):
                place = table.cellAt(number, column)
                place.setFormat(rule)
                if cell.text:
                    inside = place.firstCursorPosition()
                    inside.setBlockFormat(block)
                    at = inside.position()
                    inside.insertText(cell.text, bold if in_head else plain)
                    self._segments.append(Segment(cell.start, cell.end, at - self._begin, inside.position() - at))
        cursor.setPosition(table.lastPosition() + 1)
        cursor.setBlockFormat(_invisible())
        self._is_fresh = True

    def _widths(self, part: int, first: int, text: str) -> list[int]:
        if self._known[:2] != (part, first):
            self._known = part, first, tables.widths(text, first)
        return self._known[2]

    def _block(self) -> QTextBlockFormat:
        form = QTextBlockFormat()
        form.setLineHeight(self._style.line_height, _HEIGHTS.MinimumHeight.value)
        return form

    def _next_block(self, cursor: QTextCursor, form: QTextBlockFormat) -> None:
        if self._is_fresh:
            cursor.setBlockFormat(form)
            cursor.setBlockCharFormat(QTextCharFormat())
        else:
            cursor.insertBlock(form, QTextCharFormat())
        self._is_fresh = False


def places_of(segments: Sequence[Segment], text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Returns where characters of a part stand in what was written of a chunk, as (begin, end) from its beginning.

    Args:
        segments: What was written.
        text: Of the part.
        start: The first character.
        end: What follows the last one.
    """
    found = []
    first = max(0, bisect_right(segments, start, key=lambda segment: segment.start) - 1)
    for segment in segments[first:]:
        if segment.start >= end:
            break
        begin, stop = max(start, segment.start), min(end, segment.end)
        if begin >= stop:
            continue
        if segment.length == utf16_length(text[segment.start : segment.end]):
            at = segment.at + utf16_length(text[segment.start : begin])
            found.append((at, at + utf16_length(text[begin:stop])))
        else:  # a cell whose signs were taken out
            found.append((segment.at, segment.at + segment.length))
    return found


def _invisible() -> QTextBlockFormat:
    form = QTextBlockFormat()
    form.setLineHeight(1, _HEIGHTS.FixedHeight.value)
    return form
