"""Speed and time left of a download, told often enough to look alive and seldom enough to cost nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace

from desktop.models.types import DownloadProgress, DownloadState, ModelSpec

# Seconds the speed is taken over: long enough to be steady on a wireless line, short enough to follow it.
_WINDOW = 6.0
_INTERVAL = 0.2  # seconds between two reports of the same state


class Meter:
    """Turns byte counts into reports."""

    def __init__(self, spec: ModelSpec, report: Callable[[DownloadProgress], None], clock: Callable[[], float]) -> None:
        """
        Args:
            spec: The model.
            report: Called for every change of state, and at most five times a second in between.
            clock: Seconds from any start; never goes back.
        """
        self._report = report
        self._clock = clock
        self._last: DownloadProgress | None = None
        self._now = DownloadProgress(spec.id, DownloadState.WAITING, 0, spec.size)
        self._told_at = 0.0
        self._samples: deque[tuple[float, int]] = deque()

    def enter(self, state: DownloadState, done: int, host: str = "") -> None:
        """Tells a new state at once; the speed is forgotten, since it was that of something else."""
        if state is not self._now.state or host != self._now.host or done < self._now.done:
            self._samples.clear()
        self._now = replace(self._now, state=state, done=done, host=host, speed=0.0, eta=None)
        self._tell()

    def update(self, done: int) -> None:
        """Takes a new byte count, and tells it when the last report is old enough."""
        now = self._clock()
        self._samples.append((now, done))
        while len(self._samples) > 2 and now - self._samples[0][0] > _WINDOW:
            self._samples.popleft()
        start, first = self._samples[0]
        speed = (done - first) / (now - start) if now > start else 0.0
        eta = (self._now.total - done) / speed if speed > 0 else None
        self._now = replace(self._now, done=done, speed=speed, eta=eta)
        if now - self._told_at >= _INTERVAL:
            self._tell()

    def _tell(self) -> None:
        if self._now != self._last:
            self._told_at = self._clock()
            self._last = self._now
            self._report(self._now)
