"""The conversation service: what happens between Enter and a stored answer.

Knows the engine only as :class:`~desktop.engine.types.EnginePort` and the interface only as a callable that takes chat
events. Everything here runs on the GUI thread; engine events are handed in by whoever owns the bridge.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

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
from desktop.engine.types import (
    EngineEvent,
    EnginePort,
    Failed,
    Finished,
    FinishReason,
    Generation,
    Role,
    Stats,
    Token,
    Trimmed,
)
from desktop.errors import QT_TRANSLATE_NOOP, MessageTooLongError, UserFacingError
from desktop.prompt import Prompt, build_prompt, sampling_of, title_from
from desktop.records import Conversation, MessageState, StoredMessage, Transcript
from desktop.settings import Settings

_log = logging.getLogger(__name__)


class HistoryPort(Protocol):
    """What the chat needs of the history; see :class:`desktop.history.History` for the errors raised."""

    def transcript(self, conversation_id: str) -> Transcript: ...
    def create(self, title: str = "") -> Conversation: ...
    def add_user_message(self, conversation_id: str, text: str) -> StoredMessage: ...
    def add_answer(
        self, conversation_id: str, text: str, *, thinking: str, state: MessageState, model: str, stats: Stats | None
    ) -> StoredMessage: ...
    def remove_message(self, message_id: int) -> None: ...
    def remove_from(self, conversation_id: str, message_id: int) -> None: ...
    def set_cut(self, conversation_id: str, cut: int) -> None: ...


@dataclass
class _Answer:
    """An answer on its way."""

    request_id: int
    conversation_id: str
    user_message: StoredMessage
    prompt: Prompt
    just_sent: bool
    replaces: StoredMessage | None = None
    text: list[str] = field(default_factory=list)
    thought: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not self.text and not self.thought


class ChatService:
    """Sends, stops, regenerates and edits; stores every message once.

    Args:
        engine: Takes the requests.
        history: Keeps conversations and messages.
        settings: Returns the settings in force.
        model_name: Returns the name of the chosen model, stored with each answer.
        notify: Receives chat events, on the calling thread.
        request_ids: Source of ids never used twice, shared with the quick ask.
    """

    def __init__(
        self,
        engine: EnginePort,
        history: HistoryPort,
        settings: Callable[[], Settings],
        model_name: Callable[[], str],
        notify: Callable[[ChatEvent], None],
        request_ids: itertools.count[int],
    ) -> None:
        self._engine = engine
        self._history = history
        self._settings = settings
        self._model_name = model_name
        self._notify = notify
        self._request_ids = request_ids
        self._answers: dict[int, _Answer] = {}
        self._closed = False

    def send(self, conversation_id: str | None, text: str) -> str:
        """Stores a message and asks the engine for the answer.

        Args:
            conversation_id: None begins a new conversation.
            text: What the user wrote; must not be blank.

        Returns:
            The id of the conversation.

        Raises:
            UserFacingError: The history cannot be written, or an answer of this conversation is still on its way.
        """
        text = text.strip()
        if not text:
            raise ValueError("blank message")
        if conversation_id is not None:
            self._refuse_while_busy(conversation_id)
        conversation = conversation_id or self._history.create(title_from(text)).id
        message = self._history.add_user_message(conversation, text)
        self._notify(ConversationsChanged(conversation))
        self._notify(MessageStored(message))
        self._ask(conversation, message, just_sent=True)
        return conversation

    def regenerate(self, conversation_id: str) -> None:
        """Answers the last user message again; the old answer goes only when the new one is stored.

        Raises:
            UserFacingError: An answer of this conversation is still on its way.
        """
        self._refuse_while_busy(conversation_id)
        messages = self._history.transcript(conversation_id).messages
        question = next((message for message in reversed(messages) if message.role is Role.USER), None)
        if question is None:
            return
        old = messages[-1] if messages[-1].role is Role.ASSISTANT else None
        self._ask(conversation_id, question, just_sent=False, replaces=old)

    def edit(self, conversation_id: str, message_id: int, text: str) -> None:
        """Replaces a user message and all after it by ``text``, and asks again.

        Raises:
            UserFacingError: As for :meth:`send`.
        """
        self._refuse_while_busy(conversation_id)
        self._history.remove_from(conversation_id, message_id)
        transcript = self._history.transcript(conversation_id)
        if transcript.conversation.cut > len(transcript.messages):
            self._history.set_cut(conversation_id, 0)
            self._notify(CutMoved(conversation_id, 0))
        self.send(conversation_id, text)

    def stop(self, conversation_id: str) -> None:
        """Stops the answer of a conversation; what is there is kept and marked as stopped."""
        for answer in self._answers.values():
            if answer.conversation_id == conversation_id:
                self._engine.cancel(answer.request_id)

    def is_busy(self, conversation_id: str) -> bool:
        return any(answer.conversation_id == conversation_id for answer in self._answers.values())

    def growing(self, conversation_id: str) -> tuple[str, str] | None:
        """Returns (text, thoughts) of the answer on its way, for a window that comes back to the conversation."""
        for answer in self._answers.values():
            if answer.conversation_id == conversation_id:
                return "".join(answer.text), "".join(answer.thought)
        return None

    def replaced_message(self, conversation_id: str) -> int | None:
        """Returns the id of the answer that is being generated anew; the transcript leaves it out meanwhile."""
        for answer in self._answers.values():
            if answer.conversation_id == conversation_id and answer.replaces:
                return answer.replaces.id
        return None

    def drop(self, conversation_id: str) -> None:
        """Cancels what a conversation has under way without storing it; called before it is deleted."""
        for request_id, answer in list(self._answers.items()):
            if answer.conversation_id == conversation_id:
                del self._answers[request_id]
                self._engine.cancel(request_id)

    def adopt(self, question: str, answer: str, thought: str, stats: Stats | None) -> str:
        """Makes a conversation of a finished quick ask and returns its id."""
        conversation = self._history.create(title_from(question)).id
        self._history.add_user_message(conversation, question)
        self._store(conversation, answer, thought, MessageState.COMPLETE, stats)
        self._notify(ConversationsChanged(conversation))
        return conversation

    def on_engine_event(self, event: EngineEvent) -> None:
        """Takes an event of the engine; those of requests not under way here are ignored."""
        request_id = getattr(event, "request_id", None)
        answer = self._answers.get(request_id) if isinstance(request_id, int) else None
        if answer is None:
            return
        if isinstance(event, Token):
            (answer.thought if event.thinking else answer.text).append(event.text)
            text, thought = ("", event.text) if event.thinking else (event.text, "")
            self._notify(AnswerGrew(answer.conversation_id, text, thought))
        elif isinstance(event, Trimmed):
            cut = answer.prompt.stored_of_cut(event.cut)
            self._history.set_cut(answer.conversation_id, cut)
            self._notify(CutMoved(answer.conversation_id, cut))
        elif isinstance(event, Finished):
            state = MessageState.STOPPED if event.reason is FinishReason.STOPPED else MessageState.COMPLETE
            self._finish(answer, state, event.stats)
        elif isinstance(event, Failed):
            self._fail(answer, event)

    def shut_down(self) -> None:
        """Stores unfinished answers as interrupted and forgets the requests. Idempotent; the engine is not touched."""
        self._closed = True
        for answer in self._answers.values():
            if not answer.is_empty:
                self._end_with_storing(answer, MessageState.INTERRUPTED, None)
        self._answers.clear()

    def _ask(
        self, conversation_id: str, question: StoredMessage, *, just_sent: bool, replaces: StoredMessage | None = None
    ) -> None:
        if self._closed:
            return
        transcript = self._history.transcript(conversation_id)
        upto = [message for message in transcript.messages if message.id <= question.id]
        settings = self._settings()
        prompt = build_prompt(settings.system_prompt, upto)
        request = Generation(
            request_id=next(self._request_ids),
            conversation_id=conversation_id,
            messages=prompt.messages,
            sampling=sampling_of(settings),
            thinking=settings.thinking,
            cut=prompt.cut_of_stored(transcript.conversation.cut),
        )
        self._answers[request.request_id] = _Answer(
            request.request_id, conversation_id, question, prompt, just_sent, replaces
        )
        self._notify(AnswerBegan(conversation_id, replaces.id if replaces else None))
        self._engine.generate(request)

    def _finish(self, answer: _Answer, state: MessageState, stats: Stats) -> None:
        del self._answers[answer.request_id]
        if answer.is_empty and state is MessageState.STOPPED:
            self._notify(AnswerDropped(answer.conversation_id))
            return
        stored = self._end_with_storing(answer, state, stats)
        if stored is not None:
            self._notify(AnswerStored(stored, answer.replaces.id if answer.replaces else None))
            self._notify(ConversationsChanged(answer.conversation_id))

    def _fail(self, answer: _Answer, event: Failed) -> None:
        del self._answers[answer.request_id]
        put_back: str | None = None
        if not answer.is_empty:
            stored = self._end_with_storing(answer, MessageState.FAILED, event.stats)
            if stored is not None:
                self._notify(AnswerStored(stored, answer.replaces.id if answer.replaces else None))
        elif isinstance(event.error, MessageTooLongError) and answer.just_sent:
            put_back = answer.user_message.text
            self._history.remove_message(answer.user_message.id)
        self._notify(AnswerFailed(answer.conversation_id, event.error, put_back))

    def _end_with_storing(self, answer: _Answer, state: MessageState, stats: Stats | None) -> StoredMessage | None:
        """Writes the row, or says that it could not: the text itself stays in the error's detail, nothing is lost."""
        text, thought = "".join(answer.text), "".join(answer.thought)
        try:
            if answer.replaces is not None:
                self._history.remove_message(answer.replaces.id)
            return self._store(answer.conversation_id, text, thought, state, stats)
        except UserFacingError as problem:
            _log.warning("answer not stored: %s", problem.title)
            self._notify(AnswerFailed(answer.conversation_id, problem, None))
            return None

    def _store(
        self, conversation_id: str, text: str, thought: str, state: MessageState, stats: Stats | None
    ) -> StoredMessage:
        return self._history.add_answer(
            conversation_id, text, thinking=thought, state=state, model=self._model_name(), stats=stats
        )

    def _refuse_while_busy(self, conversation_id: str) -> None:
        if self.is_busy(conversation_id):
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "Catnap is still answering."),
                "",
                QT_TRANSLATE_NOOP("Errors", "Wait for the answer, or press Esc to stop it."),
            )
