"""Whoever answers, as the headless verbs drive it: one request after the other, Ctrl+C at any point."""

from __future__ import annotations

import contextlib
import itertools
import math
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import Protocol, Self

from desktop.cli import common
from desktop.common.errors import UserFacingError
from desktop.common.loops.detector import without_loop
from desktop.engine.ports import AnswerPort
from desktop.engine.process.stall import PATIENCE_SECONDS
from desktop.engine.types import (
    Asleep,
    Awake,
    EngineConfig,
    EngineEvent,
    Failed,
    Finished,
    FinishReason,
    Generation,
    GpuGivenUp,
    Message,
    Reading,
    Recovered,
    Sampling,
    Stalled,
    Stats,
    TemplateReplaced,
    Token,
    Trimmed,
    Waking,
)
from desktop.engine.worker import EngineWorker
from desktop.machine.memory import MemoryReader, MemoryReading

# Waiting without a limit cannot be interrupted by Ctrl+C on Windows.
_WAIT_SECONDS = 0.2
_STOP_SECONDS = 5.0
# For an engine to stop after Ctrl+C, and to leave; then it is ended with this process.
_INTERRUPTED_SECONDS, _LEAVE_SECONDS = 1.0, 0.3


@dataclass
class Answer:
    """What came of one request.

    Attributes:
        reason: How it ended.
        interrupted: By Ctrl+C; what was said before is in ``text``.
        error: Why there is no more; None: nothing went wrong.
    """

    text: str = ""
    thinking: str = ""
    reason: FinishReason = FinishReason.STOPPED
    stats: Stats = field(default_factory=Stats)
    interrupted: bool = False
    error: UserFacingError | None = None


class AskedPort(AnswerPort, Protocol):
    """What answers, and has an end."""

    def is_alive(self) -> bool:
        """Tells whether it still takes requests."""


