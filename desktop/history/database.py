"""The database file of the history: opened, checked, brought to the present version.

Nothing that a person wrote is ever deleted here: a file that is damaged is set aside under a new name, and all that can
be read of it put into a new one; a file from a newer Catnap is left alone; an older one is copied before it is changed.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from desktop import __version__
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError, has_no_room, is_disk_full
from desktop.common.regular_file import open_regular
from desktop.history.rescue.backups import backups
from desktop.history.rescue.recovery import Recovered, recover, what_came_over

_log = logging.getLogger(__name__)

# https://www.sqlite.org/fileformat.html: the first 16 bytes, and the user version as a big-endian number at offset 60.
_MAGIC = b"SQLite format 3\0"
_VERSION_AT = 60
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
# A file that claims to be newer, was written by this very Catnap and has just these columns, is damaged.
_MESSAGE_COLUMNS = frozenset(
    ["id", "conversation_id", "role", "text", "created", "thinking", "state", "model", "stats", "parent", "shown_child"]
)
# Seconds to wait for another process, such as a backup program, that holds the file.
_BUSY_SECONDS = 3.0
# The same where nobody's window stands still meanwhile.
_BESIDE_SECONDS = 30.0
# The database and the files that SQLite keeps beside it.
_SUFFIXES = ("", "-wal", "-shm")

_INDEX_OF_MESSAGES = """CREATE INDEX IF NOT EXISTS messages_of_conversation
    ON messages (conversation_id, id, parent, shown_child)"""
# Each entry brings the file from the version that is its index to the next one. Never edit an entry that was released.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE conversations (
            id TEXT PRIMARY KEY,
            title TEXT NOT NULL,
            created REAL NOT NULL,
            updated REAL NOT NULL,
            cut INTEGER NOT NULL DEFAULT 0,
            deleted REAL
        )""",
        """CREATE TABLE messages (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
            role TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
            text TEXT NOT NULL,
            created REAL NOT NULL,
            thinking TEXT NOT NULL DEFAULT '',
            state TEXT NOT NULL CHECK (state IN ('complete', 'stopped', 'interrupted', 'failed')),
            model TEXT NOT NULL DEFAULT '',
            stats TEXT
        )""",
        "CREATE INDEX messages_of_conversation ON messages (conversation_id, id)",
    ),
    ("CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL)",),
    (  # messages as a tree of versions: docs/adr/010-versions.md
        "ALTER TABLE messages ADD COLUMN parent INTEGER",
        "ALTER TABLE messages ADD COLUMN shown_child INTEGER",
        "ALTER TABLE conversations ADD COLUMN shown_first INTEGER",
        # The newest message of all when it was begun: its place in the list until it has one of its own.
        "ALTER TABLE conversations ADD COLUMN begun_after INTEGER NOT NULL DEFAULT 0",
        # When it was deleted, on the clock of desktop/history/counted_time.py.
        "ALTER TABLE conversations ADD COLUMN deleted_at REAL",
        """UPDATE messages SET parent = (
            SELECT max(before.id) FROM messages AS before
            WHERE before.conversation_id = messages.conversation_id AND before.id < messages.id
        )""",
        "DROP INDEX IF EXISTS messages_of_conversation",
        _INDEX_OF_MESSAGES,
    ),
    (  # what came from elsewhere: desktop/history/exchange/taking_in.py
        """CREATE TABLE imported (
            conversation_id TEXT PRIMARY KEY REFERENCES conversations (id) ON DELETE CASCADE,
            origin TEXT NOT NULL,
            aside BLOB NOT NULL DEFAULT x'',
            placed_after INTEGER NOT NULL DEFAULT 0,
            last_message INTEGER NOT NULL DEFAULT 0
        )""",
        "CREATE INDEX imported_by_origin ON imported (origin)",
    ),
)
# What a file of the present version must have; a damaged schema may have lost it.
_COLUMNS_NEEDED = (
    "SELECT id, title, created, updated, cut, deleted, shown_first, begun_after, deleted_at FROM conversations LIMIT 0",
    """SELECT id, conversation_id, role, text, created, thinking, state, model, stats, parent, shown_child
    FROM messages LIMIT 0""",
    "SELECT name, value FROM about LIMIT 0",
    "SELECT seq FROM sqlite_sequence LIMIT 0",
)
# The row of the table "about" that says which Catnap wrote the file last. Every later version keeps both, so that an
# older program can name the newer one.
_WRITER = "written_by"

