"""What is written on a page, block by block."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtGui import QTextBlock, QTextCharFormat, QTextCursor, QTextFormat, QTextList, QTextListFormat
from PySide6.QtWidgets import QTextEdit

from desktop.ui.transcript.markdown.document import KIND, Kind, blocks_of

_QUOTE = QTextFormat.Property.BlockQuoteLevel.value
_CHROME = (Kind.CODE_HEAD, Kind.FOOT, Kind.USER)


def shown(view: QTextEdit) -> list[str]:
    """Returns what an answer shows: items with their markers, what belongs to one four blanks further right."""
    lines = [described(block) for block in blocks_of(view.document()) if _says_something(block)]
    return [line for line in lines if line is not None]


def described(block: QTextBlock) -> str | None:
    """Returns a block in one line; None: it belongs to the interface."""
    form = block.blockFormat()
    if form.property(KIND) in _CHROME:
        return None
    depth, marker = form.indent(), ""
    items: QTextList | None = block.textList()
    if items is not None:
        is_bullet = items.format().style() == QTextListFormat.Style.ListStyleUndefined
        depth = items.format().indent() - 1
        marker = "- " if is_bullet else f"{items.itemText(block)} "
    quote = "> " * int(form.property(_QUOTE) or 0)
    heading = "#" * form.headingLevel() + " " if form.headingLevel() else ""
    return "    " * depth + quote + marker + heading + block.text().replace("\u2028", "/")


def formats(block: QTextBlock) -> Iterator[QTextCharFormat]:
    """Yields the formats of the words of a block."""
    iterator = block.begin()
    while not iterator.atEnd():
        yield iterator.fragment().charFormat()
        iterator += 1


def is_inked(view: QTextEdit, block: QTextBlock) -> bool:
    """Tells whether something is painted where a block is."""
    cursor = QTextCursor(block)
    view.setTextCursor(cursor)
    picture = view.viewport().grab().toImage()
    scale = picture.devicePixelRatio()
    top = view.document().documentLayout().blockBoundingRect(block).translated(0, -view.verticalScrollBar().value())
    paper = view.palette().base().color()
    rows = range(max(0, round(top.top() * scale)), min(picture.height(), round(top.bottom() * scale)))
    return any(picture.pixelColor(x, y) != paper for y in rows for x in range(20, picture.width() - 20, 2))


def _says_something(block: QTextBlock) -> bool:
    return block.length() > 1 or block.blockFormat().property(KIND) == Kind.CODE
