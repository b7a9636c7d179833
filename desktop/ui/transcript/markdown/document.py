"""Markdown of an answer to blocks of rich text, dressed in the page's typography.

Nothing in an answer can reach outside: HTML stays literal text, images become links, and only addresses of the web and
of mail stay links.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QFont,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextList,
    QTextListFormat,
    QTextTableCellFormat,
    QTextTableFormat,
)

from desktop.ui.transcript.markdown.inline_text import InlineText, without_task
from desktop.ui.transcript.markdown.mending import is_too_deep, mended
from desktop.ui.transcript.markdown.source import closing_fence, language_of
from desktop.ui.transcript.maths.writing import write_formula
from desktop.ui.transcript.pieces import plain_blocks
from desktop.ui.transcript.typography import Typography

if TYPE_CHECKING:
    from markdown_it.token import Token

# A block's part in the page (a value of Kind), and a mark on characters that belong to the interface, not to the text.
KIND = QTextFormat.Property.UserProperty.value + 1
CHROME = QTextFormat.Property.UserProperty.value + 2
# On a block that belongs to the one before it, which was cut to be laid out sooner (a value of Joint).
JOINT = QTextFormat.Property.UserProperty.value + 3
# On the line above a piece of code, the language that stands behind its fence.
LANGUAGE = QTextFormat.Property.BlockCodeLanguage.value

_HEIGHTS = QTextBlockFormat.LineHeightTypes
_QUOTE = QTextFormat.Property.BlockQuoteLevel.value
_RULE = QTextFormat.Property.BlockTrailingHorizontalRulerWidth.value
_ALIGNMENTS: Final = (("center", Qt.AlignmentFlag.AlignHCenter), ("right", Qt.AlignmentFlag.AlignRight))
_DEEPEST_LEVEL = 90  # of the parser's tokens: deeper than this it loses what is there


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
    number: int | None = None,
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
        number: Of the item that the text begins with, which goes on with a numbered list; None: it does not.
        goes_on: The text begins in the middle of a line of that code.
    """
    from desktop.ui.transcript.markdown.parser import markdown_parser

    opening = begins_in or head
    whole = f"{opening}\n{text}" if opening else text
    if ends_in:
        whole += closing_fence(ends_in) if whole.endswith("\n") else f"\n{closing_fence(ends_in)}"
    cursor.beginEditBlock()
    tokens = [] if is_too_deep(whole) else markdown_parser().parse(mended(whole))
    if whole.strip() and (not tokens or any(token.level >= _DEEPEST_LEVEL for token in tokens)):
        if not tokens and not is_too_deep(whole):
            cursor.setBlockFormat(_invisible())  # nothing but definitions of links
        else:
            form = QTextBlockFormat()
            form.setLineHeight(style.line_height, _HEIGHTS.MinimumHeight.value)
            insert_plain(cursor, text, form, QTextCharFormat())
    else:
        writer = _Writer(cursor, style, key, continues=bool(begins_in), ends_in_code=bool(ends_in), number=number)
        writer.write(tokens, goes_on=goes_on)
    cursor.endEditBlock()


@dataclass(frozen=True)
class _Place:
    """Where in lists and quotes something stands.

    Attributes:
        depth: Of the lists around it.
        quotes: Of the quotes around it.
        items: The list that it lies in.
    """

    depth: int = 0
    quotes: int = 0
    items: _Items | None = None


@dataclass
class _Items:
    """A list that is being written.

    Attributes:
        form: How its markers look.
        begins: The next block begins an item.
        list: None: no item is written.
    """

    form: QTextListFormat
    begins: bool = False
    list: QTextList | None = field(default=None)


