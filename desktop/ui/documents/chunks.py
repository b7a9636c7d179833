"""A document cut into pieces, written on the page one by one, so that opening costs the same at any length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from desktop.documents.types import Document

# One chunk is laid out within some 10 ms on the machine of docs/ARCHITECTURE.md. A cell of a table costs as much as a
# line of text.
_CHARACTERS: Final = 4_000
_CELLS: Final = 150


@dataclass(frozen=True)
class Chunk:
    """A piece of the text of a part.

    Attributes:
        part: Place of the part in the document, from 0; not its number.
        start: Where in its text the chunk begins.
        end: What follows it.
    """

    part: int
    start: int
    end: int


def cut_document(document: Document) -> tuple[Chunk, ...]:
    """Returns a document as chunks, in their order; each part begins with one of its own."""
    return tuple(
        Chunk(place, start, end) for place, part in enumerate(document.parts) for start, end in _cut(part.text)
    )


def _cut(text: str) -> Iterator[tuple[int, int]]:
    """Yields pieces of a text: after a line where one ends, after a word where the line is too long, else anywhere."""
    start = 0
    while start < len(text) or not start:
        most = _end_of_piece(text, start, start + _CHARACTERS)
        pieces = text.count("|", start, most) // _CELLS + 1
        step = -(-(most - start) // pieces)
        while start < most:
            end = most if start + step >= most else text.find("\n", start + step, most) + 1 or most
            yield start, end
            start = end
        if not text:
            yield 0, 0
            return


def _end_of_piece(text: str, start: int, most: int) -> int:
    if most >= len(text):
        return len(text)
    feed = text.rfind("\n", start, most)
    space = text.rfind(" ", (start + most) // 2, most) if feed < start else -1
    return max(feed, space) + 1 if max(feed, space) >= start else most
