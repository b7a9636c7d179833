"""When a trial has taken enough: counted in what its process does, since a busy machine says nothing about a file.

A good file on a starved machine may take minutes for what takes a second elsewhere; a bad one may compute for ever. The
clock cannot tell them apart, the system's own account of the process can (:mod:`desktop.machine.vital_signs`): only
time of the processor, spent without any disk and without a step forward, speaks against a file. A process that gets no
time, or waits for its disk, speaks against the machine, and the trial ends undecided.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Final

from desktop.machine.vital_signs import VitalSigns, read_signs

# Of the processor, of all threads together, from one step to the next. The longest step that was ever measured, beside
# a program that has one of two processors (desktop/engine/process/stall.py), took less than a sixth of it.
FRUITLESS_SECONDS: Final = 300.0
# By the clock, without any sign of life: see the figure of the same name in desktop/engine/process/stall.py.
PATIENCE_SECONDS: Final = 60.0
# By the clock, in all: nobody waits longer for a trial, whatever the machine does. And the file once more, from a disk
# that is shared with programs that swap.
_MOST_SECONDS: Final = 1800.0
_BYTES_PER_SECOND: Final = 1_000_000
_LOOK_SECONDS: Final = 5.0


class Exhausted(Enum):
    """What a trial has used up."""

    COMPUTED = "computed without getting any further"
    STILL = "gave no sign of life"
    SLOW = "did not come to an end"


class TrialWatch:
    """Watches the process of one trial. One thread."""

    def __init__(
        self,
        pid: int,
        clock: Callable[[], float],
        size: int,
        read: Callable[[int], VitalSigns | None] = read_signs,
    ) -> None:
        """
        Args:
            pid: The process.
            clock: Seconds, monotonic.
            size: Bytes of the model.
            read: Tells what the process has done so far; None where the system does not say.
        """
        self._pid = pid
        self._clock = clock
        self._most = _MOST_SECONDS + size / _BYTES_PER_SECOND
        self._read = read
        self._before: VitalSigns | None = None
        self._still = self._fruitless = self._passed = 0.0
        self._looked = clock()

    @property
    def look_at(self) -> float:
        """When :meth:`look` is to be called next, by the clock."""
        return self._looked + _LOOK_SECONDS

    def advanced(self) -> None:
        """The process has got further."""
        self._still = self._fruitless = 0.0

    def look(self) -> Exhausted | None:
        """Looks at the process; returns what it has used up, None: nothing yet."""
        now, signs = self._clock(), self._read(self._pid)
        # A computer that slept, or had no time for this program, had none for the other one either.
        passed, self._looked = min(now - self._looked, 2 * _LOOK_SECONDS), now
        before, self._before = self._before, signs
        self._passed += passed
        if signs is None:  # it has just ended, or the system does not tell: then only the clock is left
            self._still = 0.0
        elif before is not None:
            self._still = 0.0 if signs.has_moved_since(before) else self._still + passed
            if signs.has_only_computed_since(before):  # threads that have ended take their time along
                self._fruitless += max(0.0, signs.computed - before.computed)
        if self._fruitless >= FRUITLESS_SECONDS:
            return Exhausted.COMPUTED
        if self._still >= PATIENCE_SECONDS:
            return Exhausted.STILL
        return Exhausted.SLOW if self._passed >= self._most else None
