"""Ends an evaluation that takes too long, so that it can be done again with fewer threads."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from desktop.engine.llama.bindings import AbortFlag


class Deadline:
    """A thread that interrupts evaluations after a time. It is started when it is first needed.

    Evaluations come 5 to 60 times per second, and nearly all of them end in time. So the thread is not woken for each:
    it sleeps until the end that it knows of, and looks then what has become of it.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """
        Args:
            clock: Seconds, monotonic.
        """
        self._clock = clock
        self._changed = threading.Condition(threading.Lock())
        self._thread: threading.Thread | None = None
        self._flag: AbortFlag | None = None  # of the evaluation under way
        self._end = math.inf  # of its time
        self._wakes = -math.inf  # when the thread looks next by itself; before it runs: it will look at once
        self._closed = False

    @contextmanager
    def after(self, seconds: float, flag: AbortFlag) -> Iterator[None]:
        """Interrupts what is evaluated inside; one thread at a time may be in here.

        Args:
            seconds: Time that the evaluation has.
            flag: What the evaluation watches; afterwards it is set only if somebody else has set it.
        """
        with self._changed:
            self._flag, self._end = flag, self._clock() + seconds
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="cut-off", daemon=True)
                self._thread.start()
            elif self._end < self._wakes:
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:  # from here on the thread does not touch the flag
                self._flag = None
            flag.interrupt(False)

    def close(self) -> None:
        """Ends the thread; may be called twice."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        with self._changed:
            while not self._closed:
                if self._flag is not None and self._clock() >= self._end:
                    self._flag.interrupt(True)
                    self._flag = None
                self._wakes = math.inf if self._flag is None else self._end
                self._changed.wait(None if self._flag is None else max(0.0, self._end - self._clock()))