class Asker:
    """Asks one question after the other, and waits for the answers. From the main thread.

    Attributes:
        backend: What computes, once it has said so.
        gpu_given_up: That the graphics processor is not used any more; None: nothing was said of it.
    """

    def __init__(self, progress: common.ProgressLine) -> None:
        """
        Args:
            progress: Where waking and reading are shown.
        """
        self._events: queue.SimpleQueue[EngineEvent] = queue.SimpleQueue()
        self.backend = ""
        self.gpu_given_up: GpuGivenUp | None = None
        self._progress = progress
        self._ids = itertools.count(1)
        self._is_stalled = False  # which was said
        self._end_by = math.inf  # by the monotonic clock: somebody has pressed Ctrl+C

    @property
    def _port(self) -> AskedPort:
        raise NotImplementedError

    def ask(
        self,
        messages: tuple[Message, ...],
        sampling: Sampling,
        *,
        conversation_id: str,
        thinking: bool = False,
        keep_state: bool = True,
        opening: str = "",
        prefix_id: str | None = None,
        on_text: Callable[[str], None] | None = None,
        schema: str | None = None,
        model_file: str | None = None,
    ) -> Answer:
        """Generates one answer and waits for its end.

        Args:
            messages: The whole conversation, the user's question last.
            sampling: How tokens are chosen.
            conversation_id: Whose state in the cache this is.
            thinking: Let a model think aloud that can.
            opening: Stands before the first question, see :attr:`desktop.engine.types.Generation.opening`.
            prefix_id: Under which id what is read before the question is kept, where states are; None: it is not.
            keep_state: Sleep keeps this conversation's state, where states are kept at all.
            on_text: Receives the answer piece by piece, without the thoughts; None: nobody watches.
            schema: A JSON Schema that the answer keeps to; None: it is free.
            model_file: See :attr:`desktop.engine.types.Generation.model_file`.
        """
        request = Generation(
            *(next(self._ids), conversation_id, messages, sampling, thinking),
            keep_state=keep_state,
            prefix_id=prefix_id,
            prefix_lasts=prefix_id is not None,
            opening=opening,
            schema=schema,
            model_file=model_file,
        )
        answer = Answer()
        self._is_stalled = False
        with self._stopped_by_interrupt(request.request_id, answer):
            self._port.generate(request)
            self._collect(request.request_id, answer, on_text)
        self._progress.clear()
        return answer

    @contextlib.contextmanager
    def _stopped_by_interrupt(self, request_id: int, answer: Answer) -> Iterator[None]:
        """Has Ctrl+C cancel the request instead of raising KeyboardInterrupt somewhere.

        The exception could come between taking an event and printing it, and the words in it would be missing from the
        middle of the text. In another thread than the main one, where signals do not arrive, it does nothing.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def stop(_signal: int, _frame: FrameType | None) -> None:
            answer.interrupted = True
            self._end_by = time.monotonic() + _INTERRUPTED_SECONDS
            common.second_interrupt_ends()
            self._port.cancel(request_id)

        before = signal.signal(signal.SIGINT, stop)
        try:
            yield
        finally:
            if not answer.interrupted:
                signal.signal(signal.SIGINT, before)

    def _collect(self, request_id: int, answer: Answer, on_text: Callable[[str], None] | None) -> None:
        while True:
            try:
                event = self._next_event()
            except TimeoutError:  # what it has said so far is the answer
                return
            if getattr(event, "request_id", request_id) != request_id:
                continue
            if isinstance(event, Token):
                self._take(event, answer, on_text)
            elif isinstance(event, Awake):
                self.backend = f"{event.backend}, {event.gpu}" if event.gpu else event.backend
            elif isinstance(event, Waking):
                self._progress.show(f"waking {event.fraction:.0%}")
            elif isinstance(event, Reading):
                amount = f"reading {event.done:,} of {event.total:,} tokens"
                self._progress.show(amount if event.total else "waiting for the first word")
            elif isinstance(event, GpuGivenUp):
                self._on_gpu_given_up(event)
            elif isinstance(event, Stalled):
                self._say_stalled(event)
            elif isinstance(event, Recovered):
                self._is_stalled = False
            elif isinstance(event, Trimmed):
                common.warn("the context is full; the beginning is no longer read")
            elif isinstance(event, TemplateReplaced):
                common.warn(
                    f"the chat template of {event.model_name} takes too much time or memory; "
                    "a common one is used instead"
                )
            elif isinstance(event, Finished):
                answer.reason, answer.stats = event.reason, event.stats
                if event.reason is FinishReason.REPEATED:  # what was written already stays written
                    answer.text = without_loop(answer.text)
                return
            elif isinstance(event, Failed):
                answer.error, answer.stats = event.error, event.stats
                return

    def _on_gpu_given_up(self, event: GpuGivenUp) -> None:
        self.gpu_given_up = event
        if not event.was_told:
            self._progress.clear()
            common.warn(str(event.problem))

    def _say_stalled(self, stalled: Stalled) -> None:
        if not self._is_stalled:
            self._is_stalled = True
            self._progress.clear()
            common.warn(f"{self._why_stalled(stalled)}. Ctrl+C ends it.")

    def _why_stalled(self, stalled: Stalled) -> str:
        raise NotImplementedError

    def _take(self, token: Token, answer: Answer, on_text: Callable[[str], None] | None) -> None:
        if token.thinking:
            answer.thinking += token.text
            self._progress.show("thinking")
            return
        self._progress.clear()
        answer.text += token.text
        if on_text is not None:
            on_text(token.text)

    def _next_event(self) -> EngineEvent:
        """Waits for an event.

        Raises:
            TimeoutError: Ctrl+C was pressed, and nobody waits for the engine any more.
        """
        while time.monotonic() < self._end_by:
            try:
                return self._events.get(timeout=_WAIT_SECONDS)
            except queue.Empty:
                if not self._port.is_alive():
                    raise RuntimeError("the engine thread has died") from None
        raise TimeoutError


class Engine(Asker):
    """An engine and the events it sends. Used as a context manager."""

    def __init__(
        self,
        config: EngineConfig,
        progress: common.ProgressLine,
        threads_file: Path | None = None,
        stall_patience: float = PATIENCE_SECONDS,
    ) -> None:
        """
        Args:
            config: The configuration; nothing is loaded before the first question.
            progress: Where waking and reading are shown.
            threads_file: Where the best number of threads is remembered; None: nowhere.
            stall_patience: Seconds without a sign of life of the engine's process after which that is said.
        """
        super().__init__(progress)
        self._worker = EngineWorker(self._events.put, config, threads_file=threads_file, stall_patience=stall_patience)
        self._memory = MemoryReader(engine=lambda: self._worker.process_id)

    @property
    def _port(self) -> AskedPort:
        return self._worker

    def __enter__(self) -> Self:
        self._worker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.clear()
        is_interrupted = self._end_by < math.inf
        if not self._worker.stop(_LEAVE_SECONDS if is_interrupted else _STOP_SECONDS):
            if is_interrupted:
                self._kill_process()
            if is_interrupted and error is None:
                return  # there is something to print yet
            # A native call hangs. The interpreter must not be torn down under a thread that may call back into it.
            if isinstance(error, UserFacingError):
                common.warn(str(error))
            sys.stdout.flush()
            os._exit(common.INTERRUPTED if isinstance(error, KeyboardInterrupt) else common.FAILED)

    def _kill_process(self) -> None:
        # It may have been held before it could ask the system to be ended with this one.
        if (pid := self._worker.process_id) is not None:
            with contextlib.suppress(OSError):
                os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))

    @property
    def process_id(self) -> int | None:
        """Id of the engine's process; None: there is none."""
        return self._worker.process_id

    def memory(self) -> MemoryReading:
        """Returns what this process and the engine's take now."""
        return self._memory.read()

    def sleep(self) -> None:
        """Unloads the model and waits until that is done, or Ctrl+C was pressed long enough ago."""
        self._worker.sleep()
        with contextlib.suppress(TimeoutError):
            while not isinstance(self._next_event(), Asleep):
                pass

    def _why_stalled(self, stalled: Stalled) -> str:
        if stalled.computes:
            why = f"computed for {stalled.seconds} seconds without getting any further; it may have got stuck"
        else:
            why = f"not moved for {stalled.seconds} seconds; the disk with the model may be slow or gone"
        return f"the engine has {why}"
