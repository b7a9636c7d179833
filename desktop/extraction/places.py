"""Where a document says what stands in a row of the table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from desktop.documents.types import Document
from desktop.extraction.rows import Row
from desktop.structured.fields import Field, FieldKind
from desktop.structured.reading import place_in

# A choice is named by the form in its own words, and a "yes" stands anywhere.
_UNTOLD = (FieldKind.CHOICE, FieldKind.YES_NO)


@dataclass(frozen=True)
class Place:
    """Some characters of a document.

    Attributes:
        part: Number of its part.
        start: The first of them in the text of that part.
        end: What follows the last one.
    """

    part: int
    start: int
    end: int


def place_of(row: Row, fields: Iterable[Field], document: Document) -> Place | None:
    """Returns where a document says the first of some values that it says at all; None: it says none.

    Args:
        row: What was found in it.
        fields: Whose values are looked for, in this order.
        document: As it was read again.
    """
    for field in fields:
        found = row.found.get(field.name)
        if found is None or not found.written or field.kind in _UNTOLD:
            continue
        for part in document.parts:
            span = place_in(field, found.written, part.text)
            if span is not None:
                return Place(part.number, *span)
    return None
