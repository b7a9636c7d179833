"""Conversations out of another file of Catnap's own: a daily copy, one that was set aside, the history of a computer
before this one.

It is copied first, by SQLite itself, which may have it open at this moment; then the copy is opened like a history,
which brings it to the present version and recovers what can be read of it.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from desktop.common.errors import Cancelled
from desktop.common.regular_file import is_log, is_open_database, open_regular
from desktop.common.sqlite import companion, suspect_marker
from desktop.history.database import open_database
from desktop.history.errors import as_user_error
from desktop.history.exchange.formats import catnap_json
from desktop.history.exchange.sources import unreadable
from desktop.history.exchange.stored import read_stored
from desktop.history.locations import READ_ONLY, SCRATCH, UNCHANGED, database_uri
from desktop.history.schema import MIGRATIONS

_MAGIC: Final = b"SQLite format 3\0"
_PAGES: Final = 1_000  # copied at once, before it is asked whether to go on
_BUSY_SECONDS: Final = 10.0


def is_database(file: Path) -> bool:
    """Tells whether a file is a database."""
    if is_open_database(file):
        return not is_log(file)
    try:
        with open_regular(file) as stream:
            return stream.read(len(_MAGIC)) == _MAGIC
    except OSError:  # whoever reads it will say what is wrong
        return False


def read_conversations(
    file: Path, folder: Path, report: Callable[[int, int], None], cancelled: Callable[[], bool]
) -> Iterator[object]:
    """Yields the conversations of a file as its JSON would have them; False at the end where it was damaged.

    Args:
        file: A database.
        folder: Where a copy of it can be made, with enough room.
        report: Told how many conversations of how many were read.
        cancelled: Asked again and again.

    Raises:
        UserFacingError: It is none of Catnap's, or of a newer one, or cannot be read or copied.
        Cancelled: It was.
    """
    scratch = Path(tempfile.mkdtemp(prefix=f"{SCRATCH}-{os.getpid()}-", dir=folder))
    try:
        copy = scratch / "history.sqlite3"
        _copy(file, copy, cancelled)
        suspect_marker(copy).touch()  # where it comes from nobody knows
        database = open_database(copy)
        with closing(database.connection) as connection:
            rows = connection.execute("SELECT id FROM conversations WHERE deleted IS NULL ORDER BY updated").fetchall()
            if not rows and database.problem is not None:
                raise unreadable(file)
            for number, (conversation_id,) in enumerate(rows):
                report(number, len(rows))
                if cancelled():
                    raise Cancelled
                tree = read_stored(connection, conversation_id)
                if tree is not None:
                    yield catnap_json.conversation_value(tree)
        if database.problem is not None:
            yield False
    except sqlite3.Error as problem:
        raise as_user_error(problem, file) from problem
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _copy(file: Path, copy: Path, cancelled: Callable[[], bool]) -> None:
    """Copies a database with what its log holds; one that SQLite cannot read, byte by byte."""

    def go_on(_status: int, _left: int, _total: int) -> None:
        if cancelled():
            raise Cancelled

    for how in (READ_ONLY, UNCHANGED):  # the other one for a folder that cannot be written to
        try:
            with closing(sqlite3.connect(database_uri(file, how), uri=True, timeout=_BUSY_SECONDS)) as source:
                (version,) = source.execute("PRAGMA user_version").fetchone()
                if version > len(MIGRATIONS):
                    raise catnap_json.newer(version, len(MIGRATIONS))
                with closing(sqlite3.connect(copy)) as target:
                    source.backup(target, pages=_PAGES, progress=go_on)
            return
        except sqlite3.OperationalError as problem:
            if how is UNCHANGED:
                raise as_user_error(problem, file) from problem
            if _is_left_behind(file):  # without its log it may be half of what it was
                _copy_bytes(file, copy)
                return
        except sqlite3.DatabaseError:
            _copy_bytes(file, copy)
            return


def _is_left_behind(file: Path) -> bool:
    """Tells whether a log lies beside a file where nobody can be at work with it."""
    return companion(file, "-wal").is_file() and not os.access(file.parent, os.W_OK)


def _copy_bytes(file: Path, copy: Path) -> None:
    """Copies a database and its log as they are, for SQLite to make of it what it can."""
    try:
        for suffix in ("", "-wal"):
            part, target = companion(file, suffix), companion(copy, suffix)
            if suffix and not part.is_file():
                continue
            if not is_open_database(part):
                with open_regular(part) as source, target.open("wb") as sink:
                    shutil.copyfileobj(source, sink)
            elif os.name == "nt":  # where locks belong to a handle
                shutil.copyfile(part, target)
            elif part.is_file():  # by a process of its own, which has no locks of ours to drop
                subprocess.run(["cp", "--", part, target], check=True, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    except (OSError, subprocess.CalledProcessError) as problem:
        raise as_user_error(_as_os_error(problem), file) from problem


def _as_os_error(problem: OSError | subprocess.CalledProcessError) -> OSError:
    if isinstance(problem, OSError):
        return problem
    return OSError(errno.EIO, problem.stderr.decode("utf-8", "replace").strip())
