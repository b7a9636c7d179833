"""The battery of a laptop. Reading it takes some 0.1 ms; may be done from any thread. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from desktop.common.events import Publisher

# Below this share of its charge, in percent, an unplugged laptop is not woken for what may be needed.
LOW_PERCENT = 20.0


@dataclass(frozen=True)
class Battery:
    """A battery and whether the machine lives on it.

    Attributes:
        percent: What is left of its charge, 0 to 100.
        unplugged: No power from outside; where the system does not know, it is taken for plugged in.
    """

    percent: float
    unplugged: bool

    @property
    def is_low(self) -> bool:
        """Unplugged and nearly empty."""
        return self.unplugged and self.percent < LOW_PERCENT


def read_battery() -> Battery | None:
    """Returns the battery's state; None: there is none, or the system does not tell."""
    import psutil

    try:
        reading = psutil.sensors_battery()
    except (AttributeError, NotImplementedError, OSError, ValueError):  # an odd driver's file in /sys, or no sensors
        return None
    if reading is None:
        return None
    return Battery(float(reading.percent), reading.power_plugged is False)


class PowerMonitor:
    """What is known of the battery, read only when somebody asks for it. GUI thread."""

    def __init__(self, read: Callable[[], Battery | None] = read_battery) -> None:
        """
        Args:
            read: Reads the battery.
        """
        self._read = read
        self._changed = Publisher[[]]()
        self.battery: Battery | None = None

    @property
    def unplugged(self) -> bool:
        """Whether the machine lived on its battery when that was last looked at."""
        return self.battery is not None and self.battery.unplugged

    @property
    def is_low(self) -> bool:
        """Whether it lived on its battery, and that was nearly empty."""
        return self.battery is not None and self.battery.is_low

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Calls ``listener()`` when one of the two has changed, as far as that was seen."""
        self._changed.subscribe(listener)

    def poll(self) -> None:
        """Reads the battery now."""
        before = (self.unplugged, self.is_low)
        self.battery = self._read()
        if (self.unplugged, self.is_low) != before:
            self._changed()
