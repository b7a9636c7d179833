"""How far a table is, and what came of a document, in a person's words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from desktop.common.printable import one_line
from desktop.extraction.filling import FillingProgress
from desktop.extraction.rows import Row
from desktop.ui.documents.words import note_words
from desktop.ui.words import SEPARATOR, error_words, sentences, short_name


def progress_words(place: int, total: int, name: str, filling: FillingProgress) -> str:
    """Returns ``3 of 12, invoice-7.pdf · part 2 of 5``.

    Args:
        place: Of the document, from 0.
        total: Documents of the table.
        name: Of the document.
        filling: How far that is.
    """
    words = QCoreApplication.translate("Tables", "{number} of {total}, {name}")
    parts = [words.format(number=f"{place + 1:,}", total=f"{total:,}", name=short_name(one_line(name)))]
    if not filling.part:
        parts.append(QCoreApplication.translate("Tables", "reading"))
    elif filling.parts > 1:
        part = QCoreApplication.translate("Tables", "part {number} of {total}")
        parts.append(part.format(number=filling.part, total=filling.parts))
    return SEPARATOR.join(parts)


def remark_words(row: Row) -> str:
    """Returns what there is to say of a row beside its values: why it could not be filled in, or notes."""
    if row.error is not None:
        return error_words(row.error)
    parts = []
    if row.pieces > 1:
        parts.append(QCoreApplication.translate("Tables", "Asked in {count} parts.").format(count=row.pieces))
    return sentences(*parts, *map(note_words, row.notes))
