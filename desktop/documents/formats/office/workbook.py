"""Excel's .xlsx (ECMA-376, SpreadsheetML), as its sheets show it: formatted numbers and dates, no hidden sheets.

Not by calamine, which reads the older format in its neighbour: it gives the numbers without their formats, and takes
memory for every cell up to the farthest one, so that a single word in XFD1048576 ends the process.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from desktop.documents.formats.archive import Archive
from desktop.documents.formats.markdown import joined, sparse_tables
from desktop.documents.formats.office.number_formats import BUILT_IN, NumberFormat
from desktop.documents.formats.office.relations import first_of, main_part, relations_of
from desktop.documents.formats.sink import EnoughError, Sink
from desktop.documents.formats.xml_events import XmlReader, read_xml
from desktop.documents.problems import Reason, RefusedError
from desktop.documents.types import Limits, NoteKind, PartKind

_PLACE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_YES: Final = ("1", "true")
# Of all sheets, those that are hidden and those that come behind the last one that is read too.
_TEXTS_PER_CELL: Final = 4


class _Book(XmlReader):
    def __init__(self) -> None:
        self.sheets: list[tuple[str, str, bool]] = []  # name, id of the relationship, whether it is hidden
        self.is_1904 = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "sheet":
            is_hidden = attributes.get("state", "visible") != "visible"
            self.sheets.append((attributes.get("name", ""), attributes.get("id", ""), is_hidden))
        elif name == "workbookPr":
            self.is_1904 = attributes.get("date1904") in _YES


class _Styles(XmlReader):
    """The format code of each style of cells."""

    def __init__(self) -> None:
        self.codes: list[str] = []
        self._own: dict[int, str] = {}
        self._in_cells = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        number = attributes.get("numFmtId", "0")
        key = int(number) if number.isdecimal() and len(number) < 9 else 0
        if name == "numFmt":
            self._own[key] = attributes.get("formatCode", "")[:255]
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            self.codes.append(self._own.get(key) or BUILT_IN.get(key, ""))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._in_cells = False


class _Strings(XmlReader):
    """The texts that cells refer to by their numbers."""

    def __init__(self, limits: Limits) -> None:
        self.texts: list[str] = []
        self._left = _TEXTS_PER_CELL * limits.characters
        self._most = _TEXTS_PER_CELL * limits.cells
        self._pieces: list[str] = []
        self._takes_text = self._in_reading_aid = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "si":
            self._pieces = []
        elif name == "rPh":  # how Japanese characters are read
            self._in_reading_aid = True
        elif name == "t":
            self._takes_text = not self._in_reading_aid

    def end(self, name: str) -> None:
        if name == "si":
            self.texts.append("".join(self._pieces))
            if len(self.texts) > self._most:
                raise RefusedError(Reason.TOO_LARGE)
        elif name == "rPh":
            self._in_reading_aid = False
        self._takes_text = False

    def text(self, data: str) -> None:
        if self._takes_text:
            self._left -= len(data)
            if self._left < 0:
                raise RefusedError(Reason.TOO_LARGE)
            self._pieces.append(data)


class _Sheet(XmlReader):
    """The cells of a sheet, row by row."""

    def __init__(self, sink: Sink, strings: list[str], codes: list[str], is_1904: bool) -> None:
        self.rows: dict[int, dict[int, str]] = {}
        self._sink = sink
        self._strings = strings
        self._no_format = NumberFormat("")
        self._formats = [NumberFormat(code, is_1904=is_1904) for code in codes]
        self._row = self._column = 0
        self._type = ""
        self._style = 0
        self._pieces: list[str] = []
        self._takes_text = self._in_reading_aid = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "row":
            number = attributes.get("r", "")
            self._row = int(number) if number.isdecimal() and len(number) < 8 else self._row + 1
            self._column = 0
        elif name == "c":
            self._column += 1
            if place := _PLACE.fullmatch(attributes.get("r", "")):
                self._column, self._row = _column(place[1]), int(place[2])
            style = attributes.get("s", "0")
            self._style = int(style) if style.isdecimal() and len(style) < 9 else 0
            self._type = attributes.get("t", "n")
            self._pieces = []
        elif name == "rPh":
            self._in_reading_aid = True
        elif name in ("v", "t"):
            self._takes_text = not self._in_reading_aid

    def end(self, name: str) -> None:
        self._takes_text = False
        if name == "rPh":
            self._in_reading_aid = False
        elif name == "c":
            text = self._shown("".join(self._pieces))
            if not text.strip():
                self._sink.count_empty_cell()
            else:
                self._sink.count_cells(1)
                self.rows.setdefault(self._row, {})[self._column] = text

    def text(self, data: str) -> None:
        if self._takes_text:
            self._pieces.append(data)

    def _shown(self, raw: str) -> str:
        if self._type == "s":
            number = int(raw) if raw.strip().isdecimal() and len(raw) < 9 else -1
            return self._strings[number] if 0 <= number < len(self._strings) else ""
        if self._type == "b":
            return "TRUE" if raw.strip() in _YES else "FALSE" if raw.strip() else ""
        if self._type != "n":
            return raw
        try:
            value = float(raw)
        except ValueError:
            return raw
        known = self._formats[self._style] if self._style < len(self._formats) else self._no_format
        try:
            return known.shown(value)
        except (ValueError, OverflowError):
            return self._no_format.shown(value)


def read_xlsx(archive: Archive, sink: Sink) -> None:
    """Reads a workbook."""
    member = main_part(archive, "xl/workbook.xml")
    relations = relations_of(archive, member)
    book, styles = _Book(), _Styles()
    strings = _Strings(sink.limits)
    read_xml(archive.chunks(member), book)
    for kind, reader in (("styles", styles), ("sharedStrings", strings)):
        name = first_of(relations, kind)
        if archive.has(name):
            read_xml(archive.chunks(name), reader)
    hidden = []
    for number, (name, relation, is_hidden) in enumerate(book.sheets, start=1):
        sink.advance(number - 1, len(book.sheets))
        if is_hidden:
            hidden.append(name)
        elif relation in relations and relations[relation].kind == "worksheet":
            sheet = _Sheet(sink, strings.texts, styles.codes, book.is_1904)
            sink.begin(PartKind.SHEET, number, name)
            try:
                read_xml(archive.chunks(relations[relation].target), sheet)
            except EnoughError:
                sink.write(joined(sparse_tables(sheet.rows)))
                raise
            sink.write(joined(sparse_tables(sheet.rows)))
    sink.note_parts(NoteKind.HIDDEN, hidden)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number
