"""What a document is once it has been read: text in numbered parts, and what must be said about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError


class DocumentKind(Enum):
    """What a file is by its content; its ending only tells apart what is text in any case."""

    PDF = "pdf"
    WORD = "docx"
    PRESENTATION = "pptx"
    WORKBOOK = "xlsx"
    BINARY_WORKBOOK = "xls"
    OPEN_TEXT = "odt"
    OPEN_SHEETS = "ods"
    OPEN_SLIDES = "odp"
    BOOK = "epub"
    PAGE_OF_THE_WEB = "html"
    TABLE = "csv"
    MARKDOWN = "md"
    CODE = "code"
    TEXT = "txt"


class PartKind(Enum):
    """What the parts of a document are called."""

    PAGE = "page"
    SHEET = "sheet"
    SLIDE = "slide"
    CHAPTER = "chapter"
    WHOLE = "whole"  # the document has no parts


@dataclass(frozen=True)
class Part:
    """A page, a sheet, a slide, a chapter, or the whole.

    Attributes:
        number: From 1, as people count: the place among all parts of the file, those left out counted too.
        name: Of a sheet or a slide, the heading of a chapter; empty: it has none.
        text: Plain text; tables are Markdown, and so are headings and lists.
    """

    kind: PartKind
    number: int
    name: str
    text: str

    @property
    def characters(self) -> int:
        return len(self.text)


class NoteKind(Enum):
    """What is worth telling about a document that was read."""

    CUT_OFF = "cut off"
    MORE_PAGES = "more pages"
    MORE_CELLS = "more cells"
    HIDDEN = "hidden"
    PICTURES = "pictures"
    DAMAGED_PAGES = "damaged pages"
    GUESSED_ENCODING = "guessed encoding"


# A value stands for {0}.
NOTES: Final[Mapping[NoteKind, str]] = MappingProxyType(
    {
        NoteKind.CUT_OFF: QT_TRANSLATE_NOOP("Documents", "Only the beginning was read: the first {0} characters."),
        NoteKind.MORE_PAGES: QT_TRANSLATE_NOOP("Documents", "Only the first {0} pages were read."),
        NoteKind.MORE_CELLS: QT_TRANSLATE_NOOP("Documents", "Only the first {0} cells were read."),
        NoteKind.HIDDEN: QT_TRANSLATE_NOOP("Documents", "Hidden, and left out: {0}."),
        NoteKind.PICTURES: QT_TRANSLATE_NOOP("Documents", "Pages that are pictures without text: {0}."),
        NoteKind.DAMAGED_PAGES: QT_TRANSLATE_NOOP("Documents", "Pages that could not be read: {0}."),
        NoteKind.GUESSED_ENCODING: QT_TRANSLATE_NOOP(
            "Documents", "The file does not say how it is encoded; read as {0}."
        ),
    }
)


@dataclass(frozen=True)
class Note:
    """Something that must be said about a document.

    Attributes:
        value: What stands for {0} in its sentence.
    """

    kind: NoteKind
    value: str

    @property
    def pattern(self) -> str:
        """The sentence before the value stands in it, so that it can be translated."""
        return NOTES[self.kind]

    def __str__(self) -> str:
        return self.pattern.format(self.value)


@dataclass(frozen=True)
class Document:
    """A file that was read.

    Attributes:
        name: Of the file.
        parts: In the order of the file; those without text are left out.
        notes: What must be said about it.
        language: "zh", "ja", "ko" where the letters say so; empty: another, or no telling.
    """

    name: str
    kind: DocumentKind
    parts: tuple[Part, ...]
    notes: tuple[Note, ...] = ()
    language: str = ""

    @property
    def characters(self) -> int:
        return sum(part.characters for part in self.parts)


_MB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """What one document may take; beyond the first five it is refused, beyond the others cut off, and that is said.

    Attributes:
        memory: Bytes that the process may take beyond what it has before it looks at the file.
        seconds: From its start to its end.
        cpu_seconds: Time of the processor.
        silent_seconds: Between two signs that it gets any further.
        file_bytes: Of a file that cannot be read in part, and of all that is unpacked of one.
        pages: Pages, slides and chapters.
        cells: Of all sheets together.
        characters: Of the whole text.
    """

    memory: int = 512 * _MB
    seconds: float = 300.0
    cpu_seconds: int = 240
    silent_seconds: float = 60.0
    file_bytes: int = 256 * _MB
    pages: int = 5_000
    cells: int = 500_000
    characters: int = 4_000_000


class IsAFolderError(UserFacingError):
    """What was opened is a folder, of which a library can be made."""


@dataclass(frozen=True)
class ReadingProgress:
    """How far reading is.

    Attributes:
        done: Parts that were read; bytes where there are none.
        total: How many there are; 0: it is not known.
        characters: Of the text so far.
    """

    done: int = 0
    total: int = 0
    characters: int = 0
