"""What a person asks for: to send, to edit, another answer, or more of one; and what of it waits for a model."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from desktop.chat.service import ChatService
from desktop.common.errors import UserFacingError
from desktop.ui.chat.actions import ChatActions
from desktop.ui.chat.event_pieces import EventPieces
from desktop.ui.chat.pane import ConversationPane
from desktop.ui.next_message.queue import MessageQueue
from desktop.ui.next_message.waiting import Act, WaitingWish, Wish


class Asking(QObject):
    """Passes it on to the conversation service, for the conversation that is shown.

    Attributes:
        queue: Messages that wait for the answer before them.

    Signals:
        modelNeeded: (question) It shall be answered, and no model can do it now. It waits for :meth:`on_model_ready`.
    """

    modelNeeded = Signal(str)

    def __init__(
        self,
        pane: ConversationPane,
        menu: ChatActions,
        chat: ChatService,
        model_ready: Callable[[], bool],
        current: Callable[[], str | None],
        show: Callable[[str], bool],
        pieces: EventPieces,
        attempt: Callable[[Callable[[], object]], bool],
        guarded: Callable[[Callable[[], object]], bool],
        report: Callable[[UserFacingError], None],
        parent: QObject | None = None,
        *,
        in_pieces: bool,
    ) -> None:
        """
        Args:
            pane: Where it is written.
            menu: Has commands for it.
            chat: Sends, stops, regenerates, edits.
            model_ready: Whether there is a model to ask.
            current: Returns the conversation that is shown; None: one that has no message yet.
            show: Shows a conversation as it is stored.
            pieces: Shows what follows.
            attempt: Does something that the history may refuse, and shows why it did; returns whether it was done.
            guarded: The same, and then the list of conversations is read again.
            report: Shows why a message that waited could not be sent.
            parent: Owner.
            in_pieces: Show what follows in several turns of the loop.
        """
        super().__init__(parent)
        self._pane, self._chat, self._model_ready, self._current = pane, chat, model_ready, current
        self._show, self._pieces, self._in_pieces = show, pieces, in_pieces
        self._attempt, self._guarded = attempt, guarded
        self._begins = False
        self._failed: str | None = None  # the conversation whose last answer failed
        self._waiting = WaitingWish(pane, current)
        self.queue = MessageQueue(pane, chat, model_ready, self._wait_to_send, report, self)
        pane.sendRequested.connect(self._send)
        pane.editRequested.connect(self._edit)
        pane.composer.stopRequested.connect(self._stop)
        pane.transcript.requests.regenerateRequested.connect(self.regenerate)
        pane.transcript.requests.continueRequested.connect(self.go_on)
        menu.regenerate.triggered.connect(lambda _checked: self.regenerate())
        menu.go_on.triggered.connect(lambda _checked: self.go_on())
        menu.stop.triggered.connect(lambda _checked: self._stop())

    @property
    def begins_conversation(self) -> bool:
        """Whether a new conversation is just getting its first message."""
        return self._begins

    @property
    def waiting_question(self) -> str:
        """The question that is answered when there is a model, as it reads now; empty: none waits."""
        return self._waiting.question

    @property
    def waiting_conversation(self) -> str | None:
        """Where that is asked; None: in the conversation that is not begun yet, or none waits."""
        return self._waiting.conversation

    def turn_to(self, conversation_id: str | None) -> None:
        """Another conversation is shown: what waits only while its own is shown is forgotten."""
        self._waiting.turn_to(conversation_id)

    def on_model_ready(self) -> None:
        """Does what waited for a model, if it is still wanted, in the conversation it was asked for in."""
        waiting = self._waiting.take()
        if waiting is None:
            return
        wish, text = waiting
        where = wish.conversation
        if where is not None and self._chat.answers.is_busy(where):
            return
        if wish.act is Act.REGENERATE:
            self.regenerate()
        elif wish.act is Act.GO_ON:
            self.go_on()
        elif wish.act is Act.EDIT:
            self._pane.composer.submit()
        else:
            self._send_draft(where, text)

    def drop_waiting(self) -> None:
        """Forgets that a question waits; its text stays where it was written."""
        self._waiting.drop()

    def answer_began(self) -> None:
        """What went wrong before has been left behind."""
        self._failed = None

    def answer_failed(self, conversation_id: str) -> None:
        """The last answer of the conversation that is shown failed."""
        self._failed = conversation_id

    def wait_for_another_model(self) -> None:
        """The answer that failed is wanted of another model: it waits for that, if the question is still in view."""
        failed = self._failed
        if failed is not None and failed == self._current() and not self._chat.answers.is_busy(failed):
            self._waiting.keep(Wish(Act.REGENERATE, failed))

    def regenerate(self) -> None:
        """Has the last answer given again."""
        self._answer(Act.REGENERATE, self._chat.regenerate)

    def go_on(self) -> None:
        """Has the last answer go on where it was cut off."""
        self._answer(Act.GO_ON, self._chat.go_on)

    def _answer(self, act: Act, answer: Callable[[str], object]) -> None:
        self._pieces.show_all()
        current = self._current()
        if current is None or self._chat.answers.is_busy(current):
            return
        self._waiting.drop()
        if not self._model_ready():
            self._wait(Wish(act, current))
            return
        self._show_in_pieces()
        self._attempt(lambda: answer(current))

    def _send_draft(self, where: str | None, text: str) -> None:
        self._pane.set_draft(where, "")
        if where == self._current():
            self._send(text)
        elif not self._guarded(lambda: self._chat.send(where, text)):
            self._pane.set_draft(where, text)

    def _send(self, text: str) -> None:
        self._pieces.show_all()
        current = self._current()
        if current is not None and self.queue.takes(current):
            self.queue.add(current, text)
            return
        self._waiting.drop()
        if not self._chat.calculated.can_answer(text, current) and not self._model_ready():
            self._pane.put_text_back(text)
            self._wait(Wish(Act.SEND, current))
            return
        self._begins = current is None
        self._show_in_pieces()
        if not self._attempt(lambda: self._chat.send(self._current(), text)):  # it tells of the list
            self._pane.put_text_back(text)
        self._begins = False

    def _edit(self, message_id: int, text: str) -> None:
        self._pieces.show_all()
        current = self._current()
        self._waiting.drop()
        if current is None:
            return
        ready = self._chat.calculated.can_answer(text, current) or self._model_ready()
        self._show_in_pieces()
        if not ready or not self._attempt(lambda: self._chat.edit(current, message_id, text)):
            self._show(current)
            self._pane.resume_edit(message_id, text)
        if not ready:
            self._wait(Wish(Act.EDIT, current, message_id))

    def _wait_to_send(self, conversation_id: str) -> None:
        self._wait(Wish(Act.SEND, conversation_id))

    def _wait(self, wish: Wish) -> None:
        self._waiting.keep(wish)
        self.modelNeeded.emit(self.waiting_question)

    def _show_in_pieces(self) -> None:
        """Lets what is asked for next be shown in the turns of the loop that follow."""
        self._pieces.show_all()
        if self._in_pieces:
            self._pieces.hold()

    def _stop(self) -> None:
        current = self._current()
        if current is not None:
            self._chat.answers.stop(current)
