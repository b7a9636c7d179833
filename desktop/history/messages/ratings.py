"""The answers that the person has marked as good or bad, each with what it was an answer to."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator

from desktop.engine.types import Message
from desktop.history.messages.reading import read_conversation
from desktop.history.records import RatedAnswer, StoredMessage


def rated_answers(connection: sqlite3.Connection) -> tuple[RatedAnswer, ...]:
    """Returns the answers that have a thumb, the oldest first; those of deleted conversations do not count."""
    rows = connection.execute(
        """SELECT messages.id, conversation_id FROM messages JOIN conversations
        ON conversations.id = conversation_id WHERE rating IN (1, -1) AND role = 'assistant'
        AND messages.deleted IS NULL AND conversations.deleted IS NULL ORDER BY messages.id"""
    ).fetchall()
    of: dict[str, list[int]] = {}
    for message_id, conversation_id in rows:
        of.setdefault(conversation_id, []).append(message_id)
    found = [each for one, ids in of.items() for each in _rated(read_conversation(connection, one)[2], ids)]
    return tuple(sorted(found, key=lambda each: each.message_id))


def _rated(messages: dict[int, StoredMessage], message_ids: Collection[int]) -> Iterator[RatedAnswer]:
    for message_id in message_ids:
        turns: list[Message] = []
        at: StoredMessage | None
        answer = at = messages[message_id]
        is_there = True
        while at is not None:
            turns.insert(0, Message(at.role, at.text))
            is_there = is_there and at.deleted is None  # with a question its answers have gone
            at = messages.get(at.parent) if at.parent is not None else None
        if is_there:
            yield RatedAnswer(message_id, answer.model, answer.created, answer.rating > 0, tuple(turns))
