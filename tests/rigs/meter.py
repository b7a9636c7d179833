"""A memory meter for the tests that counts how often it is read."""

from __future__ import annotations

from desktop.machine.memory import MemoryReading


def reading(rss: int = 96_400_000) -> MemoryReading:
    """Returns what an old laptop with a small model shows, in bytes."""
    return MemoryReading(rss, 48_100_000, 4_100_000_000, 1_230_000_000)


class Meter:
    """Counts how often it was read."""

    def __init__(self) -> None:
        self.reads = 0

    def __call__(self) -> MemoryReading:
        self.reads += 1
        return reading(self.reads * 1_000_000)
