"""PowerPoint's .pptx (ECMA-376, PresentationML): slides in their order, with titles, lists, tables and notes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from desktop.documents.formats.archive import Archive
from desktop.documents.formats.markdown import joined, line, markdown_table
from desktop.documents.formats.office.relations import main_part, relations_of
from desktop.documents.formats.sink import Sink
from desktop.documents.formats.xml_events import XmlReader, read_xml
from desktop.documents.types import NoteKind, PartKind

_TITLES: Final = ("title", "ctrTitle")
# Numbers of slides, dates and footers, the same on all; on pages of notes the picture of the slide.
_REPEATED: Final = ("sldNum", "dt", "ftr", "hdr", "sldImg")
_INDENT: Final = "  "


class _Order(XmlReader):
    def __init__(self) -> None:
        self.ids: list[str] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        # Its own id and that of the relationship have the same name without a namespace; this one comes last.
        if name == "sldId":
            self.ids.append(attributes.get("id", ""))


class _Slide(XmlReader):
    """Collects the blocks of a slide, or of the notes to one."""

    def __init__(self) -> None:
        self.title = ""
        self.blocks: list[str] = []
        self.is_hidden = False
        self._role = ""
        self._paragraph: list[str] = []
        self._level = 0
        self._takes_text = False
        self._rows: list[list[str]] | None = None
        self._cell: list[str] = []
        self._unseen = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if self._unseen or name == "Fallback":
            self._unseen += 1
            return
        match name:
            case "sld":
                self.is_hidden = attributes.get("show") in ("0", "false")
            case "sp":
                self._role = ""
            case "ph":
                self._role = attributes.get("type", "body")
            case "p":
                self._paragraph, self._level = [], 0
            case "pPr":
                level = attributes.get("lvl", "0")
                self._level = min(int(level), 8) if level.isdecimal() and len(level) < 3 else 0
            case "t":
                self._takes_text = True
            case "br":
                self._paragraph.append("\n")
            case "tbl":
                self._rows = []
            case "tr" if self._rows is not None:
                self._rows.append([])
            case "tc":
                self._cell = []

    def end(self, name: str) -> None:
        if self._unseen:
            self._unseen -= 1
            return
        match name:
            case "t":
                self._takes_text = False
            case "p":
                self._end_paragraph("".join(self._paragraph).strip())
            case "tc" if self._rows:
                self._rows[-1].append(" ".join(self._cell))
            case "tbl" if self._rows is not None:
                self.blocks.append(markdown_table(self._rows))
                self._rows = None
            case "sp":
                self._role = ""

    def text(self, data: str) -> None:
        if self._takes_text and not self._unseen:
            self._paragraph.append(data)

    def _end_paragraph(self, text: str) -> None:
        self._paragraph = []
        if not text or self._role in _REPEATED:
            return
        if self._rows is not None:
            self._cell.append(text)
        elif self._role in _TITLES:
            self.title = f"{self.title} {line(text)}".strip()
        elif self._role in ("body", "obj"):
            self.blocks.append(f"{_INDENT * self._level}- {line(text)}")
        else:
            self.blocks.append(text)


def read_pptx(archive: Archive, sink: Sink) -> None:
    """Reads a presentation."""
    presentation = main_part(archive, "ppt/presentation.xml")
    order = _Order()
    read_xml(archive.chunks(presentation), order)
    relations = relations_of(archive, presentation)
    slides = [relations[each].target for each in order.ids if each in relations]
    hidden = []
    for number, member in enumerate(slides, start=1):
        sink.advance(number - 1, len(slides))
        slide = _Slide()
        read_xml(archive.chunks(member), slide)
        if slide.is_hidden:
            hidden.append(str(number))
            continue
        blocks = [f"# {slide.title}"] if slide.title else []
        blocks += slide.blocks
        if notes := _notes_of(archive, member):
            blocks.append("Notes: " + notes)
        sink.begin(PartKind.SLIDE, number, slide.title)
        sink.write(joined(blocks))
    sink.note_parts(NoteKind.HIDDEN, hidden)


def _notes_of(archive: Archive, slide: str) -> str:
    for relation in relations_of(archive, slide).values():
        if relation.kind == "notesSlide" and archive.has(relation.target):
            notes = _Slide()
            read_xml(archive.chunks(relation.target), notes)
            return line(" ".join(block.removeprefix("- ") for block in notes.blocks))
    return ""
