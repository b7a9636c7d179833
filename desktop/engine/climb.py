"""Finds the number of threads that is fastest, by trying: one phase of the work, seen through measured windows.

What is faster is decided by the measured speed alone. What the processors' clocks say only tells when a trial is worth
its price: they mislead wherever a processor is not a processor (hyper-threads, small cores, a container's quota, a
virtual machine whose host is busy). Arithmetic only: no clock is read here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

# Speeds vary by some percent from one window to the next; another thread must be worth more than that. One thread fewer
# is kept when it is no slower: it costs less power.
_WORTH_A_THREAD = 1.03
# Against the speed of the windows before: something happened on the machine.
_FELL, _ROSE = 0.7, 1.4
_SMOOTHING = 0.3
# Threads that are let run use all of their time, spinning included; below this share somebody else had a processor.
_CROWDED = 0.8
# Of one processor, idle: room for another thread.
_ROOM = 0.8
# After a trial that failed there is no other for this long unless something happens; doubled each time.
_PATIENCE_SECONDS = 2.0
_PATIENCE_MAX_SECONDS = 60.0
# The least time between two trials of one thread more. On a crowded machine a single token of such a trial can take a
# second, because its threads wait for each other at each of some 500 nodes.
_REST_SECONDS = 1.0
# With no reason at all: a thread fewer is cheap to try, a thread more on a busy machine is not.
_CURIOUS_SECONDS = 15.0
_CURIOUS_MAX_SECONDS = 120.0


@dataclass(frozen=True)
class Window:
    """What was measured over a fraction of a second with one number of threads.

    Attributes:
        end: When it ended, in seconds on a monotonic clock.
        speed: Tokens per second.
        used: Processors that this process used on average.
        idle: Processors that nobody used.
    """

    end: float
    speed: float
    used: float
    idle: float

    def shared(self, limit: int) -> bool:
        """Tells whether other programs took a good part of the ``limit`` processors that could be had."""
        return self.used + self.idle < limit - 0.5


class Climb:
    """The number of threads for one phase (reading or generating).

    Attributes:
        count: The number to use now.
        on_trial: It is being tried; a later window decides.
    """

    def __init__(self) -> None:
        self.count = 1
        self.on_trial = False
        self._home = (1, 0.0)  # threads and speed before the trial
        self._expected = 0.0  # speed to be expected; 0: not known yet
        self._had_room = False
        self._tried = -math.inf
        self._patience = _PATIENCE_SECONDS
        self._patient_until = -math.inf
        self._curiosity = _CURIOUS_SECONDS
        self._curious_at = math.inf
        self._upwards = False
        self._out_of_curiosity = False

    def start(self, count: int) -> None:
        """Begins anew with ``count`` threads; what was learned about when to be patient stays."""
        self.count = count
        self.on_trial = False
        self._expected = 0.0
        self._had_room = False
        self._out_of_curiosity = False

    def cap(self, limit: int) -> None:
        """Makes ``limit`` the most there may be, at once."""
        if self.count > limit:
            self.start(limit)

    def judge(self, window: Window, limit: int) -> None:
        """Takes a window that was measured with ``count`` threads and decides with how many to go on."""
        if self.on_trial:
            self._decide(window, limit)
            return
        change = window.speed / self._expected if self._expected else 1.0
        steady = _FELL < change < _ROSE
        self._expected += (window.speed - self._expected) * (_SMOOTHING if steady and self._expected else 1.0)
        room = window.idle >= _ROOM
        freed, self._had_room = room and not self._had_room, room
        count = self._candidate(window, change, freed=freed, limit=limit)
        if count != self.count:
            self._home = (self.count, window.speed)
            self._tried = window.end
            self.count = count
            self.on_trial = True

    def _candidate(self, window: Window, change: float, *, freed: bool, limit: int) -> int:
        """Returns the number that is worth a trial; the present one: none is."""
        count = self.count
        patient = window.end < self._patient_until
        if count > 1 and (change < _FELL or (window.used < count * _CROWDED and not patient)):
            return max(1, min(count - 1, round(window.used)))
        rested = window.end >= self._tried + _REST_SECONDS
        if count < limit and rested and (change > _ROSE or freed or (window.idle >= _ROOM and not patient)):
            return count + 1
        self._curious_at = min(self._curious_at, window.end + self._curiosity)
        if window.end < self._curious_at:
            return count
        self._out_of_curiosity = True
        self._upwards = not self._upwards if 1 < count < limit else count < limit
        return max(1, min(count + (1 if self._upwards else -1), limit))

    def _decide(self, window: Window, limit: int) -> None:
        count, speed = self._home
        self.on_trial = False
        curious, self._out_of_curiosity = self._out_of_curiosity, False
        if window.speed >= speed * (_WORTH_A_THREAD if self.count > count else 1.0):
            self._expected = window.speed
            self._patience, self._curiosity = _PATIENCE_SECONDS, _CURIOUS_SECONDS
            self._patient_until = -math.inf
            self._upwards = self.count < count  # the next trial turns round: on in the direction that helped
            self._curious_at = window.end + (_REST_SECONDS if 1 < self.count < limit else self._curiosity)
        else:
            self.count = count
            self._expected = speed
            self._patient_until = window.end + self._patience
            self._patience = min(2 * self._patience, _PATIENCE_MAX_SECONDS)
            if curious:
                self._curiosity = min(2 * self._curiosity, _CURIOUS_MAX_SECONDS)
                self._curious_at = window.end + self._curiosity
