"""What SQLite and the system report of the history's file: whether the file is damaged, and the sentence for people."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError, has_no_room, is_disk_full

# Result codes that say that the content of the file is at fault.
DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def as_user_error(failure: sqlite3.Error | OSError, file: Path) -> UserFacingError:
    """Returns the sentence for what SQLite or the system reports. A transaction that fails has changed nothing."""
    detail = f"{file}: {failure}."
    if is_full(failure, file):
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The disk is full; the conversation was not saved."),
            detail,
            QT_TRANSLATE_NOOP("Errors", "Make room on the disk and try again."),
        )
    if isinstance(failure, sqlite3.Error) and is_damage(failure):
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The file of the conversations is damaged."),
            detail,
            QT_TRANSLATE_NOOP("Errors", "Start Catnap again: it saves what can be read, and keeps the damaged file."),
        )
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The conversations cannot be read or saved."),
        detail,
        QT_TRANSLATE_NOOP("Errors", "Check that the file may be written and that no other program holds it."),
    )


def is_full(failure: sqlite3.Error | OSError, file: Path) -> bool:
    """Tells whether a failure to write a database means that there is no room left on its disk."""
    if isinstance(failure, OSError):
        return is_disk_full(failure)
    # SQLite calls it full where the disk is, and an error of the disk where the user's share of it is used up.
    return primary_code(failure) == sqlite3.SQLITE_FULL or (
        primary_code(failure) in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN) and has_no_room(file.parent)
    )


def is_damage(failure: sqlite3.Error) -> bool:
    """Tells whether the file's content is at fault, not the disk or its permissions.

    SQLITE_ERROR is among the codes: to statements that never change, the cause is a table that has lost something.
    Whether it is so is found out at the next start.
    """
    return primary_code(failure) in (*DAMAGE, sqlite3.SQLITE_ERROR)


def suspect_marker(file: Path) -> Path:
    """Returns the file whose presence asks for a full check at the next start."""
    return file.with_name(f"{file.name}.suspect")


def primary_code(failure: sqlite3.Error) -> int:
    """Returns the primary result code; the higher bits of the extended one only give details."""
    return getattr(failure, "sqlite_errorcode", 0) & 0xFF


def damage(complaint: str) -> sqlite3.DatabaseError:
    """Returns the error that SQLite would raise for a damage that only the program can tell."""
    found = sqlite3.DatabaseError(complaint)
    found.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return found
