"""Gives the model's memory back when the system runs short of it; what nobody waits for waits. No Qt; GUI thread."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable

from desktop.engine.ports import LocalModelPort
from desktop.engine.types import SleepReason
from desktop.lifecycle.model_state import ModelState
from desktop.machine.memory_pressure import Pressure, PressureReader

_log = logging.getLogger(__name__)

# How often to look while a model is in memory.
EVERY_SECONDS = 3.0
# A model that has just been woken stays for this long, unless the system is about to stop: whoever woke it wants it.
_LEAST_AWAKE_SECONDS = 60.0
# So many readings in a row must say "short": a program that takes memory for a moment is none of our business.
_READINGS = 2
# After a shortage, before work that nobody waits for takes memory again: what needed it may need it once more.
_CALM_SECONDS = 30.0


class LowMemoryUnloader:
    """Decides, each time it is asked, whether the model had better go. Never during an answer."""

    def __init__(
        self,
        engine: LocalModelPort,
        state: ModelState,
        reader: PressureReader,
        is_wanted: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        Args:
            engine: Put to sleep.
            state: Whether there is a model in memory, and since when.
            reader: Tells how the system is off; asked only while a model is in memory.
            is_wanted: Whether the model is at work, or woken for a question that is being written.
            clock: Seconds, monotonic; the clock of ``state``.
        """
        self._engine = engine
        self._state = state
        self._reader = reader
        self._is_wanted = is_wanted
        self._clock = clock
        self._short_readings = 0
        self._woken_at = state.woken_at  # of the model that the readings were made for

    def poll(self) -> None:
        """To be called every :data:`EVERY_SECONDS` while a model is in memory; takes less than a millisecond."""
        if not self._state.is_in_memory:
            return
        if self._woken_at != self._state.woken_at:
            self._woken_at, self._short_readings = self._state.woken_at, 0
        pressure = self._reader.read()
        self._short_readings = 0 if pressure is Pressure.NONE else self._short_readings + 1
        if self._is_wanted() or self._short_readings < _READINGS:
            return
        just_woken = self._clock() - self._woken_at < _LEAST_AWAKE_SECONDS and not self._state.is_dozing
        if pressure is not Pressure.CRITICAL and just_woken:
            return
        _log.info("the system is short of memory: %s", pressure.value)
        self._short_readings = 0
        self._engine.sleep(SleepReason.MEMORY)


class SpareMemory:
    """Whether work that nobody waits for may take memory: not while the system is short of it, nor soon after.

    It begins with a look: where the first one finds a shortage there is none to spare.
    """

    def __init__(self, reader: PressureReader, clock: Callable[[], float] = time.monotonic) -> None:
        """
        Args:
            reader: Tells how the system is off; nobody else reads it.
            clock: Seconds, monotonic.
        """
        self._reader = reader
        self._clock = clock
        self._read_at = self._short_at = -math.inf
        self._short_readings = 0

    def is_there(self) -> bool:
        """Returns whether there is some; looks every :data:`EVERY_SECONDS` at the most, less than a millisecond."""
        now = self._clock()
        if now - self._read_at >= EVERY_SECONDS:
            is_first, self._read_at = self._read_at == -math.inf, now
            is_short = self._reader.read() is not Pressure.NONE
            self._short_readings = self._short_readings + 1 if is_short else 0
            if self._short_readings >= _READINGS or (is_short and (is_first or self._was_short)):
                self._short_at = now
        return not self._was_short

    def refuse(self) -> None:
        """There is less than is needed, as was found out elsewhere: it waits as for a shortage."""
        self._short_at = self._clock()

    @property
    def _was_short(self) -> bool:
        return self._clock() - self._short_at < _CALM_SECONDS
