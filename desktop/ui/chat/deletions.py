"""Deletes a conversation or a message at once, without a question, and offers it back for a while."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial

from PySide6.QtCore import QObject

from desktop.engine.types import Role
from desktop.history.records import StoredMessage
from desktop.ui.chat.answer_trouble import AnswerTrouble
from desktop.ui.chat.changes import ConversationChanges
from desktop.ui.chat.edits import Edits
from desktop.ui.chat.versions import VersionPager
from desktop.ui.chat.window import ChatWindow
from desktop.ui.conversations.notices import ConversationNotices
from desktop.ui.widgets.banner import Notice, NoticeAction

_UNDO_SECONDS = 12.0
_UNDO_KEY = "undo-delete"  # of the banner that offers a deleted conversation back
_UNDO_MESSAGE_KEY = "undo-delete-message"


class Deletions(QObject):
    """Takes the commands of the window."""

    def __init__(
        self,
        window: ChatWindow,
        changes: ConversationChanges,
        versions: VersionPager,
        notices: ConversationNotices,
        trouble: AnswerTrouble,
        edits: Edits,
        guarded: Callable[[Callable[[], object]], bool],
        show_all: Callable[[], None],
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            window: Has the commands and the banner.
            changes: Deletes, and takes it back.
            versions: Has the page stay where it is.
            notices: Says what was deleted of one conversation.
            trouble: Says no more of a conversation that it stalls.
            edits: Says no more of what was set aside in it.
            guarded: Does something, shows why it could not be done, and refreshes the list; returns whether it was.
            show_all: Shows what waits to be shown.
            parent: Owner.
        """
        super().__init__(parent)
        self._pane, self._changes, self._versions, self._notices = window.pane, changes, versions, notices
        self._trouble, self._edits, self._guarded, self._show_all = trouble, edits, guarded, show_all
        self._offered_back = ""  # the deleted conversation that the banner has a button for
        window.list.deleteRequested.connect(self._delete)
        window.pane.transcript.requests.deleteRequested.connect(self._delete_message)
        window.menu.delete_message.triggered.connect(lambda _checked: self._delete_in_reach())
        changes.deletionOver.connect(self._on_deletion_over)
        changes.messagesRestored.connect(self._on_messages_restored)

    def _delete(self, conversation_id: str) -> None:
        self._show_all()
        self._trouble.stalls_no_more(conversation_id)
        if not self._guarded(lambda: self._changes.delete(conversation_id)):
            return
        self._offered_back = conversation_id
        self._edits.withdraw(conversation_id)  # the way back shall be seen at once
        undo = NoticeAction(self.tr("Undo"), partial(self._undo_delete, conversation_id))
        self._pane.banner.show_notice(
            Notice(
                self.tr("Conversation deleted"),
                remedy=self.tr("Recently deleted, in the Chat menu, keeps it for a while."),
                actions=(undo,),
                key=_UNDO_KEY,
                seconds=_UNDO_SECONDS,
            )
        )

    def _delete_in_reach(self) -> None:
        message = self._pane.transcript.reach.message()
        if message is not None:
            self._delete_message(message.id)

    def _delete_message(self, message_id: int) -> None:
        self._show_all()
        messages = list(self._pane.transcript.messages)
        place = next((at for at, one in enumerate(messages) if one.id == message_id), None)
        if place is None:
            return
        message = messages[place]
        stays = messages[place - 1].id if place else None
        with self._versions.staying_at(stays):
            if not self._guarded(lambda: self._changes.delete_message(message)):
                return
        undo = NoticeAction(self.tr("Undo"), partial(self._undo_delete_message, message))
        is_alone = message.role is Role.ASSISTANT or place + 1 == len(messages)
        words = self.tr("Message deleted") if is_alone else self.tr("Message and answer deleted")
        remedy = self.tr("Recently deleted, in the Chat menu, keeps it for a while.")
        self._notices.show(
            message.conversation_id,
            Notice(words, remedy=remedy, actions=(undo,), key=_UNDO_MESSAGE_KEY, seconds=_UNDO_SECONDS),
        )

    def _undo_delete(self, conversation_id: str) -> None:
        self._guarded(lambda: self._changes.take_deletion_back(conversation_id))

    def _undo_delete_message(self, message: StoredMessage) -> None:
        self._guarded(lambda: self._changes.take_message_back(message.conversation_id, message.id))

    def _on_deletion_over(self, conversations: Collection[str]) -> None:
        if self._offered_back in conversations:
            self._pane.banner.withdraw(_UNDO_KEY)

    def _on_messages_restored(self, conversation_id: str, message_id: int) -> None:
        self._notices.withdraw(conversation_id, _UNDO_MESSAGE_KEY)
        self._pane.reveal(conversation_id, message_id)
