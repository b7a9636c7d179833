"""Which messages of a conversation are shown, and what follows from it where these become others."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from desktop.chat.choices import ChatChoices
from desktop.chat.events import ChatEvent, ConversationsChanged, CutMoved, PathChanged
from desktop.chat.prompt import title_from
from desktop.common.errors import UserFacingError
from desktop.history.records import Conversation, StoredMessage
from desktop.history.store import History

_log = logging.getLogger(__name__)

T = TypeVar("T")


class ConversationPath:
    """Has title and cut follow the messages that are shown, and says what has changed. GUI thread."""

    def __init__(
        self,
        history: History,
        notify: Callable[[ChatEvent], None],
        choices: ChatChoices,
        forget: Callable[[str], None],
    ) -> None:
        """
        Args:
            history: Has the messages.
            notify: Receives chat events, on the calling thread.
            choices: What is chosen for conversations.
            forget: Drops what the engine keeps of a conversation.
        """
        self._history = history
        self._notify = notify
        self._choices = choices
        self._forget = forget

    def change(self, conversation_id: str, change: Callable[[], T]) -> T:
        """Does something after which other messages are shown, and says so.

        Raises:
            UserFacingError: The history cannot be read, or written.
        """
        before, words = self._history.conversation(conversation_id), self._history.first_words(conversation_id)
        with self._history.transaction(durable=False):
            changed = change()
            self._title_follows(before, words)
        self._say_changed(before)
        return changed

    def edit(self, conversation_id: str, store: Callable[[], T], announce: Callable[[T], None]) -> T:
        """Stores a message in another one's place, and says so.

        Args:
            conversation_id: Where it stands.
            store: Stores it.
            announce: Says that it is stored, before anything is said of what follows from it.

        Raises:
            UserFacingError: The history cannot be read, or written.
        """
        before, words = self._history.conversation(conversation_id), self._history.first_words(conversation_id)
        with self._history.transaction():
            stored = store()
            self._title_follows(before, words)
        announce(stored)
        self._say_cut(before)
        return stored

    def take_back(self, message: StoredMessage, instead_of: int | None) -> tuple[str | None, bool]:
        """Removes a message that was refused.

        Args:
            message: The last one of its conversation.
            instead_of: The message that was shown before it, where it is an edited one.

        Returns:
            Its text, None where it has to stay; and whether the conversation that it began has gone with it.
        """
        conversation = message.conversation_id
        try:
            before, words = self._history.conversation(conversation), self._history.first_words(conversation)
            gone = [one.id for one in self._history.tree(conversation).messages] == [message.id]
            if gone:
                self._history.delete_for_good(conversation)
                self._forget(conversation)
                self._choices.set_next(before.choices)  # it is begun again with the next try
            else:
                with self._history.transaction(durable=False):
                    self._history.remove_message(message.id)
                    if instead_of is not None:
                        self._history.show_version(conversation, instead_of)
                    self._title_follows(before, words)
        except UserFacingError as problem:
            _log.warning("refused message not removed: %s", problem.title)
            return None, False
        self._notify(ConversationsChanged(conversation))
        if not gone and instead_of is not None:
            self._say_changed(before)
        return message.text, gone

    def _title_follows(self, before: Conversation, words: str | None) -> None:
        """Gives the conversation a new title where another first message is shown and the old title was taken from it.

        A part of the transaction in which that happened.

        Args:
            before: The conversation as it was.
            words: The first message that was shown then.
        """
        now = self._history.first_words(before.id)
        if words is not None and now is not None and words != now and before.title == title_from(words):
            self._history.rename(before.id, title_from(now))

    def _say_changed(self, before: Conversation) -> None:
        self._notify(ConversationsChanged(before.id))
        self._notify(PathChanged(before.id))
        self._say_cut(before)

    def _say_cut(self, before: Conversation) -> None:
        cut = self._history.conversation(before.id).cut
        if cut != before.cut:
            self._notify(CutMoved(before.id, cut))
