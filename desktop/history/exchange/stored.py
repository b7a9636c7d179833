"""A conversation as an export reads it: how its messages hang together at once, their words a few at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from desktop.history.exchange.records import Json
from desktop.history.exchange.values import unpack_aside
from desktop.history.messages.tree import MessageTree
from desktop.history.records import Conversation, StoredMessage
from desktop.history.rows import CONVERSATION_COLUMNS, MESSAGE_COLUMNS, conversation_of, message_of

_AT_ONCE = 100  # messages in memory


@dataclass(frozen=True)
class StoredTree:
    """One conversation in the database with every version of every message; for the thread that opened it.

    A message that was deleted is not among them: what followed it follows the message before it.

    Attributes:
        conversation: The conversation.
        origin: Where it came from; empty: it was begun here.
        aside: What the program it came from knew beside the messages.
        structure: How the messages hang together.
        shown: The messages in view among their versions.
        ids: Of all messages, every parent before its children.
        thoughtful: The messages that have thoughts.
        connection: To the database.
    """

    conversation: Conversation
    origin: str
    aside: Mapping[str, Json]
    structure: MessageTree
    shown: Collection[int]
    ids: tuple[int, ...]
    thoughtful: frozenset[int]
    connection: sqlite3.Connection

    def messages(self, ids: Sequence[int] | None = None) -> Iterator[StoredMessage]:
        """Yields messages, reading a few at a time; one that has gone meanwhile is left out.

        Args:
            ids: Which, in this order; None: all.
        """
        wanted = self.ids if ids is None else ids
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            rows = self.connection.execute(
                f"SELECT {MESSAGE_COLUMNS} FROM messages WHERE id IN ({', '.join('?' * len(some))})",
                some,
            )
            found = {row[0]: message_of(row, self.structure) for row in rows}
            yield from (found[message_id] for message_id in some if message_id in found)


def read_stored(connection: sqlite3.Connection, conversation_id: str) -> StoredTree | None:
    """Returns a conversation without the words of its messages; None: it is not there."""
    row = connection.execute(
        f"SELECT {CONVERSATION_COLUMNS}, shown_first FROM conversations"
        " WHERE id = ? AND (deleted IS NULL OR deleted >= 0)",
        (conversation_id,),
    ).fetchone()
    if row is None:
        return None
    links = connection.execute(
        "SELECT id, parent, shown_child, deleted, trim(thinking, char(9, 10, 13, 32)) <> '' FROM messages"
        " WHERE conversation_id = ? ORDER BY id",
        (conversation_id,),
    ).fetchall()
    imported = connection.execute(
        "SELECT origin, aside FROM imported WHERE conversation_id = ?", (conversation_id,)
    ).fetchone()
    origin, aside = imported or ("", b"")
    deleted = {link[0] for link in links if link[3] is not None}
    structure = MessageTree((link[:3] for link in links), row[-1], deleted).without(deleted)
    kept = tuple(link[0] for link in links if link[0] not in deleted)
    return StoredTree(
        conversation_of(row),
        origin,
        unpack_aside(aside),
        structure,
        frozenset(structure.shown().values()),
        kept,
        frozenset(link[0] for link in links if link[4]).intersection(kept),
        connection,
    )
