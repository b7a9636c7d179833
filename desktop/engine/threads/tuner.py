"""How many threads read a prompt and generate an answer: what is fastest now, found by measuring while it goes on.

The threads of an evaluation wait for each other after every node of the graph, spinning. While another program holds a
processor, one of them is not running and all the others wait for it: with one busy program on two cores, two threads
make 1-3 tokens per second where a single one makes 45 (Qwen2.5-0.5B). So the number follows the load, and what turns
out to be far too slow is cut off and done again with fewer threads.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from desktop.engine.threads.hill_climb import HillClimb, Limits, Measurement
from desktop.machine.cpu import Processors

# Where generation begins: it is bound by memory bandwidth, which four cores of a laptop use up.
AUTOMATIC_MAX = 4

# Long enough for the clocks of processor time, which tick 100 times a second on some systems.
_WINDOW_SECONDS = 0.2
# A measurement of fewer tokens says little about the speed, but one this long is worth a look.
_LONG_WINDOW_SECONDS = 1.0
# A rest this long says little about the present; if others were busy for a part of it, there is another look, the
# shortest that clocks with 100 ticks per second allow.
_LONG_REST_SECONDS = 1.0
_LOOK_SECONDS = 0.08


class Phase(Enum):
    PREFILL = "prefill"
    DECODE = "decode"


# A batch of fewer tokens is read at another speed: weights are then fetched for the sake of a few.
_WINDOW_TOKENS: Mapping[Phase, int] = MappingProxyType({Phase.PREFILL: 64, Phase.DECODE: 3})
# A token takes twice its time every now and then, and 30 to 130 times beside a busy program. Of a batch it is known how
# far it is: what is slower than before can be seen soon, but beginning again is dear.
_LIMITS: Mapping[Phase, Limits] = MappingProxyType(
    {Phase.PREFILL: Limits(steady=0.4, trial=0.8), Phase.DECODE: Limits(steady=0.25, trial=0.25)}
)


@dataclass(frozen=True)
class Step:
    """How to do the next evaluation.

    Attributes:
        threads: How many compute.
        slowest: Tokens per second below which it is to be cut off, and done again after another
            :meth:`ThreadTuner.step`; 0: never.
    """

    threads: int
    slowest: float = 0.0


@dataclass(frozen=True)
class Counts:
    """Threads that were best while no other program was busy; 0: not known."""

    generating: int = 0
    reading: int = 0


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


class ThreadTuner:
    """Adapts the number of threads between evaluations, for each phase on its own. Engine thread only."""

    def __init__(
        self,
        read: Callable[[], Usage] = read_usage,
        clock: Callable[[], float] = time.monotonic,
        known: Counts | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """
        Args:
            read: Reads the clocks; called once per measurement.
            clock: The wall clock alone, called for every token.
            known: What an earlier run found out on this machine.
            sleep: Lets some hundredths of a second pass.
        """
        self._read = read
        self._clock = clock
        self._sleep = sleep
        known = known or Counts()
        self._good = {Phase.DECODE: known.generating, Phase.PREFILL: known.reading}
        self._climbs = {phase: HillClimb(_LIMITS[phase]) for phase in Phase}
        self._began = dict.fromkeys(Phase, 1)
        self._has_begun = False
        self._phase: Phase | None = None
        self._since: Usage | None = None
        self._from = 0  # tokens at the beginning of the measurement

    @property
    def good(self) -> Counts:
        """What was found out so far; to be remembered for the next run."""
        return Counts(self._good[Phase.DECODE], self._good[Phase.PREFILL])

    def forget_speeds(self) -> None:
        """To be called when a model was loaded: it has other speeds, and its pages must come from the disk first."""
        for climb in self._climbs.values():
            climb.forget_speeds()

    def rest(self) -> None:
        """To be called when the engine has nothing to do: from now on it is seen what others leave free."""
        self._phase = None
        self._since = self._read()

    def begin(self, limit: int) -> None:
        """Chooses the threads to begin an answer with, from what was free since :meth:`rest`.

        Args:
            limit: The most there may be.
        """
        before, now = self._since, self._read()
        self._phase = None
        rested = before is not None and now.wall - before.wall >= _WINDOW_SECONDS
        if self._has_begun and not rested:  # another answer at once: the last one knows best
            return
        self._has_begun = True
        free = limit
        if before is not None and rested:
            free = _free(before, now)
            if free < limit and now.wall - before.wall > _LONG_REST_SECONDS:
                self._sleep(_LOOK_SECONDS)
                free = _free(now, self._read())
        for phase, climb in self._climbs.items():
            usual = self._good[phase] or (min(limit, AUTOMATIC_MAX) if phase is Phase.DECODE else limit)
            climb.start(max(1, min(usual, limit, free)))
            self._began[phase] = climb.count

    def step(self, phase: Phase, done: int, limit: int, *, cut_off: bool = False) -> Step:
        """Returns how to do the next evaluation.

        Args:
            phase: What kind of evaluation it is.
            done: Tokens evaluated since :meth:`begin`, in both phases.
            limit: The most there may be.
            cut_off: The evaluation before was cut off, and this is the same one again.
        """
        climb = self._climbs[phase]
        climb.cap(limit)
        since = self._since
        if self._phase is None or since is None:
            self._open(phase, done, self._read())
        elif cut_off:
            now = self._read()
            climb.judge_cut_off(_measurement(since, now, done - self._from))
            self._open(phase, done, now)
        else:
            self._go_on(phase, done, limit, since)
        return Step(climb.count, climb.slowest)

    def _go_on(self, phase: Phase, done: int, limit: int, since: Usage) -> None:
        assert self._phase is not None
        elapsed, tokens = self._clock() - since.wall, done - self._from
        enough = tokens >= _WINDOW_TOKENS[self._phase] or elapsed >= _LONG_WINDOW_SECONDS
        if elapsed >= _WINDOW_SECONDS and tokens > 0 and enough:
            now = self._read()
            self._close(self._phase, _measurement(since, now, tokens), limit)
            self._open(phase, done, now)
        elif phase is not self._phase:
            self._open(phase, done, self._read())

    def _open(self, phase: Phase, done: int, now: Usage) -> None:
        if self._phase is not None and self._phase is not phase:
            before = self._climbs[self._phase].count
            if before < self._began[self._phase]:  # others came while it was reading, and need not be found out again
                self._climbs[phase].cap(before)
        self._phase, self._from, self._since = phase, done, now

    def _close(self, phase: Phase, measured: Measurement, limit: int) -> None:
        climb = self._climbs[phase]
        climb.judge(measured, limit)
        if not climb.on_trial and not measured.shared(limit):
            self._good[phase] = climb.count


def _measurement(since: Usage, now: Usage, tokens: int) -> Measurement:
    elapsed = max(now.wall - since.wall, 1e-6)
    used, idle = (now.used - since.used) / elapsed, (now.idle - since.idle) / elapsed
    return Measurement(elapsed, tokens / elapsed, used, idle)


def _free(before: Usage, now: Usage) -> int:
    """Returns the processors that others left free."""
    return round((now.idle - before.idle + now.used - before.used) / max(now.wall - before.wall, 1e-6))


def choose_threads(setting: int, processors: Processors, limit: int = 0) -> int:
    """Returns the threads to use, at least one.

    Args:
        setting: A fixed number, capped at the logical processors; 0: what generation begins with before anything was
            measured, the most there may be and four at the most.
        processors: What there is.
        limit: The most there may be, fixed number or not; 0: no limit.
    """
    if setting > 0:
        return max(1, min(setting, processors.logical, limit if limit > 0 else setting))
    return min(AUTOMATIC_MAX, most_threads(processors, limit))


def most_threads(processors: Processors, limit: int = 0) -> int:
    """Returns the most threads that are ever tried: the physical cores, at least one.

    It is no more than the container's quota pays for: threads that wait for a throttled one only burn time.

    Args:
        processors: What there is.
        limit: The most there may be; 0: no limit.
    """
    allowed = processors.physical if math.isinf(processors.quota) else min(processors.physical, int(processors.quota))
    return max(1, min(allowed, limit) if limit > 0 else allowed)
