"""Where a page may end: between lines, but not within code or a table that fits on one, nor behind a heading."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtGui import QTextBlock, QTextDocument, QTextTable

from desktop.ui.transcript.markdown.document import KIND, Kind, blocks_of

# A paragraph of so few lines stays whole; of a longer one, no line is alone on a page.
_SHORT = 3
_CODE = (Kind.CODE_HEAD, Kind.CODE)


@dataclass(frozen=True)
class Stretch:
    """A part of a sheet between two heights, in pixels of the layout."""

    begin: float
    end: float


@dataclass(frozen=True)
class TableStretch(Stretch):
    """A table.

    Attributes:
        head_end: Where its first row ends, which heads it again on the pages that it goes on to.
    """

    head_end: float


@dataclass(frozen=True)
class PageBreaks:
    """Where pages may end in a sheet.

    Attributes:
        ends: Heights, growing; the last one is the sheet's own end.
        kept: What is not to be torn apart unless it is higher than a page.
    """

    ends: tuple[float, ...]
    kept: tuple[Stretch, ...] = ()

    @property
    def end(self) -> float:
        return self.ends[-1]

    def fitting(self, begin: float, room: float, page: float) -> float | None:
        """Returns where to end so that what lies between fits; None: nothing does.

        Args:
            begin: Where the rest of the sheet begins.
            room: The height that is left on this page.
            page: That of a page on which nothing is written yet.
        """
        low, high = bisect_right(self.ends, begin), bisect_right(self.ends, begin + room)
        kept = [each for each in self.kept if each.end > begin and each.end - max(each.begin, begin) <= page]
        for end in reversed(self.ends[low:high]):
            if not any(each.begin < end < each.end for each in kept):
                return end
        return None

    def table_at(self, height: float) -> TableStretch | None:
        """Returns the table in the middle of which a height lies, behind its head."""
        tables = (each for each in self.kept if isinstance(each, TableStretch))
        return next((each for each in tables if each.head_end <= height < each.end), None)


def page_breaks(document: QTextDocument, *, ends_in_table: bool = False) -> PageBreaks:
    """Returns where pages may end in a document that is laid out.

    Args:
        document: The document.
        ends_in_table: More rows will follow right below those at its end.
    """
    layout = document.documentLayout()
    ends: list[float] = []
    after_heading = True
    for block in blocks_of(document):
        top = layout.blockBoundingRect(block).top()
        for line in _line_tops(block):
            if not after_heading:
                ends.append(top + line)
            after_heading = False
        form = block.blockFormat()
        heads = form.headingLevel() or form.property(KIND) in (Kind.CODE_HEAD, Kind.THOUGHT_LINE)
        after_heading = bool(heads) or after_heading
    kept: list[Stretch] = list(_code(document))
    for table in _tables(document):
        rows = list(_rows_of(table))
        kept.append(TableStretch(rows[0].begin, rows[-1].end, rows[0].end))
        inner = [end for end in ends if rows[0].begin < end < rows[-1].end]
        # Between rows only, not behind the head, and before it where its first line says so.
        before = [rows[0].begin] if inner and inner[0] < rows[0].end else []
        ends = [*(end for end in ends if end not in inner), *before, *(row.begin for row in rows[2:])]
    kept.sort(key=lambda each: each.begin)
    end = kept[-1].end if ends_in_table and kept else layout.documentSize().height()
    return PageBreaks((*sorted({each for each in ends if each < end}), end), tuple(kept))


def _line_tops(block: QTextBlock) -> Iterator[float]:
    """Yields the heights within a block before which a page may end."""
    layout = block.layout()
    count = layout.lineCount()
    for number in range(count):
        is_inner = number > 0 and block.blockFormat().property(KIND) not in _CODE
        if is_inner and (count <= _SHORT or number in (1, count - 1)):
            continue
        yield layout.lineAt(number).y()


def _tables(document: QTextDocument) -> list[QTextTable]:
    return [frame for frame in document.rootFrame().childFrames() if isinstance(frame, QTextTable)]


def _rows_of(table: QTextTable) -> Iterator[Stretch]:
    """Yields the rows, each with the line below it."""
    layout = table.document().documentLayout()
    tops = [
        min(
            layout.blockBoundingRect(table.cellAt(row, column).firstCursorPosition().block()).top()
            for column in range(table.columns())
        )
        - table.format().cellPadding()
        for row in range(table.rows())
    ]
    yield from itertools.starmap(Stretch, itertools.pairwise(tops))
    yield Stretch(tops[-1], layout.frameBoundingRect(table).bottom() - table.format().bottomMargin())


def _code(document: QTextDocument) -> Iterator[Stretch]:
    """Yields the pieces of code, each with the line above it."""
    layout = document.documentLayout()
    begin: float | None = None
    end = 0.0
    for block in blocks_of(document):
        kind, area = block.blockFormat().property(KIND), layout.blockBoundingRect(block)
        if begin is not None and kind != Kind.CODE:
            yield Stretch(begin, end)
            begin = None
        if kind in _CODE:
            begin = area.top() if begin is None else begin
            end = area.bottom()
    if begin is not None:
        yield Stretch(begin, end)
