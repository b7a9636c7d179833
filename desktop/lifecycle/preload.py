"""Loads the model and reads ahead while the question is still being written. No Qt; GUI thread."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from desktop.engine.ports import AnswerPort
from desktop.engine.routing import server_model
from desktop.engine.types import Asleep, Dozing, EngineEvent, Failed, Finished, Generation, SleepReason

# Where loading ahead was refused, and nothing is heard that may have changed that, it is asked again after this long:
# the question itself is asked about anyway, and finding out looks at the model folder and the battery.
_RECONSIDER_SECONDS = 10.0


def conversation_box(conversation_id: str | None) -> str:
    """Returns the name of the box that the messages of a conversation are written in; None: of one not begun yet."""
    return f"chat {conversation_id or ''}"


class Preloader:
    """Has the engine load and read what is known already, once for each question, and then what is being written.

    A box is named by a key: its owner says with :meth:`want` that something is being written in it, with :meth:`follow`
    that the writing pauses, with :meth:`drop` that it is empty again, and :meth:`asked` when a question is on its way.
    """

    def __init__(
        self, engine: AnswerPort, may_preload: Callable[[], bool], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """
        Args:
            engine: Prepared; idle time runs from then, so that what was woken for nothing goes to sleep as usual.
            may_preload: Whether that is welcome now: there is a model, memory and power for it, and no answer under
                way. Some milliseconds.
            clock: Seconds, monotonic.
        """
        self._engine = engine
        self._may_preload = may_preload
        self._clock = clock
        self._key: str | None = None  # of the box that was prepared for, or is being
        self._running: int | None = None  # the id of the request
        self._draft: Callable[[], Generation | None] | None = None  # to be read when that has ended
        self._given_up = False  # until there is another question: what failed, or was taken for memory, stays so
        self._ask_again_at = -math.inf

    @property
    def is_running(self) -> bool:
        """Whether the engine is at it."""
        return self._running is not None

    def want(self, key: str, request: Callable[[], Generation | None]) -> None:
        """Something is being written; to be called at every change.

        Args:
            key: Names the box, and the conversation in it.
            request: Makes the request; None: there is nothing to prepare for.
        """
        now = self._clock()
        if key == self._key or self._given_up or now < self._ask_again_at:
            return
        if not self._may_preload():
            self._ask_again_at = now + _RECONSIDER_SECONDS
            return
        made = request()
        if made is None or server_model(made.model_file) is not None:  # a server is told nothing before it is sent
            return
        self._cancel()
        self._key, self._running = key, made.request_id
        self._engine.prepare(made)

    def follow(self, key: str, request: Callable[[], Generation | None]) -> None:
        """The writing pauses: what is there is read along, if the box was prepared for. Not for each letter.

        Args:
            key: As for :meth:`want`.
            request: Makes the request, with the draft as it reads then; None: there is nothing to read.
        """
        if key != self._key or self._given_up:
            return
        if self._running is not None:
            self._draft = request
            return
        made = request() if self._may_preload() else None
        if made is not None and server_model(made.model_file) is None:
            self._running = made.request_id
            self._engine.prepare(made)

    def drop(self, key: str) -> None:
        """The box is empty again: what has not been done yet for it is given up."""
        if key == self._key:
            self._cancel()
        self._given_up = False
        self.reconsider()

    def asked(self) -> None:
        """A question is on its way; the engine goes on from what was prepared."""
        self._key = self._running = self._draft = None
        self._given_up = False

    def reconsider(self) -> None:
        """Something has changed: what was refused may be welcome now."""
        self._ask_again_at = -math.inf

    def on_engine_event(self, event: EngineEvent) -> None:
        """Takes an event of the engine."""
        if isinstance(event, Asleep):
            self.reconsider()
            if self._running is None:  # else it comes before the waking: another model made room, or a nap just ended
                self._key = None
            # Waking it again at the next key would make a quarrel of it.
            self._given_up = self._given_up or event.reason is SleepReason.MEMORY
        elif isinstance(event, Dozing):
            if self._running is None:
                self._key = None
        elif isinstance(event, Finished | Failed):
            self.reconsider()
            if event.request_id == self._running:
                self._running = None
                self._given_up = isinstance(event, Failed)  # the question itself will say what is wrong
                self._go_on()

    def _go_on(self) -> None:
        draft, self._draft = self._draft, None
        if draft is not None and self._key is not None:
            self.follow(self._key, draft)

    def _cancel(self) -> None:
        if self._running is not None:
            self._engine.cancel(self._running)
        self._key = self._running = self._draft = None