# The index of words lives outside the migrations: not every SQLite can make it, and it can always be made again.
_INDEX = (
    """CREATE VIRTUAL TABLE IF NOT EXISTS message_index USING fts5 (
        text, content='messages', content_rowid='id', tokenize='trigram'
    )""",
    """CREATE TRIGGER message_index_insert AFTER INSERT ON messages BEGIN
        INSERT INTO message_index (rowid, text) VALUES (new.id, new.text);
    END""",
    """CREATE TRIGGER message_index_delete AFTER DELETE ON messages BEGIN
        INSERT INTO message_index (message_index, rowid, text) VALUES ('delete', old.id, old.text);
    END""",
    "INSERT INTO message_index (message_index) VALUES ('rebuild')",
)
_INDEX_TRIGGERS = ("message_index_insert", "message_index_delete")


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
        _clear_log_names(file)
        if not _looks_whole(file, len(migrations), program):
            problem = _replace_damaged(file, migrations, program)
        try:
            connection, has_index = _connect_with_index(file, migrations, program)
        except (sqlite3.DatabaseError, UnicodeDecodeError) as damage:  # SQLite's own words may quote noise
            if problem is not None or (isinstance(damage, sqlite3.Error) and _code(damage) not in _DAMAGE):
                raise
            _log.warning("%s is damaged: %s", file.name, damage)
            problem = _replace_damaged(file, migrations, program)
            connection, has_index = _connect_with_index(file, migrations, program)
        _forget_suspicion(file)
    except (sqlite3.Error, OSError) as failure:
        raise as_user_error(failure, file) from failure
    return Database(connection, has_index, problem)


def open_beside(file: Path) -> Database:
    """Opens the file for a second thread or program, while the app may have it open and be at work.

    So nothing is checked, repaired or set aside. Only where there is no file of the present version does it open as
    :func:`open_database` does.

    Raises:
        UserFacingError: See :func:`open_database`.
    """
    try:
        connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=_BESIDE_SECONDS)
        connection.isolation_level = None
        connection.text_factory = _text
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version == len(MIGRATIONS):
                connection.execute("PRAGMA foreign_keys = ON")
                connection.execute("PRAGMA secure_delete = ON")
                return Database(connection, _has_index(connection), None)
        except BaseException:
            connection.close()
            raise
        connection.close()
    except sqlite3.OperationalError:
        _log.debug("%s is not there, or not as it should be", file.name)
    except (sqlite3.Error, OSError) as failure:
        raise as_user_error(failure, file) from failure
    return open_database(file)


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
    return _code(failure) == sqlite3.SQLITE_FULL or (
        _code(failure) in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN) and has_no_room(file.parent)
    )


def is_damage(failure: sqlite3.Error) -> bool:
    """Tells whether the file's content is at fault, not the disk or its permissions.

    SQLITE_ERROR is among the codes: to statements that never change, the cause is a table that has lost something.
    Whether it is so is found out at the next start.
    """
    return _code(failure) in (*_DAMAGE, sqlite3.SQLITE_ERROR)


def suspect_marker(file: Path) -> Path:
    """Returns the file whose presence asks for a full check at the next start."""
    return file.with_name(f"{file.name}.suspect")


def _code(failure: sqlite3.Error) -> int:
    """Returns the primary result code; the higher bits of the extended one only give details."""
    return getattr(failure, "sqlite_errorcode", 0) & 0xFF


