"""Puts a conversation that comes from elsewhere into the database, or what is new of one that is there already."""

from __future__ import annotations

import logging
import sqlite3
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import TypeAlias

from desktop.common.printable import storable
from desktop.history.choices import ConversationChoices, choices_text
from desktop.history.exchange.records import ExchangedConversation, ExchangedMessage
from desktop.history.exchange.values import pack_aside
from desktop.history.locations import read_only_uri
from desktop.history.records import Conversation, StoredMessage
from desktop.history.rows import insert_conversation, insert_message, show_message

_log = logging.getLogger(__name__)

# The origin of a conversation that was begun in Catnap: its id follows.
_OURS = "catnap:"
# Messages stored in one transaction: about a second on a slow laptop, most of it for the index of words.
_AT_ONCE = 2_000


class Taken(Enum):
    """What became of a conversation that was imported."""

    ADDED = "added"
    GROWN = "grown"  # it was there, and has got messages that it did not have
    KNOWN = "known"  # it was there with all its messages


@dataclass(frozen=True)
class TakenIn:
    """See :func:`take_in`.

    Attributes:
        conversation_id: Of the conversation in the database.
        is_new: It was made for it.
    """

    conversation_id: str
    taken: Taken
    is_new: bool = False


def in_parts(conversation: ExchangedConversation) -> Iterator[ExchangedConversation]:
    """Yields a conversation as it is, or, where it is very long, first as it was when it was shorter."""
    for end in range(_AT_ONCE, len(conversation.messages), _AT_ONCE):
        yield replace(conversation, messages=conversation.messages[:end])
    yield conversation


def as_one(results: Sequence[TakenIn]) -> TakenIn:
    """Returns what became of a conversation that was taken in in parts."""
    first = results[0]
    grew = first.taken is Taken.KNOWN and any(one.taken is Taken.GROWN for one in results)
    return replace(first, taken=Taken.GROWN) if grew else first


def take_in(connection: sqlite3.Connection, conversation: ExchangedConversation, *, goes_on: bool = False) -> TakenIn:
    """Stores a conversation; a part of a transaction.

    The same conversation, by its origin, is stored once: messages that it has already are found by what they say and
    where they stand, and only others are added, as versions beside what is there. One that was deleted comes back.

    Args:
        connection: In a transaction.
        conversation: What to store.
        goes_on: It is the same that was made just now, of which only a part was stored.
    """
    known = _find(connection, conversation.origin)
    if known is None:
        conversation_id = _create(connection, conversation)
        insertion = _Insertion(connection, conversation_id, {})
        insertion.add(conversation.messages)
        _finish(connection, conversation_id, conversation)
        connection.execute("UPDATE conversations SET cut = ? WHERE id = ?", (conversation.cut, conversation_id))
        _choose(connection, conversation_id, conversation.choices, insertion.ids)
        return TakenIn(conversation_id, Taken.ADDED, is_new=True)
    was_deleted = connection.execute(
        "UPDATE conversations SET deleted = NULL, deleted_at = NULL WHERE id = ? AND deleted IS NOT NULL", (known,)
    ).rowcount
    insertion = _Insertion(connection, known, _present(connection, known))
    added = insertion.add(conversation.messages)
    if goes_on:
        _choose(connection, known, conversation.choices, insertion.ids)
    if added:
        _finish(connection, known, conversation)
        connection.execute("UPDATE conversations SET cut = 0 WHERE id = ?", (known,))
        return TakenIn(known, Taken.GROWN)
    return TakenIn(known, Taken.ADDED if was_deleted else Taken.KNOWN)


def keep_origins(damaged: Path, connection: sqlite3.Connection) -> None:
    """Takes over where conversations came from, as far as a damaged file still tells; a part of a transaction.

    Args:
        damaged: The file; it is only read.
        connection: Of the history that its conversations were put into.
    """
    try:
        with closing(sqlite3.connect(read_only_uri(damaged), uri=True)) as old:
            for row in old.execute("SELECT conversation_id, origin, aside, placed_after, last_message FROM imported"):
                connection.execute(
                    "INSERT OR IGNORE INTO imported SELECT ?, ?, ?, ?, ?"
                    " WHERE EXISTS (SELECT 1 FROM conversations WHERE id = ?)",
                    (*row, row[0]),
                )
    except (sqlite3.DatabaseError, UnicodeDecodeError) as problem:
        _log.warning("origins not read to the end: %s", problem)


def _find(connection: sqlite3.Connection, origin: str) -> str | None:
    """Returns the id of the conversation with an origin: it was imported before, or begun here."""
    row = connection.execute(
        "SELECT id FROM conversations JOIN imported ON conversation_id = id"
        " WHERE origin = ? AND (deleted IS NULL OR deleted >= 0)",
        (origin,),
    ).fetchone()
    if row is None and origin.startswith(_OURS):
        row = connection.execute(
            "SELECT id FROM conversations WHERE id = ? AND (deleted IS NULL OR deleted >= 0)", (origin[len(_OURS) :],)
        ).fetchone()
    return None if row is None else str(row[0])


