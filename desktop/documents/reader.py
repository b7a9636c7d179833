"""Has a document read by a process of its own, watches it, and believes nothing that it says beyond what it may be.

On Linux the process has walls and limits that the system keeps (see :mod:`desktop.engine.cage.walls`), on Windows a
job; everywhere its memory is looked at from here, and the clock on the wall ends it: a library may wait for ever
without taking a tick of the processor.
"""

from __future__ import annotations

import contextlib
import logging
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Final

from desktop.common.errors import Cancelled, UserFacingError
from desktop.common.own_process import own_command
from desktop.documents.assembly import Assembly
from desktop.documents.messages import FROM_PROCESS, MESSAGE_LIMIT, TO_PROCESS, VERB, Read
from desktop.documents.problems import Reason, cannot_start, problem
from desktop.documents.types import Document, DocumentKind, Limits, ReadingProgress
from desktop.engine.cage import job
from desktop.engine.process.channel import CutShortError, ProtocolError, Receiver, Sender
from desktop.engine.process.environment import end_process, start_process
from desktop.machine.endings import Limit, SystemAccount
from desktop.machine.memory import MemoryReader
from desktop.machine.vital_signs import VitalSigns, read_signs

_log = logging.getLogger(__name__)

_LOOK_SECONDS: Final = 0.1
# A process that was ended is gone at once, unless it hangs in the kernel; then nobody waits for it.
_END_SECONDS: Final = 5.0
# Between two looks at whether it does anything at all, and how many without that make it one that hangs.
_SIGNS_SECONDS: Final = 5.0
_LOOKS_WITHOUT_SIGN: Final = 4
# Bytes of what it prints that are kept for the log.
_LAST_WORDS: Final = 2000
# A library that cannot have more memory ends the process in many ways; by then it had most of what it may have.
_MOST_OF_MEMORY: Final = 0.5
_ABORTED: Final = -6  # SIGABRT; by number, since Windows has no such ends


def read_document(
    path: Path,
    limits: Limits | None = None,
    *,
    progress: Callable[[ReadingProgress], None] | None = None,
    given_up: threading.Event | None = None,
    command: Sequence[str] | None = None,
) -> Document:
    """Reads a file and returns its text; not on the GUI thread, and on one that waits until it returns.

    Args:
        path: A file of any kind; what it is is found out by its content.
        limits: What it may take; None: the usual ones.
        progress: Is called on this thread, ten times a second at the most.
        given_up: Set by anybody to end it; heard within some 0.1 s.
        command: What to start; None: this very program.

    Raises:
        Cancelled: It was given up.
        UserFacingError: The document cannot be read, or has no text; why, and what helps.
    """
    reading = _Reading(path, limits or Limits(), command or own_command(VERB))
    try:
        return reading.wait(progress or (lambda _: None), given_up or threading.Event())
    finally:
        reading.end()


