"""What is known of a document that is kept, without its text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop.common.printable import storable
from desktop.documents.types import Document, DocumentKind, Note, PartKind

_ID_LENGTH: Final = 32  # characters of the hash


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
        read_at: When its file was last read, in seconds since 1970.
    """

    id: str
    name: str
    kind: DocumentKind
    origin: Path | None
    parts: tuple[PartSummary, ...]
    notes: tuple[Note, ...] = ()
    language: str = ""
    read_at: float = 0.0

    @property
    def characters(self) -> int:
        return sum(part.characters for part in self.parts)


def identity_of(document: Document) -> str:
    """Returns the id of a document: the same for the same kind and parts, whatever the file is called."""
    import hashlib  # brings OpenSSL along, which nothing else needs when the app starts

    digest = hashlib.sha256(document.kind.value.encode())
    for part in document.parts:
        for piece in (part.kind.value, str(part.number), part.name, part.text):
            content = storable(piece).encode()
            digest.update(f"\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()[:_ID_LENGTH]
