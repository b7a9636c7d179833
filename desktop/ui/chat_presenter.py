"""Connects the chat window with the conversation service and the history. GUI thread only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from desktop.chat import ChatService
from desktop.chat_events import (
    AnswerBegan,
    AnswerDropped,
    AnswerFailed,
    AnswerGrew,
    AnswerStored,
    ChatEvent,
    ConversationsChanged,
    CutMoved,
    MessageStored,
)
from desktop.errors import UserFacingError
from desktop.records import Conversation, SearchHit, Transcript
from desktop.ui.banner import Notice, NoticeAction, Severity
from desktop.ui.chat_window import ChatWindow
from desktop.ui.formats import error_remedy, error_title


class ConversationStore(Protocol):
    """What the window shows and changes directly; see :class:`desktop.history.History`."""

    def conversations(self) -> tuple[Conversation, ...]: ...
    def transcript(self, conversation_id: str) -> Transcript: ...
    def rename(self, conversation_id: str, title: str) -> None: ...
    def delete(self, conversation_id: str) -> None: ...
    def restore(self, conversation_id: str) -> None: ...
    def search(self, words: str) -> tuple[SearchHit, ...]: ...


class ChatPresenter(QObject):
    """Shows conversations in the window and passes on what the user does.

    Args:
        window: The window; shown and hidden by others.
        chat: Sends, stops, regenerates, edits.
        store: The conversations.
        model_ready: Whether there is a model to ask.
        parent: Owner.

    Attributes:
        modelNeeded: A message was sent and there is no model; it stays in the composer.
    """

    modelNeeded = Signal(str)  # noqa: N815 (Qt's naming)

    def __init__(
        self,
        window: ChatWindow,
        chat: ChatService,
        store: ConversationStore,
        model_ready: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._chat = chat
        self._store = store
        self._model_ready = model_ready
        self._current: str | None = None
        self._starting = False  # a new conversation is getting its first message
        self._deleted: str | None = None
        self._waiting = False
        window.sendRequested.connect(self._send)
        window.stopRequested.connect(self._stop)
        window.regenerateRequested.connect(self._regenerate)
        window.editRequested.connect(self._edit)
        window.newRequested.connect(lambda: self.open(None))
        window.conversationSelected.connect(self.open)
        window.renameRequested.connect(self._rename)
        window.deleteRequested.connect(self._delete)
        window.undoDeleteRequested.connect(self._undo_delete)
        window.searchChanged.connect(self._search)
        self._refresh_list()

    @property
    def current(self) -> str | None:
        """Id of the conversation shown; None: a new one that has no message yet."""
        return self._current

    def open_newest(self) -> None:
        """Shows the conversation talked in last; where there is none, an empty page."""
        conversations = self._store.conversations()
        self.open(conversations[0].id if conversations else None)

    def open(self, conversation_id: str | None) -> None:
        """Shows a conversation; None: an empty page for a new one."""
        self._current = conversation_id
        if conversation_id is None:
            self._window.show_new()
            self._window.set_busy(False)
        else:
            self._show(conversation_id)
        self._refresh_list()

    def on_model_ready(self) -> None:
        """Sends the message that waited for a model, if it is still there."""
        waiting, self._waiting = self._waiting, False
        text = self._window.composer_text().strip()
        if waiting and text and not self._is_busy():
            self._window.pane.composer.set_text("")
            self._send(text)

    def show_error(self, error: UserFacingError, action: NoticeAction | None = None) -> None:
        """Shows an error in the window's banner."""
        self._window.show_banner(
            Notice(
                error_title(error),
                error.detail,
                error_remedy(error),
                actions=(action,) if action else (),
                severity=Severity.PROBLEM,
            )
        )

    def on_chat_event(self, event: ChatEvent) -> None:
        """Takes an event of the conversation service."""
        if isinstance(event, ConversationsChanged):
            self._refresh_list()
            return
        if isinstance(event, MessageStored | AnswerStored):
            conversation_id = event.message.conversation_id
        else:
            conversation_id = event.conversation_id
        if self._starting and self._current is None:
            self._current = conversation_id
        if conversation_id != self._current:
            return
        if isinstance(event, MessageStored):
            self._window.append_message(event.message)
        elif isinstance(event, AnswerBegan):
            self._window.begin_answer(event.replaces)
            self._window.set_busy(True)
        elif isinstance(event, AnswerGrew):
            self._window.grow_answer(event.text, event.thought)
        elif isinstance(event, AnswerStored):
            self._window.finish_answer(event.message)
            self._window.set_busy(False)
        elif isinstance(event, AnswerDropped):
            self._show(conversation_id)
        elif isinstance(event, AnswerFailed):
            self._on_failed(event)
        elif isinstance(event, CutMoved):
            self._window.mark_cut(None, event.cut)

    def _on_failed(self, event: AnswerFailed) -> None:
        self._show(event.conversation_id)
        if event.put_back is not None:
            self._window.put_text_back(event.put_back)
            self.show_error(event.error)
        else:
            self.show_error(event.error, NoticeAction(self.tr("Try again"), self._regenerate))

    def _send(self, text: str) -> None:
        if not self._model_ready():
            self._waiting = True
            self._window.put_text_back(text)
            self.modelNeeded.emit(text)
            return
        self._starting = self._current is None
        try:
            self._chat.send(self._current, text)
        except UserFacingError as problem:
            self._window.put_text_back(text)
            self.show_error(problem)
        finally:
            self._starting = False
        self._refresh_list()

    def _edit(self, message_id: int, text: str) -> None:
        if self._current is None:
            return
        try:
            self._chat.edit(self._current, message_id, text)
        except UserFacingError as problem:
            self._show(self._current)
            self._window.put_text_back(text)
            self.show_error(problem)

    def _stop(self) -> None:
        if self._current is not None:
            self._chat.stop(self._current)

    def _regenerate(self) -> None:
        if self._current is None or self._is_busy():
            return
        if not self._model_ready():
            self.modelNeeded.emit("")
            return
        try:
            self._chat.regenerate(self._current)
        except UserFacingError as problem:
            self.show_error(problem)

    def _rename(self, conversation_id: str, title: str) -> None:
        self._guarded(lambda: self._store.rename(conversation_id, title))

    def _delete(self, conversation_id: str) -> None:
        self._chat.drop(conversation_id)
        self._guarded(lambda: self._store.delete(conversation_id))
        self._deleted = conversation_id
        if conversation_id == self._current:
            self.open(None)

    def _undo_delete(self) -> None:
        deleted, self._deleted = self._deleted, None
        if deleted is not None:
            self._guarded(lambda: self._store.restore(deleted))
            self.open(deleted)

    def _search(self, words: str) -> None:
        self._window.set_search_hits(self._store.search(words) if words.strip() else None)

    def _guarded(self, work: Callable[[], object]) -> None:
        try:
            work()
        except UserFacingError as problem:
            self.show_error(problem)
        self._refresh_list()

    def _show(self, conversation_id: str) -> None:
        transcript = self._store.transcript(conversation_id)
        self._window.show_transcript(transcript)
        growing = self._chat.growing(conversation_id)
        if growing is not None:
            self._window.begin_answer(self._chat.replaced_message(conversation_id))
            self._window.grow_answer(*growing)
        self._window.set_busy(growing is not None)

    def _refresh_list(self) -> None:
        self._window.set_conversations(self._store.conversations(), self._current)

    def _is_busy(self) -> bool:
        return self._current is not None and self._chat.is_busy(self._current)
