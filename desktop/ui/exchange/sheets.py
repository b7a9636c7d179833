"""A conversation laid out for paper: one small document for each piece of a message, and where a page may end in it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtGui import (
    QFont,
    QPalette,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
)

from desktop.engine.types import Role
from desktop.history.exchange.fences import FenceTracker
from desktop.history.exchange.words import ExportWords, local_time
from desktop.history.records import Conversation, StoredMessage
from desktop.ui.transcript.markdown import KIND, Kind, blocks_of, insert_markdown
from desktop.ui.transcript.typography import Typography, typography

_POINTS = 10.0
# Characters laid out at once: some 10 ms here, 100 ms on a machine ten times slower.
_PIECE = 3_000
_LEAST = 40  # what a line counts at the least
_LONGEST = 6_000  # a piece that offers no better place ends here
_TITLE = 1.6  # times the size of the text


@dataclass(frozen=True)
class SheetStyle:
    """How a conversation looks on paper.

    Attributes:
        text: Fonts, colours and measures, in the pixels of a screen.
        palette: Light, whatever the screen shows.
        width: Of the text, in the same pixels.
    """

    text: Typography
    palette: QPalette
    width: float


@dataclass(frozen=True)
class Sheet:
    """A piece of a conversation that is laid out at once.

    Attributes:
        gap: Room below it, in pixels of the layout; Qt leaves none below the last line of a document.
    """

    document: QTextDocument
    gap: float


def sheet_style(font: QFont, palette: QPalette, width: float) -> SheetStyle:
    """Returns the style for a font of the interface, a light palette, and a width in pixels of the screen."""
    reading = QFont(font)
    reading.setPointSizeF(_POINTS)
    reading.setHintingPreference(QFont.HintingPreference.PreferNoHinting)  # paper has no grid to fit letters into
    return SheetStyle(typography(reading, palette, ""), palette, width)


def title_sheet(conversation: Conversation, words: ExportWords, style: SheetStyle) -> Sheet:
    """Returns the head of the first page: title and dates."""
    document, cursor = _document(style)
    form = QTextCharFormat()
    form.setFontPointSize(_POINTS * _TITLE)
    form.setFontWeight(QFont.Weight.DemiBold)
    cursor.insertText(" ".join(conversation.title.split()) or words.untitled, form)
    days = dict.fromkeys(local_time(at)[:10] for at in (conversation.created, conversation.updated))
    _add_line(cursor, " – ".join(day for day in days if day), style)
    return _laid_out(document, style, 3)


def message_sheets(message: StoredMessage, words: ExportWords, style: SheetStyle) -> Iterator[Sheet]:
    """Yields a message in pieces, the first with the name of who speaks."""
    pieces = list(split(message.text.strip("\n")))
    for number, piece in enumerate(pieces):
        document, cursor = _document(style)
        if number == 0:
            _write_heading(cursor, message, words, style)
        if message.role is Role.USER:
            _write_question(cursor, piece, style, is_first=number == 0)
        elif piece.strip():
            insert_markdown(cursor, piece, style.text, f"{message.id}-{number}")
        _close_code_heads(document)
        is_last, is_question = number == len(pieces) - 1, message.role is Role.USER
        yield _laid_out(document, style, 3 if is_last else 0 if is_question else 1)


def split(text: str) -> Iterator[str]:
    """Yields a text in pieces of a bounded length, cut where a paragraph ends; code that is cut begins again."""
    tracker = FenceTracker()
    lines: list[str] = []
    length = 0
    for line in (part for each in text.split("\n") for part in _parts(each)):
        begins = bool(line) and not line[0].isspace() and not line[0].isdigit() and line[0] not in "-*+|>"
        at_paragraph = not tracker.closing and begins and bool(lines) and not lines[-1].strip()
        if lines and ((length > _PIECE and at_paragraph) or length > _LONGEST):
            closing = tracker.closing
            yield "\n".join([*lines, closing] if closing else lines)
            lines, length = ([closing] if closing else []), 0
        tracker.is_code(line)
        lines.append(line)
        length += max(len(line), _LEAST)
    yield "\n".join(lines)


def page_ends(document: QTextDocument) -> list[float]:
    """Returns the heights at which a page may end: between lines, but not behind a heading, and its own end."""
    layout = document.documentLayout()
    ends: list[float] = []
    after_heading = True
    for block in blocks_of(document):
        if QTextCursor(block).currentTable() is not None:
            first, last = _cell_reach(block)
            at = bisect_right(ends, first)
            ends[at:] = [end for end in ends[at:] if end >= last]  # another cell of the row is higher
        top = layout.blockBoundingRect(block).top()
        lines = block.layout()
        for number in range(lines.lineCount()):
            if not after_heading:
                ends.append(top + lines.lineAt(number).y())
            after_heading = False
        form = block.blockFormat()
        after_heading = bool(form.headingLevel()) or form.property(KIND) == Kind.CODE_HEAD or after_heading
        if form.property(KIND) == Kind.THOUGHT_LINE:
            after_heading = True
    return [*ends, layout.documentSize().height()]


def _cell_reach(block: QTextBlock) -> tuple[float, float]:
    """Returns where the cell of a table that a block is in begins and ends."""
    cell = QTextCursor(block).currentTable().cellAt(QTextCursor(block))
    layout = block.document().documentLayout()
    first, last = cell.firstCursorPosition().block(), cell.lastCursorPosition().block()
    return layout.blockBoundingRect(first).top(), layout.blockBoundingRect(last).bottom()


def _parts(line: str) -> Iterator[str]:
    """Yields a line in parts that can be laid out at once."""
    yield line[:_LONGEST]
    for start in range(_LONGEST, len(line), _LONGEST):
        yield line[start : start + _LONGEST]


def _document(style: SheetStyle) -> tuple[QTextDocument, QTextCursor]:
    document = QTextDocument()
    document.setUndoRedoEnabled(False)
    document.setDocumentMargin(0)
    document.setDefaultFont(style.text.font)
    document.setUseDesignMetrics(True)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    document.setDefaultTextOption(option)
    document.setIndentWidth(style.text.unit * 3)
    return document, QTextCursor(document)


def _laid_out(document: QTextDocument, style: SheetStyle, gap: float) -> Sheet:
    document.setTextWidth(style.width)
    return Sheet(document, gap * style.text.unit)


def _write_heading(cursor: QTextCursor, message: StoredMessage, words: ExportWords, style: SheetStyle) -> None:
    name, rest = QTextCharFormat(), QTextCharFormat()
    name.setFontWeight(QFont.Weight.DemiBold)
    rest.setForeground(style.text.muted)
    rest.setFontPointSize(style.text.small)
    form = QTextBlockFormat()
    form.setProperty(KIND, Kind.THOUGHT_LINE)  # what follows stays with it
    form.setBottomMargin(style.text.unit * 0.5)
    cursor.setBlockFormat(form)
    cursor.insertText(words.speaker(message), name)
    about = [local_time(message.created), *words.notes(message)]
    cursor.insertText("   " + " · ".join(part for part in about if part), rest)
    block = QTextBlockFormat()
    block.setLineHeight(style.text.line_height, QTextBlockFormat.LineHeightTypes.MinimumHeight.value)
    cursor.insertBlock(block, QTextCharFormat())


def _write_question(cursor: QTextCursor, text: str, style: SheetStyle, *, is_first: bool) -> None:
    form = QTextBlockFormat()
    form.setProperty(KIND, Kind.USER)
    form.setLineHeight(style.text.line_height, QTextBlockFormat.LineHeightTypes.MinimumHeight.value)
    form.setTopMargin(style.text.unit if is_first else 0)
    form.setBottomMargin(style.text.unit * 2)
    form.setLeftMargin(style.text.unit)
    form.setRightMargin(style.text.unit)
    cursor.setBlockFormat(form)
    cursor.insertText(text.replace("\n", "\u2028"), QTextCharFormat())


def _add_line(cursor: QTextCursor, text: str, style: SheetStyle) -> None:
    form, tone = QTextBlockFormat(), QTextCharFormat()
    form.setTopMargin(style.text.unit * 0.5)
    tone.setForeground(style.text.muted)
    tone.setFontPointSize(style.text.small)
    cursor.insertBlock(form, tone)
    cursor.insertText(text, tone)


def _close_code_heads(document: QTextDocument) -> None:
    """Makes the line above a piece of code as low as it can be where it says nothing: paper has no link to copy."""
    for block in blocks_of(document):
        form = block.blockFormat()
        if form.property(KIND) == Kind.CODE_HEAD and not block.text().strip():
            form.setLineHeight(1, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
            QTextCursor(block).setBlockFormat(form)
