"""Notices that an engine process at work no longer moves, or computes and gets no further.

Two things may be wrong with one that should work. It gives no sign of life: nothing is heard of it, and the system
counts nothing for it, as with a drive that does not answer. Or it computes, and nothing comes of that: threads that
wait for each other in a circle, a batch that is begun again and again. The one is told by what the system counts; the
other takes a measure, which is how long the same work has taken on this machine from one step to the next.

Nobody is ended for it: a drive may come back. It is said, and whoever waits decides.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from desktop.engine.types import Work
from desktop.machine.vital_signs import VitalSigns, read_signs

# Without any sign of life. No measure of speed: on the slowest machine a process that works has some every second, also
# while it swaps. Disks are silent longest, 10 s for spinning up, and twice 30 for a command that is tried again.
PATIENCE_SECONDS: Final = 60.0
# Of mere computing without a step forward, on a machine of which nothing is known yet. Between two steps lie a node of
# the graph while loading and reading, a token while answering. The slowest that was ever measured, with two threads
# beside a program that has one of two processors, was a token in 26 s (desktop/engine/threads/tuner.py).
FRUITLESS_SECONDS: Final = 120.0
# And as often the longest step that was measured here: one of a minute says that the next may take twenty.
_STEPS: Final = 20
_MOST_SECONDS: Final = 1800.0
# Between two looks, which cost half a millisecond and a wake-up of a process that is busy anyway.
_LOOK_SECONDS: Final = 5.0


class Paces:
    """How long this machine takes from one step of some work to the next. One for all processes of a run."""

    def __init__(self, least: float = FRUITLESS_SECONDS) -> None:
        """
        Args:
            least: Seconds of mere computing that are allowed for a step in any case.
        """
        self._least = least
        self._longest: dict[Work, float] = {}

    def learn(self, work: Work, seconds: float) -> None:
        """Notes how long a step took that was made in the end."""
        self._longest[work] = max(seconds, self._longest.get(work, 0.0))

    def patience(self, work: Work) -> float:
        """Returns after how many seconds of mere computing a step of this work counts as not coming any more."""
        return max(self._least, min(_STEPS * self._longest.get(work, 0.0), _MOST_SECONDS))


class StallWatch:
    """Watches one process while it has something to do. One thread."""

    def __init__(
        self,
        pid: int,
        clock: Callable[[], float],
        patience: float = PATIENCE_SECONDS,
        paces: Paces | None = None,
        read: Callable[[int], VitalSigns | None] = read_signs,
    ) -> None:
        """
        Args:
            pid: The process.
            clock: Seconds, monotonic.
            patience: Seconds without a sign of life after which it counts as stalled.
            paces: What is known of this machine, and learned here; None: nothing is known.
            read: Tells what the process has done so far.
        """
        self._pid = pid
        self._clock = clock
        self._patience = patience
        self._paces = paces or Paces()
        self._every = min(_LOOK_SECONDS, patience / 2)
        self._read = read
        self._before: VitalSigns | None = None
        self._still = self._fruitless = 0.0
        self._looked = self._heard = math.inf
        self._work = Work.STARTING

    @property
    def look_at(self) -> float:
        """When :meth:`look` is to be called next, by the clock; infinite: not before :meth:`begin`."""
        return self._looked + self._every

    @property
    def is_still(self) -> bool:
        """Whether it has given no sign of life for too long."""
        return self._still >= self._patience

    @property
    def is_stalled(self) -> bool:
        """Whether it is still, or has computed for too long without getting any further."""
        return self.is_still or self._fruitless >= self._paces.patience(self._work)

    @property
    def seconds(self) -> float:
        """For how long it has given no sign of life; if it gives some, for how long it has got no further."""
        return self._still if self.is_still else self._fruitless

    def begin(self, work: Work) -> None:
        """The process was given something to do.

        Args:
            work: What that takes first.
        """
        self._work = work
        self._still = self._fruitless = 0.0
        self._before = None
        self._looked = self._heard = self._clock()

    def advanced(self, work: Work) -> bool:
        """The process has got further; returns whether it was stalled until now.

        Args:
            work: What it does from now on.
        """
        was_stalled = self.is_stalled
        self._paces.learn(self._work, self._fruitless + self._since(self._looked, self._clock()))
        self.begin(work)
        return was_stalled

    def heard(self) -> bool:
        """The process said something that gets nobody further; returns whether it was stalled, and is no more."""
        was_stalled = self.is_stalled
        self._still, self._heard = 0.0, self._clock()
        return was_stalled and not self.is_stalled

    def look(self) -> None:
        """Looks at the process."""
        now, signs = self._clock(), self._read(self._pid)
        passed, unheard = self._since(self._looked, now), self._since(max(self._looked, self._heard), now)
        self._looked = now
        before, self._before = self._before, signs
        if signs is None:
            self._still = self._fruitless = 0.0
            return
        if before is not None and signs.has_moved_since(before):
            self._still = 0.0
        else:
            self._still += unheard
        if before is not None and signs.has_only_computed_since(before):
            self._fruitless += passed

    def _since(self, then: float, now: float) -> float:
        # A computer that slept, or had no time for this program, had none for the other one either.
        return min(now - then, 2 * self._every)
