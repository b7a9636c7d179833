"""What came of one document, as a row of a table, and the columns that such a table has beside those of its form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from desktop.common.errors import UserFacingError
from desktop.common.printable import one_line
from desktop.documents.types import Note
from desktop.structured.extraction import Finding
from desktop.structured.fields import Form
from desktop.structured.tables import BYTE_ORDER_MARK, csv_cell, csv_text, markdown_rows, safe_text, shown

# Columns beside those of the form, in the files that are written.
DOCUMENT, NOT_FOUND, REMARK, ERROR = "document", "not found in the text", "remark", "error"
# Characters of a value in a table of Markdown.
_MOST_IN_CELL: Final = 2_000


@dataclass(frozen=True)
class Row:
    """What came of one document.

    Attributes:
        document: Its name, as it stands in the table.
        pieces: In how many parts it was asked about; 0: not at all.
        notes: What must be said about the document.
        error: Why it could not be filled in; None: it was.
    """

    document: str
    found: Mapping[str, Finding] = field(default_factory=dict)
    pieces: int = 0
    notes: tuple[Note, ...] = ()
    error: UserFacingError | None = None

    @property
    def not_found(self) -> tuple[str, ...]:
        """The fields whose values the document does not say."""
        return tuple(name for name, each in self.found.items() if each.in_text is False)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What else there is to say of it."""
        parts = (f"read in {self.pieces} parts",) if self.pieces > 1 else ()
        return (*parts, *map(str, self.notes))

    @property
    def error_words(self) -> str:
        """Why it could not be filled in, in one line; empty: it was."""
        return "" if self.error is None else one_line(str(self.error))


def head_of(form: Form) -> list[str]:
    """Returns the names of the columns, as a file has them."""
    return [DOCUMENT, *(safe_text(each.name) for each in form.fields), NOT_FOUND, REMARK, ERROR]


def cells_of(row: Row, form: Form) -> list[str]:
    """Returns the cells of a row, as a file for a spreadsheet has them: no text is a formula."""
    values = [csv_cell(row.found[each.name].value) if each.name in row.found else "" for each in form.fields]
    others = (", ".join(row.not_found), "; ".join(row.remarks), row.error_words)
    return [safe_text(row.document), *values, *(safe_text(each) for each in others)]


def csv_of_rows(rows: Sequence[Row], form: Form) -> str:
    """Returns the text of a CSV file (RFC 4180), with the mark by which Excel knows UTF-8."""
    return BYTE_ORDER_MARK + csv_text([head_of(form), *(cells_of(row, form) for row in rows)])


def markdown_of_rows(rows: Sequence[Row], form: Form) -> str:
    """Returns the same as a table of Markdown, without the columns in which nothing stands."""
    lines = []
    for row in rows:
        values = [shown(row.found[each.name].value)[:_MOST_IN_CELL] if row.found else "" for each in form.fields]
        lines.append([row.document, *values, ", ".join(row.not_found), "; ".join(row.remarks), row.error_words])
    head = [DOCUMENT, *(each.name for each in form.fields), NOT_FOUND, REMARK, ERROR]
    kept = [at for at in range(len(head)) if at <= len(form.fields) or any(line[at] for line in lines)]
    return markdown_rows([[line[at] for at in kept] for line in (head, *lines)])
