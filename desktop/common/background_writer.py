"""Writes small files on a thread of its own: a disk that spins, or is full of other work, keeps nobody waiting.

One owner for all of them, so that the program knows at its end that nothing is left to be written.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from desktop.common.atomic_file import write_atomically
from desktop.common.errors import UserFacingError
from desktop.common.json_file import StateFile, not_saved

_log = logging.getLogger(__name__)

# Takes the file and what writes it, now or later: of several writes of one file only the last need be done.
PutWrite = Callable[[Path, Callable[[], None]], None]


def write_at_once(_file: Path, write: Callable[[], None]) -> None:
    """A :data:`PutWrite` for programs without a window: it is written when this returns."""
    write()


def put_content(put: PutWrite, file: Path, content: bytes, done: Callable[[OSError | None], object]) -> None:
    """Has a file of the person's own written, which is replaced whole.

    Args:
        put: Takes the write.
        file: Where it goes.
        content: All that is in it.
        done: Called on the thread that writes, with what went wrong; None: nothing.
    """

    def write() -> None:
        try:
            write_atomically(file, content, unnamed=True)
        except OSError as problem:
            done(problem)
        else:
            done(None)

    put(file, write)


class StateFileWriter:
    """Has a file of the program's own written, now or later. To be used by the thread that owns what is in it."""

    def __init__(
        self,
        file: StateFile[Any],
        title: str,
        put: PutWrite = write_at_once,
        tell: Callable[[UserFacingError], object] | None = None,
    ) -> None:
        """
        Args:
            file: Which.
            title: What to say where it cannot be written.
            put: Takes each write.
            tell: Takes what went wrong, on the thread that writes; None: it is raised there.
        """
        self._file, self._title = file, title
        self._put, self._tell = put, tell
        self._asked = self._done = 0  # writes
        self._has_failed = False

    @property
    def is_settled(self) -> bool:
        """Whether nothing is on its way into the file."""
        return self._asked == self._done

    @property
    def has_failed(self) -> bool:
        """Whether what was to be written last could not be, and that was told."""
        return self._has_failed

    def write_with(self, put: PutWrite, tell: Callable[[UserFacingError], object]) -> None:
        """Has the file written elsewhere from now on, see ``__init__``."""
        self._put = put
        self.tell_with(tell)

    def tell_with(self, tell: Callable[[UserFacingError], object]) -> None:
        """Tells from now on what went wrong, see ``__init__``."""
        self._tell = tell

    def write(self, document: Mapping[str, Any]) -> None:
        """Has the file replaced.

        Args:
            document: Is not changed any more.

        Raises:
            UserFacingError: It cannot be written, where that is done at once and nobody is told.
        """
        self._asked += 1
        number = self._asked
        self._put(self._file.path, lambda: self._write(document, number))

    def _write(self, document: Mapping[str, Any], number: int) -> None:
        try:
            self._has_failed = False
            self._file.write(document)
        except OSError as problem:
            self._has_failed = self._tell is not None  # else whoever wants it written has kept what was
            error = not_saved(self._title, self._file.path, problem)
            if self._tell is None:
                raise error from problem
            _log.warning("%s not saved: %s", self._file.path.name, problem.strerror or problem)
            self._tell(error)
        finally:
            self._done = number


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
