"""What can still be read of a damaged history, put into a new one under the same ids."""

from __future__ import annotations

import logging
import math
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.json_file import parse_json
from desktop.history.exchange.taking_in import keep_origins
from desktop.history.locations import UNCHANGED, database_uri
from desktop.history.owed_states import owe, owed_state
from desktop.history.rescue.backups import message_noted
from desktop.history.rescue.sqlite_pages import DamagedFile, Row, Value
from desktop.history.rows import as_rating
from desktop.history.schema import columns_of
from desktop.history.upkeep import note_removal

_log = logging.getLogger(__name__)

_ROLES = ("user", "assistant")
_STATES = ("complete", "stopped", "interrupted", "failed")
_CONVERSATION_COLUMNS = (
    "id",
    "title",
    "created",
    "updated",
    "cut",
    "deleted",
    "shown_first",
    "begun_after",
    "deleted_at",
    "pinned",
    "archived",
    "folder",
    "choices",
)
# What messages had before there were versions: each follows the one before it.
_LINEAR_COLUMNS = ("id", "conversation_id", "role", "text", "created", "thinking", "state", "model", "stats")
_MESSAGE_COLUMNS = (*_LINEAR_COLUMNS, "parent", "shown_child", "deleted", "deleted_at", "sources", "rating")
_LAST_ID = (1 << 63) - 1
_ID_LENGTH = 100  # characters; ours have 32
_TITLE_LENGTH = 48  # characters of a title that is made of a message


@dataclass(frozen=True)
class Recovered:
    """What came over.

    Attributes:
        from_backup: How many of the messages came from a copy.
        backup: The copy; None: nothing was taken from any.
    """

    conversations: int
    messages: int
    from_backup: int
    backup: Path | None


@dataclass
class _Found:
    """Rows by id, as they are to be stored; ``cut_off`` are messages of which the end is missing.

    Of what was removed, and of the engine's states, something may still lie elsewhere: the new file notes that as well.
    """

    conversations: dict[str, list[Value]] = field(default_factory=dict)
    messages: dict[int, list[Value]] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    owed_states: set[str] = field(default_factory=set)
    cut_off: set[int] = field(default_factory=set)
    linear: set[int] = field(default_factory=set)


def recover(damaged: Path, backups: Iterable[Path], connection: sqlite3.Connection) -> Recovered:
    """Reads a damaged file and puts what it holds into a new one; what it has lost is taken from a copy.

    Args:
        damaged: The file; it is only read. It need not be a database at all.
        backups: Copies of it, the newest first; the first one that can be read is used.
        connection: Of the new history, which is empty and of the present version.

    Raises:
        sqlite3.Error: The new one cannot be written.
        OSError: The damaged one cannot be read.
    """
    found = _Found()
    if damaged.is_file():  # and no folder, nor a pipe that nobody writes to
        with closing(DamagedFile(damaged)) as pages:
            for row in pages.rows():
                _sort(row, found)
    from_backup, used = _fill_up(found, backups)
    for conversation_id in found.removed:  # for good, by the person
        found.conversations.pop(conversation_id, None)
    gone = {message_noted(one) for one in found.removed}
    found.messages = {
        key: one for key, one in found.messages.items() if one[1] not in found.removed and key not in gone
    }
    _mend(found)
    connection.execute("BEGIN IMMEDIATE")
    try:
        _store(connection, "conversations", _CONVERSATION_COLUMNS, found.conversations.values())
        _store(connection, "messages", _MESSAGE_COLUMNS, (found.messages[key] for key in sorted(found.messages)))
        keep_origins(damaged, connection)
        if found.removed:
            note_removal(connection, sorted(found.removed))
        owe(connection, sorted(found.owed_states))
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    taken = len(from_backup & found.messages.keys())
    return Recovered(len(found.conversations), len(found.messages), taken, used if taken else None)


def what_came_over(recovered: Recovered, aside: Path) -> UserFacingError:
    """Returns what to say after a recovery; the damaged file lies under the name ``aside`` now."""
    if not recovered.messages:
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The file of the conversations was damaged; a new one was begun."),
            f"{aside}.",
            QT_TRANSLATE_NOOP("Errors", "The old file was kept; nothing in it is lost."),
        )
    title = QT_TRANSLATE_NOOP("Errors", "The file of the conversations was damaged; what could be read was saved.")
    remedy = QT_TRANSLATE_NOOP("Errors", "Look whether what you need is there. The damaged file was kept.")
    numbers = (f"{recovered.conversations:,}", f"{recovered.messages:,}")
    if recovered.backup is None:
        detail = QT_TRANSLATE_NOOP("Errors", "Conversations: {0}, messages: {1}. Damaged file: {2}.")
        return UserFacingError(title, detail, remedy, values=(*numbers, str(aside)))
    detail = QT_TRANSLATE_NOOP(
        "Errors", "Conversations: {0}, messages: {1}, of these from the backup {2}: {3}. Damaged file: {4}."
    )
    from_backup = f"{recovered.from_backup:,}"
    return UserFacingError(title, detail, remedy, values=(*numbers, recovered.backup.name, from_backup, str(aside)))


def _sort(row: Row, found: _Found) -> None:
    """Takes a row of some table for what it must be by its values, or leaves it."""
    values = row.values
    if len(values) >= 4 and values[0] is None and values[2] in _ROLES and isinstance(values[3], str):
        if 0 < row.number < _LAST_ID and _is_id(values[1]):
            _add_message(row, found)
    elif len(values) >= 5 and _is_id(values[0]) and _is_number(values[2]) and _is_number(values[3]):
        conversation = _conversation(values)
        if conversation[5] is not None and _number(conversation[5]) < 0:
            found.removed.add(str(values[0]))
        else:
            found.conversations.setdefault(str(values[0]), conversation)
    elif len(values) == 2 and values[0] == "index_holds_removed":
        found.removed.update(_removed(values[1]))
    elif len(values) == 2 and owed_state(values[0]):
        found.owed_states.add(owed_state(values[0]))


