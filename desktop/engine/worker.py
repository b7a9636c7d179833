"""The engine thread: one inbox, and a wait that is the idle time.

The thread takes one thing at a time, a command or a message of the process. While nothing comes it waits in
``get(timeout=...)``, and that timeout is the idle time: a new message and a doze cannot race, because it is one wait
that ends in one of two ways. Events are posted by this thread alone, in order; other threads only put commands in.
Nothing here waits for the process: whatever it must do in time has a deadline, and is ended when that has passed. What
is done about a command, a message or the time is decided in :mod:`desktop.engine.dispatcher`.
"""

from __future__ import annotations

import contextlib
import logging
import math
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from desktop.engine.commands import Attend, Cancel, Command, Configure, Forget, Job, Sleep, Stop
from desktop.engine.dispatcher import Dispatcher
from desktop.engine.process.handle import EngineProcess, StartProcess
from desktop.engine.process.messages import Delivery
from desktop.engine.process.stall import FRUITLESS_SECONDS, PATIENCE_SECONDS
from desktop.engine.types import EngineConfig, EngineEvent, Finished, FinishReason, Generation, SleepReason

_log = logging.getLogger(__name__)


class EngineWorker:
    """Implements :class:`~desktop.engine.ports.LocalEnginePort`. Every public method may be called from any thread.

    Each request ends in exactly one ``Finished`` or ``Failed``. As a context manager it starts, and stops at the end.
    """

    def __init__(
        self,
        post: Callable[[EngineEvent], None],
        config: EngineConfig,
        threads_file: Path | None = None,
        start: StartProcess = EngineProcess,
        stall_patience: float = PATIENCE_SECONDS,
        fruitless_patience: float = FRUITLESS_SECONDS,
    ) -> None:
        """
        Args:
            post: Takes the events, on the engine thread; must return at once.
            config: The configuration to begin with.
            threads_file: Where the best number of threads is remembered for the next run; None: nowhere.
            start: Starts a process.
            stall_patience: Seconds without a sign of life after which it is said that the process does not move.
            fruitless_patience: Seconds of mere computing that a step may take on any machine before that is said.
        """
        self._post = post
        self._inbox: queue.SimpleQueue[Command | tuple[EngineProcess, Delivery]] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        # The engine thread's own, but for the id of its process.
        self._dispatcher = Dispatcher(
            post,
            config,
            threads_file,
            lambda: start(lambda process, delivery: self._inbox.put((process, delivery))),
            time.monotonic,
            stall_patience,
            fruitless_patience,
        )

    @property
    def process_id(self) -> int | None:
        """Id of the process that has the model; None: there is none."""
        return self._dispatcher.process_id

    def __enter__(self) -> EngineWorker:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Starts the thread; no process yet. To be called once."""
        self._thread.start()

    def generate(self, request: Generation) -> None:
        """Queues a request. After :meth:`stop` it ends at once as stopped."""
        self._put(Job(request, prepares=False))

    def prepare(self, request: Generation) -> None:
        """Queues a preparation, see :class:`~desktop.engine.ports.AnswerPort`; another conversation's gives way."""
        self._put(Job(request, prepares=True))

    def cancel(self, request_id: int) -> None:
        """Stops a queued or running request; an unknown or finished one is ignored."""
        self._put(Cancel(request_id))

    def configure(self, config: EngineConfig) -> None:
        """Puts a new configuration in force: threads at the next token, the rest after the running answer."""
        self._put(Configure(config))

    def sleep(self, reason: SleepReason = SleepReason.ASKED) -> None:
        """Ends the process after the running answer; ``Asleep`` follows, also when it was asleep already."""
        self._put(Sleep(reason))

    def forget(self, conversation_id: str) -> None:
        """Drops what is kept of a conversation, after the running answer."""
        self._put(Forget(conversation_id))

    def attend(self) -> None:
        """Starts the process, since a request may follow; the model is not loaded."""
        self._put(Attend())

    def stop(self, timeout: float = 5.0) -> bool:
        """Cancels everything, ends the process and the thread. May be called again.

        Args:
            timeout: Seconds to wait for the thread.

        Returns:
            Whether the thread has ended. If not, the process is still writing; it ends with this one.
        """
        self._put(Stop())
        if self._thread.ident is None:
            self._close()
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def is_alive(self) -> bool:
        """Tells whether the thread runs."""
        return self._thread.is_alive()

    def _put(self, command: Command) -> None:
        self._inbox.put(command)
        if self._closed:
            self._drain()

    # --- the thread

    def _run(self) -> None:
        dispatcher = self._dispatcher
        dispatcher.begin()
        while not dispatcher.has_stopped:
            item = self._next()
            try:
                match item:
                    case None:
                        dispatcher.on_time()
                    case (EngineProcess() as process, delivery):
                        dispatcher.hear(process, delivery)
                    case _:
                        dispatcher.obey(item)
                dispatcher.advance()
            except Exception:  # the thread must go on, whatever it was
                _log.exception("the engine could not do %s", type(item).__name__)
        self._close()

    def _next(self) -> Command | tuple[EngineProcess, Delivery] | None:
        """Waits for the next thing to do; None: it is time for what must be done without being asked."""
        due = self._dispatcher.due
        timeout = None if math.isinf(due) else min(max(0.0, due - time.monotonic()), threading.TIMEOUT_MAX)
        try:
            return self._inbox.get(timeout=timeout)
        except queue.Empty:
            return None

    def _close(self) -> None:
        # In this order: whoever puts a request in after the drain sees the flag and drains it himself.
        self._closed = True
        self._drain()

    def _drain(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                command = self._inbox.get_nowait()
                if isinstance(command, Job):
                    self._post(Finished(command.request.request_id, FinishReason.STOPPED, command.stats))
