"""The index of words in the history's file, which the search asks.

It lives outside the migrations: not every SQLite can make it, and it can always be made again. Long texts are not in
it: a megabyte of random letters takes 1.2 s, on the thread of the window. They are few, and the search looks through
them.
"""

from __future__ import annotations

import sqlite3

from desktop.common.sqlite import transaction

# Characters of a message that is in the index; these take up to 60 ms.
LONGEST_INDEXED = 50_000
_INDEX = (
    f"""CREATE VIEW IF NOT EXISTS indexed_messages AS
        SELECT id, text FROM messages WHERE length(text) <= {LONGEST_INDEXED}""",
    f"CREATE INDEX IF NOT EXISTS long_messages ON messages (id) WHERE length(text) > {LONGEST_INDEXED}",
    """CREATE VIRTUAL TABLE IF NOT EXISTS message_index USING fts5 (
        text, content='indexed_messages', content_rowid='id', tokenize='trigram'
    )""",
    f"""CREATE TRIGGER message_index_insert AFTER INSERT ON messages WHEN length(new.text) <= {LONGEST_INDEXED} BEGIN
        INSERT INTO message_index (rowid, text) VALUES (new.id, new.text);
    END""",
    f"""CREATE TRIGGER message_index_delete AFTER DELETE ON messages WHEN length(old.text) <= {LONGEST_INDEXED} BEGIN
        INSERT INTO message_index (message_index, rowid, text) VALUES ('delete', old.id, old.text);
    END""",
    "INSERT INTO message_index (message_index) VALUES ('rebuild')",
)
_INDEX_TRIGGERS = ("message_index_insert", "message_index_delete")


def prepare_index(connection: sqlite3.Connection) -> bool:
    """Makes the index where this SQLite can (FTS5, the trigram tokenizer: SQLite 3.34); returns whether."""
    try:
        connection.execute("CREATE VIRTUAL TABLE temp.probe USING fts5 (text, tokenize='trigram')")
        connection.execute("DROP TABLE temp.probe")
    except sqlite3.OperationalError:
        # An index made by another SQLite could not be kept up to date: without its triggers it is not used.
        drop_triggers(connection)
        return False
    if has_index(connection):
        return True
    with transaction(connection):
        drop_triggers(connection)
        if not _has_view(connection):  # an index of all messages, as it was made before
            connection.execute("DROP TABLE IF EXISTS message_index")
        for statement in _INDEX:
            connection.execute(statement)
    return True


def has_index(connection: sqlite3.Connection) -> bool:
    """Tells whether the index is there and kept up to date."""
    query = f"SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND name IN {_INDEX_TRIGGERS!r}"
    return _has_view(connection) and bool(connection.execute(query).fetchone() == (len(_INDEX_TRIGGERS),))


def _has_view(connection: sqlite3.Connection) -> bool:
    query = "SELECT 1 FROM sqlite_schema WHERE type = 'view' AND name = 'indexed_messages'"
    return connection.execute(query).fetchone() is not None


def drop_triggers(connection: sqlite3.Connection) -> None:
    """Has the index made anew by the next :func:`prepare_index`."""
    for trigger in _INDEX_TRIGGERS:
        connection.execute(f"DROP TRIGGER IF EXISTS {trigger}")
