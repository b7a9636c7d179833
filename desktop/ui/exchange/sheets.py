"""A conversation laid out for paper: one small document for each piece of a message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from PySide6.QtGui import (
    QColor,
    QFont,
    QPalette,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
)

from desktop.engine.types import Role
from desktop.history.exchange.words import ExportWords, local_time
from desktop.history.records import Conversation, StoredMessage
from desktop.ui.theme.code_colours import CodePart, code_colours
from desktop.ui.transcript.highlighting import colour_code
from desktop.ui.transcript.markdown.document import KIND, Joint, Kind, blocks_of, insert_markdown, insert_plain
from desktop.ui.transcript.markdown.source import FinalPart, language_behind
from desktop.ui.transcript.pieces import Piece, next_piece, plain_piece
from desktop.ui.transcript.typography import Typography, typography

_POINTS = 10.0
_TITLE, _SUBTITLE, _BRANCH = 1.6, 1.3, 1.1  # times the size of the text
_HEIGHTS = QTextBlockFormat.LineHeightTypes


@dataclass(frozen=True)
class SheetStyle:
    """How a conversation looks on paper.

    Attributes:
        text: Fonts, colours and measures, in the pixels of a screen.
        palette: Light, whatever the screen shows.
        code: Colours of the parts of code.
        width: Of the text, in the same pixels.
    """

    text: Typography
    palette: QPalette
    code: Mapping[CodePart, QColor]
    width: float


@dataclass(frozen=True)
class Sheet:
    """A piece of a conversation that is laid out at once.

    Attributes:
        gap: Room below it, in pixels of the layout; Qt leaves none below the last line of a document.
        heads: It does not stand on a page without the beginning of what follows.
        goes_on: It begins with the head of a table that the sheet before it ends in the middle of.
        ends_in_table: The next one goes on with the table at its end.
    """

    document: QTextDocument
    gap: float
    heads: bool = False
    goes_on: bool = False
    ends_in_table: bool = False


def sheet_style(font: QFont, palette: QPalette, width: float) -> SheetStyle:
    """Returns the style for a font of the interface, a light palette, and a width in pixels of the screen."""
    reading = QFont(font)
    reading.setPointSizeF(_POINTS)
    reading.setHintingPreference(QFont.HintingPreference.PreferNoHinting)  # paper has no grid to fit letters into
    return SheetStyle(typography(reading, palette, ""), palette, code_colours(palette), width)


def title_sheet(conversation: Conversation, words: ExportWords, missing: str, style: SheetStyle) -> Sheet:
    """Returns the head of the first page: title, dates, and what is left out."""
    document, cursor = _document(style)
    cursor.insertText(" ".join(conversation.title.split()) or words.untitled, _big(_TITLE))
    days = dict.fromkeys(local_time(at)[:10] for at in (conversation.created, conversation.updated))
    for line in (" – ".join(day for day in days if day), missing):
        if line:
            _add_line(cursor, line, style)
    return _laid_out(document, style, 3)


def versions_sheet(words: ExportWords, style: SheetStyle) -> Sheet:
    """Returns the heading of what is not in view."""
    document, cursor = _document(style)
    cursor.insertText(words.others, _big(_SUBTITLE))
    return _laid_out(document, style, 1.5, heads=True)


def branch_sheet(instead_of: int, words: ExportWords, style: SheetStyle) -> Sheet:
    """Returns the heading of messages that were said instead of one in view, whose number is given."""
    document, cursor = _document(style)
    cursor.insertText(words.instead.format(instead_of), _big(_BRANCH))
    return _laid_out(document, style, 1.5, heads=True)


def message_sheets(
    message: StoredMessage, words: ExportWords, style: SheetStyle, *, with_thoughts: bool, number: int | None = None
) -> Iterator[Sheet]:
    """Yields a message in pieces, the first with the name of who speaks.

    Args:
        message: The message.
        words: In a person's language.
        style: How it looks.
        with_thoughts: Its thoughts stand before it.
        number: Its number among those in view, where other versions refer to it.
    """
    document, cursor = _document(style)
    _write_heading(cursor, message, words, number, style)
    thoughts = message.thinking.strip() if with_thoughts else ""
    text = message.text.strip("\n")
    is_empty = not thoughts and not text.strip()
    # The tint of a question reaches beyond it.
    gap = 3 if is_empty else 1.25 if message.role is Role.USER else 0.5
    yield _laid_out(document, style, gap, heads=not is_empty)
    if thoughts:
        yield from _thought_sheets(thoughts, words, style, 1.5 if text.strip() else 3)
    if not text.strip():
        return
    if message.role is Role.USER:
        yield from _question_sheets(text, style)
    else:
        yield from _answer_sheets(text, str(message.id), style)


def _thought_sheets(text: str, words: ExportWords, style: SheetStyle, gap: float) -> Iterator[Sheet]:
    label, tone = QTextCharFormat(), QTextCharFormat()
    for each in (label, tone):
        each.setForeground(style.text.muted)
        each.setFontPointSize(style.text.small)
    label.setFontWeight(QFont.Weight.DemiBold)
    form = _text_block(style)
    form.setProperty(KIND, Kind.THOUGHT)
    form.setLeftMargin(style.text.unit * 2)
    for start, end in _plain_parts(text):
        document, cursor = _document(style)
        if start == 0:
            head = QTextBlockFormat(form)
            head.setProperty(KIND, Kind.THOUGHT_LINE)
            cursor.setBlockFormat(head)
            cursor.insertText(words.thoughts, label)
            cursor.insertBlock()
        insert_plain(cursor, text[start:end], form, tone, _joint(text, start))
        yield _laid_out(document, style, gap if end == len(text) else 0)


def _question_sheets(text: str, style: SheetStyle) -> Iterator[Sheet]:
    form = _text_block(style)
    form.setProperty(KIND, Kind.USER)
    form.setLeftMargin(style.text.unit)
    form.setRightMargin(style.text.unit)
    for start, end in _plain_parts(text):
        document, cursor = _document(style)
        form.setTopMargin(style.text.unit if start == 0 else 0)
        form.setBottomMargin(style.text.unit * 2 if end == len(text) else 0)
        insert_plain(cursor, text[start:end], form, QTextCharFormat(), _joint(text, start))
        yield _laid_out(document, style, 3 if end == len(text) else 0)


def _answer_sheets(text: str, key: str, style: SheetStyle) -> Iterator[Sheet]:
    pieces = list(_pieces(text))
    for number, piece in enumerate(pieces):
        document, cursor = _document(style)
        if piece.is_plain:
            joint = Joint.IN_LINE if piece.goes_on else None
            insert_plain(cursor, piece.text, _text_block(style), QTextCharFormat(), joint)
        else:
            insert_markdown(
                cursor,
                piece.text,
                style.text,
                f"{key}-{number}",
                begins_in=piece.fence,
                ends_in=piece.ends_in,
                head=piece.head,
                number=piece.number,
                goes_on=piece.goes_on,
            )
            colour_code(document, style.code, language_behind(piece.fence))
        _close_code_heads(document)
        after = pieces[number + 1] if number + 1 < len(pieces) else None
        if after is None:
            gap = 3.0
        else:
            gap = 0.0 if after.fence or after.head or after.goes_on else 1.0
        sheet = _laid_out(document, style, gap)
        yield replace(sheet, goes_on=bool(piece.head), ends_in_table=after is not None and bool(after.head))


def _pieces(text: str) -> Iterator[Piece]:
    """Yields Markdown in pieces that can be laid out at once."""
    done = FinalPart()
    while (found := next_piece(text, done, grows=False)) is not None:
        piece, done = found
        yield piece


def _plain_parts(text: str) -> Iterator[tuple[int, int]]:
    """Yields plain text in parts that can be laid out at once, each by where it begins and ends."""
    start = 0
    while start < len(text):
        end = plain_piece(text, start)
        yield start, end
        start = end


def _joint(text: str, start: int) -> int | None:
    if not start:
        return None
    return Joint.AT_LINE if text[start - 1] == "\n" else Joint.IN_LINE


def _text_block(style: SheetStyle) -> QTextBlockFormat:
    form = QTextBlockFormat()
    form.setLineHeight(style.text.line_height, _HEIGHTS.MinimumHeight.value)
    return form


def _big(times: float) -> QTextCharFormat:
    form = QTextCharFormat()
    form.setFontPointSize(_POINTS * times)
    form.setFontWeight(QFont.Weight.DemiBold)
    return form


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


def _laid_out(document: QTextDocument, style: SheetStyle, gap: float, *, heads: bool = False) -> Sheet:
    document.setTextWidth(style.width)
    return Sheet(document, gap * style.text.unit, heads)


def _write_heading(
    cursor: QTextCursor, message: StoredMessage, words: ExportWords, number: int | None, style: SheetStyle
) -> None:
    name, rest = QTextCharFormat(), QTextCharFormat()
    name.setFontWeight(QFont.Weight.DemiBold)
    rest.setForeground(style.text.muted)
    rest.setFontPointSize(style.text.small)
    cursor.insertText(words.speaker(message), name)
    about = [local_time(message.created), *words.notes(message, number)]
    cursor.insertText("   " + " · ".join(part for part in about if part), rest)


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
            form.setLineHeight(1, _HEIGHTS.FixedHeight.value)
            QTextCursor(block).setBlockFormat(form)
