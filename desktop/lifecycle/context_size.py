"""The context size that "Automatic" stands for on this machine now. No Qt; called from one thread."""

from __future__ import annotations

from pathlib import Path

from desktop.machine.battery import read_battery
from desktop.machine.cpu import read_processors
from desktop.machine.file_systems import FileSystems
from desktop.machine.memory import MemoryReader
from desktop.settings.for_engine import Conditions

SMALL = 1024
LARGE = 2048
# Bytes available, below which a context of 1,024 tokens is enough.
_PLENTY = 3_000_000_000
# A choice once made stays until it is wrong by this much: every change makes the kept conversation states worthless.
_MARGIN = 300_000_000


class ContextSize:
    """Chooses when a model is about to be loaded, and stays with it while the model is awake."""

    def __init__(self, reader: MemoryReader) -> None:
        """
        Args:
            reader: Measures the machine.
        """
        self._reader = reader
        self._chosen = 0  # not yet

    @property
    def tokens(self) -> int:
        """The choice in force; the first use makes it."""
        return self._chosen or self.decide()

    def decide(self) -> int:
        """Chooses anew and returns the choice. To be called while the model is asleep."""
        available = self._reader.read().machine_available
        if self._chosen == LARGE:
            limit = _PLENTY - _MARGIN
        elif self._chosen == SMALL:
            limit = _PLENTY + _MARGIN
        else:
            limit = _PLENTY
        self._chosen = SMALL if available < limit else LARGE
        return self._chosen


def look_around(model_path: Path) -> Conditions:
    """Returns the present conditions, for a program that looks once; some milliseconds.

    Args:
        model_path: The model that will be loaded.
    """
    battery = read_battery()
    unplugged, is_low = (False, False) if battery is None else (battery.unplugged, battery.is_low)
    reader = MemoryReader()
    return Conditions(
        ContextSize(reader).tokens,
        unplugged,
        is_low,
        read_processors().physical,
        reads_weights=not FileSystems().is_steady(model_path),
        memory=reader.read().machine_total,
    )
