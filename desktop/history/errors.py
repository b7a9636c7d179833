"""What SQLite and the system report of the history's file: whether the file is damaged, and the sentence for people."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.sqlite import DAMAGE, is_full, primary_code


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


def is_damage(failure: sqlite3.Error) -> bool:
    """Tells whether the file's content is at fault, not the disk or its permissions.

    SQLITE_ERROR is among the codes: to statements that never change, the cause is a table that has lost something.
    Whether it is so is found out at the next start.
    """
    return primary_code(failure) in (*DAMAGE, sqlite3.SQLITE_ERROR)