def _looks_whole(file: Path, newest: int, program: str) -> bool:
    """Looks at the first bytes without SQLite, which would already write; True as well where there is no file.

    Raises:
        UserFacingError: The file is from a newer Catnap.
    """
    if file.exists() and not file.is_file():
        return False
    try:
        with open_regular(file) as stream:
            head = stream.read(_VERSION_AT + 4)
    except FileNotFoundError:
        return True
    if not head:  # a program killed in its first moment leaves an empty one; where there are copies, it was emptied
        return not backups(file)
    if len(head) < _VERSION_AT + 4 or not head.startswith(_MAGIC):
        return False
    version = int.from_bytes(head[_VERSION_AT:], "big", signed=True)
    if version > newest:
        writer = _newer_writer(file, program)
        if writer:
            raise _newer(writer, program, file)
    return 0 <= version <= newest


def _newer_writer(file: Path, program: str) -> str:
    """Returns which Catnap wrote a file that claims to be newer; empty: the claim is a damage.

    SQLite is told that nobody changes the file, so it makes no log files beside it.
    """
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?immutable=1", uri=True)) as connection:
            connection.execute("SELECT name FROM sqlite_schema").fetchall()
            writer = _writer(connection)
            columns = {name for (_at, name, *_rest) in connection.execute("PRAGMA table_info(messages)")}
            return "" if writer == program and columns == _MESSAGE_COLUMNS else writer
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
        return connection, _prepare_index(connection)
    except BaseException as problem:
        connection.close()
        if isinstance(problem, sqlite3.Error) and _code(problem) == sqlite3.SQLITE_ERROR:
            raise _damage(f"index of words: {problem}") from problem  # parts of it are missing
        raise


def _connect(file: Path, migrations: Sequence[Sequence[str]], program: str) -> sqlite3.Connection:
    # A write-ahead log that is still there means that the last run did not end in order.
    unclean = file.with_name(f"{file.name}-wal").exists()
    suspect = suspect_marker(file).exists()
    # Made here, since SQLite would make it readable for others; the log files take over its mode.
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
            _migrate(connection, file, version, migrations)
        if len(migrations) >= len(MIGRATIONS):
            _check_columns(connection)
        if _writer(connection) != program:
            connection.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (_WRITER, program))
        if suspect:
            _drop_triggers(connection)  # the damage may be in the index: it is made anew
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
    if not _fits(connection, version, tables):
        complaint = f"version {version} with the tables {', '.join(sorted(tables)) or 'none'}"
    elif check:
        (answer,) = connection.execute(f"PRAGMA {check}(1)").fetchone()
        complaint = "" if answer == "ok" else answer
    if complaint:
        raise _damage(complaint)


def _fits(connection: sqlite3.Connection, version: int, tables: set[str]) -> bool:
    """Tells whether a file has what its version says: a lower one would be migrated a second time."""
    if not version:
        return not tables
    if not tables >= {"conversations", "messages"} or ("about" in tables) is not (version > 1):
        return False
    columns = {name for (_at, name, *_rest) in connection.execute("PRAGMA table_info(messages)")}
    return ("parent" in columns) is (version > 2)


def _look_at_list(connection: sqlite3.Connection) -> None:
    """Raises sqlite3.DatabaseError where a conversation cannot be read, or is in the list and cannot be found."""
    query = "SELECT title FROM conversations AS one WHERE NOT EXISTS (SELECT 1 FROM conversations WHERE id = one.id)"
    if connection.execute(query).fetchall():
        raise _damage("conversations are not in their index")


def _check_columns(connection: sqlite3.Connection) -> None:
    for query in _COLUMNS_NEEDED:
        try:
            connection.execute(query)
        except sqlite3.OperationalError as problem:
            raise _damage(str(problem)) from problem
    connection.execute(
        "CREATE INDEX IF NOT EXISTS messages_of_conversation ON messages (conversation_id, id, parent, shown_child)"
    )


def _damage(complaint: str) -> sqlite3.DatabaseError:
    damage = sqlite3.DatabaseError(complaint)
    damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return damage


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _migrate(connection: sqlite3.Connection, file: Path, version: int, migrations: Sequence[Sequence[str]]) -> None:
    if version:
        _back_up(connection, _unused(file, f"v{version}"))
    with _transaction(connection):
        for statements in migrations[version:]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
    _log.info("history brought from version %d to %d", version, len(migrations))


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite itself rolls back when the disk is full, and then refuses to
            connection.execute("ROLLBACK")
        raise


