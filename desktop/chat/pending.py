"""Answers on their way, or ended and not stored yet: each is kept until it is in the history."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from desktop.chat.answer_text import AnswerText
from desktop.chat.events import AnswerGrew, AnswerStored, AnswerUnsaved, ChatEvent, ConversationsChanged
from desktop.chat.requests import MadeRequest
from desktop.common.errors import UserFacingError
from desktop.common.loops.detector import without_loop
from desktop.engine.types import Message, Stats, Token
from desktop.history.records import MessageState, StoredMessage
from desktop.history.rescue.answer_journal import AnswerBegun, AnswerJournal
from desktop.history.sources import Support
from desktop.history.store import History

_log = logging.getLogger(__name__)

# How long removing for good waits for the journal, which is a moment on any disk that answers.
_ERASE_SECONDS = 0.5


@dataclass(frozen=True)
class Looking:
    """Documents are looked through on another thread.

    Attributes:
        instead: Does what follows if nobody waits for that.
        given_up: Set when nobody wants it any more.
    """

    instead: Callable[[], None]
    given_up: threading.Event = field(default_factory=threading.Event)


@dataclass
class PendingAnswer:
    """An answer on its way, or one that has ended and could not be stored yet.

    Attributes:
        just_sent: The message goes where it is refused; one that is answered again stays.
        instead_of: The message that was shown before it, where it is an edited one.
        replaces: The answer that was shown before.
        goes_on: What comes is the rest of that one, and stored with it as one.
        sent: All that the model was told for it; empty: nothing yet.
        support: What it rests on.
        looking: Documents are looked through, for the question before it is asked or for what the answer rests on
            before it is stored; None: they are not.
        shape: What it is to look like, as it is kept; empty: it is free.
        state: How it ended; None: it is on its way.
        is_stalled: The engine does not move, which was said.
        shown: What is stored instead of what came, where the answer has kept to a shape.
    """

    request_id: int
    conversation_id: str
    user_message: StoredMessage
    made: MadeRequest
    just_sent: bool
    instead_of: int | None
    replaces: StoredMessage | None
    model: str
    text: AnswerText
    goes_on: bool = False
    sent: tuple[Message, ...] = ()
    support: Support = field(default_factory=Support)
    looking: Looking | None = None
    shape: str = ""
    thought: list[str] = field(default_factory=list)
    state: MessageState | None = None
    stats: Stats | None = None
    is_stalled: bool = False
    shown: str | None = None

    def take(self, event: Token) -> tuple[str, str]:
        """Adds a token, and returns what is there of text and thoughts by it."""
        if event.thinking:
            self.thought.append(event.text)
            return "", event.text
        return self.text.take(event.text), ""

    def end_at_loop(self) -> None:
        """Takes away what only says again what is there."""
        self.text.end_at_loop()
        self.thought = [without_loop("".join(self.thought))]

    @property
    def is_empty(self) -> bool:
        """Whether nothing has come."""
        return not self.text and not self.thought

    @property
    def is_under_way(self) -> bool:
        """Whether it has not ended, or is to be stored with what is still looked for."""
        return self.state is None or self.looking is not None

    def stop_looking(self) -> Looking | None:
        """Gives up what is looked for in documents, and returns it; None: nothing is."""
        looking, self.looking = self.looking, None
        if looking is not None:
            looking.given_up.set()
        return looking

    @property
    def begun(self) -> tuple[str, str]:
        """What was there of it before, text and thoughts."""
        return (self.replaces.text, self.replaces.thinking) if self.replaces and self.goes_on else ("", "")

    @property
    def whole(self) -> tuple[str, str]:
        """All that is there of it, text and thoughts."""
        text, thought = self.begun
        if self.shown is not None:
            return self.shown, thought + "".join(self.thought)
        return text + str(self.text), thought + "".join(self.thought)

    @property
    def _figures(self) -> Stats | None:
        """The figures of all of it."""
        before = self.replaces.stats if self.replaces and self.goes_on else None
        if before is None or self.stats is None:
            return self.stats
        return replace(
            self.stats,
            generated_tokens=before.generated_tokens + self.stats.generated_tokens,
            generate_s=before.generate_s + self.stats.generate_s,
            ttft_s=before.ttft_s,
        )

    def store(self, history: History) -> StoredMessage:
        """Stores the answer, one more version where there is one, and returns the row.

        Raises:
            UserFacingError: The history cannot be written; nothing has changed then.
        """
        text, thought = self.whole
        return history.add_answer(
            self.conversation_id,
            text,
            thinking=thought,
            state=self.state or MessageState.COMPLETE,
            model=self.model,
            stats=self._figures,
            parent=self.user_message.id,
            support=replace(self.support, shape=self.shape),
        )


class PendingAnswers:
    """The answers of all conversations that are not stored yet, also in the journal that a crash leaves behind."""

    def __init__(
        self, history: History, notify: Callable[[ChatEvent], None], journal: AnswerJournal | None = None
    ) -> None:
        """
        Args:
            history: Where they are stored.
            notify: Receives chat events, on the calling thread.
            journal: Keeps growing answers over a crash; None: they are lost with it.
        """
        self._history = history
        self._notify = notify
        self._journal = journal
        self._answers: dict[int, PendingAnswer] = {}

    def of(self, conversation_id: str) -> list[PendingAnswer]:
        """Returns those of one conversation."""
        return [answer for answer in self._answers.values() if answer.conversation_id == conversation_id]

    @property
    def any_under_way(self) -> bool:
        """Whether there is one that has not ended."""
        return any(answer.state is None for answer in self._answers.values())

    def under_way(self, request_id: object) -> PendingAnswer | None:
        """Returns the answer to a request that has not ended; None: there is none."""
        answer = self._answers.get(request_id) if isinstance(request_id, int) else None
        return answer if answer is not None and answer.state is None else None

    def begin(self, answer: PendingAnswer) -> None:
        """Keeps an answer of which nothing has come yet.

        Raises:
            UserFacingError: The history cannot be read.
        """
        self._answers[answer.request_id] = answer
        if self._journal is not None:
            question, after = answer.user_message, self._history.newest_message_id()
            begun = AnswerBegun(answer.conversation_id, question.id, question.text, after, answer.model, answer.shape)
            self._journal.begin(answer.request_id, begun)

    def grow(self, answer: PendingAnswer, event: Token) -> None:
        """Adds a piece; ``AnswerGrew`` follows."""
        if self._journal is not None and answer.is_empty and answer.goes_on:
            self._journal.grow(answer.request_id, *answer.begun)  # not before: alone, it is in the history
        self._tell(answer, *answer.take(event))

    def complete(self, answer: PendingAnswer) -> None:
        """Adds what waited for more to come, when no more comes; ``AnswerGrew`` follows if there is any."""
        self._tell(answer, answer.text.take_rest(), "")

    def end(self, answer: PendingAnswer, state: MessageState, stats: Stats | None) -> None:
        """Stores an answer, or says that it could not be: it stays here until :meth:`save_again` has worked."""
        answer.stop_looking()
        answer.state, answer.stats = state, stats
        try:
            self._save(answer)
        except UserFacingError as problem:
            _log.warning("answer not stored: %s", problem.title)
            self._notify(AnswerUnsaved(answer.conversation_id, problem))

    def save_again(self, conversation_id: str) -> None:
        """Stores an answer that could not be stored when it ended.

        Raises:
            UserFacingError: It still cannot.
        """
        for answer in self.of(conversation_id):
            if answer.state is not None:
                self._save(answer)

    def keep_silently(self, answer: PendingAnswer) -> None:
        """Stores what is there of an answer as stopped, and tells nobody; where that fails, the journal has it."""
        answer.stop_looking()
        answer.text.take_rest()
        if not answer.is_empty:
            answer.state = answer.state or MessageState.STOPPED
            try:
                answer.store(self._history)
            except UserFacingError as problem:  # the journal has it, for the next start
                _log.warning("answer of a deleted conversation not stored: %s", problem.title)
                del self._answers[answer.request_id]
                return
        self.forget(answer)

    def forget(self, answer: PendingAnswer) -> None:
        """Lets go of an answer that is stored, or of which there is nothing to store."""
        answer.stop_looking()
        del self._answers[answer.request_id]
        if self._journal is not None:
            self._journal.end(answer.request_id)

    def wait_erased(self) -> None:
        """Waits a moment for the journal to lose what was let go of."""
        if self._journal is not None and not self._journal.wait_erased(_ERASE_SECONDS):
            _log.warning("the journal of answers is not erased yet")

    def interrupt_all(self) -> None:
        """Stores all as interrupted, and forgets those too that cannot be stored: the program ends."""
        for answer in list(self._answers.values()):
            answer.text.take_rest()
            if answer.is_empty:
                self.forget(answer)
            else:
                self.end(answer, answer.state or MessageState.INTERRUPTED, answer.stats)
        self._answers.clear()

    def _tell(self, answer: PendingAnswer, text: str, thought: str) -> None:
        if not text and not thought:
            return
        if self._journal is not None:
            self._journal.grow(answer.request_id, text, thought)
        self._notify(AnswerGrew(answer.conversation_id, text, thought))

    def _save(self, answer: PendingAnswer) -> None:
        stored = answer.store(self._history)
        self.forget(answer)
        self._notify(AnswerStored(stored, answer.replaces.id if answer.replaces else None, answer.goes_on))
        self._notify(ConversationsChanged(answer.conversation_id))
