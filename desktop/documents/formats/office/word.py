"""Word's .docx (ECMA-376, WordprocessingML): paragraphs, headings, lists, tables, footnotes.

A page begins where Word has put one when the file was saved last; files of other programs may not say so, and are one
part then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from desktop.documents.formats.archive import Archive
from desktop.documents.formats.markdown import joined, line, markdown_table
from desktop.documents.formats.office.relations import first_of, main_part, relations_of
from desktop.documents.formats.sink import Sink
from desktop.documents.formats.xml_events import XmlReader, read_xml
from desktop.documents.types import PartKind

# What is there twice, what is no text of the document, what was deleted while changes were recorded.
_UNSEEN: Final = frozenset(("Fallback", "delText", "instrText", "fldData", "moveFrom", "rPrChange", "pPrChange"))
_HEADING_NAMES: Final = ("heading ", "title")
_DEEPEST_HEADING: Final = 6
_INDENT: Final = "  "


@dataclass
class _Paragraph:
    texts: list[str] = field(default_factory=list)
    heading: int = 0
    list_id: str = ""
    list_level: int = 0


@dataclass
class _Table:
    rows: list[list[str]] = field(default_factory=list)
    cell: list[str] = field(default_factory=list)
    span: int = 1
    goes_on: bool = False


class _Styles(XmlReader):
    """Which styles are headings, and of which level."""

    def __init__(self) -> None:
        self.headings: dict[str, int] = {}
        self._id = ""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        value = attributes.get("val", "")
        if name == "style":
            self._id = attributes.get("styleId", "")
        elif name == "name" and value.lower().startswith(_HEADING_NAMES):
            number = value.rpartition(" ")[2]
            self.headings.setdefault(self._id, int(number) if number.isdecimal() and len(number) < 3 else 1)
        elif name == "outlineLvl" and value.isdecimal() and int(value[:3]) < _DEEPEST_HEADING:
            self.headings[self._id] = int(value) + 1


class _Numbering(XmlReader):
    """Which lists have bullets, level by level."""

    def __init__(self) -> None:
        self._formats: dict[tuple[str, str], str] = {}
        self._abstract_of: dict[str, str] = {}
        self._abstract = self._number = self._level = ""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        value = attributes.get("val", "")
        if name == "abstractNum":
            self._abstract = attributes.get("abstractNumId", "")
        elif name == "lvl":
            self._level = attributes.get("ilvl", "0")
        elif name == "numFmt":
            self._formats.setdefault((self._abstract, self._level), value)
        elif name == "num":
            self._number = attributes.get("numId", "")
        elif name == "abstractNumId":
            self._abstract_of[self._number] = value

    def is_counted(self, list_id: str, level: int) -> bool:
        """Tells whether the items of a list have numbers."""
        known = self._formats.get((self._abstract_of.get(list_id, ""), str(level)), "bullet")
        return known not in ("bullet", "none")


class _Body(XmlReader):
    """Collects the blocks of a document, or its notes by their ids."""

    def __init__(self, styles: _Styles, numbering: _Numbering) -> None:
        self.pages: list[list[str]] = [[]]
        self.notes: dict[str, list[str]] = {}
        self._styles, self._numbering = styles, numbering
        self._paragraphs: list[_Paragraph] = []
        self._tables: list[_Table] = []
        self._counts: dict[tuple[str, int], int] = {}
        self._unseen = 0
        self._takes_text = False
        self._note: list[str] | None = None

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if self._unseen or name in _UNSEEN:
            self._unseen += 1
            return
        value = attributes.get("val", "")
        match name:
            case "p":
                self._paragraphs.append(_Paragraph())
            case "tbl":
                self._tables.append(_Table())
            case "tr" if self._tables:
                self._tables[-1].rows.append([])
            case "tc" if self._tables:
                table = self._tables[-1]
                table.cell, table.span, table.goes_on = [], 1, False
            case "gridSpan" if self._tables and value.isdecimal():
                self._tables[-1].span = min(int(value[:3]), 64)
            case "vMerge" if self._tables:
                self._tables[-1].goes_on = value != "restart"
            case "footnote" | "endnote":
                # Those with a type are the lines between text and notes.
                self._note = None if "type" in attributes else self.notes.setdefault(attributes.get("id", ""), [])
            case _ if self._paragraphs:
                self._start_in_paragraph(name, value, attributes)

    def _start_in_paragraph(self, name: str, value: str, attributes: Mapping[str, str]) -> None:
        paragraph = self._paragraphs[-1]
        match name:
            case "t":
                self._takes_text = True
            case "tab":
                paragraph.texts.append("\t")
            case "br" | "cr":
                paragraph.texts.append("\n")
            case "noBreakHyphen":
                paragraph.texts.append("-")
            case "lastRenderedPageBreak":
                self._break_page()
            case "pStyle":
                paragraph.heading = self._styles.headings.get(value, paragraph.heading)
            case "outlineLvl" if value.isdecimal() and int(value[:3]) < _DEEPEST_HEADING:
                paragraph.heading = int(value) + 1
            case "ilvl" if value.isdecimal():
                paragraph.list_level = min(int(value[:3]), 8)
            case "numId":
                paragraph.list_id = value if value != "0" else ""
            case "footnoteReference" | "endnoteReference":
                paragraph.texts.append(f"[^{'' if name[0] == 'f' else 'e'}{attributes.get('id', '')}]")

    def _break_page(self) -> None:
        """A page ends here; what stands in a paragraph or a table that goes on belongs to where that began."""
        if self._note is not None or self._tables:
            return
        texts = self._paragraphs[-1].texts
        if "".join(texts).strip():
            self._finish(self._paragraphs[-1])
            texts.clear()
            self._paragraphs[-1].list_id = ""
        self.pages.append([])

    def end(self, name: str) -> None:
        if self._unseen:
            self._unseen -= 1
            return
        self._takes_text = False
        if name == "p" and self._paragraphs:
            self._finish(self._paragraphs.pop())
        elif name == "tc" and self._tables and self._tables[-1].rows:
            table = self._tables[-1]
            text = "" if table.goes_on else line(" ".join(table.cell))
            table.rows[-1] += [text, *[""] * (table.span - 1)]
        elif name == "tbl" and self._tables:
            self._end_table(self._tables.pop().rows)
        elif name in ("footnote", "endnote"):
            self._note = None

    def text(self, data: str) -> None:
        if self._takes_text and not self._unseen and self._paragraphs:
            self._paragraphs[-1].texts.append(data)

    def _finish(self, paragraph: _Paragraph) -> None:
        text = "".join(paragraph.texts).strip()
        if not text:
            return
        if paragraph.heading:
            text = "#" * min(paragraph.heading, _DEEPEST_HEADING) + " " + line(text)
        elif paragraph.list_id:
            text = self._marker(paragraph) + text
        self._put(text)

    def _marker(self, paragraph: _Paragraph) -> str:
        level = paragraph.list_level
        indent = _INDENT * level
        if not self._numbering.is_counted(paragraph.list_id, level):
            return f"{indent}- "
        for deeper in range(level + 1, 9):
            self._counts.pop((paragraph.list_id, deeper), None)
        count = self._counts[paragraph.list_id, level] = self._counts.get((paragraph.list_id, level), 0) + 1
        return f"{indent}{count}. "

    def _end_table(self, rows: list[list[str]]) -> None:
        if self._tables:  # one within another: as running text of the cell
            self._put("; ".join(", ".join(filter(None, row)) for row in rows))
        else:
            self._put(markdown_table(rows))

    def _put(self, text: str) -> None:
        if self._tables:
            self._tables[-1].cell.append(text)
        elif self._note is not None:
            self._note.append(text)
        elif text:
            self.pages[-1].append(text)


def read_docx(archive: Archive, sink: Sink) -> None:
    """Reads a document of Word."""
    document = main_part(archive, "word/document.xml")
    relations = relations_of(archive, document)
    styles, numbering = _Styles(), _Numbering()
    for kind, reader in (("styles", styles), ("numbering", numbering)):
        member = first_of(relations, kind)
        if archive.has(member):
            read_xml(archive.chunks(member), reader)
    body = _Body(styles, numbering)
    read_xml(archive.chunks(document), body)
    notes = []
    for kind, mark in (("footnotes", ""), ("endnotes", "e")):
        member = first_of(relations, kind)
        if archive.has(member):
            reader_of_notes = _Body(styles, numbering)
            read_xml(archive.chunks(member), reader_of_notes)
            notes += [
                f"[^{mark}{name}]: {line(' '.join(texts))}" for name, texts in reader_of_notes.notes.items() if texts
            ]
    _write(sink, body.pages, notes)


def _write(sink: Sink, pages: list[list[str]], notes: list[str]) -> None:
    kind = PartKind.PAGE if len(pages) > 1 else PartKind.WHOLE
    for number, blocks in enumerate(pages, start=1):
        sink.begin(kind, number)
        # A note stands on the page that refers to it.
        text = joined(blocks)
        own = [note for note in notes if note.partition(":")[0] in text]
        sink.write(joined([text, "\n".join(own)] if own else [text]))
