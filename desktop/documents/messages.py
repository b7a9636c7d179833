"""What the app and the process that reads a document say to each other; see :mod:`desktop.engine.process.channel`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop.documents.problems import Reason
from desktop.documents.types import DocumentKind, Limits, NoteKind, PartKind

VERB: Final = "document-process"
# Characters of a piece of text, and bytes of a message: a character is four bytes at the most.
PIECE: Final = 64 * 1024
MESSAGE_LIMIT: Final = 4 * PIECE + 4096
# Characters of a name or a value.
WORDS: Final = 300


@dataclass(frozen=True)
class Read:
    """To the process: the one thing that it is to do."""

    path: Path
    limits: Limits


@dataclass(frozen=True)
class Recognised:
    """What the file is; comes before all parts."""

    kind: DocumentKind


@dataclass(frozen=True)
class PartBegins:
    """The text that follows belongs to this part."""

    kind: PartKind
    number: int
    name: str


@dataclass(frozen=True)
class Piece:
    """Text of the part that began last."""

    text: str


@dataclass(frozen=True)
class Progressed:
    """How far it is."""

    done: int
    total: int


@dataclass(frozen=True)
class Noted:
    """Something is to be said about the document."""

    kind: NoteKind
    value: str


@dataclass(frozen=True)
class Refused:
    """The document cannot be read; the last message."""

    reason: Reason


@dataclass(frozen=True)
class Completed:
    """All was said; the last message."""


FromProcess = Recognised | PartBegins | Piece | Progressed | Noted | Refused | Completed
TO_PROCESS: Final = (Read,)
FROM_PROCESS: Final = (Recognised, PartBegins, Piece, Progressed, Noted, Refused, Completed)
