"""How long the thread of an event loop was kept from its loop, by its own work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from tests.support.patience import PATIENCE_S


class LongestTurn:
    """The longest time between two turns of the loop.

    Attributes:
        seconds: Of the processor, not of the clock: other programs must not matter.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._last = time.thread_time()

    def turn(self) -> None:
        now = time.thread_time()
        self.seconds = max(self.seconds, now - self._last)
        self._last = now


@contextmanager
def longest_turn(qtbot: QtBot, until: Callable[[], bool] = lambda: True) -> Iterator[LongestTurn]:
    """Measures what is done within, and afterwards until something holds and nothing is due at once any more."""
    measured = LongestTurn()
    timer = QTimer(interval=0)
    timer.timeout.connect(measured.turn)
    timer.start()
    measured.turn()
    yield measured
    measured.turn()
    qtbot.waitUntil(until, timeout=round(PATIENCE_S * 1000))
    quiet: list[bool] = []
    QTimer.singleShot(60, lambda: quiet.append(True))  # longer than the pause before a picture of a growing answer
    qtbot.waitUntil(lambda: bool(quiet), timeout=round(PATIENCE_S * 1000))
    measured.turn()
    timer.stop()
