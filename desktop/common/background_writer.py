"""Writes small files on a thread of its own: a disk that spins, or is full of other work, keeps nobody waiting.

One owner for all of them, so that the program knows at its end that nothing is left to be written.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

_log = logging.getLogger(__name__)

# Takes the file and what writes it, now or later: of several writes of one file only the last need be done.
PutWrite = Callable[[Path, Callable[[], None]], None]


def write_at_once(_file: Path, write: Callable[[], None]) -> None:
    """A :data:`PutWrite` for programs without a window: it is written when this returns."""
    write()


class BackgroundWriter:
    """Does writes in their order, of each file the newest only. Any thread; after :meth:`close` at once."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: dict[Path, Callable[[], None]] = {}
        self._writing = False
        self._closed = False
        self._thread: threading.Thread | None = None

    def put(self, file: Path, write: Callable[[], None]) -> None:
        """Has a file written soon.

        Args:
            file: Which; a write of it that has not begun is dropped, since this one replaces what it would write.
            write: Writes it, and tells itself what went wrong.
        """
        with self._changed:
            if not self._closed:
                self._waiting.pop(file, None)
                self._waiting[file] = write
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="state-files", daemon=True)
                    self._thread.start()
                self._changed.notify_all()
                return
        write()

    def flush(self, seconds: float) -> bool:
        """Waits until all is written; returns whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and not self._writing, seconds)

    def close(self, seconds: float = 5.0) -> bool:
        """Writes what waits and ends the thread; returns whether all is written. May be called twice."""
        end = time.monotonic() + seconds
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(max(0.0, end - time.monotonic()))
        return self.flush(0.0)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return
                file = next(iter(self._waiting))
                write, self._writing = self._waiting.pop(file), True
            try:
                write()
            except Exception:
                _log.exception("%s not written", file.name)
            finally:
                with self._changed:
                    self._writing = False
                    self._changed.notify_all()
