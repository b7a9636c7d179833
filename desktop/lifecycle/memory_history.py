"""What Catnap took of the memory in the last ten minutes, and what its last naps gave back. GUI thread.

Nothing here measures by itself: the status bar and the memory panel while they are seen, and the recorder of the app
while a model is in memory, do so through :meth:`MemoryHistory.measure`. Asleep and hidden, nothing is measured.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from desktop.engine.types import Asleep, Awake, Crashed, Dozing, EngineEvent, Finished, SleepReason
from desktop.lifecycle.model_state import ModelState
from desktop.machine.memory import MemoryReading

KEPT_SECONDS = 600.0
# ... and no more than that, however often the model wakes and dozes meanwhile.
_MOST = 1_000
# Two measurements that are closer than this are one; with the ten minutes it bounds what is kept.
_APART_SECONDS = 0.8
_NAPS = 5


class Rest(Enum):
    """How deep the model sleeps; the value is what the recorded table says."""

    AWAKE = "awake"
    DOZING = "dozing"
    ASLEEP = "asleep"


@dataclass(frozen=True)
class Sample:
    """One measurement.

    Attributes:
        at: Seconds, monotonic.
        reading: The figures.
        rest: The state of the model then.
    """

    at: float
    reading: MemoryReading
    rest: Rest


@dataclass(frozen=True)
class Nap:
    """The model dozed off, or fell asleep.

    Attributes:
        at: Seconds since the epoch.
        rest: DOZING or ASLEEP.
        reason: Why it sleeps; None for a doze.
        before: Bytes in RAM of both processes, when they were last measured before.
        after: The same, just after.
    """

    at: float
    rest: Rest
    reason: SleepReason | None
    before: int
    after: int

    @property
    def given_back(self) -> int:
        """Bytes that the system has again."""
        return max(0, self.before - self.after)


class MemoryHistory:
    """Keeps ten minutes of measurements and the last naps."""

    def __init__(
        self,
        read: Callable[[], MemoryReading],
        state: ModelState,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        """
        Args:
            read: Measures now; takes some 0.1 ms.
            state: Whether the model is in memory.
            clock: Seconds, monotonic.
            now: Seconds since the epoch.
        """
        self._read = read
        self._state = state
        self._clock = clock
        self._now = now
        self._samples = deque[Sample](maxlen=_MOST)
        self._naps = deque[Nap](maxlen=_NAPS)

    def measure(self) -> MemoryReading:
        """Measures now, and remembers it."""
        return self._take().reading

    def samples(self) -> tuple[Sample, ...]:
        """Returns what was measured in the last ten minutes, the oldest first."""
        self._drop_old()
        return tuple(self._samples)

    def naps(self) -> tuple[Nap, ...]:
        """Returns the last naps, the newest first."""
        return tuple(reversed(self._naps))

    def clock(self) -> float:
        """Returns the present time as samples have it."""
        return self._clock()

    def on_engine_event(self, event: EngineEvent) -> None:
        """Takes an event of the engine, after the supervisor has taken it."""
        if isinstance(event, Dozing | Asleep):
            before = self._samples[-1] if self._samples else None
            after = self._take()
            # A sleep out of a sleep, of a process that had no model, gives back what nobody would call a nap.
            if before is not None and before.rest is not Rest.ASLEEP and before.rest is not after.rest:
                reason = event.reason if isinstance(event, Asleep) else None
                self._naps.append(Nap(self._now(), after.rest, reason, before.reading.rss, after.reading.rss))
        elif isinstance(event, Awake | Finished | Crashed):
            self._take()

    def _take(self) -> Sample:
        sample = Sample(self._clock(), self._read(), self._rest())
        last = self._samples[-1] if self._samples else None
        if last is not None and sample.rest is last.rest and sample.at - last.at < _APART_SECONDS:
            self._samples.pop()
        self._samples.append(sample)
        self._drop_old()
        return sample

    def _drop_old(self) -> None:
        """Drops what is older than ten minutes; the newest of that stays, since it held until the next one."""
        since = self._clock() - KEPT_SECONDS
        while len(self._samples) > 1 and self._samples[1].at <= since:
            self._samples.popleft()

    def _rest(self) -> Rest:
        if self._state.is_dozing:
            return Rest.DOZING
        return Rest.AWAKE if self._state.is_in_memory else Rest.ASLEEP


def stretches(samples: tuple[Sample, ...], end: float) -> Iterator[tuple[Rest, float, float]]:
    """Yields how long the model was in each state: (state, from, to), in the time of the samples.

    Args:
        samples: The oldest first.
        end: Until when the last one holds.
    """
    start: Sample | None = None
    for sample in samples:
        if start is None:
            start = sample
        elif sample.rest is not start.rest:
            yield start.rest, start.at, sample.at
            start = sample
    if start is not None:
        yield start.rest, start.at, max(end, start.at)
