"""Messages that were deleted alone, while their conversation stays: marked, brought back, and removed for good.

A marked message keeps its place in the tree, so that bringing it back is taking the mark away; what followed it stays.
Everything here is a part of a transaction of the store.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from desktop.engine.types import Role
from desktop.history.exchange.values import OF_MESSAGES, pack_aside, unpack_aside
from desktop.history.messages.tree import MessageTree
from desktop.history.owed_states import owe
from desktop.history.records import DeletedMessages
from desktop.history.rows import CONVERSATION_COLUMNS, CONVERSATION_WIDTH, conversation_of, show_message
from desktop.history.upkeep import note_removal

# Characters of a message that are read for the list of those deleted.
_BEGINNING = 400


def exchange_of(connection: sqlite3.Connection, tree: MessageTree, message_id: int) -> tuple[int, ...]:
    """Returns what is deleted with a message: of a question its answers, all versions, of an answer nothing else."""
    children = tree.children(message_id)
    asked = connection.execute("SELECT role FROM messages WHERE id = ?", (message_id,)).fetchone()
    if asked is None or asked[0] != Role.USER.value:
        return (message_id,)
    marks = ", ".join("?" * len(children))
    rows = connection.execute(
        f"SELECT id FROM messages WHERE id IN ({marks}) AND role = ? ORDER BY id", (*children, Role.ASSISTANT.value)
    )
    return (message_id, *(child for (child,) in rows))


def mark(connection: sqlite3.Connection, messages: Iterable[int], now: float, counted: float) -> None:
    """Marks messages as deleted.

    Args:
        connection: Of the history.
        messages: Their ids.
        now: Seconds since the epoch.
        counted: Seconds of :mod:`desktop.history.counted_time`.
    """
    connection.executemany(
        "UPDATE messages SET deleted = ?, deleted_at = ? WHERE id = ?", [(now, counted, one) for one in messages]
    )


def unmark(connection: sqlite3.Connection, messages: Iterable[int]) -> None:
    """Takes the marks away."""
    connection.executemany(
        "UPDATE messages SET deleted = NULL, deleted_at = NULL WHERE id = ?", [(one,) for one in messages]
    )


def listed(connection: sqlite3.Connection) -> tuple[DeletedMessages, ...]:
    """Returns what was deleted of conversations that are there, what was deleted together as one, the last first."""
    rows = connection.execute(
        f"SELECT {CONVERSATION_COLUMNS}, messages.deleted, min(messages.id), count(*), group_concat(messages.id),"
        f" substr(text, 1, {_BEGINNING})"  # SQLite takes it from the row that has the least id
        " FROM messages JOIN conversations ON conversations.id = conversation_id"
        " WHERE messages.deleted IS NOT NULL AND conversations.deleted IS NULL"
        " GROUP BY conversation_id, messages.deleted, messages.deleted_at"
        " ORDER BY messages.deleted_at DESC, messages.deleted DESC, min(messages.id) DESC"
    )
    return tuple(
        DeletedMessages(conversation_of(row), tuple(sorted(map(int, ids.split(",")))), text, deleted)
        for row in rows
        for deleted, _first, _count, ids, text in (row[CONVERSATION_WIDTH:],)
    )


def due(connection: sqlite3.Connection, counted: float, older_than_seconds: float) -> dict[str, tuple[int, ...]]:
    """Returns the messages that were deleted that long ago, by their conversations.

    Args:
        connection: Of the history.
        counted: Seconds of :mod:`desktop.history.counted_time` now.
        older_than_seconds: How long they are kept.
    """
    rows = connection.execute(
        "SELECT conversation_id, id FROM messages WHERE deleted IS NOT NULL AND ? - coalesce(deleted_at, 0) >= ?"
        " ORDER BY id",
        (counted, older_than_seconds),
    )
    found: dict[str, tuple[int, ...]] = {}
    for conversation_id, message in rows.fetchall():
        found[conversation_id] = (*found.get(conversation_id, ()), message)
    return found


def remove(connection: sqlite3.Connection, conversation_id: str, tree: MessageTree, messages: Sequence[int]) -> None:
    """Removes messages for good; what followed one of them follows the message before it.

    Args:
        connection: Of the history.
        conversation_id: Theirs.
        tree: As it is.
        messages: Their ids, all of this conversation.
    """
    parents = {message: tree.parent(message) for message in messages}
    following = {message: tree.shown_child(message) for message in messages}
    for message in sorted(messages, reverse=True):  # what hangs on it moves up before what it hangs on goes
        parent = parents[message]
        connection.execute("UPDATE messages SET parent = ? WHERE parent = ?", (parent, message))
        connection.execute("DELETE FROM messages WHERE id = ?", (message,))
        if tree.shown_child(parent) == message and following[message] is not None:
            show_message(connection, conversation_id, parent, following[message])
            if parent in following:
                following[parent] = following[message]
    _forget_aside(connection, conversation_id)
    note_removal(connection, messages=messages)
    owe(connection, (conversation_id,))


def _forget_aside(connection: sqlite3.Connection, conversation_id: str) -> None:
    """Drops what another program knew of single messages, which may quote one that is removed.

    It lies under the ids that they had there, of which nothing is known any more.
    """
    row = connection.execute("SELECT aside FROM imported WHERE conversation_id = ?", (conversation_id,)).fetchone()
    aside = unpack_aside(row[0]) if row else {}
    if aside.pop(OF_MESSAGES, None) is not None:
        connection.execute(
            "UPDATE imported SET aside = ? WHERE conversation_id = ?", (pack_aside(aside), conversation_id)
        )
