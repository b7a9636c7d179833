"""The log: a rotating file, its last lines in memory for reports, and what becomes of an exception nobody caught.

What people write and what the model answers never goes into a log; callers log lengths and durations instead.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import os
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType

from desktop.common.credentials import without_credentials
from desktop.common.errors import Cancelled
from desktop.common.printable import harmless
from desktop.common.regular_file import open_regular

# Three files of 1 MB: months of an app that logs loads, downloads and failures, and small enough to send.
_FILE_BYTES = 1_000_000
_OLD_FILES = 2
_TAIL_LINES = 400
_FORMAT = "%(asctime)s.%(msecs)03d %(levelname)s %(threadName)s %(name)s: %(message)s"
_DATE_FORMAT = "%Y-%m-%d %H:%M:%S"
_PACKAGE = __name__.partition(".")[0]

_log = logging.getLogger(__name__)


class LogTail(logging.Handler):
    """Keeps the last lines of the log for a report. Its methods may be called from any thread."""

    def __init__(self, capacity: int = _TAIL_LINES) -> None:
        """
        Args:
            capacity: Lines kept.
        """
        super().__init__()
        self._lines: deque[str] = deque(maxlen=capacity)
        self._file: logging.Handler | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Called by logging, under the handler's lock."""
        self._lines.extend(self.format(record).splitlines())

    def lines(self) -> tuple[str, ...]:
        """Returns the lines kept, oldest first."""
        with self.lock or contextlib.nullcontext():
            return tuple(self._lines)

    def attach(self, file: logging.Handler) -> None:
        """Takes over a log file, to be closed together with the tail."""
        self._file = file

    def close(self) -> None:
        """Stops logging: detaches the tail and its file from the root logger and closes both."""
        root = logging.getLogger()
        if self._file is not None:
            root.removeHandler(self._file)
            with contextlib.suppress(OSError):  # the last lines found no room: the tail has had them
                self._file.close()
            self._file = None
        root.removeHandler(self)
        super().close()


class _LogFile(logging.FileHandler):
    """A rotating file that only its owner may read, and that gives up quietly when the disk is full.

    That of ``logging.handlers`` would bring sockets, queues and pickles along, before the tray icon is there.
    """

    def __init__(self, file: Path, tail: LogTail) -> None:
        self._tail = tail
        self._gave_up = False
        super().__init__(file, encoding="utf-8")

    def emit(self, record: logging.LogRecord) -> None:
        """Called by logging, under the handler's lock."""
        try:
            size = len((self.format(record) + self.terminator).encode("utf-8", "backslashreplace"))
            if self.stream is not None and self.stream.tell() + size > _FILE_BYTES:
                self._rotate(self.stream)
        except Exception:
            self.handleError(record)
        else:
            super().emit(record)

    def _rotate(self, stream: TextIOWrapper) -> None:
        self.stream = None  # the next line opens the new file, or the old one again where this fails
        stream.close()
        newest = Path(self.baseFilename)
        for number in range(_OLD_FILES, 0, -1):
            younger = newest.with_name(f"{newest.name}.{number - 1}") if number > 1 else newest
            if younger.exists():
                younger.replace(newest.with_name(f"{newest.name}.{number}"))

    def _open(self) -> TextIOWrapper:
        descriptor = _open_private(Path(self.baseFilename), os.O_APPEND)
        # A file name may hold half a surrogate pair; a log must not fail over it.
        return os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace")

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (named by logging)
        """Notes a failed write in the tail, once; logging's own answer would fill stderr with tracebacks."""
        problem = sys.exception()
        if not isinstance(problem, OSError):
            super().handleError(record)
        elif not self._gave_up:
            self._gave_up = True
            self._tail.handle(_warning(f"the log file cannot be written: {problem.strerror or problem}"))


