"""Questions of other programs, put to the engine that people talk to: one at a time, and the person always comes first.

On the thread that the engine's supervisor is used on. Whoever asks, writes or wants the model to let go has the answer
under way stopped at once. It goes on where it was as soon as nobody has wanted anything for a moment, from the words
that were said: the program that waits notices nothing but a pause.
"""

from __future__ import annotations

import itertools
import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from desktop.api.conversations import ConversationNames
from desktop.api.errors import ApiError, of_engine, too_many, unavailable
from desktop.engine.types import (
    Asleep,
    BegunAnswer,
    EngineEvent,
    Failed,
    Finished,
    FinishReason,
    Generation,
    Message,
    Role,
    SleepReason,
    Stats,
    Token,
)

# More than these are told to come later.
MOST_WAITING: Final = 96
# So long nobody must have wanted anything: between two pauses of somebody who writes, nothing is begun.
_QUIET_S: Final = 2.0


class EnginePort(Protocol):
    """The engine, as other programs ask it."""

    def generate_behind(self, request: Generation) -> None:
        """Queues a request that gives way to all others."""

    def cancel(self, request_id: int) -> None:
        """Stops a request."""

    def forget(self, conversation_id: str) -> None:
        """Drops what is kept under a name."""


class Timer(Protocol):
    """What a timer returns."""

    def cancel(self) -> None:
        """Has it not happen."""


Reply = Token | Finished | ApiError


@dataclass
class Question:
    """One request of a program.

    Attributes:
        generation: What is asked; its ids are given when it is put.
        reply: Takes the words, and at the end ``Finished`` or why there is no more; must return at once.
    """

    generation: Generation
    reply: Callable[[Reply], None]
    request_id: int = 0  # while it is with the engine
    is_dropped: bool = False
    is_stopped: bool = False
    text: list[str] = field(default_factory=list)
    thought: list[str] = field(default_factory=list)
    before: Stats | None = None  # of what was said before a pause