def _back_up(connection: sqlite3.Connection, target: Path) -> None:
    partial = target.with_name(f"{target.name}.part")
    try:
        os.close(os.open(partial, os.O_CREAT | os.O_RDWR | os.O_TRUNC, 0o600))
        with closing(sqlite3.connect(partial)) as copy:
            connection.backup(copy)
        partial.replace(target)
    finally:
        remove_database(partial)


def remove_database(file: Path) -> None:
    """Removes a database that was not finished, with what SQLite keeps beside it; what cannot be removed stays."""
    for suffix in (*_SUFFIXES, "-journal"):
        with suppress(OSError):
            file.with_name(file.name + suffix).unlink(missing_ok=True)


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
    aside = set_aside(file, "damaged")
    fresh.replace(file)
    _forget_suspicion(file)
    return what_came_over(recovered, aside)


def _recover(file: Path, connection: sqlite3.Connection) -> Recovered:
    try:
        return recover(file, backups(file), connection)
    except (OSError, MemoryError) as problem:
        if isinstance(problem, OSError) and is_disk_full(problem):
            raise
        _log.warning("nothing recovered: %s", problem)
        return Recovered(0, 0, 0, None)


def _forget_suspicion(file: Path) -> None:
    try:
        suspect_marker(file).unlink(missing_ok=True)
    except OSError as problem:  # then the next start checks again
        _log.warning("%s: %s", suspect_marker(file).name, problem.strerror or problem)


def _clear_log_names(file: Path) -> None:
    """Renames what lies where SQLite wants its log and is no file: it could neither be read nor replaced."""
    for suffix in ("-wal", "-shm", "-journal"):
        part = file.with_name(file.name + suffix)
        if os.path.lexists(part) and not part.is_file():
            part.rename(_unused(file, f"damaged{suffix}"))


def _finish_recovery(file: Path) -> None:
    """Puts a recovered file into its place where the program ended between the last two steps."""
    if not file.exists() and _recovering(file).exists():
        _recovering(file).replace(file)


def _recovering(file: Path) -> Path:
    return file.with_name(f"{file.stem}.recovering{file.suffix}")


def set_aside(file: Path, mark: str) -> Path:
    """Gives a database, with its log, an unused name that holds the mark and the time; returns it.

    Raises:
        OSError: It cannot be renamed.
    """
    target = _unused(file, f"{mark}-{time.strftime('%Y%m%d-%H%M%S')}")
    for suffix in _SUFFIXES:  # the log belongs to it: a repair needs both
        part = file.with_name(file.name + suffix)
        if part.exists():
            part.rename(target.with_name(target.name + suffix))
    return target


def _unused(file: Path, mark: str) -> Path:
    number = 1
    while True:
        name = f"{file.stem}.{mark}{f'-{number}' if number > 1 else ''}{file.suffix}"
        if not file.with_name(name).exists():
            return file.with_name(name)
        number += 1


def _prepare_index(connection: sqlite3.Connection) -> bool:
    """Makes the index of words where this SQLite can (FTS5, the trigram tokenizer: SQLite 3.34); returns whether."""
    try:
        connection.execute("CREATE VIRTUAL TABLE temp.probe USING fts5 (text, tokenize='trigram')")
        connection.execute("DROP TABLE temp.probe")
    except sqlite3.OperationalError:
        # An index made by another SQLite could not be kept up to date: without its triggers it is not used.
        _drop_triggers(connection)
        return False
    if _has_index(connection):
        return True
    with _transaction(connection):
        _drop_triggers(connection)
        for statement in _INDEX:
            connection.execute(statement)
    return True


def _has_index(connection: sqlite3.Connection) -> bool:
    query = f"SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND name IN {_INDEX_TRIGGERS!r}"
    return bool(connection.execute(query).fetchone() == (len(_INDEX_TRIGGERS),))


def _drop_triggers(connection: sqlite3.Connection) -> None:
    for trigger in _INDEX_TRIGGERS:
        connection.execute(f"DROP TRIGGER IF EXISTS {trigger}")
