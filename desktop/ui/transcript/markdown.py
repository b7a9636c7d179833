"""Markdown of an answer to a piece of rich text, by Qt's own parser, dressed in the page's typography.

Nothing in an answer can reach outside: raw HTML stays literal text, images become links, and only addresses of the web
and of mail stay links.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import (
    QFont,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextDocumentFragment,
    QTextFormat,
    QTextFrameFormat,
    QTextList,
    QTextListFormat,
    QTextTable,
    QTextTableCell,
    QTextTableCellFormat,
)

from desktop.ui.transcript.markdown_source import closing_fence, keep_line_breaks
from desktop.ui.transcript.pieces import plain_blocks
from desktop.ui.transcript.typography import Typography
from desktop.ui.words import plain_tip

# A block's part in the page (a value of Kind), and a mark on characters that belong to the interface, not to the text.
KIND = QTextFormat.Property.UserProperty.value + 1
CHROME = QTextFormat.Property.UserProperty.value + 2
# On a block that belongs to the one before it, which was cut to be laid out sooner (a value of Joint).
JOINT = QTextFormat.Property.UserProperty.value + 3

_OPENED_SCHEMES = ("http", "https", "mailto")
_HEADING_SIZES = (1.3, 1.2, 1.1)
_FEATURES: Final = QTextDocument.MarkdownFeature(
    QTextDocument.MarkdownFeature.MarkdownDialectGitHub.value | QTextDocument.MarkdownFeature.MarkdownNoHTML.value
)

_BULLETS = (QTextListFormat.Style.ListDisc, QTextListFormat.Style.ListCircle, QTextListFormat.Style.ListSquare)
_FENCE_PROPERTY = QTextFormat.Property.BlockCodeFence.value
_LANGUAGE = QTextFormat.Property.BlockCodeLanguage.value
_RULE = QTextFormat.Property.BlockTrailingHorizontalRulerWidth.value


class Kind:
    """Values of the KIND property."""

    USER = 1
    CODE_HEAD = 2
    CODE = 3
    FOOT = 4
    THOUGHT_LINE = 5
    THOUGHT = 6
    CUT = 7
    REST = 8


class Joint:
    """Values of the JOINT property."""

    AT_LINE = 1  # the text was cut between two lines
    IN_LINE = 2


def insert_markdown(
    cursor: QTextCursor,
    text: str,
    style: Typography,
    key: str,
    *,
    begins_in: str = "",
    ends_in: str = "",
    head: str = "",
    goes_on: bool = False,
) -> None:
    """Writes Markdown as rich text.

    Args:
        cursor: Stands in an empty block, whose format is replaced; stands behind the text afterwards.
        text: The Markdown; may end in the middle of anything.
        style: Fonts and colours.
        key: Goes into the addresses of the copy links, ``catnap:code/<key>/<n>``; must be unique in the page.
        begins_in: The line that opened the code that the text begins in the middle of; it is written already.
        ends_in: The line that opened the code that more lines will follow of.
        head: The lines that head the table which the text begins in the middle of; they are written again.
        goes_on: The text begins in the middle of a line of that code.
    """
    opening = begins_in or head
    whole = f"{opening}\n{text}" if opening else text
    if ends_in:
        whole += closing_fence(ends_in)  # else the last line is lost where it is empty
    scratch = _dressed_document(whole, style, key, bool(begins_in), bool(ends_in))
    start = cursor.position()
    cursor.insertFragment(QTextDocumentFragment(scratch))
    # Qt lets the first paragraph of a fragment take the format of where it goes, and puts a list or a table below it.
    first = QTextCursor(cursor.document())
    first.setPosition(start)
    form = scratch.begin().blockFormat()
    if first.block().length() <= 1 and not form.hasProperty(_FENCE_PROPERTY):
        form = _invisible()
    elif goes_on:
        form.setProperty(JOINT, Joint.IN_LINE)
    first.setBlockFormat(form)


def _dressed_document(text: str, style: Typography, key: str, continues: bool, ends_in_code: bool) -> QTextDocument:
    scratch = QTextDocument()
    scratch.setUndoRedoEnabled(False)
    scratch.setDefaultFont(style.font)
    scratch.setMarkdown(keep_line_breaks(text), _FEATURES)
    cursor = QTextCursor(scratch)
    cursor.beginEditBlock()
    code_starts: list[QTextCursor] = []
    previous: tuple[int, str] | None = None
    for block in blocks_of(scratch):
        form = block.blockFormat()
        is_code = form.hasProperty(_FENCE_PROPERTY)
        code = (form.indent(), str(form.property(_LANGUAGE) or "")) if is_code else None
        if code is not None and code != previous:
            code_starts.append(QTextCursor(block))
        previous = code
        _dress_block(block, is_code, style)
        _take_bullet(block)
        _dress_characters(block, is_code, style)
    for frame in scratch.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            _dress_table(frame, style)
    if ends_in_code:
        form = scratch.lastBlock().blockFormat()
        form.setBottomMargin(0)
        QTextCursor(scratch.lastBlock()).setBlockFormat(form)
    if continues and code_starts:
        del code_starts[0]  # its head is written already
    for number, start in enumerate(code_starts):
        _insert_code_head(start, style, f"catnap:code/{key}/{number}")
    cursor.endEditBlock()
    return scratch


def insert_plain(
    cursor: QTextCursor, text: str, block: QTextBlockFormat, form: QTextCharFormat, joint: int | None = None
) -> None:
    """Writes plain text in blocks that are laid out soon.

    Args:
        cursor: Stands in an empty block, whose format is replaced; stands behind the text afterwards.
        text: May have many lines.
        block: Format of the blocks; its margins are those of the first and the last.
        form: Format of the characters.
        joint: How the text goes on from the block before it, a value of Joint; None: it does not.
    """
    blocks = plain_blocks(text)
    for number, (words, in_line) in enumerate(blocks):
        each = QTextBlockFormat(block)
        if number:
            cursor.insertBlock()
        if joint is not None:
            each.setTopMargin(0)
            each.setProperty(JOINT, joint)
        if number < len(blocks) - 1:
            each.setBottomMargin(0)
        cursor.setBlockFormat(each)
        cursor.insertText(words.replace("\n", "\u2028"), form)
        joint = Joint.IN_LINE if in_line else Joint.AT_LINE


def blocks_of(document: QTextDocument, start: QTextBlock | None = None) -> Iterator[QTextBlock]:
    """Yields the blocks of a document from ``start`` on."""
    block = start if start is not None else document.begin()
    while block.isValid():
        following = block.next()
        yield block
        block = following


def is_web_address(address: str) -> bool:
    """Returns whether a link may be opened at all."""
    return QUrl(address).scheme().lower() in _OPENED_SCHEMES


def _invisible() -> QTextBlockFormat:
    form = QTextBlockFormat()
    form.setLineHeight(1, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
    return form


def _dress_block(block: QTextBlock, is_code: bool, style: Typography) -> None:
    form = block.blockFormat()
    heights = QTextBlockFormat.LineHeightTypes
    in_table = QTextCursor(block).currentTable() is not None
    if is_code:
        form.setProperty(KIND, Kind.CODE)
        form.setNonBreakableLines(False)  # long lines wrap: the page never scrolls sideways
        form.setLineHeight(round(style.line_height * 0.88), heights.MinimumHeight.value)
        after = block.next().blockFormat()
        form.setBottomMargin(
            0 if after.hasProperty(_FENCE_PROPERTY) and after.indent() == form.indent() else style.unit * 2
        )
    else:
        form.setLineHeight(style.line_height, heights.MinimumHeight.value)
        form.setTopMargin(0)
        form.setBottomMargin(0 if in_table else style.unit * (0.5 if block.textList() is not None else 1))
        if block.length() == 1 and not in_table and not form.hasProperty(_RULE):
            form = _invisible()  # Qt needs one after a table
        if form.headingLevel():
            form.setTopMargin(0 if block.blockNumber() == 0 else style.unit * 1.5)
            form.setBottomMargin(style.unit * 0.75)
        if form.property(QTextFormat.Property.BlockQuoteLevel.value):
            form.setLeftMargin(style.unit * 2)
    QTextCursor(block).setBlockFormat(form)


def _take_bullet(block: QTextBlock) -> None:
    """Leaves a list without Qt's own bullet, which touches the text: the view paints a better one."""
    # Qt's declaration says that there always is a list; a block outside of one has none.
    items = cast("QTextList | None", block.textList())
    if items is not None and items.format().style() in _BULLETS:
        form = items.format()
        form.setStyle(QTextListFormat.Style.ListStyleUndefined)
        items.setFormat(form)


