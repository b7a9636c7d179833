"""A conversation as it is stored: what there is of it, and how its messages hang together."""

from __future__ import annotations

import sqlite3

from desktop.history.file import conversation_gone
from desktop.history.messages.tree import MessageTree
from desktop.history.records import Conversation, StoredMessage
from desktop.history.rows import CONVERSATION_COLUMNS, MESSAGE_COLUMNS, conversation_of, message_of

# What is removed for good is not there for anybody, though its rows are still being erased.
THERE = "(deleted IS NULL OR deleted >= 0)"


def read_tree(connection: sqlite3.Connection, conversation_id: str) -> MessageTree:
    """Returns how the messages of a conversation hang together, without reading their words.

    Raises:
        UserFacingError: There is no such conversation.
    """
    first = connection.execute(
        f"SELECT shown_first FROM conversations WHERE id = ? AND {THERE}", (conversation_id,)
    ).fetchone()
    if first is None:
        raise conversation_gone()
    rows = connection.execute(
        "SELECT id, parent, shown_child FROM messages WHERE conversation_id = ? ORDER BY id", (conversation_id,)
    )
    deleted = connection.execute(
        "SELECT id FROM messages WHERE conversation_id = ? AND deleted IS NOT NULL", (conversation_id,)
    )
    return MessageTree(rows.fetchall(), first[0], {message for (message,) in deleted})


def read_conversation(
    connection: sqlite3.Connection, conversation_id: str
) -> tuple[Conversation, MessageTree, dict[int, StoredMessage]]:
    """Returns a conversation with all of its messages by their ids, those included that are deleted or not shown.

    Raises:
        UserFacingError: There is no such conversation.
    """
    row = connection.execute(
        f"SELECT {CONVERSATION_COLUMNS}, shown_first FROM conversations WHERE id = ? AND {THERE}", (conversation_id,)
    ).fetchone()
    if row is None:
        raise conversation_gone()
    rows = connection.execute(
        f"SELECT {MESSAGE_COLUMNS} FROM messages WHERE conversation_id = ? ORDER BY id", (conversation_id,)
    ).fetchall()
    gone = {one[0] for one in rows if one[-3] is not None}  # its columns end with deleted, parent, shown_child
    tree = MessageTree(((one[0], *one[-2:]) for one in rows), row[-1], gone)
    return conversation_of(row), tree, {one[0]: message_of(one, tree) for one in rows}
