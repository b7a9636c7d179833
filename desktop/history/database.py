"""The database file of the history: opened, checked, brought to the present version.

Nothing that a person wrote is ever deleted here: a file that is damaged is set aside under a new name, and all that can
be read of it put into a new one; a file from a newer Catnap is left alone; an older one is copied before it is changed.

A file that may be open elsewhere in this process is looked at with SQLite only: see :mod:`desktop.common.regular_file`.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from desktop import __version__
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError, is_disk_full
from desktop.common.set_aside import free_name, rename_aside, rename_away
from desktop.common.sqlite import (
    COMPANIONS,
    DAMAGE,
    clear_log_names,
    companion,
    damage,
    forget_suspicion,
    primary_code,
    suspect_marker,
)
from desktop.history.errors import as_user_error
from desktop.history.locations import database_uri, read_only_uri
from desktop.history.rescue.backups import backups
from desktop.history.rescue.recovery import Recovered, recover, what_came_over
from desktop.history.rescue.vanished import written_anew
from desktop.history.schema import (
    MESSAGE_COLUMNS,
    MIGRATIONS,
    check_columns,
    columns_of,
    fits,
    migrate,
    remove_database,
)
from desktop.history.word_index import drop_triggers, has_index, prepare_index

_log = logging.getLogger(__name__)

# Seconds to wait for another process, such as a backup program, that holds the file.
_BUSY_SECONDS = 3.0
# The same where nobody's window stands still meanwhile.
_BESIDE_SECONDS = 30.0
# Result codes that say that somebody else is at work with the file, which is as it should be.
_HELD = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
# The row of the table "about" that says which Catnap wrote the file last. Every later version keeps both, so that an
# older program can name the newer one.
_WRITER = "written_by"


@dataclass(frozen=True)
class Database:
    """An open database of the present version.

    Attributes:
        connection: In autocommit mode, to be used by the thread that opened it.
        has_index: ``message_index`` can be searched with MATCH.
        problem: What happened to the file that was there, to be said once; None: nothing.
    """

    connection: sqlite3.Connection
    has_index: bool
    problem: UserFacingError | None


def open_database(file: Path, migrations: Sequence[Sequence[str]] = MIGRATIONS, program: str = __version__) -> Database:
    """Opens the file or begins a new one.

    Args:
        file: Its folder exists.
        migrations: What leads from each version to the next; other than the default in tests only.
        program: The version of this program; other than the default in tests only.

    Raises:
        UserFacingError: The file is from a newer Catnap (it is not touched), or cannot be opened or written.
    """
    problem: UserFacingError | None = None
    try:
        _finish_recovery(file)
        clear_log_names(file)
        if not _looks_whole(file, len(migrations), program):
            problem = _replace_damaged(file, migrations, program)
        try:
            connection, is_indexed = _connect_with_index(file, migrations, program)
        except (sqlite3.DatabaseError, UnicodeDecodeError) as found:  # SQLite's own words may quote noise
            if problem is not None or (isinstance(found, sqlite3.Error) and primary_code(found) not in DAMAGE):
                raise
            _log.warning("%s is damaged: %s", file.name, found)
            problem = _replace_damaged(file, migrations, program)
            connection, is_indexed = _connect_with_index(file, migrations, program)
        forget_suspicion(file)
    except (sqlite3.Error, OSError) as failure:
        raise as_user_error(failure, file) from failure
    return Database(connection, is_indexed, problem)


def open_beside(file: Path, *, begins: bool = True) -> Database:
    """Opens the file for a second thread or program, while the app may have it open and be at work.

    So nothing is checked, repaired or set aside.

    Args:
        file: The history.
        begins: Where there is no file of the present version, open it as :func:`open_database` does. Not for a second
            thread of the app: to begin a file that was deleted is for the one that had it open.

    Raises:
        UserFacingError: See :func:`open_database`.
    """
    try:
        connection = sqlite3.connect(database_uri(file, "mode=rw"), uri=True, timeout=_BESIDE_SECONDS)
        connection.isolation_level = None
        connection.text_factory = _text
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version == len(MIGRATIONS):
                connection.execute("PRAGMA foreign_keys = ON")
                connection.execute("PRAGMA secure_delete = ON")
                return Database(connection, has_index(connection), None)
        except BaseException:
            connection.close()
            raise
        connection.close()
        if not begins:
            raise damage(f"version {version}")
    except (sqlite3.Error, OSError) as failure:
        is_held = isinstance(failure, sqlite3.Error) and primary_code(failure) in _HELD
        if not begins or is_held or not isinstance(failure, sqlite3.OperationalError):
            raise as_user_error(failure, file) from failure
        _log.debug("%s is not there, or not as it should be", file.name)
    return open_database(file)


def _looks_whole(file: Path, newest: int, program: str) -> bool:
    """Looks at the head of the file, without changing anything; True as well where there is no file.

    Raises:
        UserFacingError: The file is from a newer Catnap.
    """
    if file.exists() and not file.is_file():
        return False
    try:
        size = file.stat().st_size
    except FileNotFoundError:
        return True
    if not size:  # a program killed in its first moment leaves an empty one; where there are copies, it was emptied
        return not backups(file)
    try:
        with closing(sqlite3.connect(read_only_uri(file), uri=True)) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.DatabaseError as problem:
        if primary_code(problem) not in DAMAGE:
            raise
        return _has_journal(file)  # whoever may write undoes first what was not finished
    if version > newest:
        writer = _newer_writer(file, program)
        if writer:
            raise _newer(writer, program, file)
    return bool(0 <= version <= newest)


def _has_journal(file: Path) -> bool:
    return companion(file, "-journal").is_file()


def _newer_writer(file: Path, program: str) -> str:
    """Returns which Catnap wrote a file that claims to be newer; empty: the claim is a damage."""
    try:
        with closing(sqlite3.connect(read_only_uri(file), uri=True)) as connection:
            connection.execute("SELECT name FROM sqlite_schema").fetchall()
            writer = _writer(connection)
            columns = columns_of(connection, "messages")
            return "" if writer == program and columns == MESSAGE_COLUMNS else writer
    except (sqlite3.Error, UnicodeDecodeError):
        return ""


def _writer(connection: sqlite3.Connection) -> str:
    try:
        row = connection.execute("SELECT value FROM about WHERE name = ?", (_WRITER,)).fetchone()
    except sqlite3.OperationalError:  # there is no such table
        row = None
    return str(row[0]) if row else "?"


def _newer(writer: str, program: str, file: Path) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The conversations were written by a newer Catnap."),
        QT_TRANSLATE_NOOP("Errors", "That was Catnap {0}; this is Catnap {1}. File: {2}."),
        QT_TRANSLATE_NOOP("Errors", "Install the newer Catnap again; the file was not changed."),
        values=(writer, program, str(file)),
    )


def _connect_with_index(
    file: Path, migrations: Sequence[Sequence[str]], program: str
) -> tuple[sqlite3.Connection, bool]:
    connection = _connect(file, migrations, program)
    try:
        _look_at_list(connection)
        return connection, prepare_index(connection)
    except BaseException as problem:
        connection.close()
        if isinstance(problem, sqlite3.Error) and primary_code(problem) == sqlite3.SQLITE_ERROR:
            raise damage(f"index of words: {problem}") from problem  # parts of it are missing
        raise


def _connect(file: Path, migrations: Sequence[Sequence[str]], program: str) -> sqlite3.Connection:
    # A write-ahead log that is still there means that the last run did not end in order.
    unclean = companion(file, "-wal").exists()
    suspect = suspect_marker(file).exists()
    # Made here, since SQLite would make it readable for others; the log files take over its mode.
    # One that is there already is not opened: somebody may have it open with SQLite.
    if not file.exists():
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    connection = sqlite3.connect(file, timeout=_BUSY_SECONDS, isolation_level=None)
    connection.text_factory = _text  # a damaged text is better than none
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # what is deleted does not stay readable in the file
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > len(migrations):  # its header did not say so: the change is in the log beside it
            raise _newer(_writer(connection), program, file)
        _check(connection, version, "integrity_check" if suspect else "quick_check" if unclean else "")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")  # enough for a crash of the program
        if version < len(migrations):
            migrate(connection, file, version, migrations)
        if len(migrations) >= len(MIGRATIONS):
            check_columns(connection)
        if _writer(connection) != program:
            connection.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (_WRITER, program))
        if suspect:
            drop_triggers(connection)  # the damage may be in the index: it is made anew
    except BaseException:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection, version: int, check: str) -> None:
    """Raises sqlite3.DatabaseError with a code of damage where the content is wrong.

    Args:
        connection: Of the file.
        version: What it says to be.
        check: SQLite's own check, which reads all of the file; empty: only whether the tables are there.
    """
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    complaint = ""
    if not fits(connection, version, tables):
        complaint = f"version {version} with the tables {', '.join(sorted(tables)) or 'none'}"
    elif check:
        (answer,) = connection.execute(f"PRAGMA {check}(1)").fetchone()
        complaint = "" if answer == "ok" else answer
    if complaint:
        raise damage(complaint)


def _look_at_list(connection: sqlite3.Connection) -> None:
    """Raises sqlite3.DatabaseError where a conversation cannot be read, or is in the list and cannot be found."""
    query = "SELECT title FROM conversations AS one WHERE NOT EXISTS (SELECT 1 FROM conversations WHERE id = one.id)"
    if connection.execute(query).fetchall():
        raise damage("conversations are not in their index")


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _replace_damaged(file: Path, migrations: Sequence[Sequence[str]], program: str) -> UserFacingError:
    """Sets a damaged file aside and puts a new one into its place, with all that can be read; returns what to say.

    The new one is whole before the old one moves: where the disk is full in between, the next start tries again.
    """
    fresh = _recovering(file)
    remove_database(fresh)
    try:
        with closing(_connect(fresh, migrations, program)) as connection:
            recovered = _recover(file, connection)
            connection.execute("PRAGMA journal_mode = DELETE")  # all in one file, or an error
    except (sqlite3.Error, OSError) as problem:
        failure = as_user_error(problem, file)  # found out before there is room again
        remove_database(fresh)
        raise failure from problem
    except BaseException:
        remove_database(fresh)
        raise
    aside = rename_aside(file, "damaged", COMPANIONS)  # a repair needs the log too
    _finish_recovery(file)
    forget_suspicion(file)
    return what_came_over(recovered, aside)


def _recover(file: Path, connection: sqlite3.Connection) -> Recovered:
    try:
        return recover(file, backups(file), connection)
    except (OSError, MemoryError) as problem:
        if isinstance(problem, OSError) and is_disk_full(problem):
            raise
        _log.warning("nothing recovered: %s", problem)
        return Recovered(0, 0, 0, None)


def _finish_recovery(file: Path) -> None:
    """Puts a recovered file into its place, or one that was written again, where the program ended before that step.

    A log that is still there is the damaged file's: SQLite would write it into the recovered one.
    """
    if file.exists():
        return
    fresh = next((one for one in (_recovering(file), written_anew(file)) if one.exists()), None)
    if fresh is None or not _is_finished(fresh):
        return
    for suffix in ("-wal", "-shm", "-journal"):
        part = companion(file, suffix)
        if os.path.lexists(part):
            rename_away(part, free_name(file, f"damaged{suffix}"))
    fresh.replace(file)


def _is_finished(fresh: Path) -> bool:
    """Tells whether what was to become the history is one; one that was just begun is removed."""
    try:
        with closing(sqlite3.connect(fresh)) as connection:  # which undoes what was not written to its end
            (version,) = connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.DatabaseError as problem:
        if primary_code(problem) not in DAMAGE:
            raise
        rename_aside(fresh, "damaged", COMPANIONS)
        return False
    if not version:
        remove_database(fresh)
    return bool(version)


def _recovering(file: Path) -> Path:
    return file.with_name(f"{file.stem}.recovering{file.suffix}")
