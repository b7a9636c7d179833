"""Asks an engine, and judges what it does: the worker must live, and each request end once, in time, in clear words."""

from __future__ import annotations

import itertools
import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Final, Self

from desktop.common.errors import UserFacingError
from desktop.common.printable import printable
from desktop.engine.process.handle import EngineProcess, StartProcess
from desktop.engine.types import (
    Asleep,
    EngineConfig,
    EngineEvent,
    Failed,
    Finished,
    FinishReason,
    Generation,
    Message,
    Role,
    SleepReason,
    Token,
)
from desktop.engine.worker import EngineWorker
from tests.support.engine_harness import GREEDY

# After a Stop, and after it was told to sleep.
STOP_S: Final = 5.0
# Until it is stopped.
ANSWER_S: Final = 12.0
# Until it dozes, or until something that it must do comes to pass though nobody waits for it.
LONG_S: Final = 30.0
HI: Final = (Message(Role.USER, "hi"),)


class LostError(Exception):
    """Something that must not happen has happened; the words say what."""


@dataclass(frozen=True)
class Ending:
    """How a request ended.

    Attributes:
        text: What was streamed before.
        stopped: It had to be stopped.
    """

    event: Finished | Failed
    text: str
    stopped: bool

    @property
    def words(self) -> str:
        """How it ended, in a word."""
        if isinstance(self.event, Failed):
            return "refused"
        return "stopped" if self.event.reason is FinishReason.STOPPED else "answered"


class Asker:
    """A worker, what it posts, and what must be true of that.

    Attributes:
        events: All that was posted and looked at.
    """

    def __init__(self, start: StartProcess = EngineProcess) -> None:
        self.events: list[EngineEvent] = []
        self.on_event: Callable[[EngineEvent], None] = lambda event: None
        self._queue: queue.SimpleQueue[EngineEvent] = queue.SimpleQueue()
        self._ids = itertools.count(1)
        self._start = start
        self.worker = EngineWorker(self._post, EngineConfig(None), start=start)

    def __enter__(self) -> Self:
        self.worker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.worker.stop(LONG_S)

    def recover(self) -> None:
        """Takes another worker after something was lost: the old one may be in any state."""
        self.worker.stop(LONG_S)
        self._queue, self.events = queue.SimpleQueue(), []
        self.worker = EngineWorker(self._post, EngineConfig(None), start=self._start)
        self.worker.start()

    def ask(
        self,
        messages: tuple[Message, ...] = HI,
        *,
        max_tokens: int = 4,
        prepares: bool = False,
        conversation: str = "c",
        thinking: bool = False,
    ) -> int:
        """Queues a request and returns its id."""
        sampling = replace(GREEDY, max_tokens=max_tokens)
        request = Generation(next(self._ids), conversation, messages, sampling, thinking)
        if prepares:
            self.worker.prepare(request)
        else:
            self.worker.generate(request)
        return request.request_id

    def end_of(self, request_id: int, patience: float = ANSWER_S) -> Ending:
        """Waits for the end of a request, and stops it when patience is at an end.

        Raises:
            LostError: It does not end then, or the worker is dead.
        """
        event = self._await(_ends(request_id), patience)
        if event is None:
            return self.stop_after(request_id, 0)
        assert isinstance(event, Finished | Failed)
        return Ending(event, self.text_of(request_id), stopped=False)

    def stop_after(self, request_id: int, count: int) -> Ending:
        """Stops a request after its first events, unless that is its end, and waits for the end.

        Raises:
            LostError: It does not end in time.
        """
        for _ in range(count):
            event = self._await(lambda event: getattr(event, "request_id", 0) == request_id, ANSWER_S)
            if event is None:
                break
            if isinstance(event, Finished | Failed):
                return Ending(event, self.text_of(request_id), stopped=False)
        self.worker.cancel(request_id)
        end = self._await(_ends(request_id), STOP_S)
        if end is None:
            raise LostError(self._silence(f"no end within {STOP_S:.0f} s after Stop"))
        assert isinstance(end, Finished | Failed)
        return Ending(end, self.text_of(request_id), stopped=True)

    def text_of(self, request_id: int) -> str:
        """Returns what was streamed of an answer."""
        return "".join(
            event.text for event in self.events if isinstance(event, Token) and event.request_id == request_id
        )

    def wait(self, matches: Callable[[EngineEvent], bool], seconds: float, what: str) -> EngineEvent:
        """Waits for an event.

        Raises:
            LostError: It does not come.
        """
        event = self._await(matches, seconds)
        if event is None:
            raise LostError(self._silence(f"{what} did not come within {seconds:.0f} s"))
        return event

    def fall_asleep(self) -> None:
        """Has the process end.

        Raises:
            LostError: It does not.
        """
        # A reason that nobody else has: one who has fallen asleep by himself must not be taken for it.
        self.worker.sleep(SleepReason.RELEASED)
        self.wait(
            lambda event: isinstance(event, Asleep) and event.reason is SleepReason.RELEASED,
            STOP_S,
            "the end of the process",
        )

    def close(self) -> list[EngineEvent]:
        """Ends what was tried: returns all that was posted, and forgets it.

        Raises:
            LostError: A request ended twice, or the worker is dead.
        """
        if not self.worker.is_alive():
            raise LostError("the worker's thread is dead")
        while not self._queue.empty():
            self.events.append(self._queue.get())
        events, self.events = self.events, []
        ends = [event.request_id for event in events if isinstance(event, Finished | Failed)]
        twice = {each for each in ends if ends.count(each) > 1}
        if twice:
            raise LostError(f"request {min(twice)} ended {ends.count(min(twice))} times")
        return events

    def _await(self, matches: Callable[[EngineEvent], bool], seconds: float) -> EngineEvent | None:
        deadline = time.monotonic() + seconds
        while True:
            try:
                event = self._queue.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                return None
            self.events.append(event)
            if matches(event):
                return event

    def _silence(self, what: str) -> str:
        return what if self.worker.is_alive() else f"{what}: the worker's thread is dead"

    def _post(self, event: EngineEvent) -> None:
        self.on_event(event)
        self._queue.put(event)  # an old worker's last words come here as well: nobody waits for their ids


