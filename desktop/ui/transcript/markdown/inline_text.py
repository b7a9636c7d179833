"""The words of a paragraph, with their formats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from PySide6.QtGui import QBrush, QFont, QTextCharFormat, QTextCursor

from desktop.ui.transcript.markdown.links import bare_links, is_web_address
from desktop.ui.transcript.maths.writing import write_formula
from desktop.ui.transcript.typography import Typography
from desktop.ui.words import plain_tip

if TYPE_CHECKING:
    from markdown_it.token import Token

_HEADING_SIZES = (1.3, 1.2, 1.1)
_LINE_BREAK = "\u2028"
_OPENING = ("strong_open", "em_open", "s_open", "link_open")


class InlineText:
    """Writes the tokens of paragraphs at a cursor."""

    def __init__(self, cursor: QTextCursor, style: Typography) -> None:
        """
        Args:
            cursor: Where.
            style: Fonts and colours.
        """
        self._cursor, self._style = cursor, style

    def write(self, tokens: Iterable[Token], form: QTextCharFormat, heading: int = 0) -> None:
        """Writes what a paragraph says.

        Args:
            tokens: Its tokens, in order.
            form: The format of its plain words.
            heading: The level of the heading that it is; 0: it is none.
        """
        base = self._heading_format(form, heading) if heading else form
        formats = [base]
        links: list[bool] = []  # of each open link, whether it leads somewhere
        for token in tokens:
            if token.type in _OPENING:
                formats.append(self._opened(token, formats[-1]))
                if token.type == "link_open":
                    links.append(True)
            elif token.nesting < 0:
                if len(formats) > 1:
                    formats.pop()
                if token.type == "link_close" and links:
                    links.pop()
            else:
                self._write(token, formats[-1], heading, in_link=bool(links))

    def _write(self, token: Token, form: QTextCharFormat, heading: int, *, in_link: bool) -> None:
        if token.type in ("softbreak", "hardbreak"):
            # Single breaks are meant, as in a poem.
            self._cursor.insertText(_LINE_BREAK, form)
        elif token.type == "code_inline":
            self._cursor.insertText(_on_one_line(token.content), self.code_format(form, sized=not heading))
        elif token.type == "image":
            self._write_image(token, form)
        elif token.type == "formula":
            display = bool(token.meta["display"])
            write_formula(self._cursor, token.markup, token.content, form, self._style, display=display)
        elif token.type == "raised":
            raised = QTextCharFormat(form)
            alignment = QTextCharFormat.VerticalAlignment
            raised.setVerticalAlignment(alignment.AlignSubScript if token.tag == "sub" else alignment.AlignSuperScript)
            self._cursor.insertText(token.content, raised)
        elif token.content:
            self._write_words(token.content, form, in_link=in_link)

    def code_format(self, form: QTextCharFormat, *, sized: bool = True, tinted: bool = True) -> QTextCharFormat:
        """Returns the format of code.

        Args:
            form: The format around it.
            sized: It has the size of code, not that of what is around it.
            tinted: It stands in a line, and is marked there by a tint.
        """
        form = QTextCharFormat(form)
        form.setFontFamilies(self._style.mono.families())
        form.setFontFixedPitch(True)
        if sized:
            form.setFontPointSize(self._style.mono.pointSizeF())
        if tinted:
            form.setBackground(QBrush(self._style.code_tint))
        return form

    def _write_words(self, words: str, form: QTextCharFormat, *, in_link: bool) -> None:
        words = _on_one_line(words)
        place = 0
        if not in_link and ("@" in words or "www." in words or "://" in words):
            for begin, end, address in bare_links(words):
                self._insert(words[place:begin], form)
                self._insert(words[begin:end], self._link_format(form, address))
                place = end
        self._insert(words[place:], form)

    def _insert(self, words: str, form: QTextCharFormat) -> None:
        if words:
            self._cursor.insertText(words, form)

    def _opened(self, token: Token, form: QTextCharFormat) -> QTextCharFormat:
        if token.type == "link_open":
            return self._link_format(form, str(token.attrs.get("href", "")))
        form = QTextCharFormat(form)
        if token.type == "strong_open":
            form.setFontWeight(QFont.Weight.Bold)
        elif token.type == "em_open":
            form.setFontItalic(True)
        else:
            form.setFontStrikeOut(True)
        return form

    def _link_format(self, form: QTextCharFormat, address: str) -> QTextCharFormat:
        """Returns the format of a link; nothing that a model writes may reach a file or one of our own commands."""
        form = QTextCharFormat(form)
        if is_web_address(address):
            form.setAnchor(True)
            form.setAnchorHref(address)
            form.setForeground(self._style.link)
            form.setToolTip(plain_tip(address))
            form.setFontUnderline(True)
        return form

    def _write_image(self, token: Token, form: QTextCharFormat) -> None:
        """Writes a link where an image is meant: nothing is ever loaded by showing an answer."""
        address = str(token.attrs.get("src", ""))
        label = "".join(_words_of(token.children or ())) or address
        self._insert(f"[{_on_one_line(label)}]", self._link_format(form, address))

    def _heading_format(self, form: QTextCharFormat, level: int) -> QTextCharFormat:
        form = QTextCharFormat(form)
        form.setFontPointSize(self._style.font.pointSizeF() * _HEADING_SIZES[min(level, len(_HEADING_SIZES)) - 1])
        form.setFontWeight(QFont.Weight.DemiBold)
        return form


def without_task(tokens: Sequence[Token]) -> tuple[bool | None, Sequence[Token]]:
    """Returns whether an item of a list is a task that is done, and the tokens without its box; None: it is no task."""
    if not tokens or tokens[0].type != "text":
        return None, tokens
    words = tokens[0].content
    if words[:4].lower() not in ("[ ] ", "[x] "):
        return None, tokens
    return words[1] != " ", [tokens[0].copy(content=words[4:].lstrip()), *tokens[1:]]


def _words_of(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        yield token.content or ("\n" if token.type in ("softbreak", "hardbreak") else "")
        if not token.content:
            yield from _words_of(token.children or ())


def _on_one_line(words: str) -> str:
    """Returns words without what Qt takes for the end of a paragraph."""
    return words.replace("\u2029", _LINE_BREAK).replace("\n", _LINE_BREAK).replace("\r", _LINE_BREAK)