def _add_message(row: Row, found: _Found) -> None:
    known = found.messages.get(row.number)
    if known is not None and (not row.whole or row.number not in found.cut_off):
        return
    padded = (*row.values, *[None] * len(_MESSAGE_COLUMNS))[1 : len(_MESSAGE_COLUMNS)]
    found.messages[row.number] = _message((row.number, *padded))
    if len(row.values) <= len(_LINEAR_COLUMNS):
        found.linear.add(row.number)
    (found.cut_off.discard if row.whole else found.cut_off.add)(row.number)


def _message(values: Sequence[Value]) -> list[Value]:
    number, conversation, role, text, created, thinking, state, model, stats, *rest = values
    parent, child, deleted, _deleted_at, sources, rating = rest
    return [
        *(number, str(conversation), role, str(text), _number(created)),
        thinking if isinstance(thinking, str) else "",
        state if state in _STATES else "complete",
        model if isinstance(model, str) else "",
        stats if isinstance(stats, str) else None,
        *(parent if _is_row(parent) else None, child if _is_row(child) else None),
        *(_moment(deleted), None),  # the days are counted from now on
        sources if isinstance(sources, str) else None,
        as_rating(rating) or None,
    ]


def _conversation(values: Sequence[Value]) -> list[Value]:
    padded = (*values, *[None] * len(_CONVERSATION_COLUMNS))[: len(_CONVERSATION_COLUMNS)]
    identity, title, created, updated, cut, deleted, first, begun_after, _at, pinned, archived, folder, choices = padded
    return [
        *(str(identity), title if isinstance(title, str) else "", _number(created), _number(updated)),
        cut if _is_row(cut) else 0,
        None if deleted is None else _number(deleted),
        first if _is_row(first) else None,
        begun_after if _is_row(begun_after) else 0,
        None if deleted is None else 0.0,  # the days are counted from now on
        *(_moment(pinned), _moment(archived), folder if isinstance(folder, str) else ""),
        choices if isinstance(choices, str) else None,
    ]


def _fill_up(found: _Found, backups: Iterable[Path]) -> tuple[set[int], Path | None]:
    """Adds what only a copy has; returns the ids of these messages and the copy."""
    for backup in backups:
        try:
            conversations, messages, is_linear = _read_backup(backup)
        except sqlite3.Error as problem:
            _log.warning("%s cannot be used: %s", backup.name, problem)
            continue
        for identity, conversation in conversations.items():
            found.conversations.setdefault(identity, conversation)
        added = {key for key in messages if key not in found.messages or key in found.cut_off}
        for key in added:
            found.messages[key] = messages[key]
        found.linear.update(added if is_linear else ())
        return added, backup
    return set(), None


def _read_backup(backup: Path) -> tuple[dict[str, list[Value]], dict[int, list[Value]], bool]:
    """Returns conversations, messages, and whether these are of before the versions: a copy may be of an older file."""
    uri = database_uri(backup, UNCHANGED)
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        connection.text_factory = lambda content: content.decode("utf-8", "replace")
        rows = _rows_of(connection, "conversations", _CONVERSATION_COLUMNS)
        conversations = {str(row[0]): _conversation(row) for row in rows}
        rows = _rows_of(connection, "messages", _MESSAGE_COLUMNS)
        messages = {row[0]: _message(row) for row in rows if row[2] in _ROLES}
        return conversations, messages, "parent" not in columns_of(connection, "messages")


def _rows_of(connection: sqlite3.Connection, table: str, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    """Returns all rows of a table, None for what it has no column for."""
    there = columns_of(connection, table)
    names = ", ".join(name if name in there else "NULL" for name in columns)
    return connection.execute(f"SELECT {names} FROM {table}").fetchall()


def _mend(found: _Found) -> None:
    """Hangs messages that have lost what came before them where they belong best, and names what has lost its name."""
    by_conversation: dict[str, list[int]] = {}
    for key in sorted(found.messages):
        by_conversation.setdefault(str(found.messages[key][1]), []).append(key)
    for identity, keys in by_conversation.items():
        known = set(keys)
        for at, key in enumerate(keys):
            message = found.messages[key]
            parent = message[9]
            if key in found.linear:
                message[9] = keys[at - 1] if at else None
            elif isinstance(parent, int) and (parent not in known or parent >= key):
                # All versions of an answer to a lost question stay together: after what came before the question.
                message[9] = max((one for one in keys if one < min(parent, key)), default=None)
        if identity not in found.conversations:
            first = found.messages[keys[0]]
            title = " ".join(str(first[3])[: 4 * _TITLE_LENGTH].split())[:_TITLE_LENGTH]
            found.conversations[identity] = _conversation((identity, title, first[4], found.messages[keys[-1]][4]))


def _store(connection: sqlite3.Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    marks = ", ".join("?" * len(columns))
    connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)


def _removed(value: Value) -> Iterator[str]:
    try:
        _number_of_it, *identities = parse_json(value) if isinstance(value, str) else [0]
    except (ValueError, TypeError):
        return
    yield from (one for one in identities if isinstance(one, str))


def _moment(value: Value) -> float | None:
    return None if value is None else _number(value)


def _is_id(value: Value) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _ID_LENGTH


def _is_row(value: Value) -> bool:
    return isinstance(value, int) and 0 <= value <= _LAST_ID


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float)


def _number(value: Value) -> float:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else 0.0