class _OneRecord(logging.Formatter):
    """Writes a record so that no name or answer in it can look like another record, or rewrite a terminal.

    Names and passwords of addresses are kept out of every line, tracebacks included.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Called by logging."""
        return without_credentials(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (named by logging)
        """Called by logging, with all but the traceback of an exception."""
        record.message = harmless(record.message).replace("\n", "\n    ")
        return super().formatMessage(record)


def set_up_logging(file: Path, level: int = logging.INFO) -> LogTail:
    """Sends the log to ``file`` and to memory; where the file cannot be opened, to memory only.

    Catnap's own loggers get ``level``, libraries are heard from WARNING on: what they log below may hold addresses and
    contents that are nobody's business.

    Args:
        file: The newest of the rotating files; its folder exists.
        level: A level of the logging module.

    Returns:
        The tail; ``close()`` undoes everything but the levels.
    """
    formatter = _OneRecord(_FORMAT, _DATE_FORMAT)
    tail = LogTail()
    tail.setFormatter(formatter)
    root = logging.getLogger()
    root.addHandler(tail)
    root.setLevel(logging.WARNING)
    logging.getLogger(_PACKAGE).setLevel(level)
    try:
        log_file = _LogFile(file, tail)
    except OSError as problem:
        _log.warning("no log file, the log is kept in memory only: %s", problem)
        return tail
    log_file.setFormatter(formatter)
    root.addHandler(log_file)
    tail.attach(log_file)
    return tail


def enable_crash_log(file: Path) -> str:
    """Has the interpreter write the stacks of all threads to ``file`` when native code crashes.

    The file stays open while the process lives, as faulthandler demands.

    Returns:
        What the last run left there: the stacks of its crash, or an empty string.
    """
    try:
        left = ""
        if file.exists():
            with open_regular(file) as stream:
                left = stream.read().decode("utf-8", "replace")
        faulthandler.enable(_open_private(file, os.O_TRUNC))
    except OSError as problem:
        _log.warning("native crashes will not be recorded: %s", problem)
        return ""
    return left


@dataclass(frozen=True)
class Bug:
    """An exception that nobody caught.

    Attributes:
        summary: Its last line, such as ``KeyError: 'model'``.
        traceback: All of it, for the report.
    """

    summary: str
    traceback: str


class BugReporter:
    """Catches what nobody caught: logs it and reports each distinct traceback once.

    Cancellations are silent, and Ctrl+C ends the program as ever.
    """

    def __init__(self, report: Callable[[Bug], None]) -> None:
        """
        Args:
            report: Called once for each distinct traceback, in the thread where it happened.
        """
        self._report = report
        self._seen: set[str] = set()
        self._lock = threading.Lock()
        self._old_hook = sys.excepthook
        self._old_thread_hook = threading.excepthook

    def install(self) -> None:
        """Takes over ``sys.excepthook`` (Qt slots end there too) and ``threading.excepthook``."""
        self._old_hook, sys.excepthook = sys.excepthook, self._on_exception
        self._old_thread_hook, threading.excepthook = threading.excepthook, self._on_thread_exception

    def uninstall(self) -> None:
        """Puts the former hooks back."""
        sys.excepthook = self._old_hook
        threading.excepthook = self._old_thread_hook

    def handle(self, error: BaseException) -> None:
        """Deals with an exception caught elsewhere: an event loop, a callback. May be called from any thread."""
        if isinstance(error, Cancelled):
            return
        trace = without_credentials("".join(traceback.format_exception(error)))
        summary = without_credentials(traceback.format_exception_only(error)[-1].strip())
        with self._lock:
            key = _signature(error)
            first = key not in self._seen
            self._seen.add(key)
        if not first:
            _log.error("again: %s", summary)
            return
        _log.error("unhandled exception\n%s", trace.rstrip())
        try:
            self._report(Bug(summary, trace))
        except Exception:
            _log.exception("the report of the last exception failed")

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt | SystemExit):
            self._old_hook(kind, error, trace)
        else:
            self.handle(error)

    def _on_thread_exception(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not issubclass(args.exc_type, SystemExit):
            self.handle(args.exc_value)


def _signature(error: BaseException) -> str:
    """Names a traceback by the type and the places it passed, not by its message, which may differ each time."""
    frames = traceback.extract_tb(error.__traceback__)
    places = "".join(f"{frame.filename}:{frame.lineno}\n" for frame in frames)
    return f"{type(error).__qualname__}\n{places}"


def _open_private(file: Path, flags: int) -> int:
    """Opens a file for writing that only its owner may read, also where an older one was more generous."""
    # Without waiting for somebody who reads, should it be a pipe.
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | flags | getattr(os, "O_NONBLOCK", 0), 0o600)
    if os.name == "posix":
        os.fchmod(descriptor, 0o600)
    return descriptor


def _warning(text: str) -> logging.LogRecord:
    return _log.makeRecord(_log.name, logging.WARNING, __file__, 0, text, (), None)