def _dress_characters(block: QTextBlock, is_code: bool, style: Typography) -> None:
    heading = block.blockFormat().headingLevel()
    pieces: list[tuple[int, int, QTextCharFormat, str]] = []
    iterator = block.begin()
    while not iterator.atEnd():
        piece = iterator.fragment()
        form = piece.charFormat()
        if heading or is_code or form.isAnchor() or form.isImageFormat() or form.fontFixedPitch():
            pieces.append((piece.position(), piece.length(), form, piece.text()))
        iterator += 1
    quote = bool(block.blockFormat().property(QTextFormat.Property.BlockQuoteLevel.value))
    for position, length, form, _text in reversed(pieces):
        cursor = QTextCursor(block)
        cursor.setPosition(position)
        cursor.setPosition(position + length, QTextCursor.MoveMode.KeepAnchor)
        if form.isImageFormat():
            _replace_image(cursor, form, style)
        else:
            cursor.setCharFormat(_dressed(form, heading, is_code, style))
    if quote:
        cursor = QTextCursor(block)
        cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
        tone = QTextCharFormat()
        tone.setForeground(style.muted)
        cursor.mergeCharFormat(tone)


def _dressed(form: QTextCharFormat, heading: int, is_code: bool, style: Typography) -> QTextCharFormat:
    form = QTextCharFormat(form)
    if heading:
        form.clearProperty(QTextFormat.Property.FontSizeAdjustment.value)
        form.setFontPointSize(style.font.pointSizeF() * _HEADING_SIZES[min(heading, len(_HEADING_SIZES)) - 1])
        form.setFontWeight(QFont.Weight.DemiBold)
    if is_code or form.fontFixedPitch():
        form.setFontFamilies(style.mono.families())
        form.setFontFixedPitch(True)
        if not heading:
            form.setFontPointSize(style.mono.pointSizeF())
        if not is_code:
            form.setBackground(style.code_tint)
    if form.isAnchor():
        if is_web_address(form.anchorHref()):
            form.setForeground(style.link)
            form.setToolTip(plain_tip(form.anchorHref()))
        else:
            # Nothing that a model writes may reach a file or one of our own commands.
            form.setAnchor(False)
            form.setAnchorHref("")
            form.clearForeground()
            form.setFontUnderline(False)
    return form


