"""The conversations, in one SQLite file. One write per message, never per token.

A message is in the file when the call that adds it returns, so a crash loses only the answer that was being generated.
Every change is a transaction: where it fails, nothing has changed. Several that belong together are put into one with
:meth:`History.transaction`.
"""

from __future__ import annotations

import logging
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.json_file import parse_json, to_json
from desktop.engine.types import Role, Stats
from desktop.history.database import as_user_error, is_damage, open_database, suspect_marker
from desktop.history.records import Conversation, MessageState, SearchHit, StoredMessage, Transcript

_log = logging.getLogger(__name__)

_CONVERSATION = "conversations.id, title, conversations.created, updated, cut"
_MESSAGE = "id, conversation_id, role, text, created, thinking, state, model, stats"
_HITS = 200  # more than anybody reads
_LAST_ID = (1 << 63) - 1  # SQLite's largest row number
_TRIGRAM = 3  # characters: shorter words are not in the index
# The row of the table "about" that is there while the index may still hold words of messages that were removed.
_UNERASED = "index_holds_removed"
_EXCERPT_BEFORE, _EXCERPT_LENGTH = 30, 120  # characters


class History:
    """Conversations and their messages.

    Every method may raise UserFacingError: the disk is full, the file cannot be written, it is damaged, or the
    conversation is no longer there.

    Attributes:
        load_problem: What was wrong with the file when it was opened, to be said once; None: nothing.
    """

    def __init__(self, file: Path, now: Callable[[], float] = time.time) -> None:
        """Opens the file or begins a new one.

        Args:
            file: Its folder exists.
            now: The clock, in seconds since the epoch.

        Raises:
            UserFacingError: The file is from a newer Catnap, or cannot be opened or written.
        """
        self._file = file
        self._now = now
        database = open_database(file)
        self._connection = database.connection
        self._has_index = database.has_index
        self.load_problem = database.problem

    def close(self) -> None:
        """Closes the file; may be called twice."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Makes one of all changes inside: they are in the file together, or, where something raises, none of them."""
        with self._reported():
            if self._connection.in_transaction:  # a part of another one
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # SQLite itself rolls back when the disk is full
                    self._connection.execute("ROLLBACK")
                raise

    def conversations(self) -> tuple[Conversation, ...]:
        """Returns all conversations that are not deleted, the newest first."""
        rows = self._query(
            f"SELECT {_CONVERSATION} FROM conversations WHERE deleted IS NULL"
            " ORDER BY updated DESC, created DESC, rowid DESC"
        )
        return tuple(Conversation(*row) for row in rows)

    def transcript(self, conversation_id: str) -> Transcript:
        """Returns a conversation with its messages, also one that is deleted and can still be restored."""
        rows = self._query(f"SELECT {_CONVERSATION} FROM conversations WHERE id = ?", conversation_id)
        if not rows:
            raise _gone()
        messages = self._query(
            f"SELECT {_MESSAGE} FROM messages WHERE conversation_id = ? ORDER BY id", conversation_id
        )
        return Transcript(Conversation(*rows[0]), tuple(_message(row) for row in messages))

    def create(self, title: str = "") -> Conversation:
        """Begins a conversation without messages."""
        now = self._now()
        conversation = Conversation(uuid.uuid4().hex, _storable(title), now, now)
        with self.transaction():
            self._connection.execute(
                "INSERT INTO conversations (id, title, created, updated) VALUES (?, ?, ?, ?)",
                (conversation.id, conversation.title, now, now),
            )
        return conversation

    def rename(self, conversation_id: str, title: str) -> None:
        self._change("UPDATE conversations SET title = ? WHERE id = ?", _storable(title), conversation_id)

    def set_cut(self, conversation_id: str, cut: int) -> None:
        """Remembers how many leading messages no longer fit into the context."""
        self._change("UPDATE conversations SET cut = ? WHERE id = ?", cut, conversation_id)

    def delete(self, conversation_id: str) -> None:
        """Hides a conversation until :meth:`restore` or :meth:`purge_deleted`."""
        self._change("UPDATE conversations SET deleted = ? WHERE id = ?", self._now(), conversation_id)

    def restore(self, conversation_id: str) -> None:
        """Takes back :meth:`delete`."""
        self._change("UPDATE conversations SET deleted = NULL WHERE id = ?", conversation_id)

    def purge_deleted(self) -> tuple[str, ...]:
        """Removes deleted conversations for good and returns their ids, so that their KV states can go too.

        Also what messages that were removed one by one have left in the index of words. Called when the program starts
        and ends.
        """
        with self.transaction():
            rows = self._connection.execute("SELECT id FROM conversations WHERE deleted IS NOT NULL").fetchall()
            if rows:
                self._connection.execute("DELETE FROM conversations WHERE deleted IS NOT NULL")  # the messages go along
                self._note_removal()
        self._erase_removed()
        return tuple(conversation_id for (conversation_id,) in rows)

    def add_user_message(self, conversation_id: str, text: str, *, replaces_from: int | None = None) -> StoredMessage:
        """Stores a message of the user.

        Args:
            conversation_id: The conversation.
            text: What the user wrote.
            replaces_from: Id of a message that goes for good together with all after it, when the new one is stored. A
                cut behind the messages that are left is taken back to 0.
        """
        gone = None if replaces_from is None else (replaces_from, _LAST_ID)
        return self._add(conversation_id, Role.USER, text, "", MessageState.COMPLETE, "", None, gone)

    def add_answer(
        self,
        conversation_id: str,
        text: str,
        *,
        thinking: str,
        state: MessageState,
        model: str,
        stats: Stats | None,
        replaces: int | None = None,
    ) -> StoredMessage:
        """Stores an answer that has ended, in whatever way.

        Args:
            conversation_id: The conversation.
            text: The answer, as far as it came.
            thinking: The thoughts before it.
            state: How it ended.
            model: Name of the model.
            stats: Its figures; None: unknown.
            replaces: Id of an answer that goes for good when this one is stored.
        """
        gone = None if replaces is None else (replaces, replaces)
        return self._add(conversation_id, Role.ASSISTANT, text, thinking, state, model, stats, gone)

    def remove_message(self, message_id: int) -> None:
        """Removes one message for good; one that is not there is none to remove."""
        with self.transaction():
            row = self._connection.execute(
                "SELECT conversation_id FROM messages WHERE id = ?", (message_id,)
            ).fetchone()
            if row is not None:
                self._connection.execute("DELETE FROM messages WHERE id = ?", (message_id,))
                self._note_removal()
                self._touch(row[0])

    def search(self, words: str) -> tuple[SearchHit, ...]:
        """Returns the newest messages that hold all the words, in any order, in upper or lower case.

        A word may be a part of one, and needs no spaces around it in Chinese. At most 200 messages are returned.
        """
        wanted = _storable(words).replace("\0", "").split()
        if not wanted:
            return ()
        indexed = [word for word in wanted if len(word) >= _TRIGRAM and self._has_index]
        conditions = ["deleted IS NULL"]
        values: list[str] = []
        if indexed:
            conditions.append("messages.id IN (SELECT rowid FROM message_index WHERE message_index MATCH ?)")
            values.append(" AND ".join('"' + word.replace('"', '""') + '"' for word in indexed))
        for word in wanted:
            if word not in indexed:
                conditions.append("text LIKE ? ESCAPE '\\'")
                values.append("%" + "".join(f"\\{sign}" if sign in "\\%_" else sign for sign in word) + "%")
        rows = self._query(
            f"SELECT {_CONVERSATION}, messages.id, text FROM messages"
            " JOIN conversations ON conversations.id = conversation_id"
            f" WHERE {' AND '.join(conditions)} ORDER BY messages.id DESC LIMIT {_HITS}",
            *values,
        )
        return tuple(SearchHit(Conversation(*row[:5]), row[5], _excerpt(row[6], wanted)) for row in rows)

    def _add(
        self,
        conversation_id: str,
        role: Role,
        text: str,
        thinking: str,
        state: MessageState,
        model: str,
        stats: Stats | None,
        gone: tuple[int, int] | None,
    ) -> StoredMessage:
        """Stores a message and removes those of the conversation from the first to the last id of ``gone``."""
        now = self._now()
        text, thinking = _storable(text), _storable(thinking)
        figures = None if stats is None else to_json(asdict(stats))
        try:
            with self.transaction():
                if gone is not None:
                    self._remove(conversation_id, *gone)
                cursor = self._connection.execute(
                    "INSERT INTO messages (conversation_id, role, text, created, thinking, state, model, stats)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (conversation_id, role.value, text, now, thinking, state.value, model, figures),
                )
                self._touch(conversation_id)
        except sqlite3.IntegrityError as problem:
            raise _gone() from problem
        row_id = cursor.lastrowid
        assert row_id is not None
        return StoredMessage(row_id, conversation_id, role, text, now, thinking, state, model, stats)

    def _remove(self, conversation_id: str, first: int, last: int) -> None:
        self._connection.execute(
            "DELETE FROM messages WHERE conversation_id = ? AND id BETWEEN ? AND ?", (conversation_id, first, last)
        )
        self._note_removal()
        self._connection.execute(
            "UPDATE conversations SET cut = 0 WHERE id = ? AND cut >"
            " (SELECT count(*) FROM messages WHERE conversation_id = conversations.id)",
            (conversation_id,),
        )

    def _note_removal(self) -> None:
        self._connection.execute("INSERT OR REPLACE INTO about VALUES (?, '1')", (_UNERASED,))

    def _erase_removed(self) -> None:
        """Takes the words of removed messages out of the index, and their pages out of the log beside the file.

        FTS5 only notes that a row is gone, until the parts of the index are merged; ``secure_delete`` knows nothing of
        that (https://www.sqlite.org/fts5.html#the_optimize_command). Some tenths of a second for a long history.
        """
        if not self._has_index or not self._query("SELECT 1 FROM about WHERE name = ?", _UNERASED):
            return
        with self.transaction():
            self._connection.execute("INSERT INTO message_index (message_index) VALUES ('optimize')")
            self._connection.execute("DELETE FROM about WHERE name = ?", (_UNERASED,))
        self._query("PRAGMA wal_checkpoint(TRUNCATE)")

    def _touch(self, conversation_id: str) -> None:
        """Makes ``updated`` the time of the newest message; a conversation without any keeps that of its beginning."""
        self._connection.execute(
            "UPDATE conversations SET updated = coalesce("
            "(SELECT max(messages.created) FROM messages WHERE conversation_id = conversations.id), created)"
            " WHERE id = ?",
            (conversation_id,),
        )

    def _change(self, statement: str, *values: str | float | None) -> None:
        with self.transaction():
            changed = self._connection.execute(statement, values).rowcount
        if not changed:
            raise _gone()

    def _query(self, statement: str, *values: str) -> list[tuple]:  # type: ignore[type-arg]
        with self._reported():
            return self._connection.execute(statement, values).fetchall()

    @contextmanager
    def _reported(self) -> Iterator[None]:
        """Turns what the disk can do to the file into an error for people; the rest are bugs."""
        try:
            yield
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
            raise
        except sqlite3.DatabaseError as problem:
            _log.warning("history: %s", problem)
            if is_damage(problem):
                suspect_marker(self._file).touch()
            raise as_user_error(problem, self._file) from problem