class _Reading:
    """One process that reads one document."""

    def __init__(self, path: Path, limits: Limits, command: Sequence[str]) -> None:
        self._path, self._limits = path, limits
        self._assembly = Assembly(limits)
        self._account = SystemAccount(cpu_limit=float(limits.cpu_seconds))
        self._began = time.monotonic()
        self._process = start_process(command, cannot_start)
        self._job = job.confine(self._process.pid)
        if self._job is not None:
            with contextlib.suppress(OSError):
                self._job.limit_memory(limits.memory, room=0)
        self._memory = MemoryReader(engine=lambda: self._process.pid)
        self._most_memory = 0
        self._last_words = b""
        self._is_over = threading.Event()
        self._nonsense = ""
        assert self._process.stdout is not None and self._process.stderr is not None
        streams = ((self._listen, self._process.stdout), (self._collect, self._process.stderr))
        self._threads = [
            threading.Thread(target=each, args=(of,), name="document", daemon=True) for each, of in streams
        ]
        for thread in self._threads:
            thread.start()

    def wait(self, progress: Callable[[ReadingProgress], None], given_up: threading.Event) -> Document:
        """Waits for the document, however that ends."""
        self._tell()
        watch = _Stillness(self._process.pid)
        shown = ReadingProgress()
        while not self._is_over.wait(_LOOK_SECONDS):
            if given_up.is_set():
                raise Cancelled
            if (reason := self._broken_limit() or watch.look(self._assembly.last_sign)) is not None:
                raise self._problem(reason)
            if (now := self._assembly.progress) != shown:
                shown = now
                progress(now)
        if self._nonsense:
            _log.warning("the process that reads documents: %s", self._nonsense)
            raise self._problem(Reason.NONSENSE)
        if self._assembly.refusal is not None:
            raise self._problem(self._assembly.refusal)
        if not self._assembly.is_complete:
            raise self._problem(self._why_it_died())
        return self._assembly.document(self._path.name)

    def end(self) -> None:
        """Ends the process if it runs, and waits until it is gone if that can be had."""
        end_process(self._process, "the process that reads documents")
        for thread in self._threads:
            thread.join(_END_SECONDS)
        if self._job is not None:
            self._job.close()

    def _tell(self) -> None:
        """Says what is to be done; short enough for any pipe to take at once."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError), self._process.stdin as stdin:  # it is gone, which the other pipe says
            Sender(stdin.fileno(), TO_PROCESS).send(Read(self._path, self._limits))

    def _broken_limit(self) -> Reason | None:
        now = time.monotonic()
        if now > self._began + self._limits.seconds or now > self._assembly.last_sign + self._limits.silent_seconds:
            return Reason.TOO_SLOW
        with contextlib.suppress(OSError):
            self._most_memory = max(self._most_memory, self._memory.read().engine)
        return Reason.NO_MEMORY if self._most_memory > self._limits.memory else None

    def _why_it_died(self) -> Reason:
        self._account.before_wait()
        try:
            code = self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            return Reason.STUCK
        self._threads[1].join(_END_SECONDS)
        words = self._last_words.decode("utf-8", "replace")
        _log.warning("the process that reads documents ended with %d: %s", code, words[-_LAST_WORDS:])
        limit = self._account.limit_behind(code)
        if limit is Limit.PROCESSOR_TIME:
            return Reason.TOO_SLOW
        # PDFium aborts without a word where it has no memory (FX_OutOfMemoryTerminate in its core/fxcrt/fx_memory.cpp),
        # and ends by other signals else; the C library and Rust say why they abort.
        is_silent_abort = self._assembly.kind is DocumentKind.PDF and code == _ABORTED and not words.strip()
        is_out_of_memory = limit is Limit.MEMORY or "memory" in words.lower() or is_silent_abort
        if is_out_of_memory or self._most_memory > _MOST_OF_MEMORY * self._limits.memory:
            return Reason.NO_MEMORY
        return Reason.CRASHED

    def _problem(self, reason: Reason) -> UserFacingError:
        return problem(reason, self._path.name)

    def _listen(self, stdout: IO[bytes]) -> None:
        receiver = Receiver(stdout.fileno(), FROM_PROCESS, MESSAGE_LIMIT)
        try:
            while (message := receiver.receive()) is not None:
                self._assembly.take(message)
                if self._assembly.is_complete or self._assembly.refusal is not None:
                    break
        except CutShortError:
            pass  # it has died, and its exit code says how
        except ProtocolError as nonsense:
            self._nonsense = str(nonsense)
        except Exception:  # a mistake of ours must not have anybody wait for ever
            _log.exception("what the process that reads documents said could not be taken")
            self._nonsense = "words that were not understood"
        finally:
            stdout.close()
            self._is_over.set()

    def _collect(self, stderr: IO[bytes]) -> None:
        with stderr:
            while words := stderr.read1(_LAST_WORDS):  # type: ignore[attr-defined] # a pipe is a BufferedReader
                self._last_words = (self._last_words + words)[-_LAST_WORDS:]


class _Stillness:
    """Tells whether a process does nothing at all, as one does that waits for a lock that nobody will open."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._signs: VitalSigns | None = None
        self._still = 0
        self._next = time.monotonic() + _SIGNS_SECONDS

    def look(self, last_sign: float) -> Reason | None:
        """Looks at it if it is time to; returns a reason to end it.

        Args:
            last_sign: When it said something last, by the monotonic clock.
        """
        now = time.monotonic()
        if now < self._next:
            return None
        self._next = now + _SIGNS_SECONDS
        before, self._signs = self._signs, read_signs(self._pid)
        has_moved = before is None or self._signs is None or self._signs.has_moved_since(before)
        self._still = 0 if has_moved or last_sign > now - _SIGNS_SECONDS else self._still + 1
        return Reason.STUCK if self._still >= _LOOKS_WITHOUT_SIGN else None
