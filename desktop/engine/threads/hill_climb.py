"""Finds the number of threads that is fastest, by trying: one phase of the work, seen through measurements.

What is faster is decided by the measured speed alone. What the processors' clocks say only tells when a trial is worth
its price: they mislead wherever a processor is not a processor (hyper-threads, small cores, a container's quota, a
virtual machine whose host is busy). Arithmetic only: no clock is read here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

# Speeds vary by some percent from one measurement to the next; another thread must be worth more than that. One thread
# fewer is kept when it is no slower: it costs less power.
_WORTH_A_THREAD = 1.03
# Against the speed of the windows before: something happened on the machine.
_FELL, _ROSE = 0.7, 1.4
_SMOOTHING = 0.3
# Threads that are let run use all of their time, spinning included; below this share somebody else had a processor.
_CROWDED = 0.8
# Of one processor, idle: room for another thread. Painting the answer takes a part of what others have left.
_ROOM = 0.65
# After a trial that failed there is no other for this long unless something happens; doubled each time.
_PATIENCE_SECONDS = 2.0
_PATIENCE_MAX_SECONDS = 60.0
# After a trial of one thread more that failed although another program seemed to have stopped: there is no other for
# this long in any case; doubled each time, for the sake of programs that work in short bursts.
_REST_SECONDS = 1.0
_REST_MAX_SECONDS = 4.0
# With no reason at all: the clocks may mislead.
_CURIOUS_SECONDS = 15.0
_CURIOUS_MAX_SECONDS = 120.0
# What trials that no idle processor invites may cost, as a share of the time.
_BUDGET = 0.01


@dataclass(frozen=True)
class Measurement:
    """What was measured over a fraction of a second with one number of threads.

    Attributes:
        seconds: How long it was.
        speed: Tokens per second.
        used: Processors that this process used on average.
        idle: Processors that nobody used.
    """

    seconds: float
    speed: float
    used: float
    idle: float

    def shared(self, limit: int) -> bool:
        """Tells whether other programs took a good part of the ``limit`` processors that could be had."""
        return self.used + self.idle < limit - 0.5


@dataclass(frozen=True)
class Limits:
    """The speed below which an evaluation is cut off, as a share of a speed that is known.

    Attributes:
        steady: Of the speed until now.
        trial: Of the speed before one thread more is tried. The nearer to 1, the cheaper a trial that fails; but one
            hesitation of the machine must not make it fail.
    """

    steady: float
    trial: float


class HillClimb:
    """The number of threads for one phase (reading or generating).

    Attributes:
        count: The number to use now.
        on_trial: It is being tried; a later measurement decides.
    """

    def __init__(self, limits: Limits) -> None:
        """
        Args:
            limits: When evaluations are cut off.
        """
        self._limits = limits
        self._now = 0.0  # seconds of this phase's work; what it does not take part in says nothing
        self.count = 1
        self.on_trial = False
        self._home = (1, 0.0)  # threads and speed before the trial
        self._expected = 0.0  # speed to be expected; 0: not known yet
        self._speeds: dict[int, float] = {}  # last speed of each number
        self._had_room = False
        self._freed = False
        self._rest = _REST_SECONDS
        self._rest_until = -math.inf
        self._patience = _PATIENCE_SECONDS
        self._patient_until = -math.inf
        self._affordable_at = math.inf
        self._curiosity = _CURIOUS_SECONDS
        self._curious_at = math.inf
        self._upwards = False
        self._out_of_curiosity = False
        self._invited = False  # to the trial, by idle processors

    @property
    def slowest(self) -> float:
        """Tokens per second below which an evaluation with ``count`` threads is not worth waiting for; 0: any is.

        Threads that wait for one that does not run can take a hundred times as long. A single one waits for nobody.
        """
        if self.count == 1:
            return 0.0
        if self.on_trial and self.count > self._home[0]:
            return self._home[1] * self._limits.trial
        return (self._expected or self._speeds.get(self.count, 0.0)) * self._limits.steady

    def start(self, count: int) -> None:
        """Begins anew with ``count`` threads; what was learned about when to be patient stays."""
        self.count = count
        self.on_trial = False
        self._expected = 0.0
        self._had_room = self._freed = False
        self._out_of_curiosity = False

    def forget_speeds(self) -> None:
        """What was measured until now was another model, or one whose pages were all in memory."""
        self._expected = 0.0
        self._speeds.clear()
        self.on_trial = False

    def cap(self, limit: int) -> None:
        """Makes ``limit`` the most there may be, at once."""
        if self.count > limit:
            self.start(limit)

    def judge(self, measured: Measurement, limit: int) -> None:
        """Takes a measurement made with ``count`` threads and decides with how many to go on."""
        self._now += measured.seconds
        if self.on_trial:
            self._decide(measured, limit)
            return
        room = measured.idle >= _ROOM
        change = measured.speed / self._expected if self._expected else 1.0
        steady = _FELL < change < _ROSE
        self._expected += (measured.speed - self._expected) * (_SMOOTHING if steady and self._expected else 1.0)
        self._speeds[self.count] = self._expected
        self._freed = room and (self._freed or not self._had_room)
        self._had_room = room
        count = self._candidate(measured, change, limit)
        if count != self.count:
            self._home = (self.count, measured.speed)
            self._freed = False
            self.count = count
            self.on_trial = True

    def judge_cut_off(self, measured: Measurement) -> None:
        """Takes a measurement whose last evaluation was slower than :attr:`slowest` and was cut off."""
        self._now += measured.seconds
        if self.on_trial and self.count > self._home[0]:
            self._fail(measured)
            return
        if not self.on_trial:  # others have come: whatever is faster than this stays
            self._home = (self.count, self.slowest)
        self._out_of_curiosity = False
        self.count = max(1, min(self.count - 1, round(measured.used)))
        self.on_trial = True

    def _candidate(self, measured: Measurement, change: float, limit: int) -> int:
        """Returns the number that is worth a trial; the present one: none is."""
        count, now = self.count, self._now
        patient = now < self._patient_until
        if count > 1 and (change < _FELL or (measured.used < count * _CROWDED and not patient)):
            return max(1, min(count - 1, round(measured.used)))
        if self._affordable_at == math.inf:
            self._affordable_at = now + self._price(measured, limit) / _BUDGET
        self._invited = now >= self._rest_until and (self._freed or (measured.idle >= _ROOM and not patient))
        if count < limit and (self._invited or (change > _ROSE and now >= self._affordable_at)):
            return count + 1
        self._curious_at = min(self._curious_at, now + self._curiosity)
        if now < self._curious_at or now < self._affordable_at:
            return count
        self._out_of_curiosity = True
        self._upwards = not self._upwards if 1 < count < limit else count < limit
        return max(1, min(count + (1 if self._upwards else -1), limit))

    def _price(self, measured: Measurement, limit: int) -> float:
        """Returns the seconds that a trial may cost.

        With one thread fewer its share of such a measurement; with one more a token that is cut off and made twice.
        """
        if self.count == limit:
            return measured.seconds / self.count
        return max(measured.seconds, (1 / self._limits.trial + 1) / self._expected)

    def _decide(self, measured: Measurement, limit: int) -> None:
        count, speed = self._home
        if measured.speed < speed * (_WORTH_A_THREAD if self.count > count else 1.0):
            self._fail(measured)
            return
        self.on_trial = self._out_of_curiosity = False
        self._expected = self._speeds[self.count] = measured.speed
        self._rest, self._patience, self._curiosity = _REST_SECONDS, _PATIENCE_SECONDS, _CURIOUS_SECONDS
        self._patient_until = -math.inf
        self._upwards = self.count < count  # the next trial turns round: on in the direction that helped
        self._curious_at = self._now + (_REST_SECONDS if 1 < self.count < limit else self._curiosity)

    def _fail(self, measured: Measurement) -> None:
        """Goes back to where the trial began."""
        self.on_trial = False
        curious, self._out_of_curiosity = self._out_of_curiosity, False
        upwards = self.count > self._home[0]
        self.count, self._expected = self._home
        lost = max(0.0, measured.seconds * (1 - measured.speed / self._expected)) if self._expected else 0.0
        self._affordable_at = self._now + lost / _BUDGET
        if self._invited or not upwards:
            self._patient_until = self._now + self._patience
            self._patience = min(2 * self._patience, _PATIENCE_MAX_SECONDS)
        if self._invited and upwards:
            self._rest_until = self._now + self._rest
            self._rest = min(2 * self._rest, _REST_MAX_SECONDS)
        if curious:
            self._curiosity = min(2 * self._curiosity, _CURIOUS_MAX_SECONDS)
            self._curious_at = self._now + self._curiosity
