"""How many threads work on an answer: a limit from what there is, less while other programs want the processors.

The threads of an evaluation wait for each other after every node of the graph, spinning. While another program holds a
processor, one of them is not running and all the others wait for it: with two busy programs on two cores, two threads
make 0.2-2 tokens per second where a single one makes 12-20 (Qwen2.5-0.5B). So the number follows the load.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from desktop.engine.processors import Processors

# Generation is bound by memory bandwidth, which four cores of a laptop use up (REQUIREMENTS, part A).
AUTOMATIC_MAX = 4

# Long enough for the clocks of processor time, which tick 100 times a second on some systems.
_WINDOW_SECONDS = 0.15
# Threads that are let run use all of their time, spinning included; below this share somebody else had a processor.
_CROWDED = 0.8
# Of one processor, idle: room for another thread.
_ROOM = 0.8
# After it got crowded the same number is not tried again before this; doubled each time it goes wrong again.
_PATIENCE_SECONDS = 2.0
_PATIENCE_MAX_SECONDS = 60.0


@dataclass(frozen=True)
class Usage:
    """A reading of the clocks, in seconds.

    Attributes:
        wall: Time, monotonic.
        used: Processor time of this process.
        idle: Processor time that nobody used, over all processors.
    """

    wall: float
    used: float
    idle: float


def read_usage() -> Usage:
    """Reads the clocks; takes some 0.1 ms."""
    import psutil

    return Usage(time.monotonic(), time.process_time(), psutil.cpu_times().idle)


class Pace:
    """Adapts the number of threads between evaluations. Engine thread only."""

    def __init__(self, read: Callable[[], Usage] = read_usage, clock: Callable[[], float] = time.monotonic) -> None:
        """Args:
        read: Reads the clocks; called once per window.
        clock: The wall clock alone, called for every token.
        """
        self._read = read
        self._clock = clock
        self._threads = 0  # none chosen yet
        self._since: Usage | None = None
        self._not_before = -math.inf
        self._patience = _PATIENCE_SECONDS

    def rest(self) -> None:
        """To be called when the engine has nothing to do: from now on it is seen what others leave free."""
        self._since = self._read()

    def begin(self, limit: int) -> None:
        """Chooses the threads to begin an answer with, from what was free since :meth:`rest`."""
        before, now = self._since, self._read()
        self._since = now
        if before is not None and now.wall - before.wall >= _WINDOW_SECONDS:
            free = (now.idle - before.idle + now.used - before.used) / (now.wall - before.wall)
            self._threads = max(1, min(limit, int(free + 0.5)))

    def threads(self, limit: int) -> int:
        """Returns the threads to use for the next evaluation.

        Args:
            limit: The most there may be.
        """
        if not 0 < self._threads <= limit:
            self._threads = limit
        before = self._since
        if before is None or self._clock() - before.wall < _WINDOW_SECONDS:
            return self._threads
        self._since = now = self._read()
        elapsed = max(now.wall - before.wall, 1e-6)
        used = (now.used - before.used) / elapsed
        idle = (now.idle - before.idle) / elapsed
        if self._threads > 1 and used < self._threads * _CROWDED:
            self._lower(now.wall, max(1, min(self._threads - 1, int(used + 0.5))))
        elif self._threads < limit and idle >= _ROOM and now.wall >= self._not_before:
            self._threads += 1
        return self._threads

    def _lower(self, now: float, threads: int) -> None:
        self._threads = threads
        if now < self._not_before + self._patience:  # it went wrong again, soon after it was tried again
            self._patience = min(2 * self._patience, _PATIENCE_MAX_SECONDS)
        else:
            self._patience = _PATIENCE_SECONDS
        self._not_before = now + self._patience


def choose_threads(setting: int, processors: Processors, limit: int = 0) -> int:
    """Returns the threads to use, at least one.

    Args:
        setting: A fixed number, capped at the logical processors; 0: automatic, the physical cores, four at the most,
            and no more than the container's quota pays for (threads that wait for a throttled one only burn time).
        processors: What there is.
        limit: The most there may be, fixed number or not; 0: no limit.
    """
    most = limit if limit > 0 else processors.logical
    if setting > 0:
        return max(1, min(setting, processors.logical, most))
    allowed = processors.physical if math.isinf(processors.quota) else min(processors.physical, int(processors.quota))
    return max(1, min(AUTOMATIC_MAX, allowed, most))