def _gone() -> UserFacingError:
    return UserFacingError(QT_TRANSLATE_NOOP("Errors", "This conversation is no longer there."))


def _message(row: tuple[int, str, str, str, float, str, str, str, str | None]) -> StoredMessage:
    message_id, conversation_id, role, text, created, thinking, state, model, stats = row
    return StoredMessage(
        message_id, conversation_id, Role(role), text, created, thinking, MessageState(state), model, _stats(stats)
    )


def _stats(figures: str | None) -> Stats | None:
    if figures is None:
        return None
    defaults = asdict(Stats())
    try:
        found = parse_json(figures)
        return Stats(**{name: type(default)(found.get(name, default)) for name, default in defaults.items()})
    except (ValueError, TypeError, AttributeError, ArithmeticError):  # the words count, not how fast they came
        return None


def _storable(text: str) -> str:
    """Joins surrogate pairs and replaces lone surrogates, which a pasted text may hold and UTF-8 cannot."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _excerpt(text: str, words: list[str]) -> str:
    """Returns one line of the text around the first of the words."""
    line = " ".join(text.split())
    lowered = line.lower()
    found = [at for at in (lowered.find(word.lower()) for word in words) if at >= 0]
    start = max(0, min(found, default=0) - _EXCERPT_BEFORE)
    excerpt = line[start : start + _EXCERPT_LENGTH]
    return ("…" if start else "") + excerpt + ("…" if start + _EXCERPT_LENGTH < len(line) else "")
