"""Pages of the web, and the chapters of books, which are such pages: their text, with headings, lists and tables."""

from __future__ import annotations

from collections.abc import Iterable
from html.parser import HTMLParser
from typing import BinaryIO, Final

from desktop.documents.formats.markdown import joined, line, markdown_table
from desktop.documents.formats.plain import decoded
from desktop.documents.formats.sink import Sink
from desktop.documents.problems import Reason, RefusedError
from desktop.documents.types import PartKind

_UNSEEN: Final = frozenset(("script", "style", "template", "noscript", "svg", "object", "iframe", "select", "textarea"))
_HEADINGS: Final = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_BLOCKS: Final = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "dd", "details", "div", "dl", "dt", "fieldset"),
        *("figcaption", "figure", "footer", "form", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section"),
        *("summary", "table", "title", "ul", "head", "html", "caption"),
        *_HEADINGS,
    )
)
# Elements within each other that are kept in mind; a page may open any number and close none.
_DEEPEST: Final = 2_000
# Characters without an end of a tag, which the parser looks at again and again.
_LONGEST: Final = 256 * 1024
_INDENT: Final = "  "


class PageText(HTMLParser):
    """Collects the text of one page as blocks.

    Attributes:
        blocks: Paragraphs, headings, list items and tables, in their order.
        title: Of the page; empty: it has none.
        heading: The first heading; empty: there is none.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[str] = []
        self.title = self.heading = ""
        self._text: list[str] = []
        self._unseen: list[str] = []
        self._lists: list[int | None] = []  # the number of the last item; None: it has bullets
        self._marker = ""
        self._in = ""  # "title", or a heading
        self._is_code = False
        self._tables: list[list[list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called by the parser."""
        if self._unseen or tag in _UNSEEN:
            if tag in _UNSEEN and len(self._unseen) < _DEEPEST:
                self._unseen.append(tag)
            return
        if tag in ("tr", "td", "th") and self._tables:
            self._start_in_table(tag)
            return
        if tag == "br":
            self._text.append("\n" if self._is_code or not self._tables else " ")
        if tag not in _BLOCKS:
            return
        self._end_block()
        if tag in _HEADINGS or tag == "title":
            self._in = tag
        elif tag == "pre":
            self._is_code = True
        elif tag in ("ul", "ol") and len(self._lists) < _DEEPEST:
            self._lists.append(0 if tag == "ol" else None)
        elif tag == "li":
            self._start_item()
        elif tag == "table" and len(self._tables) < _DEEPEST:
            self._tables.append([])

    def handle_endtag(self, tag: str) -> None:
        """Called by the parser."""
        if self._unseen:
            if tag in self._unseen:
                del self._unseen[self._unseen.index(tag) :]
            return
        if tag in ("td", "th") and self._tables:
            self._end_cell()
        if tag not in _BLOCKS:
            return
        self._end_block()
        if tag in _HEADINGS or tag == "title":
            self._in = ""
        elif tag == "pre":
            self._is_code = False
        elif tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        elif tag == "table" and self._tables:
            self._end_table()

    def handle_data(self, data: str) -> None:
        """Called by the parser."""
        if not self._unseen:
            self._text.append(data)

    def close(self) -> None:
        """Ends what the page has left open."""
        super().close()
        while self._tables:
            self._end_table()
        self._end_block()

    def _start_item(self) -> None:
        marker = "- "
        if self._lists and (number := self._lists[-1]) is not None:
            self._lists[-1] = number + 1
            marker = f"{number + 1}. "
        self._marker = _INDENT * max(0, len(self._lists) - 1) + marker

    def _start_in_table(self, tag: str) -> None:
        self._end_cell()
        if tag == "tr" or not self._tables[-1]:
            self._tables[-1].append([])
        if tag != "tr":
            self._tables[-1][-1].append("")

    def _end_cell(self) -> None:
        """Puts the text so far into the cell that is open; what stands outside of all cells is a paragraph."""
        text = line("".join(self._text))
        self._text.clear()
        if not text:
            return
        rows = self._tables[-1]
        if rows and rows[-1]:
            rows[-1][-1] = f"{rows[-1][-1]} {text}".strip()
        else:
            self.blocks.append(text)

    def _end_table(self) -> None:
        self._end_cell()
        rows = [row for row in self._tables.pop() if any(row)]
        text = markdown_table(rows)
        if self._tables:  # one within another: as running text of the cell
            self._text.append(" " + "; ".join(", ".join(filter(None, row)) for row in rows) + " ")
        elif text:
            self.blocks.append(text)

    def _end_block(self) -> None:
        if self._tables:
            self._end_cell()
            return
        raw = "".join(self._text)
        self._text.clear()
        text = raw.strip("\n") if self._is_code else "\n".join(filter(None, map(line, raw.split("\n\n"))))
        if not text.strip():
            return
        if self._in == "title":
            self.title = self.title or line(text)
            return
        if self._is_code:
            text = f"```\n{text}\n```"
        elif self._in:
            text = "#" * int(self._in[1]) + " " + line(text)
            self.heading = self.heading or line(text).lstrip("# ")
        if self._marker and not self._in:
            text = self._marker + text
        self._marker = ""
        self.blocks.append(text)


def read_page(pieces: Iterable[str]) -> PageText:
    """Returns what stands on a page.

    Args:
        pieces: Its source.

    Raises:
        RefusedError: No ordinary page is built like this.
    """
    page = PageText()
    try:
        for piece in pieces:
            page.feed(piece)
            if len(page.rawdata) > _LONGEST:
                raise RefusedError(Reason.UNUSUAL)
        page.close()
    except (AssertionError, RecursionError) as problem:  # the parser's own, over marked sections that make no sense
        raise RefusedError(Reason.UNUSUAL) from problem
    return page


def read_html(file: BinaryIO, sink: Sink) -> None:
    """Reads a page of the web from a file."""
    sink.begin(PartKind.WHOLE, 1)
    page = read_page(decoded(file, sink))
    blocks = page.blocks if page.heading or not page.title else [f"# {page.title}", *page.blocks]
    sink.write(joined(blocks))
