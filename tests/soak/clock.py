"""A clock that jumps. Imports nothing of the app, which takes the clock that is there when it is imported."""

from __future__ import annotations

from collections.abc import Callable


class Clock:
    """The time of day, which jumps where it is told to; the time that passes does not.

    Attributes:
        hours: How wrong it is.
    """

    def __init__(self, real: Callable[[], float]) -> None:
        """
        Args:
            real: The clock of the system, in seconds since the epoch.
        """
        self._real = real
        self.hours = 0.0

    def __call__(self) -> float:
        return self._real() + 3600 * self.hours
