"""What the document service tells the interface. Frozen values, delivered on the GUI thread."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.common.errors import UserFacingError
from desktop.documents.library.stored import StoredDocument
from desktop.documents.types import ReadingProgress


@dataclass(frozen=True)
class Attachment:
    """What a conversation is about.

    Attributes:
        parts: Numbers of the parts that are meant, as "1-3,7"; empty: all.
    """

    document: StoredDocument
    parts: str = ""


@dataclass(frozen=True)
class DocumentOpening:
    """A file is being read.

    Attributes:
        key: What ``DocumentService.open`` has returned.
        name: Of the file.
    """

    key: int
    name: str
    progress: ReadingProgress


@dataclass(frozen=True)
class DocumentOpened:
    """A file was read and is kept; it is not attached to any conversation yet."""

    key: int
    stored: StoredDocument


@dataclass(frozen=True)
class DocumentRefused:
    """A file cannot be read or kept."""

    key: int
    error: UserFacingError


@dataclass(frozen=True)
class DocumentReading:
    """The model reads the document of a conversation, so that questions about it are answered at once.

    Attributes:
        done: Tokens that it has read.
        total: Tokens that it had to read when it began.
        seconds_left: By the speed of this reading; None: it has just begun.
    """

    document_id: str
    done: int
    total: int
    seconds_left: float | None = None


@dataclass(frozen=True)
class DocumentRead:
    """The model has the whole document before it.

    Attributes:
        tokens: Of the document with the instructions around it.
    """

    document_id: str
    tokens: int


@dataclass(frozen=True)
class DocumentTooLong:
    """The document does not fit into the model's context: questions are asked with the passages that they are about.

    Attributes:
        tokens: What it takes; of a very long one about so many.
        room: What the context has for it.
    """

    document_id: str
    tokens: int
    room: int


DocumentEvent = DocumentOpening | DocumentOpened | DocumentRefused | DocumentReading | DocumentRead | DocumentTooLong
