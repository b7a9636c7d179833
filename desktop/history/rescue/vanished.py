"""The history's file has been deleted, or another one put into its place, while the program has it open.

Whoever has a file open on Unix can read and write it after its name is gone, without being told; all of it is lost when
it is closed. So its name is looked at before each change, and where it is gone, what the open file holds is written
again.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.set_aside import rename_aside
from desktop.common.sqlite import COMPANIONS, companion, is_full
from desktop.history.schema import remove_database

_log = logging.getLogger(__name__)

Place = tuple[tuple[int, int] | None, ...]


def place_of(file: Path) -> Place:
    """Returns what lies under the names of the database and its log: device and number of each, None: nothing."""
    return tuple(_identity(one) for one in (file, companion(file, "-wal")))


def write_again(connection: sqlite3.Connection, file: Path, place: Place) -> None:
    """Writes an open database under its name again, makes its folder, and closes the connection.

    Args:
        connection: Of the file that is gone; it stays open where something is raised.
        file: Its name. Another file that lies there is set aside.
        place: What :func:`place_of` said when the file was there.

    Raises:
        UserFacingError: It cannot be written.
    """
    copy = written_anew(file)
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        copy.unlink(missing_ok=True)
        os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with closing(sqlite3.connect(copy)) as target:
            connection.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")  # all in one file
        connection.close()  # before the new one has its name: SQLite removes the log by name
        now, log = place_of(file), companion(file, "-wal")
        if now[1] == place[1]:  # SQLite leaves it where the file has moved; no other file must read it
            log.unlink(missing_ok=True)
        companion(file, "-shm").unlink(missing_ok=True)
        if now[0] not in (None, place[0]):
            aside = rename_aside(file, "replaced", COMPANIONS)
            _log.warning("another file lay in its place: set aside as %s", aside.name)
        log.unlink(missing_ok=True)
        copy.replace(file)
    except (sqlite3.Error, OSError) as problem:
        full = is_full(problem, file)  # before there is room again
        remove_database(copy)
        remedy = QT_TRANSLATE_NOOP("Errors", "Do not quit yet: make its folder writable, then try again.")
        if full:
            remedy = QT_TRANSLATE_NOOP("Errors", "Do not quit yet: make room on the disk, then try again.")
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The file of the conversations was deleted and cannot be written again."),
            f"{file}: {problem}.",
            remedy,
        ) from problem


def written_anew(file: Path) -> Path:
    """Returns where a history is while :func:`write_again` has not given it its name yet."""
    return file.with_name(f"{file.stem}.again{file.suffix}")


def written_again(file: Path) -> UserFacingError:
    """Returns what to say after :func:`write_again`."""
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The file of the conversations had been deleted; it was written again."),
        f"{file}.",
        QT_TRANSLATE_NOOP("Errors", "No conversation is lost. Find out what deletes files there."),
    )


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
