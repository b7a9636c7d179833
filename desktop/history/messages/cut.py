"""How many leading messages of a conversation no longer fit into the context, kept right as others are shown.

Everything here is a part of a transaction of the store.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from desktop.history.messages.reading import read_tree


def follow_path(connection: sqlite3.Connection, conversation_id: str, before: Sequence[int]) -> None:
    """Keeps the cut where it was, now that messages have gone from the path or come back.

    Args:
        connection: Of the history.
        conversation_id: Whose messages.
        before: The path as it was.
    """
    after = read_tree(connection, conversation_id).path()
    (cut,) = connection.execute("SELECT cut FROM conversations WHERE id = ?", (conversation_id,)).fetchone()
    if cut and after != before:
        roles = dict(
            connection.execute("SELECT id, role FROM messages WHERE conversation_id = ?", (conversation_id,)).fetchall()
        )
        moved = _moved(cut, before, after, roles)
        connection.execute("UPDATE conversations SET cut = ? WHERE id = ?", (moved, conversation_id))


def take_cut_back(connection: sqlite3.Connection, conversation_id: str, unchanged: int) -> None:
    """Makes the cut 0 where it counts messages that are not shown any more.

    Args:
        connection: Of the history.
        conversation_id: Of which another path is shown now.
        unchanged: How many messages at its beginning are the same.
    """
    connection.execute("UPDATE conversations SET cut = 0 WHERE id = ? AND cut > ?", (conversation_id, unchanged))


def _moved(cut: int, before: Sequence[int], after: Sequence[int], roles: dict[int, str]) -> int:
    """Returns how many leading messages the model does not read, once some have gone from the path or come back.

    Args:
        cut: How many it was.
        before: The path as it was.
        after: The path as it is.
        roles: Of the messages on both sides of the cut.

    Returns:
        0 where it has to be found anew: another version is shown, or two messages of one role stand at the cut, which
        the model is told as one.
    """
    if not cut:
        return 0
    read = set(before[cut:])
    place = next((at for at, message in enumerate(after) if message in read), 0)
    if not place or roles.get(after[place]) == roles.get(after[place - 1]):
        return 0
    return place
