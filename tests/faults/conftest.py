"""How long a start waits, whatever else the computer does meanwhile: time passes only while it sleeps."""

from __future__ import annotations

import time

import pytest


class Waits:
    """Stands for the module ``time`` of one module.

    Attributes:
        seconds: Slept so far; nobody really does.
    """

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        """Returns the seconds that were slept so far."""
        return self.seconds

    def time(self) -> float:
        """Returns the time of day, by which files are dated."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Lets time pass."""
        self.seconds += seconds


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> Waits:
    """The waiting of a start for another one that may be running."""
    counted = Waits()
    monkeypatch.setattr("desktop.app.single_instance.time", counted)
    return counted
