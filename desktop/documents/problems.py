"""Why a document cannot be read, in words. The process that reads only names the reason: its words are not trusted."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.documents.types import IsAFolderError


class Reason(Enum):
    """Why a document cannot be read."""

    EMPTY = "empty"
    NO_TEXT = "no text"
    PICTURES = "pictures"
    PASSWORD = "password"
    COPY_PROTECTED = "copy protected"
    DAMAGED = "damaged"
    TOO_LARGE = "too large"
    UNPACKED = "unpacked"
    UNUSUAL = "unusual"
    UNKNOWN = "unknown"
    OLD_OFFICE = "old office"
    ARCHIVE = "archive"
    A_PICTURE = "a picture"
    NO_MEMORY = "no memory"
    TOO_SLOW = "too slow"
    STUCK = "stuck"
    CRASHED = "crashed"
    NONSENSE = "nonsense"
    GONE = "gone"
    NO_FILE = "no file"
    FOLDER = "folder"
    NOT_ALLOWED = "not allowed"


class RefusedError(Exception):
    """Raised within the process that reads: the document is refused."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class CannotStartError(UserFacingError):
    """The process that reads cannot be started, which says nothing about the document."""


_SAVE_AGAIN = QT_TRANSLATE_NOOP(
    "Errors", "Open it in the program that it was made with, save it again, and try that file."
)
_SAVE_PART = QT_TRANSLATE_NOOP("Errors", "Save the part that you need as a document of its own, and try that one.")
_SAVE_AS = QT_TRANSLATE_NOOP("Errors", "Save it as PDF, Word (.docx) or plain text, and try that file.")
# Title and remedy.
_SENTENCES: Final[Mapping[Reason, tuple[str, str]]] = MappingProxyType(
    {
        Reason.EMPTY: (
            QT_TRANSLATE_NOOP("Errors", "This file is empty."),
            QT_TRANSLATE_NOOP("Errors", "Choose another file, or save it again where it comes from."),
        ),
        Reason.NO_TEXT: (
            QT_TRANSLATE_NOOP("Errors", "There is no text in this document."),
            QT_TRANSLATE_NOOP("Errors", "Choose a document with text; pictures and drawings are not read."),
        ),
        Reason.PICTURES: (
            QT_TRANSLATE_NOOP("Errors", "This PDF has pictures of text only."),
            QT_TRANSLATE_NOOP("Errors", "Have a program for text recognition (OCR) add the text, and try its result."),
        ),
        Reason.PASSWORD: (
            QT_TRANSLATE_NOOP("Errors", "This document is protected by a password."),
            QT_TRANSLATE_NOOP("Errors", "Open it with its password elsewhere, save it without one, and try that file."),
        ),
        Reason.COPY_PROTECTED: (
            QT_TRANSLATE_NOOP("Errors", "This book is copy protected."),
            QT_TRANSLATE_NOOP("Errors", "Only the program of the shop that sold it can read it."),
        ),
        Reason.DAMAGED: (QT_TRANSLATE_NOOP("Errors", "This document is damaged."), _SAVE_AGAIN),
        Reason.TOO_LARGE: (QT_TRANSLATE_NOOP("Errors", "This document is too large to be read."), _SAVE_PART),
        Reason.UNPACKED: (
            QT_TRANSLATE_NOOP("Errors", "This document unpacks to more than is read of any document."),
            _SAVE_PART,
        ),
        Reason.UNUSUAL: (
            QT_TRANSLATE_NOOP("Errors", "This document is built as no ordinary one is, and was not read."),
            _SAVE_AGAIN,
        ),
        Reason.UNKNOWN: (QT_TRANSLATE_NOOP("Errors", "Files of this kind cannot be read."), _SAVE_AS),
        Reason.OLD_OFFICE: (
            QT_TRANSLATE_NOOP("Errors", "This is a document in a format before Office 2007."),
            QT_TRANSLATE_NOOP("Errors", "Save it as .docx or .pptx, and try that file."),
        ),
        Reason.ARCHIVE: (
            QT_TRANSLATE_NOOP("Errors", "This is an archive, not a document."),
            QT_TRANSLATE_NOOP("Errors", "Unpack it, and choose a document that was in it."),
        ),
        Reason.A_PICTURE: (
            QT_TRANSLATE_NOOP("Errors", "This is a picture, a sound or a film, not a document."),
            QT_TRANSLATE_NOOP("Errors", "Choose a document with text."),
        ),
        Reason.NO_MEMORY: (
            QT_TRANSLATE_NOOP("Errors", "This document takes more memory than is given to any document."),
            _SAVE_PART,
        ),
        Reason.TOO_SLOW: (
            QT_TRANSLATE_NOOP("Errors", "Reading this document took too long and was stopped."),
            _SAVE_PART,
        ),
        Reason.STUCK: (
            QT_TRANSLATE_NOOP("Errors", "Reading this document did not get any further and was stopped."),
            _SAVE_AGAIN,
        ),
        Reason.CRASHED: (
            QT_TRANSLATE_NOOP("Errors", "This document has brought down what reads it; nothing else was harmed."),
            _SAVE_AGAIN,
        ),
        Reason.NONSENSE: (
            QT_TRANSLATE_NOOP("Errors", "What came of this document makes no sense, and was thrown away."),
            _SAVE_AGAIN,
        ),
        Reason.GONE: (
            QT_TRANSLATE_NOOP("Errors", "There is no such document."),
            QT_TRANSLATE_NOOP("Errors", "It may have been moved or renamed, or be on a drive that is not connected."),
        ),
        Reason.NO_FILE: (
            QT_TRANSLATE_NOOP("Errors", "This is no file that can be read."),
            QT_TRANSLATE_NOOP("Errors", "Choose a document; a device is none."),
        ),
        Reason.FOLDER: (
            QT_TRANSLATE_NOOP("Errors", "This is a folder, not a document."),
            QT_TRANSLATE_NOOP("Errors", "As a library it can be asked about, with all documents in it."),
        ),
        Reason.NOT_ALLOWED: (
            QT_TRANSLATE_NOOP("Errors", "The system does not let this document be read."),
            QT_TRANSLATE_NOOP("Errors", "Look who may read the file, and whether another program has it locked."),
        ),
    }
)


def problem(reason: Reason, name: str) -> UserFacingError:
    """Returns the sentence for a reason.

    Args:
        name: Of the file.
    """
    title, remedy = _SENTENCES[reason]
    kind = IsAFolderError if reason is Reason.FOLDER else UserFacingError
    return kind(title, f"{name}.", remedy)


def cannot_start(why: str) -> UserFacingError:
    """Returns the sentence for a process that cannot be started."""
    return CannotStartError(
        QT_TRANSLATE_NOOP("Errors", "What reads documents cannot be started."),
        f"{why}.",
        QT_TRANSLATE_NOOP("Errors", "Close other programs and try again; an antivirus program may be in the way."),
    )
