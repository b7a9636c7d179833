"""Ctrl+C ends a verb in time, whatever that waits for: a drive that does not answer, a pipe that nobody reads.

The first one lets the verb put things in order, for which it has two seconds; the second one ends it at once. Python
calls its handlers on the main thread, between two steps of it, and one that is in the kernel for a dead drive makes
none. So a thread of its own hears of the signal, which the kernel gives to any thread that takes it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self, TypeVar

from desktop.cli import common

# From the first Ctrl+C to the end.
GRACE_SECONDS: Final = 1.8
# Where a step of many seconds is finished, and gigabytes are written, so that nothing is lost.
LONG_GRACE_SECONDS: Final = 600.0
_STDERR: Final = 2
_WORDS: Final = "stopped without waiting any longer: a drive, a server or a program does not answer"

T = TypeVar("T")


class InterruptWatch:
    """A context manager around a verb. To be entered on the main thread.

    What was heard goes through a pipe: a signal can write to one where it could take no lock.
    """

    def __init__(self, kept: str = "", seconds: float = GRACE_SECONDS) -> None:
        """
        Args:
            kept: What becomes of unfinished work, for the sentence; empty: nothing worth a word.
            seconds: From the first Ctrl+C to the end.
        """
        self._words = f"{_WORDS}; {kept}" if kept else _WORDS
        self._seconds = seconds
        self._has_spoken = self._was_heard = False
        self._before = self._writing = -1
        self._forget_console: Callable[[], None] = lambda: None

    def __enter__(self) -> Self:
        if threading.current_thread() is not threading.main_thread():
            return self
        reading, writing = os.pipe()
        self._writing = writing
        os.set_blocking(writing, False)
        if sys.platform == "win32":
            self._forget_console = _hear_console(writing)
        else:
            self._before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        threading.Thread(target=self._listen, args=(reading,), name="interrupts", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Whatever is to be said about it was said; but the interpreter may still wait for a thread that hangs.
        self._has_spoken = True
        writing, self._writing = self._writing, -1
        if writing < 0:
            return
        self._forget_console()
        if not self._was_heard:
            if sys.platform != "win32":
                signal.set_wakeup_fd(self._before)
            os.close(writing)

    def _listen(self, reading: int) -> None:
        if self._hears(reading):
            self._was_heard = True
            threading.Thread(target=self._end_later, name="interrupted", daemon=True).start()
            if self._hears(reading):
                os._exit(common.INTERRUPTED)
        os.close(reading)

    def _hears(self, reading: int) -> bool:
        """Waits for Ctrl+C; False: nobody can hear of it any more."""
        while heard := os.read(reading, 1):
            if heard[0] == signal.SIGINT:
                return True
        return False

    def _end_later(self) -> None:
        time.sleep(self._seconds)
        if not self._has_spoken:
            # Past all that Python would lock or hold back, and no longer than the other side takes it at once.
            with contextlib.suppress(OSError):
                start = "\n" if os.isatty(_STDERR) else ""  # below the line that shows how far it is
                os.set_blocking(_STDERR, False)
                os.write(_STDERR, f"{start}catnap: {self._words}\n".encode("utf-8", "replace"))
        os._exit(common.INTERRUPTED)


def watched(work: Callable[[], T], kept: str = "", seconds: float = GRACE_SECONDS) -> Callable[[], T]:
    """Returns the same work under an :class:`InterruptWatch`, whose arguments are meant."""

    def run() -> T:
        with InterruptWatch(kept, seconds):
            return work()

    return run


if sys.platform == "win32":

    def _hear_console(writing: int) -> Callable[[], None]:
        """Has the console's Ctrl+C written to a pipe, on a thread that the system makes for it; returns the way back.

        An event loop has Python's own pipe for itself there.
        """
        import ctypes

        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kind = ctypes.WINFUNCTYPE(ctypes.c_int, ctypes.c_uint)

        def hear(event: int) -> int:
            if event == 0:  # CTRL_C_EVENT
                with contextlib.suppress(OSError):
                    os.write(writing, bytes([signal.SIGINT]))
            return 0  # Python shall hear of it, too

        handler = kind(hear)
        kernel.SetConsoleCtrlHandler(handler, True)
        return lambda: kernel.SetConsoleCtrlHandler(handler, False)

else:

    def _hear_console(_writing: int) -> Callable[[], None]:
        raise NotImplementedError