def check_words(error: UserFacingError, name: str) -> None:
    """Makes sure that a failure says whose it is.

    Args:
        error: What is said.
        name: The file's name; what is no text in it may be said in another way.

    Raises:
        LostError: It does not.
    """
    said = f"{error.title} {error.detail}"
    # On its way between the processes what is no text is written out; what could write to a terminal is replaced.
    ways = (name, name.encode("utf-8", "backslashreplace").decode())
    if not any(printable(way) in said for way in ways):
        raise LostError(f"the sentence does not name the model: {error}")


def _ends(request_id: int) -> Callable[[EngineEvent], bool]:
    return lambda event: isinstance(event, Finished | Failed) and event.request_id == request_id


class Overseer(logging.Handler):
    """Hears of exceptions that nobody was to hear of: in threads of the app, and such as were only logged.

    A context manager; what is heard in it is in :attr:`heard`.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []
        self._before = threading.excepthook

    def __enter__(self) -> Self:
        threading.excepthook = self._on_exception
        # The engine's own thread and those of its processes; what the process itself has logged has no traceback here.
        logging.getLogger("desktop.engine").addHandler(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        threading.excepthook = self._before
        logging.getLogger("desktop.engine").removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Called by logging."""
        if record.exc_info and record.exc_info[1] is not None:
            self.heard.append(f"{record.getMessage()}: {record.exc_info[1]!r}")

    def _on_exception(self, arguments: threading.ExceptHookArgs) -> None:
        name = arguments.thread.name if arguments.thread is not None else "?"
        self.heard.append(f"in the thread {name}: {arguments.exc_value!r}")
