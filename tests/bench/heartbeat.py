"""How long the thread of the windows is ever kept waiting, by the clock and without other programs."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer

_BEAT_MS = 2


def _queued_seconds() -> float:
    """Returns for how long this thread has wanted a processor and had none; 0 where the system does not tell."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_text(encoding="ascii").split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


class Heartbeat:
    """A timer on the GUI thread; whatever keeps it waiting keeps a person's click waiting just as long.

    Attributes:
        longest: The longest wait in each phase, in seconds.
        without_others: The same without the time in which the thread was ready and other programs had the processors.
        queued: The longest of these times.
        worked: The most that the thread itself has computed in one turn.
        beats: How often the timer has come, in each phase.
    """

    def __init__(self, owner: QObject) -> None:
        """
        Args:
            owner: Lives on the GUI thread.
        """
        self.longest: dict[str, float] = {}
        self.without_others: dict[str, float] = {}
        self.queued: dict[str, float] = {}
        self.worked: dict[str, float] = {}
        self.beats: Counter[str] = Counter()
        self._waits: dict[str, list[float]] = {}
        self._phase = "start"
        self._last, self._queued, self._computed = time.perf_counter(), _queued_seconds(), time.thread_time()
        self._timer = QTimer(owner)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def enter(self, phase: str) -> None:
        """What comes now belongs to ``phase``; the wait under way belongs to both."""
        self._note()
        self._phase = phase

    def stop(self) -> None:
        self._timer.stop()

    def late(self, seconds: float, phase: str) -> float:
        """Returns the share of the turns of a phase that waited longer than so many seconds, on whomever."""
        waits = self._waits.get(phase, [])
        return sum(each > seconds for each in waits) / max(1, len(waits))

    def _beat(self) -> None:
        self._note()
        self._last, self._queued, self._computed = time.perf_counter(), _queued_seconds(), time.thread_time()

    def _note(self) -> None:
        blocked = max(0.0, time.perf_counter() - self._last - _BEAT_MS / 1000)
        queued = max(0.0, _queued_seconds() - self._queued)
        own = max(0.0, blocked - queued)
        worked = time.thread_time() - self._computed
        self.worked[self._phase] = max(worked, self.worked.get(self._phase, 0.0))
        self.beats[self._phase] += 1
        self._waits.setdefault(self._phase, []).append(blocked)
        self.queued[self._phase] = max(queued, self.queued.get(self._phase, 0.0))
        self.longest[self._phase] = max(blocked, self.longest.get(self._phase, 0.0))
        self.without_others[self._phase] = max(own, self.without_others.get(self._phase, 0.0))
