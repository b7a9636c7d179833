"""Between rows of the database and records.

SQLite does not see every damage: a value may be of another type, or one that no Catnap has written. A message with an
odd date is better than none.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

from desktop.common.json_file import MOST_COUNT, is_count, parse_json, to_json
from desktop.common.printable import storable
from desktop.engine.types import Role, Stats
from desktop.history.choices import choices_text, read_choices
from desktop.history.messages.tree import MessageTree
from desktop.history.records import Conversation, MessageState, StoredMessage
from desktop.history.sources import Support, read_support, support_text

CONVERSATION_COLUMNS = "conversations.id, title, conversations.created, updated, cut, pinned, archived, folder, choices"
# How many these are, where more follow in a row.
CONVERSATION_WIDTH = CONVERSATION_COLUMNS.count(",") + 1
MESSAGE_COLUMNS = (
    "id, conversation_id, role, text, created, thinking, state, model, stats, sources, rating,"
    " deleted, parent, shown_child"
)
_FIGURES = frozenset(one.name for one in fields(Stats))


def conversation_of(row: Sequence[Any]) -> Conversation:
    """Returns a conversation.

    Args:
        row: The columns of ``CONVERSATION_COLUMNS``; what follows them is left alone.
    """
    identity, title, created, updated, cut, pinned, archived, folder, choices = row[:CONVERSATION_WIDTH]
    return Conversation(
        *(identity, title, created, updated, cut),
        *(_moment(pinned), _moment(archived), str(folder), read_choices(choices)),
    )


def message_of(row: tuple[Any, ...], tree: MessageTree) -> StoredMessage:
    """Returns a message.

    Args:
        row: The columns of ``MESSAGE_COLUMNS``.
        tree: That of its conversation.
    """
    message_id, conversation_id, role, text, created, thinking, state, model, stats, sources, rating, deleted = row[:-2]
    version, versions = tree.version(message_id)
    support = read_support(sources)
    return StoredMessage(
        id=message_id,
        conversation_id=conversation_id,
        role=Role.ASSISTANT if role == Role.ASSISTANT.value else Role.USER,
        text=str(text),
        created=_seconds(created),
        thinking=str(thinking),
        state=_state(state),
        model=str(model),
        stats=read_stats(stats),
        parent=tree.parent(message_id),
        version=version,
        versions=versions,
        deleted=_moment(deleted),
        sources=support.sources,
        not_in_the_text=support.not_in_the_text,
        shape=support.shape,
        rating=as_rating(rating),
    )


def insert_conversation(connection: sqlite3.Connection, conversation: Conversation) -> None:
    """Adds a conversation without messages; a part of a transaction."""
    connection.execute(
        "INSERT INTO conversations"
        " (id, title, created, updated, pinned, archived, folder, choices, begun_after)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, coalesce((SELECT max(id) FROM messages), 0))",
        (
            *(conversation.id, storable(conversation.title), conversation.created, conversation.updated),
            *(conversation.pinned, conversation.archived, storable(conversation.folder)),
            choices_text(conversation.choices),
        ),
    )


def insert_message(connection: sqlite3.Connection, message: StoredMessage) -> int:
    """Adds a message; a part of a transaction. Returns its id, whatever the record says."""
    figures = None if message.stats is None else to_json(asdict(message.stats))
    support = Support(message.sources, message.not_in_the_text, message.shape)
    cursor = connection.execute(
        "INSERT INTO messages (conversation_id, role, text, created, thinking, state, model, stats, parent, deleted,"
        " sources, rating) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(message.conversation_id, message.role.value, storable(message.text), message.created),
            *(storable(message.thinking), message.state.value, storable(message.model), figures, message.parent),
            *(message.deleted, support_text(support), message.rating or None),
        ),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def show_message(connection: sqlite3.Connection, conversation_id: str, parent: int | None, child: int | None) -> None:
    """Lets a message be what follows its parent, or begins the conversation; a part of a transaction."""
    if parent is None:
        connection.execute("UPDATE conversations SET shown_first = ? WHERE id = ?", (child, conversation_id))
    else:
        connection.execute("UPDATE messages SET shown_child = ? WHERE id = ?", (child, parent))


def as_rating(value: object) -> int:
    """Returns 1 (good) or -1 (bad) as it is; 0, nothing was said, for anything else."""
    return value if type(value) is int and value in (1, -1) else 0


def _moment(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _state(value: object) -> MessageState:
    try:
        return MessageState(value)
    except ValueError:
        return MessageState.COMPLETE


def _is_figure(value: object) -> bool:
    # What is more cannot be shown, and the conversation could not be opened.
    return is_count(value) or (isinstance(value, float) and 0 <= value <= MOST_COUNT)


def read_stats(figures: object) -> Stats | None:
    """Returns the figures of an answer as they are stored; None: there are none, or nobody can read them."""
    try:
        stored = parse_json(figures) if isinstance(figures, str) else {}
        numbers: dict[str, Any] = {
            name: value for name, value in stored.items() if name in _FIGURES and _is_figure(value)
        }
    except (ValueError, AttributeError):
        return None
    return Stats(**numbers) if numbers else None