class ProgramQuestions:
    """See the module."""

    def __init__(
        self,
        engine: EnginePort,
        request_ids: itertools.count[int],
        is_wanted: Callable[[], bool],
        refusal: Callable[[str | None], str | None],
        call_later: Callable[[float, Callable[[], None]], Timer],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        Args:
            engine: Takes the requests.
            request_ids: Source of ids never used twice, shared with whoever else asks the engine.
            is_wanted: Whether a person wants the model now.
            refusal: Why a model cannot be loaded now, in words; None: nothing is known against it.
            call_later: Calls back on this thread, after seconds.
            clock: Seconds, monotonic.
        """
        self._engine, self._request_ids = engine, request_ids
        self._is_wanted, self._refusal = is_wanted, refusal
        self._call_later, self._clock = call_later, clock
        self._names = ConversationNames(engine.forget)
        self._waiting: deque[Question] = deque()
        self._running: Question | None = None
        self._person_at = -math.inf  # when somebody has last wanted something
        self._was_wanted = False
        self._timer: Timer | None = None
        self._listeners: list[Callable[[bool], None]] = []
        self._was_busy = False

    @property
    def is_asking(self) -> bool:
        """Whether the engine is at one of them."""
        return self._running is not None

    @property
    def is_busy(self) -> bool:
        """Whether a program waits for its answer."""
        return bool(self._waiting) or (self._running is not None and not self._running.is_dropped)

    def owns(self, request_id: int | None) -> bool:
        """Tells whether a request is one of them, and under way."""
        return self._running is not None and self._running.request_id == request_id

    def subscribe(self, listener: Callable[[bool], None]) -> None:
        """Calls ``listener(is_busy)`` when a program begins to wait, and when none does any more."""
        self._listeners.append(listener)

    def put(self, question: Question) -> None:
        """Has a question answered, after those that came before."""
        if question.is_dropped:
            return
        if len(self._waiting) >= MOST_WAITING:
            question.reply(too_many())
            return
        self._waiting.append(question)
        self.look()

    def drop(self, question: Question) -> None:
        """Gives a question up; nothing is replied to it any more."""
        question.is_dropped = True
        if question is self._running:
            self._engine.cancel(question.request_id)
        elif question in self._waiting:
            self._waiting.remove(question)
        self._tell()

    def stop(self, question: Question) -> None:
        """Ends a question where its answer is; that is replied."""
        question.is_stopped = True
        if question is self._running:
            self._engine.cancel(question.request_id)
        elif question in self._waiting:
            self._waiting.remove(question)
            self._reply(question, Finished(0, FinishReason.STOPPED, question.before or Stats()))
        self._tell()

    def look(self) -> None:
        """Puts the next question, if that is welcome."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._running is None and self._waiting:
            if self._is_wanted():
                self._person_at = self._clock()
            quiet_in = self._person_at + _QUIET_S - self._clock()
            if quiet_in > 0:
                self._timer = self._call_later(quiet_in, self.look)
            else:
                self._begin(self._waiting.popleft())
        self._tell()

    def refuse_all(self, why: ApiError) -> None:
        """Ends all of them."""
        questions = [*([self._running] if self._running is not None else []), *self._waiting]
        for question in questions:
            self.drop(question)
            question.reply(why)

    def end(self) -> None:
        """Ends all of them, and has what was kept of programs' conversations erased."""
        self.refuse_all(unavailable("Catnap does not answer other programs any more.", "shutting_down"))
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._names.forget_all()

    def on_engine_event(self, event: EngineEvent) -> None:
        """Takes an event of the engine."""
        if isinstance(event, Asleep) and event.reason is SleepReason.ASKED and self.is_busy and not self._is_wanted():
            self.refuse_all(unavailable("The model was put to sleep by hand. Ask again to wake it.", "asleep"))
        request_id = getattr(event, "request_id", None)
        running = self._running
        if running is None or request_id != running.request_id:
            if request_id is not None:
                before, self._was_wanted = self._was_wanted, self._is_wanted()
                if before or self._was_wanted:  # else it is other work that nobody waits for
                    self._person_at = self._clock()
                if isinstance(event, Finished | Failed):
                    self.look()
            return
        if isinstance(event, Token):
            (running.thought if event.thinking else running.text).append(event.text)
            self._reply(running, event)
        elif isinstance(event, Finished | Failed):
            self._running = None
            running.request_id = 0
            if isinstance(event, Failed):
                self._reply(running, of_engine(event.error))
            elif event.reason is FinishReason.STOPPED and not (running.is_dropped or running.is_stopped):
                self._go_on_later(running, event.stats)
            else:
                self._reply(running, Finished(event.request_id, event.reason, _together(running.before, event.stats)))
            self.look()

    def _go_on_later(self, question: Question, stats: Stats) -> None:
        """Somebody else came first: it waits before all others."""
        self._person_at = self._clock()
        if question.text or question.thought:
            question.before = _together(question.before, stats)
        self._waiting.appendleft(question)

    def _begin(self, question: Question) -> None:
        request = question.generation
        if (why := self._refusal(request.model_file)) is not None:
            self._reply(question, unavailable(why, "model_unavailable"))
            self._call_later(0, self.look)
            return
        limit = request.sampling.max_tokens
        if question.before is not None and limit is not None:
            limit -= question.before.generated_tokens
            if limit <= 0:
                self._reply(question, Finished(0, FinishReason.LENGTH, question.before))
                self._call_later(0, self.look)
                return
        kept = self._names.name(request.model_file, request.messages)
        question.request_id = next(self._request_ids)
        self._running = question
        self._engine.generate_behind(
            replace(
                _going_on(request, "".join(question.text), "".join(question.thought)),
                request_id=question.request_id,
                conversation_id=kept.conversation_id,
                keep_state=not request.plain,
                prefix_id=kept.prefix_id,
                sampling=replace(request.sampling, max_tokens=limit),
            )
        )

    def _reply(self, question: Question, reply: Reply) -> None:
        if not question.is_dropped:
            question.reply(reply)

    def _tell(self) -> None:
        if self.is_busy is not self._was_busy:
            self._was_busy = self.is_busy
            for listener in self._listeners:
                listener(self._was_busy)


def _going_on(request: Generation, text: str, thought: str) -> Generation:
    """Returns the request that goes on behind what was said."""
    if not text and not thought:
        return request
    if request.plain:
        return replace(request, messages=(*request.messages, Message(Role.ASSISTANT, text)))
    begun = request.begun or BegunAnswer("")
    return replace(request, begun=BegunAnswer(begun.text + text, begun.thought + thought))


def _together(before: Stats | None, stats: Stats) -> Stats:
    """Returns the figures of an answer that had a pause."""
    if before is None:
        return stats
    return replace(
        stats,
        prompt_tokens=before.prompt_tokens,
        reused_tokens=before.reused_tokens,
        generated_tokens=before.generated_tokens + stats.generated_tokens,
    )
