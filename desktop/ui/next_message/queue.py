"""Messages that were entered while an answer was on its way: each is sent when the answer before it has ended.

Such a message is a draft until it is sent: it survives the end of the program as one, and becomes one again wherever it
is not clear that it is still wanted: the answer was stopped, failed or could not be stored, or its conversation was
deleted.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from desktop.chat.events import AnswerDropped, AnswerFailed, AnswerStored, AnswerUnsaved, ChatEvent
from desktop.chat.service import ChatService
from desktop.common.errors import UserFacingError
from desktop.history.records import MessageState
from desktop.ui.chat.pane import ConversationPane


class MessageQueue(QObject):
    """Puts messages into the pane's queues, and sends them from there."""

    def __init__(
        self,
        pane: ConversationPane,
        chat: ChatService,
        model_ready: Callable[[], bool],
        wait_for_model: Callable[[str], None],
        report: Callable[[UserFacingError], None],
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            pane: Keeps the texts, and shows those of its conversation.
            chat: Sends.
            model_ready: Whether there is a model to ask.
            wait_for_model: Has the draft of a conversation sent when there is one.
            report: Says why a message could not be sent.
            parent: Owner.
        """
        super().__init__(parent)
        self._pane = pane
        self._chat = chat
        self._model_ready = model_ready
        self._wait_for_model = wait_for_model
        self._report = report

    def takes(self, conversation_id: str | None) -> bool:
        """Returns whether a message of this conversation has to wait: for an answer, or for messages before it."""
        if conversation_id is None:
            return False
        return self._chat.answers.is_busy(conversation_id) or bool(self._pane.queued(conversation_id))

    def add(self, conversation_id: str, text: str) -> None:
        """Lets a message wait behind those that do already."""
        self._pane.queue(conversation_id, text)

    def give_back(self, conversation_id: str) -> None:
        """Puts what waits before the draft of its conversation: it is sent when somebody sends it."""
        self._pane.unqueue(conversation_id)

    def on_chat_event(self, event: ChatEvent) -> None:
        """Takes an event of the conversation service, at once."""
        if isinstance(event, AnswerStored):
            conversation = event.message.conversation_id
            if event.message.state is MessageState.COMPLETE and self._pane.queued(conversation):
                # What is to be told of this answer comes first.
                QTimer.singleShot(0, self, lambda: self._send_next(conversation))
            elif event.message.state is not MessageState.COMPLETE:
                self.give_back(conversation)
        elif isinstance(event, AnswerDropped | AnswerFailed | AnswerUnsaved):
            self.give_back(event.conversation_id)

    def _send_next(self, conversation: str) -> None:
        waiting = self._pane.queued(conversation)
        if not waiting or self._chat.answers.is_busy(conversation):
            return
        if not self._model_ready():
            self.give_back(conversation)
            self._wait_for_model(conversation)
            return
        try:
            self._chat.send(conversation, waiting[0])
        except UserFacingError as problem:
            self.give_back(conversation)
            self._report(problem)
        else:
            self._pane.drop_queued(conversation, 0)