class _Writer:
    """Writes the tokens of the parser, block by block."""

    def __init__(
        self,
        cursor: QTextCursor,
        style: Typography,
        key: str,
        *,
        continues: bool,
        ends_in_code: bool,
        number: int | None,
    ) -> None:
        self._cursor, self._style, self._key = cursor, style, key
        self._words = InlineText(cursor, style)
        self._continues, self._ends_in_code, self._number = continues, ends_in_code, number
        self._is_fresh = True  # the cursor stands in an empty block that nothing is written to
        self._is_first = True
        self._codes = 0
        self._goes_on = False

    def write(self, tokens: Sequence[Token], *, goes_on: bool) -> None:
        self._goes_on = goes_on
        stack = [_Place()]
        index = 0
        while index < len(tokens):
            token, place = tokens[index], stack[-1]
            if token.type in ("bullet_list_open", "ordered_list_open"):
                if place.items is not None and place.items.begins:
                    self._paragraph([], place)  # an item that begins with a list
                stack.append(replace(place, depth=place.depth + 1, items=self._list(token, place)))
            elif token.type == "blockquote_open":
                stack.append(replace(place, quotes=place.quotes + 1))
            elif token.type == "list_item_open":
                assert place.items is not None
                place.items.begins = True
            elif token.type == "list_item_close":
                if place.items is not None and place.items.begins:
                    self._paragraph([], place)
            elif token.type in ("bullet_list_close", "ordered_list_close", "blockquote_close"):
                stack.pop()
            elif token.type == "table_open":
                index = self._table(tokens, index, place)
            else:
                self._leaf(token, tokens[index - 1] if index else None, place)
            index += 1
        if self._is_fresh:
            self._set_block(_invisible())

    def _leaf(self, token: Token, opening: Token | None, place: _Place) -> None:
        if token.type == "inline":
            heading = int(opening.tag[1:]) if opening is not None and opening.type == "heading_open" else 0
            children = token.children or []
            if heading and opening is not None and opening.markup == "-" and any(_is_break(each) for each in children):
                self._paragraph(children, place)  # lines above a rule: no heading has many
                self._rule(place)
            else:
                self._paragraph(children, place, heading)
        elif token.type in ("fence", "code_block"):
            self._code(token, place)
        elif token.type == "hr":
            self._rule(place)
        elif token.type == "formula_block":
            form = self._block_format(place)
            form.setLeftMargin(form.leftMargin() + self._style.unit * 2)
            form.setTopMargin(self._style.unit * 0.5)
            form.setBottomMargin(self._style.unit * 1.5)
            self._begin_block(form, place)
            write_formula(self._cursor, token.markup, token.content, self._tone(place), self._style, display=True)

    def _paragraph(self, tokens: Sequence[Token], place: _Place, heading: int = 0) -> None:
        form = self._block_format(place)
        if heading:
            form.setHeadingLevel(heading)
            form.setTopMargin(0 if self._is_first else self._style.unit * 1.5)
            form.setBottomMargin(self._style.unit * 0.75)
        if place.items is not None and place.items.begins and not _is_numbered(place.items.form):
            is_done, tokens = without_task(tokens)
            if is_done is not None:
                marks = QTextBlockFormat.MarkerType
                form.setMarker(marks.Checked if is_done else marks.Unchecked)
        self._begin_block(form, place)
        self._words.write(tokens, self._tone(place), heading)

    def _rule(self, place: _Place) -> None:
        form = self._block_format(place)
        form.setProperty(_RULE, QTextLength(QTextLength.Type.PercentageLength, 100))
        self._begin_block(form, place)

    def _code(self, token: Token, place: _Place) -> None:
        lines = _lines_of(token.content)
        if place.items is not None and place.items.begins:
            self._paragraph([], place)  # the marker of an item that begins with code stands above it
        indent = place.depth + place.quotes
        is_first_here = self._continues and self._codes == 0
        number = self._codes - 1 if self._continues else self._codes
        self._codes += 1
        if is_first_here:
            if not token.content:
                return
        else:
            self._code_head(language_of(token.info), indent, f"catnap:code/{self._key}/{number}")
        form = QTextBlockFormat()
        form.setProperty(KIND, Kind.CODE)
        form.setIndent(indent)
        form.setLineHeight(round(self._style.line_height * 0.88), _HEIGHTS.MinimumHeight.value)
        character = self._words.code_format(QTextCharFormat(), tinted=False)
        for place_in_code, line in enumerate(lines):
            each = QTextBlockFormat(form)
            if is_first_here and self._goes_on and place_in_code == 0:
                each.setProperty(JOINT, Joint.IN_LINE)
            if place_in_code == len(lines) - 1:
                each.setBottomMargin(self._style.unit * 2)
            self._begin_block(each, None)
            self._cursor.insertText(line, character)
        self._may_end_in_code(form)

    def _may_end_in_code(self, form: QTextBlockFormat) -> None:
        if self._ends_in_code:
            form = self._cursor.blockFormat()
            form.setBottomMargin(0)
            self._cursor.setBlockFormat(form)

    def _code_head(self, language: str, indent: int, address: str) -> None:
        """Writes the line with the language and the copy link above the first line of a piece of code."""
        head = QTextBlockFormat()
        head.setProperty(KIND, Kind.CODE_HEAD)
        head.setProperty(LANGUAGE, language)
        head.setIndent(indent)
        is_below_code = self._cursor.blockFormat().property(KIND) == Kind.CODE and not self._is_fresh
        head.setTopMargin(self._style.unit * (3 if is_below_code else 2))  # their boxes reach beyond their lines
        head.setAlignment(Qt.AlignmentFlag.AlignRight)
        label = QTextCharFormat()
        label.setProperty(CHROME, True)
        label.setFontPointSize(self._style.small)
        label.setForeground(self._style.muted)
        link = QTextCharFormat(label)
        link.setAnchor(True)
        link.setAnchorHref(address)
        link.setToolTip(self._style.copy_label)
        self._begin_block(head, None)
        if language:
            self._cursor.insertText(f"{language}   ", label)
        self._cursor.insertText(self._style.copy_label, link)

    def _table(self, tokens: Sequence[Token], index: int, place: _Place) -> int:
        """Writes a table; returns where its last token is."""
        if place.items is not None and place.items.begins:
            self._paragraph([], place)
        rows: list[list[tuple[Token, Sequence[Token]]]] = []
        while tokens[index].type != "table_close":
            if tokens[index].type == "tr_open":
                rows.append([])
            elif tokens[index].type in ("th_open", "td_open"):
                rows[-1].append((tokens[index], tokens[index + 1].children or []))
            index += 1
        if self._is_fresh:
            self._set_block(_invisible())  # Qt needs one before a table
        has_head = any(_has_words(words) for _, words in rows[0])
        shown = rows if has_head else rows[1:] or rows
        table = self._cursor.insertTable(len(shown), max(1, len(rows[0])), self._table_format(place))
        for number, row in enumerate(shown):
            is_head = has_head and number == 0
            rule = QTextTableCellFormat()
            rule.setBottomBorder(1)
            rule.setBottomBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
            rule.setBottomBorderBrush(self._style.heavy_rule if is_head else self._style.rule)
            for column, (opening, words) in enumerate(row):
                cell = table.cellAt(number, column)
                self._cell(cell.firstCursorPosition(), opening, words, is_head=is_head)
                cell.setFormat(rule)
        self._cursor.setPosition(table.lastPosition() + 1)
        self._is_fresh, self._is_first = True, False
        return index

    def _cell(self, cursor: QTextCursor, opening: Token, words: Sequence[Token], *, is_head: bool) -> None:
        form = QTextBlockFormat()
        form.setLineHeight(self._style.line_height, _HEIGHTS.MinimumHeight.value)
        for name, alignment in _ALIGNMENTS:
            if name in str(opening.attrs.get("style", "")):
                form.setAlignment(alignment)
        cursor.setBlockFormat(form)
        tone = QTextCharFormat()
        if is_head:
            tone.setFontWeight(QFont.Weight.DemiBold)
        InlineText(cursor, self._style).write(words, tone)

    def _table_format(self, place: _Place) -> QTextTableFormat:
        form, unit = QTextTableFormat(), self._style.unit
        form.setBorderCollapse(True)
        form.setBorder(1)
        form.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_None)
        form.setCellPadding(unit * 0.5)
        form.setCellSpacing(0)
        form.setTopMargin(unit * 0.5)
        form.setBottomMargin(unit * 1.5)
        form.setLeftMargin((place.depth + place.quotes) * unit * 3)
        return form

    def _list(self, token: Token, place: _Place) -> _Items:
        form = QTextListFormat()
        form.setIndent(place.depth + 1)
        if token.type == "ordered_list_open":
            form.setStyle(QTextListFormat.Style.ListDecimal)
            form.setNumberSuffix(")" if token.markup == ")" else ".")
            start = int(token.attrs.get("start", 1))
            if self._number is not None and self._is_first:
                start = self._number
            form.setStart(start)
        else:
            form.setStyle(QTextListFormat.Style.ListStyleUndefined)  # Qt's bullet touches the text: the view paints one
        return _Items(form)

    def _block_format(self, place: _Place) -> QTextBlockFormat:
        form = QTextBlockFormat()
        form.setLineHeight(self._style.line_height, _HEIGHTS.MinimumHeight.value)
        form.setBottomMargin(self._style.unit * (0.5 if place.depth else 1))
        if place.quotes:
            form.setProperty(_QUOTE, place.quotes)
            form.setLeftMargin(self._style.unit * 2 * place.quotes)
        if place.depth and not (place.items is not None and place.items.begins):
            form.setIndent(place.depth)
        return form

    def _tone(self, place: _Place) -> QTextCharFormat:
        form = QTextCharFormat()
        if place.quotes:
            form.setForeground(self._style.muted)
        return form

    def _begin_block(self, form: QTextBlockFormat, place: _Place | None) -> None:
        if self._is_fresh:
            self._set_block(form)
        else:
            self._cursor.insertBlock(form, QTextCharFormat())
        self._is_fresh = self._is_first = False
        items = place.items if place is not None else None
        if items is not None and items.begins:
            if items.list is None:
                items.list = self._cursor.createList(items.form)
            else:
                items.list.add(self._cursor.block())
            items.begins = False

    def _set_block(self, form: QTextBlockFormat) -> None:
        if self._cursor.currentList() is not None:
            self._cursor.currentList().remove(self._cursor.block())
        self._cursor.setBlockFormat(form)
        self._cursor.setBlockCharFormat(QTextCharFormat())


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


def _invisible() -> QTextBlockFormat:
    form = QTextBlockFormat()
    form.setLineHeight(1, _HEIGHTS.FixedHeight.value)
    return form


def _is_break(token: Token) -> bool:
    return token.type in ("softbreak", "hardbreak")


def _is_numbered(form: QTextListFormat) -> bool:
    return form.style() == QTextListFormat.Style.ListDecimal


def _has_words(tokens: Sequence[Token]) -> bool:
    return any(token.content.strip() or token.children for token in tokens)


def _lines_of(code: str) -> list[str]:
    """Returns the lines of code; Qt takes a paragraph separator for the end of one, so it is shown as a line's."""
    return code.removesuffix("\n").replace("\u2029", "\u2028").split("\n")
