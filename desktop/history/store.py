"""The conversations, in one SQLite file. One write per message, never per token.

A message is on the disk when the call that adds it returns, so a crash loses only the answer that was being generated.
Nothing that was said is replaced: what is written or answered anew is one more version of it (adr/010).
Every change is a transaction: where it fails, nothing has changed. Several that belong together are put into one with
:meth:`~desktop.history.file.HistoryFile.transaction`.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Collection
from dataclasses import replace
from types import MappingProxyType

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.printable import storable
from desktop.engine.types import Role, Stats
from desktop.history.choices import ConversationChoices, choices_text, read_choices
from desktop.history.counted_time import count_time
from desktop.history.exchange.records import ExchangedConversation
from desktop.history.exchange.stored import StoredTree, read_stored
from desktop.history.exchange.taking_in import TakenIn, as_one, in_parts, take_in
from desktop.history.exchange.values import as_title
from desktop.history.file import HistoryFile, conversation_gone
from desktop.history.messages import deleted
from desktop.history.messages.cut import follow_path, take_cut_back
from desktop.history.messages.ratings import rated_answers
from desktop.history.messages.reading import THERE, read_conversation, read_tree
from desktop.history.messages.tree import MessageTree, common_beginning
from desktop.history.owed_states import owe
from desktop.history.records import (
    Conversation,
    ConversationTree,
    DeletedConversation,
    DeletedMessages,
    MessageState,
    RatedAnswer,
    SearchHit,
    StoredMessage,
    Transcript,
)
from desktop.history.rows import (
    CONVERSATION_COLUMNS,
    CONVERSATION_WIDTH,
    as_rating,
    conversation_of,
    insert_conversation,
    insert_message,
    read_stats,
    show_message,
)
from desktop.history.search import search
from desktop.history.sources import Support, read_support
from desktop.history.upkeep import REMOVED, needs_erasing, note_removal

# By what came last. Not by the clock: one that was wrong for a day would keep a conversation on top for years. What was
# imported, and not gone on with, has its place by time.
_LAST_FIRST = """ORDER BY coalesce(
    (SELECT 2 * placed_after + 1 FROM imported WHERE conversation_id = conversations.id AND last_message >=
        (SELECT max(id) FROM messages WHERE conversation_id = conversations.id)),
    (SELECT 2 * max(id) FROM messages WHERE conversation_id = conversations.id),
    2 * begun_after + 1
) DESC, (SELECT updated FROM imported WHERE conversation_id = conversations.id) DESC, conversations.rowid DESC"""
_A_MOMENT = 0.001  # seconds


class History(HistoryFile):
    """Conversations and their messages.

    Every method may raise UserFacingError: the disk is full, the file cannot be written, it is damaged, or the
    conversation is no longer there.
    """

    def conversations(self) -> tuple[Conversation, ...]:
        """Returns all conversations that are not deleted, the one with the newest message first."""
        rows = self._query(f"SELECT {CONVERSATION_COLUMNS} FROM conversations WHERE deleted IS NULL {_LAST_FIRST}")
        return tuple(conversation_of(row) for row in rows)

    def conversation(self, conversation_id: str) -> Conversation:
        """Returns a conversation without its messages, also one that is deleted and can be restored."""
        rows = self._query(
            f"SELECT {CONVERSATION_COLUMNS} FROM conversations WHERE id = ? AND {THERE}", conversation_id
        )
        if not rows:
            raise conversation_gone()
        return conversation_of(rows[0])

    def first_words(self, conversation_id: str) -> str | None:
        """Returns the text of the first message that is shown; None: there is none."""
        with self._reported():
            first = next(iter(read_tree(self._connection, conversation_id).path()), 0)
        rows = self._query("SELECT text FROM messages WHERE id = ?", first)
        return str(rows[0][0]) if rows else None

    def transcript(self, conversation_id: str) -> Transcript:
        """Returns a conversation with the messages that are shown, also one that is deleted and can be restored."""
        with self._reported():
            conversation, tree, messages = read_conversation(self._connection, conversation_id)
        return Transcript(conversation, tuple(messages[message] for message in tree.path()))

    def tree(self, conversation_id: str) -> ConversationTree:
        """Returns a conversation with every version of every message, also of one and with those that are deleted."""
        with self._reported():
            conversation, tree, messages = read_conversation(self._connection, conversation_id)
        return ConversationTree(conversation, tuple(messages.values()), MappingProxyType(tree.shown()))

    def has(self, conversation_id: str) -> bool:
        """Returns whether a conversation is there, deleted or not."""
        return bool(self._query(f"SELECT 1 FROM conversations WHERE id = ? AND {THERE}", conversation_id))

    def newest_message_id(self) -> int:
        """Returns the largest id of a message; 0: there is none. Every later message gets a larger one."""
        ((newest,),) = self._query("SELECT coalesce(max(id), 0) FROM messages")
        return int(newest)

    def create(self, title: str = "") -> Conversation:
        """Begins a conversation without messages."""
        now = self._now()
        return self._insert(Conversation("", title, now, now))

    def add_tree(self, tree: ConversationTree) -> Conversation:
        """Stores a conversation that comes from elsewhere, under an id of its own and with new row numbers.

        Args:
            tree: Ids only say what belongs to what. A message whose parent does not come before it is a first one.
                Roles are user and assistant. Times that are no numbers become that of now.

        Returns:
            The conversation as stored.
        """
        ids: dict[int | None, int | None] = {None: None}
        with self.transaction():
            created = self._valid(tree.conversation.created)
            conversation = self._insert(replace(tree.conversation, created=created, updated=created))
            for message in tree.messages:
                copy = replace(
                    message,
                    conversation_id=conversation.id,
                    created=self._valid(message.created),
                    parent=ids.get(message.parent),
                )
                ids[message.id] = insert_message(self._connection, copy)
            for parent, child in tree.shown.items():
                if parent in ids and ids.get(child) is not None:
                    show_message(self._connection, conversation.id, ids[parent], ids[child])
            self._touch(conversation.id)
        return self.conversation(conversation.id)

    def take_in(self, conversation: ExchangedConversation) -> TakenIn:
        """Stores a conversation that was imported, once: of one that is there, only what is new.

        A very long one comes in parts, each a conversation by itself, so that who writes meanwhile need not wait long.
        """
        results: list[TakenIn] = []
        for part in in_parts(conversation):
            with self.transaction(durable=False):
                results.append(take_in(self._connection, part, goes_on=bool(results) and results[0].is_new))
        return as_one(results)

    def stored_tree(self, conversation_id: str) -> StoredTree | None:
        """Returns a conversation to export, whose messages are read a few at a time; None: it is not there."""
        with self._reported():
            return read_stored(self._connection, conversation_id)

    def rename(self, conversation_id: str, title: str) -> None:
        self._change("UPDATE conversations SET title = ? WHERE id = ?", storable(title), conversation_id)

    def set_cut(self, conversation_id: str, cut: int) -> None:
        """Remembers how many leading messages of those shown no longer fit into the context."""
        self._change("UPDATE conversations SET cut = ? WHERE id = ?", cut, conversation_id)

    def moment_of_arranging(self) -> float:
        """Returns the moment for what is pinned or archived now: a later one than of all that was before.

        That is what the clock says, unless it was wrong then: nothing stays on top of the others for years.
        """
        moments = (
            moment for one in self.conversations() for moment in (one.pinned, one.archived) if moment is not None
        )
        return max(self._now(), max(moments, default=0.0) + _A_MOMENT)

    def set_pinned(self, conversation_id: str, pinned: float | None) -> None:
        """Pins a conversation to the top of the list, or lets it go.

        Args:
            conversation_id: Which.
            pinned: The moment, in seconds since the epoch: the one pinned last comes first. None: it is not pinned.
        """
        self._change("UPDATE conversations SET pinned = ? WHERE id = ?", pinned, conversation_id)

    def set_archived(self, conversation_id: str, archived: float | None) -> None:
        """Puts a conversation out of the list, where it is found still, or back.

        Args:
            conversation_id: Which.
            archived: The moment, in seconds since the epoch; None: back into the list.
        """
        self._change("UPDATE conversations SET archived = ? WHERE id = ?", archived, conversation_id)

    def set_folder(self, conversation_id: str, folder: str) -> None:
        """Moves a conversation into the folder of a name; empty: out of any. A folder is there while something is."""
        self._change("UPDATE conversations SET folder = ? WHERE id = ?", as_title(folder), conversation_id)

    def set_choices(self, conversation_id: str, choices: ConversationChoices) -> None:
        """Remembers what is chosen for a conversation alone."""
        with self.transaction(durable=False):
            if choices.document != self.conversation(conversation_id).choices.document:
                owe(self._connection, (conversation_id,))  # it holds the words of the document before
            self._change("UPDATE conversations SET choices = ? WHERE id = ?", choices_text(choices), conversation_id)

    def delete(self, conversation_id: str) -> None:
        """Hides a conversation until :meth:`restore`, :meth:`delete_for_good` or :meth:`purge_deleted`."""
        with self.transaction(durable=False):
            now = max(0.0, self._now())
            counted = count_time(self._connection, now)
            self._change(
                f"UPDATE conversations SET deleted = ?, deleted_at = ? WHERE id = ? AND {THERE}",
                *(now, counted, conversation_id),
            )

    def restore(self, conversation_id: str) -> None:
        """Takes back :meth:`delete`; it is where it was in the list."""
        self._change(
            f"UPDATE conversations SET deleted = NULL, deleted_at = NULL WHERE id = ? AND {THERE}", conversation_id
        )

    def deleted(self) -> tuple[DeletedConversation, ...]:
        """Returns the conversations that can still be restored, the one deleted last first."""
        rows = self._query(
            f"SELECT {CONVERSATION_COLUMNS}, deleted,"
            " (SELECT count(*) FROM messages WHERE conversation_id = conversations.id)"
            " FROM conversations WHERE deleted >= 0 ORDER BY deleted_at DESC, deleted DESC, rowid DESC"
        )
        return tuple(DeletedConversation(conversation_of(row), *row[CONVERSATION_WIDTH:]) for row in rows)

    def delete_for_good(self, *conversation_ids: str) -> None:
        """Removes conversations; what is not there is none to remove.

        Nobody finds them any more when this returns. Their words are taken out of the file, its index and its copies by
        a thread of its own right after, which may take seconds: see :meth:`wait_done`.
        """
        with self.transaction():
            self._remove(conversation_ids)
        self._upkeep.erase_removed()

    def purge_deleted(self, older_than_seconds: float = 0.0) -> tuple[str, ...]:
        """Removes conversations for good that were deleted that long ago and returns their ids.

        Also what an earlier removal has left in the file. Called when the program starts.

        Args:
            older_than_seconds: On the clock of :mod:`desktop.history.counted_time`; 0: all that are deleted.
        """
        with self.transaction(durable=False):
            counted = count_time(self._connection, self._now())
            rows = self._query(
                "SELECT id FROM conversations WHERE deleted >= 0 AND ? - coalesce(deleted_at, 0) >= ?",
                *(counted, older_than_seconds),
            )
            gone = tuple(conversation_id for (conversation_id,) in rows)
            if gone:
                self._remove(gone)
            unerased = needs_erasing(self._connection)
        if unerased:
            self._upkeep.erase_removed()
        return gone

    def add_user_message(self, conversation_id: str, text: str, *, instead_of: int | None = None) -> StoredMessage:
        """Stores a message of the user and shows it.

        Args:
            conversation_id: The conversation.
            text: What the user wrote.
            instead_of: Id of a message of which this is one more version; that one stays, with what followed it. None:
                it follows the last message that is shown.
        """
        message = StoredMessage(0, conversation_id, Role.USER, storable(text), self._now())
        with self.transaction():
            tree = read_tree(self._connection, conversation_id)
            if instead_of is None:
                return self._append(message, tree, tree.last())
            if instead_of not in tree:
                raise _message_gone()
            return self._append(message, tree, tree.parent(instead_of))

    def add_answer(
        self,
        conversation_id: str,
        text: str,
        *,
        thinking: str,
        state: MessageState,
        model: str,
        stats: Stats | None,
        parent: int | None = None,
        support: Support | None = None,
    ) -> StoredMessage:
        """Stores an answer that has ended, in whatever way, and shows it.

        Args:
            conversation_id: The conversation.
            text: The answer, as far as it came.
            thinking: The thoughts before it.
            state: How it ended.
            model: Name of the model.
            stats: Its figures; None: unknown.
            parent: Id of the message that it answers; a second answer to it is one more version. None: the last message
                that is shown.
            support: What it rests on and was to look like; None: on no document, and as it likes.
        """
        support = support or Support()
        message = StoredMessage(
            *(0, conversation_id, Role.ASSISTANT, storable(text), self._now(), storable(thinking), state, model, stats),
            sources=support.sources,
            not_in_the_text=support.not_in_the_text,
            shape=support.shape,
        )
        with self.transaction():
            tree = read_tree(self._connection, conversation_id)
            if parent is not None and parent not in tree:
                raise _message_gone()
            return self._append(message, tree, tree.last() if parent is None else parent)

    def set_rating(self, message_id: int, rating: int) -> None:
        """Remembers what the person thinks of an answer: 1 good, -1 bad, 0 nothing."""
        self._change("UPDATE messages SET rating = ? WHERE id = ?", as_rating(rating) or None, message_id)

    def rated_answers(self) -> tuple[RatedAnswer, ...]:
        """Returns the answers that have a thumb, the oldest first; those of deleted conversations do not count."""
        with self._reported():
            return rated_answers(self._connection)

    def last_stats(self, model: str) -> Stats | None:
        """Returns the figures of the newest answer that a model has given to its end; None: there is none.

        Args:
            model: What it is called in answers.
        """
        rows = self._query(
            """SELECT stats FROM messages WHERE model = ? AND stats IS NOT NULL AND role = 'assistant'
            ORDER BY id DESC LIMIT 1""",
            model,
        )
        return read_stats(rows[0][0]) if rows else None

    def show_version(self, conversation_id: str, message_id: int) -> None:
        """Shows a message instead of its other versions, and what followed it as it was shown last.

        Where it hangs on a version that is not shown itself, that one is shown too, up to the first message.
        """
        with self.transaction(durable=False):
            tree = read_tree(self._connection, conversation_id)
            if message_id not in tree or tree.is_deleted(message_id):
                raise _message_gone()
            before = tree.path()
            for message in tree.ancestry(message_id):
                if tree.shown_child(tree.parent(message)) != message:
                    show_message(self._connection, conversation_id, tree.parent(message), message)
            tree.show(message_id)
            take_cut_back(self._connection, conversation_id, common_beginning(before, tree.path()))

    def delete_message(self, conversation_id: str, message_id: int) -> tuple[int, ...]:
        """Hides a message, a question with its answers, until it is restored or removed; what comes after it stays.

        Returns:
            The ids of all that was hidden.
        """
        with self.transaction(durable=False):
            tree = read_tree(self._connection, conversation_id)
            if message_id not in tree or tree.is_deleted(message_id):
                raise _message_gone()
            gone = deleted.exchange_of(self._connection, tree, message_id)
            now = max(0.0, self._now())
            deleted.mark(self._connection, gone, now, count_time(self._connection, now))
            follow_path(self._connection, conversation_id, tree.path())
        return gone

    def restore_messages(self, conversation_id: str, message_ids: Collection[int]) -> None:
        """Takes back :meth:`delete_message`; those that are gone for good stay away."""
        with self.transaction(durable=False):
            before = read_tree(self._connection, conversation_id).path()
            deleted.unmark(self._connection, message_ids)
            follow_path(self._connection, conversation_id, before)

    def deleted_messages(self) -> tuple[DeletedMessages, ...]:
        """Returns what was deleted of conversations that stay and can be restored, what was deleted last first."""
        with self._reported():
            return deleted.listed(self._connection)

    def remove_message(self, message_id: int) -> None:
        """Removes one message for good, see :meth:`remove_messages`."""
        for (conversation_id,) in self._query("SELECT conversation_id FROM messages WHERE id = ?", message_id):
            self.remove_messages(conversation_id, (message_id,))

    def remove_messages(self, conversation_id: str, message_ids: Collection[int]) -> None:
        """Removes messages for good; one that is not there is none to remove. What followed them stays.

        Their words go out of the file, its index and its copies as with :meth:`delete_for_good`.
        """
        with self.transaction(durable=False):
            self._remove_messages(conversation_id, message_ids)
        self._upkeep.erase_removed()

    def purge_deleted_messages(self, older_than_seconds: float = 0.0) -> tuple[str, ...]:
        """Removes messages for good that were deleted that long ago; returns the ids of their conversations.

        Args:
            older_than_seconds: As for :meth:`purge_deleted`.
        """
        with self.transaction(durable=False):
            counted = count_time(self._connection, self._now())
            found = deleted.due(self._connection, counted, older_than_seconds)
            there = {one: messages for one, messages in found.items() if self.has(one)}
            for conversation_id, messages in there.items():
                self._remove_messages(conversation_id, messages)
        if there:
            self._upkeep.erase_removed()
        return tuple(there)

    def document_ids(self) -> frozenset[str]:
        """Returns the ids of the documents that any conversation is about, or an answer in it was taken from.

        Those count that are deleted and can be restored.
        """
        chosen = self._query(f"SELECT choices FROM conversations WHERE choices IS NOT NULL AND {THERE}")
        attached = (read_choices(text).document for (text,) in chosen)
        named = self._query(
            "SELECT sources FROM messages WHERE sources IS NOT NULL"
            f" AND conversation_id IN (SELECT id FROM conversations WHERE {THERE})"
        )
        sources = (source.document_id for (text,) in named for source in read_support(text).sources)
        return frozenset((*(one.id for one in attached if one is not None), *sources))

    def search(self, words: str) -> tuple[SearchHit, ...]:
        """Returns the newest messages that hold all the words, versions that are not shown included.

        See :func:`desktop.history.search.search`.
        """
        with self._reported():
            return search(self._connection, storable(words), has_index=self._has_index)

    def _valid(self, seconds: float) -> float:
        return seconds if math.isfinite(seconds) else self._now()

    def _insert(self, conversation: Conversation) -> Conversation:
        """Adds a conversation without messages, under an id of its own."""
        conversation = replace(conversation, id=uuid.uuid4().hex, title=storable(conversation.title), cut=0)
        with self.transaction():
            insert_conversation(self._connection, conversation)
        return conversation

    def _append(self, message: StoredMessage, before: MessageTree, parent: int | None) -> StoredMessage:
        """Stores a message after its parent and shows it; a part of a transaction."""
        message_id = insert_message(self._connection, replace(message, parent=parent))
        show_message(self._connection, message.conversation_id, parent, message_id)
        path = before.path()
        if parent is None or parent in path:  # else it is shown with a version that is not
            take_cut_back(self._connection, message.conversation_id, 0 if parent is None else path.index(parent) + 1)
        self._touch(message.conversation_id)
        versions = len(before.children(parent)) + 1
        return replace(message, id=message_id, parent=parent, version=versions, versions=versions)

    def _remove_messages(self, conversation_id: str, message_ids: Collection[int]) -> None:
        tree = read_tree(self._connection, conversation_id)
        there = tuple(message for message in message_ids if message in tree)
        if there:
            deleted.remove(self._connection, conversation_id, tree, there)
            follow_path(self._connection, conversation_id, tree.path())
            self._touch(conversation_id)

    def _remove(self, conversation_ids: tuple[str, ...]) -> None:
        for conversation_id in conversation_ids:
            self._connection.execute(
                "UPDATE conversations SET deleted = ?, title = '', folder = '', choices = NULL WHERE id = ?",
                (REMOVED, conversation_id),
            )
        note_removal(self._connection, conversation_ids)
        owe(self._connection, conversation_ids)

    def _touch(self, conversation_id: str) -> None:
        """Makes ``updated`` the time of the newest message; a conversation without any keeps that of its beginning."""
        self._connection.execute(
            "UPDATE conversations SET updated = coalesce((SELECT messages.created FROM messages"
            " WHERE conversation_id = conversations.id ORDER BY id DESC LIMIT 1), created) WHERE id = ?",
            (conversation_id,),
        )


def _message_gone() -> UserFacingError:
    return UserFacingError(QT_TRANSLATE_NOOP("Errors", "This message is no longer there."))
