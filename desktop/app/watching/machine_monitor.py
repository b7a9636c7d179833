"""Looks at memory and battery while a model is awake or dozes, and at nothing while it sleeps."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.lifecycle.low_memory import EVERY_SECONDS, LowMemoryUnloader
from desktop.lifecycle.model_state import ModelState
from desktop.machine.battery import PowerMonitor

# The battery is looked at with every tenth look at the memory: a plug is noticed within half a minute.
_BATTERY_EVERY = 10


class MachineMonitor(QObject):
    """A timer that runs only while there is something to look after.

    Attributes:
        batteryChanged: (whether the sign for the battery is to be seen, its tooltip).
    """

    batteryChanged = Signal(bool, str)

    def __init__(
        self,
        state: ModelState,
        low_memory: LowMemoryUnloader,
        power: PowerMonitor,
        sparing: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            state: Whether there is a model in memory.
            low_memory: Polled while there is.
            power: The battery.
            sparing: Whether the settings want the battery spared.
            parent: Owner.
        """
        super().__init__(parent)
        self._state = state
        self._low_memory = low_memory
        self._power = power
        self._sparing = sparing
        self._polls = 0
        self._shown = (False, "")
        self._timer = QTimer(self, interval=round(EVERY_SECONDS * 1000))
        self._timer.timeout.connect(self._poll)

    @property
    def is_running(self) -> bool:
        return self._timer.isActive()

    def follow(self) -> None:
        """Starts or stops with the model; to be called after each event of the engine."""
        if self._state.is_in_memory and not self._timer.isActive():
            self._polls = 0
            self._timer.start()
            self.refresh()
        elif not self._state.is_in_memory and self._timer.isActive():
            self._timer.stop()
            self.refresh()

    def refresh(self) -> None:
        """Says anew whether the battery is being spared, if that has changed."""
        battery = self._power.battery
        shown = (False, "")
        if self.is_running and battery is not None and battery.unplugged and self._sparing():
            if battery.is_low:
                words = self.tr(
                    "On battery ({percent}%): half of the processor cores at the most; the model sleeps where it "
                    "would doze, and is not woken before you ask."
                )
            else:
                words = self.tr(
                    "On battery ({percent}%): half of the processor cores at the most; the model dozes and sleeps "
                    "after half the time."
                )
            shown = (True, words.format(percent=round(battery.percent)))
        if shown != self._shown:
            self._shown = shown
            self.batteryChanged.emit(*shown)

    def say_again(self) -> None:
        """Emits what is in force, for a window that has just been made."""
        self.batteryChanged.emit(*self._shown)

    def _poll(self) -> None:
        self._polls += 1
        self._low_memory.poll()
        if self._polls % _BATTERY_EVERY == 0:
            self._power.poll()
            self.refresh()
