"""What is known of a document that is kept, without its text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from desktop.documents.types import DocumentKind, Note, PartKind


@dataclass(frozen=True)
class PartSummary:
    """A part of a document without its text; see :class:`desktop.documents.types.Part`."""

    kind: PartKind
    number: int
    name: str
    characters: int


@dataclass(frozen=True)
class StoredDocument:
    """What is known of a document that is kept.

    Attributes:
        id: A hash of its kind and its parts.
        origin: The file that it was read from, which may be gone or another one by now; None: it is no file's.
    """

    id: str
    name: str
    kind: DocumentKind
    origin: Path | None
    parts: tuple[PartSummary, ...]
    notes: tuple[Note, ...] = ()
    language: str = ""

    @property
    def characters(self) -> int:
        return sum(part.characters for part in self.parts)
