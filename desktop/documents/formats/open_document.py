"""OpenDocument, as LibreOffice writes it: .odt, .ods and .odp (OASIS OpenDocument 1.3). Cells hold what they show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from desktop.documents.formats.archive import Archive
from desktop.documents.formats.markdown import joined, line, markdown_table, sparse_tables
from desktop.documents.formats.sink import EnoughError, Sink
from desktop.documents.formats.xml_events import XmlReader, read_xml
from desktop.documents.problems import Reason, RefusedError
from desktop.documents.types import NoteKind, PartKind

_CONTENT: Final = "content.xml"
_MANIFEST: Final = "META-INF/manifest.xml"
# Deleted text, remarks of readers, what stands in for a chart or a form, and descriptions of pictures.
_UNSEEN: Final = frozenset(("tracked-changes", "annotation", "forms", "tracked-change", "desc", "settings"))
_DEEPEST_HEADING: Final = 6
_MOST_SPACES: Final = 64
_INDENT: Final = "  "


class _Manifest(XmlReader):
    is_encrypted = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "encryption-data":
            self.is_encrypted = True


class _Content(XmlReader):
    """Collects blocks, and hands the parts over where they end."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.blocks: list[str] = []
        self.pages: list[list[str]] = []
        self.hidden: list[str] = []
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._number = 0
        self._texts: list[list[str]] = []  # paragraphs within each other: a note stands within one
        self._heading = 0
        self._lists: list[int] = []
        self._is_item_new = False
        self._tables: list[_Cells] = []
        self._notes: list[str] = []
        self._note_mark: list[str] | None = None
        self._note_texts: list[list[str]] = []
        self._unseen = 0
        self._is_sheet = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if self._unseen or name in _UNSEEN:
            self._unseen += 1
            return
        match name:
            case "spreadsheet":
                self._is_sheet = True
            case "style":
                self._style = attributes.get("name", "")
            case "table-properties" if attributes.get("display") == "false":
                self._hidden_styles.add(self._style)
            case "p" | "h":
                level = attributes.get("outline-level", "1")
                self._heading = (int(level) if level.isdecimal() and len(level) < 3 else 1) if name == "h" else 0
                self._texts.append([])
            case "s" if self._texts:
                count = attributes.get("c", "1")
                self._texts[-1].append(
                    " " * (min(int(count), _MOST_SPACES) if count.isdecimal() and len(count) < 9 else 1)
                )
            case "tab" | "line-break" if self._texts:
                self._texts[-1].append("\t" if name == "tab" else "\n")
            case "list":
                self._lists.append(0)
            case "list-item" if self._lists:
                self._is_item_new = True
            case "soft-page-break" if not self._tables:
                self.pages.append(self.blocks)
                self.blocks = []
            case "note":
                self._note_texts.append([])
            case "note-citation":
                self._note_mark = []
            case "page":
                self.blocks, self._number = [], self._number + 1
            case "table" | "table-row" | "table-cell" | "covered-table-cell":
                self._start_in_table(name, attributes)

    def _start_in_table(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "table":
            self._tables.append(_Cells(attributes.get("name", ""), attributes.get("style-name", "")))
            if self._is_sheet and len(self._tables) == 1:
                self._number += 1
                self._sink.advance(self._number, 0)
        elif self._tables and name == "table-row":
            self._tables[-1].start_row(attributes.get("number-rows-repeated", "1"))
        elif self._tables:
            self._tables[-1].start_cell(attributes.get("number-columns-repeated", "1"))

    def end(self, name: str) -> None:
        if self._unseen:
            self._unseen -= 1
            return
        match name:
            case "p" | "h" if self._texts:
                self._end_paragraph("".join(self._texts.pop()).strip())
            case "list" if self._lists:
                self._lists.pop()
            case "note-citation" if self._note_mark is not None and self._texts:
                mark = "".join(self._note_mark).strip() or str(len(self._notes) + 1)
                self._note_mark = None
                self._texts[-1].append(f"[^{mark}]")
                self._note_texts[-1].append(f"[^{mark}]:")
            case "note" if self._note_texts:
                self._notes.append(line(" ".join(self._note_texts.pop())))
            case "table-cell" | "covered-table-cell" if self._tables:
                self._sink.count_cells(self._tables[-1].end_cell())
            case "table-row" if self._tables:
                self._tables[-1].end_row()
            case "table" if self._tables:
                self._end_table(self._tables.pop())
            case "page":
                self._sink.begin(PartKind.SLIDE, self._number)
                self._sink.write(joined(self.blocks))

    def text(self, data: str) -> None:
        if self._unseen:
            return
        if self._note_mark is not None:
            self._note_mark.append(data)
        elif self._texts:
            self._texts[-1].append(data.replace("\n", " "))

    def finish(self) -> None:
        """Hands over a text, which has no other parts than its pages."""
        pages = [*self.pages, self.blocks]
        kind = PartKind.PAGE if len(pages) > 1 else PartKind.WHOLE
        for number, blocks in enumerate(pages, start=1):
            text = joined(blocks)
            own = [note for note in self._notes if note.partition(":")[0] in text]
            self._sink.begin(kind, number)
            self._sink.write(joined([text, "\n".join(own)] if own else [text]))

    def write_sheet(self, table: _Cells) -> None:
        """Hands over a sheet, as far as it was read."""
        self._sink.begin(PartKind.SHEET, self._number, table.name)
        self._sink.write(joined(sparse_tables(table.rows)))

    @property
    def is_in_parts(self) -> bool:
        """Whether there are sheets or slides, which were handed over one by one."""
        return self._number > 0

    @property
    def open_sheet(self) -> _Cells | None:
        """The sheet that is being read."""
        return self._tables[0] if self._is_sheet and self._tables else None

    def _end_paragraph(self, text: str) -> None:
        if not text:
            return
        if self._note_texts:
            self._note_texts[-1].append(text)
        elif self._tables:
            self._tables[-1].text.append(text)
        elif self._heading:
            self.blocks.append("#" * min(max(self._heading, 1), _DEEPEST_HEADING) + " " + line(text))
        elif self._lists:
            marker = "- " if self._is_item_new else "  "
            self.blocks.append(_INDENT * (len(self._lists) - 1) + marker + line(text))
            self._is_item_new = False
        else:
            self.blocks.append(text)

    def _end_table(self, table: _Cells) -> None:
        if self._tables:
            self._tables[-1].text.append(table.in_a_line())
        elif not self._is_sheet:
            self.blocks.append(markdown_table(table.as_rows()))
        elif table.style in self._hidden_styles:
            self.hidden.append(table.name)
        else:
            self.write_sheet(table)


class _Cells:
    """One table while it is read. Cells that are repeated are kept once if they are empty, and counted otherwise."""

    def __init__(self, name: str, style: str) -> None:
        self.name, self.style = name, style
        self.rows: dict[int, dict[int, str]] = {}
        self.text: list[str] = []
        self._row = self._column = self._repeats = self._row_repeats = 0
        self._cells: dict[int, str] = {}

    def start_row(self, repeated: str) -> None:
        self._row_repeats, self._column, self._cells = _count(repeated), 0, {}

    def start_cell(self, repeated: str) -> None:
        self._repeats, self.text = _count(repeated), []

    def end_cell(self) -> int:
        """Returns how many cells with a text there are because of this one."""
        text = line(" ".join(self.text))
        self.text = []
        if text:
            # The same text in a whole row is a way to fill the memory, and nobody's table.
            for place in range(min(self._repeats, _MOST_SPACES)):
                self._cells[self._column + place] = text
        self._column += self._repeats
        return min(self._repeats, _MOST_SPACES) * min(self._row_repeats, _MOST_SPACES) if text else 0

    def end_row(self) -> None:
        if self._cells:
            for place in range(min(self._row_repeats, _MOST_SPACES)):
                self.rows[self._row + place] = self._cells
        self._row += self._row_repeats

    def as_rows(self) -> list[list[str]]:
        width = 1 + max((max(cells) for cells in self.rows.values()), default=-1)
        return [[cells.get(place, "") for place in range(min(width, 1024))] for cells in self.rows.values()]

    def in_a_line(self) -> str:
        return "; ".join(", ".join(cells.values()) for cells in self.rows.values())


def read_open_document(archive: Archive, sink: Sink) -> None:
    """Reads a text, sheets or slides."""
    if archive.has(_MANIFEST):
        manifest = _Manifest()
        read_xml(archive.chunks(_MANIFEST), manifest)
        if manifest.is_encrypted:
            raise RefusedError(Reason.PASSWORD)
    content = _Content(sink)
    try:
        read_xml(archive.chunks(_CONTENT), content)
    except EnoughError:
        if (sheet := content.open_sheet) is not None:
            content.write_sheet(sheet)
        raise
    if not content.is_in_parts:
        content.finish()
    sink.note_parts(NoteKind.HIDDEN, content.hidden)


def _count(text: str) -> int:
    return max(1, int(text)) if text.isdecimal() and len(text) < 9 else 1
