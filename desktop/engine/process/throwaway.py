"""Engine processes that are started for one piece of work and ended with it, by whoever waits for that work.

The app's own process is watched by the engine thread. These are for a thread of their own that may wait: a trial, a
measurement, a question what the engine is.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from desktop.common.errors import Cancelled
from desktop.engine.process.handle import EngineProcess, StartProcess
from desktop.engine.process.messages import PROTOCOL, Begin, Delivery, Ended
from desktop.engine.threads.tuner import Counts
from desktop.engine.types import EngineConfig

_log = logging.getLogger(__name__)

# How soon it is noticed that the work was given up.
_LOOK_SECONDS: Final = 0.1
# A process that was ended is gone at once, unless it hangs in the kernel; then nobody waits for it.
_END_SECONDS: Final = 5.0


class Throwaways:
    """A context manager: at its end all of its processes are ended, and gone if that can be had. One thread.

    Attributes:
        clock: Seconds, monotonic; deadlines are by it.
    """

    def __init__(
        self,
        start: StartProcess = EngineProcess,
        given_up: threading.Event | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        Args:
            start: Starts a process.
            given_up: Set by anybody to give the work up; heard within some 0.1 s. None: nobody will.
            clock: See the attribute.
        """
        self.clock = clock
        self._start = start
        self._given_up = given_up or threading.Event()
        self._arrived: queue.SimpleQueue[tuple[EngineProcess, Delivery]] = queue.SimpleQueue()
        self._running: list[EngineProcess] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._running:
            process.kill()
        try:
            while self._running:  # their memory and their files are to be free again
                self._take(_END_SECONDS)
        except queue.Empty:
            _log.error("%d engine processes cannot be ended, and are left alone", len(self._running))

    def begin(self, config: EngineConfig) -> EngineProcess:
        """Starts a process.

        Args:
            config: What it is told; nothing is loaded before it is asked to.

        Raises:
            UserFacingError: It cannot be started.
        """
        process = self._start(lambda process, delivery: self._arrived.put((process, delivery)))
        self._running.append(process)
        process.send(Begin(PROTOCOL, config, Counts(), logging.WARNING))
        return process

    def hear(self, deadline: float) -> tuple[EngineProcess, Delivery] | None:
        """Waits for what one of the processes says next; None: none has said anything in time.

        Args:
            deadline: By the clock. Once it has passed, nothing is heard any more: what was said led nowhere.

        Raises:
            Cancelled: The work was given up.
        """
        while True:
            if self._given_up.is_set():
                raise Cancelled
            left = deadline - self.clock()
            if left <= 0:
                return None
            with contextlib.suppress(queue.Empty):
                return self._take(min(left, _LOOK_SECONDS))

    def _take(self, seconds: float) -> tuple[EngineProcess, Delivery]:
        process, delivery = self._arrived.get(timeout=seconds)
        if isinstance(delivery, Ended):
            self._running.remove(process)
        return process, delivery
