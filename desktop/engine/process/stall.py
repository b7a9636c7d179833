"""Notices that an engine process at work no longer moves: nothing is heard of it, and the system counts nothing for it.

Nobody is ended for it: a drive may come back. It is said, and whoever waits decides.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from desktop.machine.vital_signs import VitalSigns, read_signs

# Without any sign of life. No measure of speed: on the slowest machine a process that works has some every second, also
# while it swaps. Disks are silent longest, 10 s for spinning up, and twice 30 for a command that is tried again.
PATIENCE_SECONDS: Final = 60.0
# Between two looks, which cost half a millisecond and a wake-up of a process that is busy anyway.
_LOOK_SECONDS: Final = 5.0


class StallWatch:
    """Watches one process while it has something to do. One thread."""

    def __init__(
        self,
        pid: int,
        clock: Callable[[], float],
        patience: float = PATIENCE_SECONDS,
        read: Callable[[int], VitalSigns | None] = read_signs,
    ) -> None:
        """
        Args:
            pid: The process.
            clock: Seconds, monotonic.
            patience: Seconds without a sign of life after which it counts as stalled.
            read: Tells what the process has done so far.
        """
        self._pid = pid
        self._clock = clock
        self._patience = patience
        self._every = min(_LOOK_SECONDS, patience / 2)
        self._read = read
        self._before: VitalSigns | None = None
        self._silent = 0.0
        self._looked = math.inf

    @property
    def look_at(self) -> float:
        """When :meth:`look` is to be called next, by the clock; infinite: not before :meth:`heard`."""
        return self._looked + self._every

    @property
    def is_stalled(self) -> bool:
        """Whether it has given no sign of life for too long."""
        return self._silent >= self._patience

    def heard(self) -> bool:
        """The process was given something to do, or said something; returns whether it was stalled until now."""
        was_stalled, self._silent = self.is_stalled, 0.0
        self._before, self._looked = None, self._clock()
        return was_stalled

    def look(self) -> float:
        """Looks at the process; returns for how many seconds it has given no sign of life, 0 if it just did."""
        now, signs = self._clock(), self._read(self._pid)
        # A computer that slept, or had no time for this program, had none for the other one either.
        passed, self._looked = min(now - self._looked, 2 * self._every), now
        before, self._before = self._before, signs
        if signs is None or (before is not None and signs.has_moved_since(before)):
            self._silent = 0.0
        else:
            self._silent += passed
        return self._silent
