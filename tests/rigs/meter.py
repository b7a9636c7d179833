"""A memory meter for the tests that counts how often it is read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """What an old laptop with a small model shows, in bytes."""

    rss: int = 96_400_000
    anonymous: int = 48_100_000
    machine_total: int = 4_100_000_000
    machine_available: int = 1_230_000_000


class Meter:
    """Counts how often it was read."""

    def __init__(self) -> None:
        self.reads = 0

    def __call__(self) -> Reading:
        self.reads += 1
        return Reading(rss=self.reads * 1_000_000)
