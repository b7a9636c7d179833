"""What every part that keeps a SQLite file needs: transactions, and what SQLite's errors say about the file."""

from __future__ import annotations

import logging
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from desktop.common.errors import UserFacingError, has_no_room, is_disk_full
from desktop.common.set_aside import free_name, rename_away

_log = logging.getLogger(__name__)

# What SQLite keeps beside a file.
COMPANIONS: Final = ("-wal", "-shm")
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


@contextmanager
def reported(
    file: Path,
    sentence: Callable[[sqlite3.Error | OSError, Path], UserFacingError],
    is_damage: Callable[[sqlite3.Error], bool],
) -> Iterator[None]:
    """Turns what the disk can do to a database into an error for people; the rest are bugs.

    Where the content is at fault, the next program that opens the file is asked to look at all of it.

    Args:
        file: The database.
        sentence: Makes the error.
        is_damage: Tells whether the content is at fault.
    """
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise
    except sqlite3.DatabaseError as problem:
        _log.warning("%s: %s", file.name, problem)
        if is_damage(problem):
            with suppress(OSError):  # its folder may be gone
                suspect_marker(file).touch()
        raise sentence(problem, file) from problem


def suspect_marker(file: Path) -> Path:
    """Returns the file whose presence asks for a full check of a database at the next start."""
    return file.with_name(f"{file.name}.suspect")


def forget_suspicion(file: Path) -> None:
    """Asks for no check any more."""
    try:
        suspect_marker(file).unlink(missing_ok=True)
    except OSError as problem:  # then the next start checks again
        _log.warning("%s: %s", suspect_marker(file).name, problem.strerror or problem)


def companion(file: Path, suffix: str) -> Path:
    """Returns the file that SQLite keeps beside a database, such as its log, "-wal"."""
    return file.with_name(file.name + suffix)


def clear_log_names(file: Path) -> None:
    """Renames what lies where SQLite wants its log and is no file: it could neither be read nor replaced.

    Raises:
        OSError: It cannot be renamed.
    """
    for suffix in (*COMPANIONS, "-journal"):
        part = companion(file, suffix)
        if _is_in_the_way(part):
            rename_away(part, free_name(file, f"damaged{suffix}"))


def _is_in_the_way(part: Path) -> bool:
    # In one look: a log comes and goes with the connections of other threads and programs, and one that is in use must
    # never get another name.
    try:
        return not stat.S_ISREG(part.stat().st_mode)
    except OSError:
        return part.is_symlink()  # one that leads nowhere


def has_damage(failure: sqlite3.Error) -> bool:
    """Tells whether SQLite says that the content of a file is at fault."""
    return primary_code(failure) in DAMAGE


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
