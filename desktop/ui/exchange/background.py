"""Work that takes long, on a thread of its own, with what it says arriving on the GUI thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic

from PySide6.QtCore import QObject, Signal

from desktop.common.errors import Cancelled, UserFacingError

# Often enough to look alive.
_REPORT_SECONDS = 0.1

# (report, cancelled) -> result: told how much of how much is done, and asked whether to stop.
Work = Callable[[Callable[[int, int], None], Callable[[], bool]], object]


class BackgroundTask(QObject):
    """One piece of work.

    Signals:
        progressed: (done, total); the total may be 0.
        done: What the work returned.
        failed: The UserFacingError that it raised.
        cancelled: It raised Cancelled.
    """

    progressed = Signal(object, object)
    done = Signal(object)
    failed = Signal(object)
    cancelled = Signal()

    def __init__(self, name: str, work: Work, parent: QObject | None = None) -> None:
        """
        Args:
            name: Of the thread.
            work: What to do there. Whatever else it raises is a bug, and reported as such.
            parent: Owner; lives until :meth:`stop` was called or the work has ended.
        """
        super().__init__(parent)
        self._work = work
        self._stopped = threading.Event()
        self._reported = 0.0
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begins; one of the last three signals follows."""
        self._thread.start()

    def cancel(self) -> None:
        """Asks it to end."""
        self._stopped.set()

    def stop(self, seconds: float) -> None:
        """Asks it to end and waits for that, for a while."""
        self.cancel()
        if self._thread.ident is not None:  # it may be about to begin
            self._thread.join(seconds)

    def _run(self) -> None:
        try:
            result = self._work(self._report, self._stopped.is_set)
        except Cancelled:
            self.cancelled.emit()
        except UserFacingError as problem:
            self.failed.emit(problem)
        else:
            self.done.emit(result)

    def _report(self, done: int, total: int) -> None:
        now = monotonic()
        if now - self._reported >= _REPORT_SECONDS:
            self._reported = now
            self.progressed.emit(done, total)
