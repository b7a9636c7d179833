"""What every part that keeps a SQLite file needs: transactions, and what SQLite's errors say about the file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from desktop.common.errors import has_no_room, is_disk_full

# Result codes that say that the content of the file is at fault.
DAMAGE: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of what is done in it is written, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite itself rolls back when the disk is full, and then refuses to
            connection.execute("ROLLBACK")
        raise


def is_full(failure: sqlite3.Error | OSError, file: Path) -> bool:
    """Tells whether a failure to write a database means that there is no room left on its disk."""
    if isinstance(failure, OSError):
        return is_disk_full(failure)
    # SQLite calls it full where the disk is, and an error of the disk where the user's share of it is used up.
    return primary_code(failure) == sqlite3.SQLITE_FULL or (
        primary_code(failure) in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN) and has_no_room(file.parent)
    )


def primary_code(failure: sqlite3.Error) -> int:
    """Returns the primary result code; the higher bits of the extended one only give details."""
    return getattr(failure, "sqlite_errorcode", 0) & 0xFF


def damage(complaint: str) -> sqlite3.DatabaseError:
    """Returns the error that SQLite would raise for a damage that only the program can tell."""
    found = sqlite3.DatabaseError(complaint)
    found.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return found
