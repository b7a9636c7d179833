"""Questions of work that nobody waits for, put to the engine that answers: the person's own always come first.

A thread asks and waits; all else happens on the GUI thread, which hands questions on when they are welcome. One that
was stopped because somebody else asked is put again, from its beginning.
"""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from desktop.common.errors import Cancelled, UserFacingError
from desktop.engine.types import EngineEvent, Failed, Finished, FinishReason, Generation, Message, Role, Sampling, Token

# The state that the questions have in the engine; none is kept.
_CONVERSATION = "in the background"


class BehindPort(Protocol):
    """The engine, as such work asks it."""

    def generate_behind(self, request: Generation) -> None:
        """Queues a request that gives way to all others."""

    def cancel(self, request_id: int) -> None:
        """Stops a request."""


@dataclass(frozen=True)
class Reply:
    """What came of a question.

    Attributes:
        is_whole: The answer has come to its own end.
        error: Why there is no answer; None: there is one.
    """

    text: str = ""
    is_whole: bool = False
    error: UserFacingError | None = None


@dataclass
class _Question:
    text: str
    sampling: Sampling
    schema: str | None
    replies: queue.SimpleQueue[Reply | None] = field(default_factory=queue.SimpleQueue)
    request_id: int = 0  # while it is with the engine
    answer: list[str] = field(default_factory=list)


class BackgroundQuestions:
    """Questions of one piece of work, one after the other, until it is paused: whoever goes on makes others."""

    def __init__(
        self,
        engine: BehindPort,
        request_ids: itertools.count[int],
        may_begin: Callable[[], bool],
        may_go_on: Callable[[], bool],
        hand_over: Callable[[], None],
    ) -> None:
        """
        Args:
            engine: Takes the requests.
            request_ids: Source of ids never used twice, shared with whoever else asks the engine.
            may_begin: Whether a question is welcome now.
            may_go_on: Whether one that is being answered may be answered to its end.
            hand_over: Called on the thread that asks: :meth:`look` shall be called on the GUI thread.
        """
        self._engine = engine
        self._request_ids = request_ids
        self._may_begin, self._may_go_on, self._hand_over = may_begin, may_go_on, hand_over
        self._lock = threading.Lock()
        self._question: _Question | None = None
        self._has_ended = False

    @property
    def is_asking(self) -> bool:
        """Whether the engine is at a question."""
        return self._question is not None and self._question.request_id != 0

    @property
    def is_waiting(self) -> bool:
        """Whether a question is not with the engine because it is not welcome."""
        return self._question is not None and self._question.request_id == 0

    def owns(self, request_id: int | None) -> bool:
        """Tells whether a request is one of these, and under way."""
        return self.is_asking and self._question is not None and self._question.request_id == request_id

    def ask(self, question: str, sampling: Sampling, schema: str | None = None) -> Reply:
        """Waits for the answer to a question. Any thread but the GUI's.

        Args:
            question: The message.
            sampling: How tokens are chosen.
            schema: See :attr:`desktop.engine.types.Generation.schema`.

        Raises:
            Cancelled: The work was paused.
        """
        asked = _Question(question, sampling, schema)
        with self._lock:
            if self._has_ended:
                raise Cancelled
            self._question = asked
        self._hand_over()
        reply = asked.replies.get()
        if reply is None:
            raise Cancelled
        return reply

    def look(self) -> None:
        """Puts the question that waits if it is welcome; stops the one under way if it may not go on. GUI thread."""
        question = self._question
        if question is None:
            return
        if question.request_id:
            if not self._may_go_on():
                self._engine.cancel(question.request_id)
        elif self._may_begin():
            question.request_id = next(self._request_ids)
            question.answer.clear()
            self._engine.generate_behind(
                Generation(
                    question.request_id,
                    _CONVERSATION,
                    (Message(Role.USER, question.text),),
                    question.sampling,
                    keep_state=False,
                    schema=question.schema,
                )
            )

    def end(self) -> None:
        """Ends them all, at once: whoever asks finds that the work is paused. GUI thread."""
        with self._lock:
            self._has_ended = True
            question, self._question = self._question, None
        if question is not None:
            if question.request_id:
                self._engine.cancel(question.request_id)
            question.replies.put(None)

    def on_engine_event(self, event: EngineEvent) -> None:
        """Takes an event of the engine. GUI thread."""
        question = self._question
        if question is None or not self.owns(getattr(event, "request_id", None)):
            return
        if isinstance(event, Token) and not event.thinking:
            question.answer.append(event.text)
        elif isinstance(event, Failed):
            self._reply(question, Reply(error=event.error))
        elif isinstance(event, Finished):
            if event.reason is FinishReason.STOPPED:
                question.request_id = 0
            else:
                is_whole = event.reason is FinishReason.COMPLETE
                self._reply(question, Reply("".join(question.answer), is_whole))

    def _reply(self, question: _Question, reply: Reply) -> None:
        with self._lock:
            self._question = None
        question.replies.put(reply)