def _replace_image(cursor: QTextCursor, form: QTextCharFormat, style: Typography) -> None:
    """Puts a link where an image was: nothing is ever loaded by showing an answer."""
    address = form.toImageFormat().name()
    label = str(form.property(QTextFormat.Property.ImageAltText.value) or address)
    link = QTextCharFormat()
    if is_web_address(address):
        link.setAnchor(True)
        link.setAnchorHref(address)
        link.setToolTip(plain_tip(address))
        link.setForeground(style.link)
        link.setFontUnderline(True)
    cursor.removeSelectedText()
    cursor.insertText(f"[{label}]", link)


def _dress_table(table: QTextTable, style: Typography) -> None:
    corner = table.cellAt(0, 0).firstCursorPosition()
    if corner.block().length() == 1 and corner.position() < table.cellAt(0, 0).lastPosition():
        corner.deleteChar()  # the parser leaves an empty line in the first cell
    form = table.format()
    form.setBorderCollapse(True)
    form.setBorder(1)
    form.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_None)
    form.setCellPadding(style.unit * 0.5)
    form.setCellSpacing(0)
    form.setTopMargin(style.unit * 0.5)
    form.setBottomMargin(style.unit * 1.5)
    table.setFormat(form)
    for row in range(table.rows()):
        for column in range(table.columns()):
            cell = table.cellAt(row, column)
            if row == 0:
                _embolden(cell)
            rule = QTextTableCellFormat(cell.format().toTableCellFormat())
            rule.setBottomBorder(1)
            rule.setBottomBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
            rule.setBottomBorderBrush(style.heavy_rule if row == 0 else style.rule)
            cell.setFormat(rule)


def _embolden(cell: QTextTableCell) -> None:
    """Makes the head of a table bold; the parser leaves its first cell out."""
    cursor = cell.firstCursorPosition()
    cursor.setPosition(cell.lastCursorPosition().position(), QTextCursor.MoveMode.KeepAnchor)
    bold = QTextCharFormat()
    bold.setFontWeight(QFont.Weight.DemiBold)
    cursor.mergeCharFormat(bold)


def _insert_code_head(start: QTextCursor, style: Typography, address: str) -> None:
    """Puts the line with the language and the copy link above the first line of a code block."""
    form = start.blockFormat()
    language = str(form.property(_LANGUAGE) or "")
    head = QTextBlockFormat()
    head.setProperty(KIND, Kind.CODE_HEAD)
    head.setIndent(form.indent())
    head.setTopMargin(style.unit * 2)
    head.setAlignment(Qt.AlignmentFlag.AlignRight)
    label = QTextCharFormat()
    label.setProperty(CHROME, True)
    label.setFontPointSize(style.small)
    label.setForeground(style.muted)
    link = QTextCharFormat(label)
    link.setAnchor(True)
    link.setAnchorHref(address)
    link.setToolTip(style.copy_label)
    start.movePosition(QTextCursor.MoveOperation.StartOfBlock)
    start.insertBlock()  # the new block takes the line's own format, the one left behind becomes the head
    start.movePosition(QTextCursor.MoveOperation.PreviousBlock)
    start.setBlockFormat(head)
    if language:
        start.insertText(f"{language}   ", label)
    start.insertText(style.copy_label, link)
