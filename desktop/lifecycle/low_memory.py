"""Gives the model's memory back when the system runs short of it. No Qt; GUI thread."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable

from desktop.engine.types import Asleep, EngineEvent, EnginePort, SleepReason, Waking
from desktop.machine.memory_pressure import Pressure, PressureReader

_log = logging.getLogger(__name__)

# How often to look while a model is awake.
EVERY_SECONDS = 3.0
# A model that has just been woken stays for this long, unless the system is about to stop: whoever woke it wants it.
_LEAST_AWAKE_SECONDS = 60.0
# So many readings in a row must say "short": a program that takes memory for a moment is none of our business.
_READINGS = 2


class LowMemoryUnloader:
    """Decides, each time it is asked to look, whether the model had better go. Never during an answer.

    Args:
        engine: Put to sleep.
        reader: Tells how the system is off; asked only while a model is awake.
        is_busy: Whether an answer is on its way.
        clock: Seconds, monotonic.
    """

    def __init__(
        self,
        engine: EnginePort,
        reader: PressureReader,
        is_busy: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._reader = reader
        self._is_busy = is_busy
        self._clock = clock
        self._awake = False
        self._woken = -math.inf
        self._short_readings = 0

    def on_engine_event(self, event: EngineEvent) -> None:
        """Follows the model's sleep."""
        if isinstance(event, Asleep):
            self._awake = False
            self._short_readings = 0
        elif not self._awake and isinstance(event, Waking):
            self._awake = True
            self._woken = self._clock()

    @property
    def is_needed(self) -> bool:
        """Whether there is something to look after: a model in memory. If not, nothing needs to be looked at."""
        return self._awake

    def look(self) -> None:
        """To be called every :data:`EVERY_SECONDS` while :attr:`is_needed`; takes less than a millisecond."""
        if not self._awake:
            return
        pressure = self._reader.read()
        self._short_readings = 0 if pressure is Pressure.NONE else self._short_readings + 1
        if self._is_busy() or self._short_readings < _READINGS:
            return
        if pressure is not Pressure.CRITICAL and self._clock() - self._woken < _LEAST_AWAKE_SECONDS:
            return
        _log.info("the system is short of memory: %s", pressure.value)
        self._short_readings = 0
        self._engine.sleep(SleepReason.MEMORY)
