"""Gives the model's memory back when the system runs short of it. No Qt; GUI thread."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from desktop.engine.types import LocalModelPort, SleepReason
from desktop.lifecycle.model_state import ModelState
from desktop.machine.memory_pressure import Pressure, PressureReader

_log = logging.getLogger(__name__)

# How often to look while a model is in memory.
EVERY_SECONDS = 3.0
# A model that has just been woken stays for this long, unless the system is about to stop: whoever woke it wants it.
_LEAST_AWAKE_SECONDS = 60.0
# So many readings in a row must say "short": a program that takes memory for a moment is none of our business.
_READINGS = 2


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
