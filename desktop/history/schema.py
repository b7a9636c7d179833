"""The tables of the history's file: how they came to be version by version, and what each version must have.

A file is brought to the present version when it is opened; one that is not empty is copied before.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

from desktop.common.set_aside import free_name
from desktop.common.sqlite import companion, damage, transaction

_log = logging.getLogger(__name__)

_INDEX_OF_MESSAGES = """CREATE INDEX IF NOT EXISTS messages_of_conversation
    ON messages (conversation_id, id, parent, shown_child)"""
# They are few, so that it costs nothing to ask for them.
_INDEX_OF_DELETED = """CREATE INDEX IF NOT EXISTS messages_deleted
    ON messages (conversation_id, id) WHERE deleted IS NOT NULL"""
_INDEX_OF_SOURCES = """CREATE INDEX IF NOT EXISTS messages_with_sources
    ON messages (conversation_id) WHERE sources IS NOT NULL"""
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
    (  # where a conversation stands in the list, and what is chosen for it
        "ALTER TABLE conversations ADD COLUMN pinned REAL",
        "ALTER TABLE conversations ADD COLUMN archived REAL",
        "ALTER TABLE conversations ADD COLUMN folder TEXT NOT NULL DEFAULT ''",
        # An object of JSON: desktop/history/choices.py.
        "ALTER TABLE conversations ADD COLUMN choices TEXT",
        # When a single message was deleted; what followed it still hangs on it.
        "ALTER TABLE messages ADD COLUMN deleted REAL",
        # The same on the clock of desktop/history/counted_time.py.
        "ALTER TABLE messages ADD COLUMN deleted_at REAL",
    ),
    (  # what an answer rests on, an object of JSON (desktop/history/sources.py), and what is thought of it: 1 or -1
        "ALTER TABLE messages ADD COLUMN sources TEXT",
        "ALTER TABLE messages ADD COLUMN rating INTEGER",
    ),
)
# What a file of the present version must have; a damaged schema may have lost it.
_COLUMNS_NEEDED = (
    """SELECT id, title, created, updated, cut, deleted, shown_first, begun_after, deleted_at, pinned, archived, folder,
    choices FROM conversations LIMIT 0""",
    """SELECT id, conversation_id, role, text, created, thinking, state, model, stats, parent, shown_child, deleted,
    deleted_at, sources, rating FROM messages LIMIT 0""",
    "SELECT name, value FROM about LIMIT 0",
    "SELECT seq FROM sqlite_sequence LIMIT 0",
)
# A file that claims to be newer, was written by this very Catnap and has just these columns, is damaged.
MESSAGE_COLUMNS = frozenset(
    (
        *("id", "conversation_id", "role", "text", "created", "thinking", "state", "model", "stats"),
        *("parent", "shown_child", "deleted", "deleted_at", "sources", "rating"),
    )
)


def fits(connection: sqlite3.Connection, version: int, tables: set[str]) -> bool:
    """Tells whether a file has what its version says: a lower one would be migrated a second time."""
    if not version:
        return not tables
    if not tables >= {"conversations", "messages"} or ("about" in tables) is not (version > 1):
        return False
    columns = columns_of(connection, "messages")
    since = {"parent": 2, "deleted": 4, "sources": 5}
    if any((name in columns) is not (version > before) for name, before in since.items()):
        return False
    return ("pinned" in columns_of(connection, "conversations")) is (version > 4)


def columns_of(connection: sqlite3.Connection, table: str) -> set[str]:
    """Returns the names of the columns of a table; empty: there is no such table."""
    return {name for (_at, name, *_rest) in connection.execute(f"PRAGMA table_info({table})")}


def check_columns(connection: sqlite3.Connection) -> None:
    """Raises sqlite3.DatabaseError with a code of damage where a file of the present version lacks a column."""
    for query in _COLUMNS_NEEDED:
        try:
            connection.execute(query)
        except sqlite3.OperationalError as problem:
            raise damage(str(problem)) from problem
    connection.execute(_INDEX_OF_MESSAGES)
    connection.execute(_INDEX_OF_DELETED)
    connection.execute(_INDEX_OF_SOURCES)


def migrate(connection: sqlite3.Connection, file: Path, version: int, migrations: Sequence[Sequence[str]]) -> None:
    """Brings a file to the newest version in one transaction; one that was not empty is copied before.

    Raises:
        sqlite3.Error, OSError: It cannot be written, and is as it was.
    """
    if version:
        _back_up(connection, free_name(file, f"v{version}"))
    with transaction(connection):
        for statements in migrations[version:]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
    _log.info("history brought from version %d to %d", version, len(migrations))


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
    for suffix in ("", "-wal", "-shm", "-journal"):
        with suppress(OSError):
            companion(file, suffix).unlink(missing_ok=True)
