"""What is done to conversations, such that it can be undone: deleting, renaming, arranging, editing, answering anew."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from desktop.chat.service import ChatService
from desktop.common.errors import UserFacingError
from desktop.common.printable import one_line
from desktop.history.choices import ConversationChoices
from desktop.history.records import Conversation, StoredMessage
from desktop.history.store import History
from desktop.ui.chat.actions import ChatActions
from desktop.ui.chat.undo import Change, UndoHistory

_T = TypeVar("_T")
_TITLE_LENGTH = 30  # characters of a title in a menu


class ConversationChanges(QObject):
    """Does it, remembers it, and takes it back when Edit > Undo asks.

    Attributes:
        undo: What can be undone.

    Signals:
        dropped: (id) A conversation is being deleted; what was under way in it has ended, unheard.
        deletionOver: (ids) What was deleted has come back, or is gone for good.
        messagesRestored: (id, message) Messages of a conversation have come back; it is shown. The first of them.
    """

    dropped = Signal(str)
    deletionOver = Signal(object)
    messagesRestored = Signal(str, int)

    def __init__(
        self,
        menu: ChatActions,
        chat: ChatService,
        store: History,
        open_: Callable[[str | None], None],
        current: Callable[[], str | None],
        show_version: Callable[[str, int], None],
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            menu: Has Undo and Redo.
            chat: Is told before a conversation is deleted.
            store: The conversations.
            open_: Shows a conversation; None: an empty page.
            current: Returns which is shown.
            show_version: Shows a version of a message in its conversation; raises UserFacingError.
            parent: Owner.
        """
        super().__init__(parent)
        self._menu, self._chat, self._store = menu, chat, store
        self._open, self._current, self._show_version = open_, current, show_version
        self.undo = UndoHistory(self)
        self.undo.changed.connect(self._follow)
        menu.undo.triggered.connect(lambda _checked: self.undo.undo())
        menu.redo.triggered.connect(lambda _checked: self.undo.redo())

    def delete(self, conversation: str) -> None:
        """Deletes a conversation, which goes to those recently deleted.

        Raises:
            UserFacingError: The history cannot be written; an answer that was on its way has been stopped.
        """
        words = self.tr("delete “{title}”").format(title=self._title(conversation))
        self._delete(conversation)
        self.undo.add(
            Change(words, conversation, partial(self._restore, conversation), partial(self._delete, conversation),
                   deletes=True)
        )  # fmt: skip

    def take_deletion_back(self, conversation: str) -> None:
        """Restores a conversation, whatever was done since it was deleted.

        Raises:
            UserFacingError: It is gone for good, or the history cannot be written.
        """
        newest = self.undo.next_undo
        if newest is not None and newest.deletes and newest.conversation == conversation:
            self.undo.undo()
            return
        self._restore(conversation)
        self.restored([conversation])

    def delete_message(self, message: StoredMessage) -> None:
        """Deletes a message, a question with its answers, which goes to what was recently deleted.

        Raises:
            UserFacingError: An answer is on its way there, or the history cannot be written.
        """
        conversation = message.conversation_id
        gone = self._chat.delete_message(conversation, message.id)
        words = self.tr("delete message") if len(gone) == 1 else self.tr("delete message and answer")
        back = partial(self._restore_messages, conversation, gone)
        forth = partial(self._chat.delete_message, conversation, message.id)
        self.undo.add(Change(words, conversation, back, forth, deleted_message=message.id))

    def take_message_back(self, conversation: str, message: int) -> None:
        """Restores a message that was deleted last, whatever was done since.

        Raises:
            UserFacingError: As for :meth:`delete_message`.
        """
        newest = self.undo.next_undo
        if newest is not None and newest.deleted_message == message:
            self.undo.undo()
            return
        gone = next((one.messages for one in self._store.deleted_messages() if message in one.messages), ())
        self.restore_messages(conversation, gone)

    def restore_messages(self, conversation: str, messages: Collection[int]) -> None:
        """Brings deleted messages back, and forgets that they were deleted.

        Raises:
            UserFacingError: As for :meth:`delete_message`.
        """
        self._restore_messages(conversation, messages)
        self.messages_gone(messages)

    def messages_gone(self, messages: Collection[int]) -> None:
        """Forgets the deletion of messages that have come back by another way, or are gone for good."""
        self.undo.forget(lambda change: change.deleted_message in messages)

    def rename(self, conversation: str, title: str) -> None:
        """Gives a conversation another title.

        Raises:
            UserFacingError: The history cannot be written.
        """
        words = self.tr("rename “{title}”").format(title=self._title(conversation))
        before = self._store.conversation(conversation).title
        self._store.rename(conversation, title)
        back = partial(self._store.rename, conversation, before)
        self.undo.add(Change(words, conversation, back, partial(self._store.rename, conversation, title)))

    def pin(self, conversation: str, pinned: bool) -> None:
        """Pins a conversation to the top of the list, or lets it go.

        Raises:
            UserFacingError: The history cannot be written.
        """
        before, title = self._store.conversation(conversation).pinned, self._title(conversation)
        words = (self.tr("pin “{title}”") if pinned else self.tr("unpin “{title}”")).format(title=title)
        now = self._store.moment_of_arranging() if pinned else None
        self._do(words, conversation, self._store.set_pinned, before, now)

    def archive(self, conversation: str, archived: bool) -> Change:
        """Puts a conversation into the archive, or back into the list; returns what is remembered of it.

        Raises:
            UserFacingError: The history cannot be written.
        """
        before, title = self._store.conversation(conversation).archived, self._title(conversation)
        words = (self.tr("archive “{title}”") if archived else self.tr("unarchive “{title}”")).format(title=title)
        now = self._store.moment_of_arranging() if archived else None
        return self._do(words, conversation, self._store.set_archived, before, now)

    def move(self, conversation: Conversation, folder: str) -> None:
        """Moves a conversation into a folder; an empty name: out of any.

        Raises:
            UserFacingError: The history cannot be written.
        """
        words = self.tr("move “{title}”").format(title=self._title(conversation.id))
        self._do(words, conversation.id, self._store.set_folder, conversation.folder, folder)

    def archive_all(self, conversations: Sequence[str], archived: bool) -> Change:
        """Puts conversations into the archive, or back into the list, as one change.

        Raises:
            UserFacingError: The history cannot be written; nothing has changed then.
        """
        words = self.tr("archive {count} conversations") if archived else self.tr("unarchive {count} conversations")
        before = {one: self._store.conversation(one).archived for one in conversations}
        now = self._store.moment_of_arranging() if archived else None
        return self._do_all(words, self._store.set_archived, before, dict.fromkeys(conversations, now))

    def move_all(self, conversations: Sequence[str], folder: str) -> Change:
        """Moves conversations into a folder, or out of any, as one change.

        Raises:
            UserFacingError: As for :meth:`archive_all`.
        """
        words = self.tr("move {count} conversations")
        before = {one: self._store.conversation(one).folder for one in conversations}
        return self._do_all(words, self._store.set_folder, before, dict.fromkeys(conversations, folder))

    def delete_all(self, conversations: Sequence[str]) -> Change:
        """Deletes conversations, which go to those recently deleted, as one change.

        Raises:
            UserFacingError: As for :meth:`archive_all`; answers that were on their way have been stopped.
        """

        def delete() -> None:
            there = {one.id for one in self._store.conversations()}
            going = [conversation for conversation in conversations if conversation in there]
            for conversation in going:
                self._chat.answers.keep_silently(conversation)
                self.dropped.emit(conversation)
            try:
                with self._store.transaction(durable=False):
                    for conversation in going:
                        self._store.delete(conversation)
            except UserFacingError:
                self._open(self._current())
                raise
            if self._current() in going:
                self._open(None)

        def restore() -> None:
            gone = {one.conversation.id for one in self._store.deleted()}
            back = [conversation for conversation in conversations if conversation in gone]
            with self._store.transaction(durable=False):
                for conversation in back:
                    self._store.restore(conversation)
            self.deletionOver.emit(back)

        delete()
        return self._add(self.tr("delete {count} conversations"), len(conversations), restore, delete)

    def choose(self, conversation: str, choices: ConversationChoices) -> None:
        """Remembers the model and the temperature that are chosen for a conversation alone.

        Raises:
            UserFacingError: The history cannot be written.
        """

        def write(_conversation: str, chosen: ConversationChoices) -> None:
            # Whatever else is chosen stays as it is by then.
            now = self._store.conversation(conversation).choices
            kept = replace(now, model=chosen.model, temperature=chosen.temperature)
            self._store.set_choices(conversation, kept)

        before, title = self._store.conversation(conversation).choices, self._title(conversation)
        words = self.tr("choice for “{title}”").format(title=title)
        self._do(words, conversation, write, before, choices)

    def rename_folder(self, folder: str, name: str) -> None:
        """Gives a folder another name; where that is taken, the two become one, and undoing parts them again.

        Raises:
            UserFacingError: The history cannot be written.
        """
        self._move_all(self.tr("rename folder “{folder}”").format(folder=self._cut(folder)), folder, name)

    def dissolve_folder(self, folder: str) -> None:
        """Takes everything out of a folder, which is gone with that.

        Raises:
            UserFacingError: The history cannot be written.
        """
        self._move_all(self.tr("dissolve folder “{folder}”").format(folder=self._cut(folder)), folder, "")

    def edited(self, message: StoredMessage, instead_of: int) -> None:
        """Remembers that a message was stored as another version of one."""
        self._add_version(self.tr("edit of a message"), message, instead_of)

    def answered_anew(self, message: StoredMessage, replaced: int) -> None:
        """Remembers that an answer was stored as another version of one."""
        self._add_version(self.tr("regenerate answer"), message, replaced)

    def went_on(self, message: StoredMessage, before: int) -> None:
        """Remembers that an answer was stored as another version of one, which it goes on with."""
        self._add_version(self.tr("continue answer"), message, before)

    def refused(self, conversation: str, message: int) -> None:
        """Forgets the version that was removed again."""
        self.undo.forget(lambda change: change.conversation == conversation and change.message == message)

    def restored(self, conversations: Collection[str]) -> None:
        """Forgets the deletion of conversations that have come back by another way."""
        self.undo.forget(lambda change: change.deletes and change.conversation in conversations)
        self.deletionOver.emit(conversations)

    def gone(self, conversations: Collection[str]) -> None:
        """Forgets all that was done to conversations that are gone for good."""
        self.undo.forget(lambda change: change.conversation in conversations)
        self.deletionOver.emit(conversations)

    def _do(self, words: str, conversation: str, write: Callable[[str, _T], None], before: _T, now: _T) -> Change:
        """Writes a value of a conversation, and remembers the one before."""
        write(conversation, now)
        back, forth = partial(write, conversation, before), partial(write, conversation, now)
        change = Change(words, conversation, back, forth)
        self.undo.add(change)
        return change

    def _do_all(
        self, words: str, write: Callable[[str, _T], None], before: Mapping[str, _T], now: Mapping[str, _T]
    ) -> Change:
        """Writes a value of several conversations at once, and remembers those before."""

        def write_all(values: Mapping[str, _T]) -> None:
            with self._store.transaction(durable=False):
                for conversation, value in values.items():
                    if self._store.has(conversation):  # one may have been deleted for good since
                        write(conversation, value)

        write_all(now)
        return self._add(words, len(now), partial(write_all, before), partial(write_all, now))

    def _add(self, words: str, count: int, back: Callable[[], object], forth: Callable[[], object]) -> Change:
        change = Change(words.format(count=f"{count:,}"), "", back, forth)
        self.undo.add(change)
        return change

    def _move_all(self, words: str, folder: str, name: str) -> None:
        # With those that were deleted: restored, they would make the folder anew that is gone.
        deleted = (one.conversation for one in self._store.deleted())
        moved = [one.id for one in (*self._store.conversations(), *deleted) if one.folder == folder]

        def move(where: str) -> None:
            with self._store.transaction(durable=False):
                for conversation in filter(self._store.has, moved):  # one may have been deleted for good since
                    self._store.set_folder(conversation, where)

        move(name)
        self.undo.add(Change(words, "", partial(move, folder), partial(move, name)))

    def _add_version(self, words: str, message: StoredMessage, instead_of: int) -> None:
        conversation = message.conversation_id
        back = partial(self._show_version, conversation, instead_of)
        forth = partial(self._show_version, conversation, message.id)
        self.undo.add(Change(words, conversation, back, forth, message.id))

    def _delete(self, conversation: str) -> None:
        self._chat.answers.keep_silently(conversation)
        self.dropped.emit(conversation)
        try:
            self._store.delete(conversation)
        except UserFacingError:
            self._open(self._current())
            raise
        if conversation == self._current():
            self._open(None)

    def _restore(self, conversation: str) -> None:
        self._store.restore(conversation)
        self._open(conversation)
        self.deletionOver.emit([conversation])

    def _restore_messages(self, conversation: str, messages: Collection[int]) -> None:
        self._chat.restore_messages(conversation, messages)
        if conversation != self._current():
            self._open(conversation)
        self.messagesRestored.emit(conversation, min(messages, default=0))

    def _title(self, conversation: str) -> str:
        return self._cut(one_line(self._store.conversation(conversation).title) or self.tr("New conversation"))

    def _cut(self, title: str) -> str:
        return title if len(title) <= _TITLE_LENGTH else title[: _TITLE_LENGTH - 1].rstrip() + "…"

    def _follow(self) -> None:
        undo, redo = self.undo.next_undo, self.undo.next_redo
        self._menu.follow_changes(undo.words if undo else "", redo.words if redo else "")