def _create(connection: sqlite3.Connection, conversation: ExchangedConversation) -> str:
    conversation_id = uuid.uuid4().hex
    begun = Conversation(
        *(conversation_id, conversation.title, conversation.created, conversation.updated, 0),
        *(conversation.pinned, conversation.archived, conversation.folder),
    )
    insert_conversation(connection, begun)
    # Its place in the list: above what was begun here and ended before it.
    connection.execute(
        """INSERT INTO imported (conversation_id, origin, aside, placed_after) VALUES (?, ?, ?, coalesce((
            SELECT max((SELECT max(id) FROM messages WHERE conversation_id = conversations.id)) FROM conversations
            WHERE updated <= ? AND NOT EXISTS (SELECT 1 FROM imported WHERE conversation_id = conversations.id)
        ), 0))""",
        (conversation_id, conversation.origin, pack_aside(conversation.aside), conversation.updated),
    )
    return conversation_id


def _choose(
    connection: sqlite3.Connection,
    conversation_id: str,
    choices: ConversationChoices,
    ids: Mapping[str | None, int | None],
) -> None:
    """Stores what was chosen for a conversation. Since when some of it is in force is told by an id of a message.

    Args:
        connection: In a transaction.
        conversation_id: Of the conversation in the database.
        choices: As they were exported.
        ids: Those that the messages have here, by those that they had there.
    """

    def newest(there: int) -> int:
        """Returns the id here of the newest message up to one there; 0: there is none."""
        known = ((key, here) for key, here in ids.items() if key is not None and here is not None)
        return max((here for key, here in known if _came_by(key, there)), default=0)

    if choices.document is not None:
        choices = replace(choices, document=replace(choices.document, since=newest(choices.document.since)))
    if choices.language is not None:  # from the message after those before it
        choices = replace(choices, language=replace(choices.language, since=newest(choices.language.since - 1) + 1))
    connection.execute("UPDATE conversations SET choices = ? WHERE id = ?", (choices_text(choices), conversation_id))


def _came_by(key: str, since: int) -> bool:
    return key.isascii() and key.isdecimal() and len(key) < 20 and int(key) <= since


def _finish(connection: sqlite3.Connection, conversation_id: str, conversation: ExchangedConversation) -> None:
    connection.execute(
        "UPDATE imported SET last_message ="
        " (SELECT max(id) FROM messages WHERE messages.conversation_id = imported.conversation_id)"
        " WHERE conversation_id = ?",
        (conversation_id,),
    )
    connection.execute(
        "UPDATE conversations SET updated = max(updated, ?) WHERE id = ?", (conversation.updated, conversation_id)
    )


# (parent, role, text, thinking): what a message is known again by.
_Known: TypeAlias = "dict[tuple[int | None, str, str, str], list[int]]"


def _present(connection: sqlite3.Connection, conversation_id: str) -> _Known:
    """Returns the ids of what is there, the oldest last; what follows a deleted message also as an export tells it."""
    present: _Known = {}
    rows = connection.execute(
        "SELECT parent, role, text, thinking, id, deleted FROM messages WHERE conversation_id = ? ORDER BY id DESC",
        (conversation_id,),
    ).fetchall()
    gone = {message_id: parent for parent, *_known, message_id, deleted in rows if deleted is not None}
    for parent, *known, message_id, _deleted in rows:
        present.setdefault((parent, *known), []).append(message_id)
        if parent in gone:
            while parent in gone:  # which ends: parents have the smaller ids
                parent = gone[parent] if gone[parent] is None or gone[parent] < parent else None
            present.setdefault((parent, *known), []).append(message_id)
    return present


class _Insertion:
    """Adds the messages of one conversation."""

    def __init__(self, connection: sqlite3.Connection, conversation_id: str, present: _Known) -> None:
        self._connection = connection
        self._conversation_id = conversation_id
        self._present = present
        self._found: set[int] = set()
        self.ids: dict[str | None, int | None] = {None: None}  # of the messages, by their keys

    def add(self, messages: tuple[ExchangedMessage, ...]) -> int:
        """Adds what is not there, and shows what is shown; returns how many were added."""
        ids = self.ids
        added = 0
        shown: list[tuple[int | None, int]] = []
        for message in messages:
            parent = ids.get(message.parent)
            text, thinking = storable(message.text), storable(message.thinking)
            same = self._present.get((parent, message.role.value, text, thinking), [])
            while same and same[-1] in self._found:
                same.pop()
            if same:
                found = same.pop()
                self._found.add(found)
            else:
                stored = StoredMessage(
                    *(0, self._conversation_id, message.role, text, message.created, thinking),
                    *(message.state, message.model, message.stats, parent),
                    sources=message.sources,
                    not_in_the_text=message.not_in_the_text,
                    shape=message.shape,
                    rating=message.rating,
                )
                found = insert_message(self._connection, stored)
                added += 1
            ids[message.key] = found
            if message.shown:
                shown.append((parent, found))
        if added:
            for parent, child in shown:
                show_message(self._connection, self._conversation_id, parent, child)
        return added
