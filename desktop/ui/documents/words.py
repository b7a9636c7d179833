"""What parts and amounts of a document are called, in the language of the interface."""

from __future__ import annotations

import re
from typing import Final

from PySide6.QtCore import QCoreApplication

from desktop.common.text.number_ranges import write_numbers
from desktop.documents.types import Document, DocumentKind, Note, Part, PartKind
from desktop.ui.transcript.figures import count_words

# Characters by which the words of a document are counted, taken at so many places of it.
_SAMPLE: Final = 20_000
_PLACES: Final = 8
_MOSTLY: Final = 0.5
_WIDE: Final = re.compile("[\u3040-\u9fff\uac00-\ud7af]")
_FIRST_WORDS: Final = 60
# Around the words of a heading or a cell of a table.
_MARKS: Final = re.compile(r"^[#>|*\s-]+|[|*]+|\s+")


def kind_words(kind: DocumentKind) -> str:
    """Returns what a file is: "PDF", "Word"."""
    tr = QCoreApplication.translate
    words = {
        DocumentKind.PDF: "PDF",
        DocumentKind.WORD: "Word",
        DocumentKind.PRESENTATION: "PowerPoint",
        DocumentKind.WORKBOOK: "Excel",
        DocumentKind.BINARY_WORKBOOK: "Excel",
        DocumentKind.OPEN_TEXT: tr("Documents", "Text document"),
        DocumentKind.OPEN_SHEETS: tr("Documents", "Spreadsheet"),
        DocumentKind.OPEN_SLIDES: tr("Documents", "Presentation"),
        DocumentKind.BOOK: tr("Documents", "Book"),
        DocumentKind.PAGE_OF_THE_WEB: tr("Documents", "Web page"),
        DocumentKind.TABLE: tr("Documents", "Table"),
        DocumentKind.MARKDOWN: "Markdown",
        DocumentKind.CODE: tr("Documents", "Source code"),
        DocumentKind.TEXT: tr("Documents", "Text"),
    }
    return words[kind]


def part_words(kind: PartKind, number: int, name: str = "") -> str:
    """Returns what one part is called: "Page 3", "Sheet 2: Prices"; empty: of what has no parts."""
    tr = QCoreApplication.translate
    words = {
        PartKind.PAGE: tr("Documents", "Page {number}"),
        PartKind.SHEET: tr("Documents", "Sheet {number}"),
        PartKind.SLIDE: tr("Documents", "Slide {number}"),
        PartKind.CHAPTER: tr("Documents", "Chapter {number}"),
        PartKind.WHOLE: "",
    }[kind].format(number=number)
    if not name or not words:
        return words
    return tr("Documents", "{part}: {name}").format(part=words, name=name)


def scope_words(kind: PartKind, numbers: str) -> str:
    """Returns what of a document is meant: "pages 1-3, 7", "sheet 2"; empty: all of it.

    Args:
        kind: Of its parts.
        numbers: "1-3, 7"; empty: all.
    """
    if not numbers or kind is PartKind.WHOLE:
        return ""
    tr = QCoreApplication.translate
    one = numbers.isdecimal()
    words = {
        PartKind.PAGE: tr("Documents", "page {numbers}") if one else tr("Documents", "pages {numbers}"),
        PartKind.SHEET: tr("Documents", "sheet {numbers}") if one else tr("Documents", "sheets {numbers}"),
        PartKind.SLIDE: tr("Documents", "slide {numbers}") if one else tr("Documents", "slides {numbers}"),
        PartKind.CHAPTER: tr("Documents", "chapter {numbers}") if one else tr("Documents", "chapters {numbers}"),
    }
    return words[kind].format(numbers=numbers)


def count_of_parts(kind: PartKind, count: int) -> str:
    """Returns how many parts there are: "12 pages"; empty: of what has no parts."""
    tr = QCoreApplication.translate
    words = {
        PartKind.PAGE: tr("Documents", "one page") if count == 1 else tr("Documents", "{count} pages"),
        PartKind.SHEET: tr("Documents", "one sheet") if count == 1 else tr("Documents", "{count} sheets"),
        PartKind.SLIDE: tr("Documents", "one slide") if count == 1 else tr("Documents", "{count} slides"),
        PartKind.CHAPTER: tr("Documents", "one chapter") if count == 1 else tr("Documents", "{count} chapters"),
        PartKind.WHOLE: "",
    }
    return words[kind].format(count=f"{count:,}")


def label_of_parts(kind: PartKind) -> str:
    """Returns the label of the field for the numbers of parts, with its letter."""
    tr = QCoreApplication.translate
    words = {
        PartKind.PAGE: tr("Documents", "&Pages:"),
        PartKind.SHEET: tr("Documents", "S&heets:"),
        PartKind.SLIDE: tr("Documents", "S&lides:"),
        PartKind.CHAPTER: tr("Documents", "Ch&apters:"),
        PartKind.WHOLE: "",
    }
    return words[kind]


def note_words(note: Note) -> str:
    """Returns a note in the language of the interface."""
    return QCoreApplication.translate("Documents", note.pattern).format(note.value)


def line_of(part: Part) -> str:
    """Returns a part as a row of a list: what it is called, and its first words."""
    title = part_words(part.kind, part.number, part.name)
    first = _MARKS.sub(" ", part.text[: 2 * _FIRST_WORDS]).strip()[:_FIRST_WORDS]
    if part.name or not first:
        return title
    return f"{title} \u00b7 {first}"


def there_are(document: Document) -> str:
    """Returns a sentence that says which numbers can be written: "There are pages 1 to 12 ..."."""
    numbers = write_numbers(part.number for part in document.parts)
    parts = scope_words(document.parts[0].kind, numbers)
    words = QCoreApplication.translate("Documents", "The document has {parts}. Write them like this: 1-3, 7")
    return words.format(parts=parts)


class WordEstimate:
    """How many words a number of characters of one document is."""

    def __init__(self, document: Document) -> None:
        sample = _sample(document)
        count = count_words(sample)
        self._share = count / len(sample) if sample else 0.0
        self._is_wide = len(_WIDE.findall(sample)) > _MOSTLY * count

    def words(self, characters: int) -> str:
        """Returns "about 1,240 words", or characters where a text is written in such."""
        amount = round(self._share * characters)
        step = 1 if amount < 100 else 10 if amount < 10_000 else 100
        count = f"{max(1, round(amount / step) * step):,}"
        if self._is_wide:
            return QCoreApplication.translate("Documents", "about {count} characters").format(count=count)
        return QCoreApplication.translate("Documents", "about {count} words").format(count=count)


def _sample(document: Document) -> str:
    """Returns the text of a document; of a long one pieces from all over it."""
    parts = document.parts
    if document.characters <= _SAMPLE:
        return "\n".join(part.text for part in parts)
    pieces = []
    for place in range(_PLACES):
        text = parts[place * len(parts) // _PLACES].text
        begin = place * len(text) // _PLACES if len(parts) < _PLACES else 0
        pieces.append(text[begin : begin + _SAMPLE // _PLACES])
    return "\n".join(pieces)
