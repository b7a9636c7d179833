"""An engine process as the app sees it: started, talked to, ended, and its last words.

Three threads belong to each: one writes, since a process that was stopped reads nothing and nobody may wait for it; one
reads messages; one reads what is printed. They end with the process, so that a sleeping Catnap has none.
"""

from __future__ import annotations

import logging
import queue
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import IO, Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.own_process import own_command
from desktop.engine.cage import job
from desktop.engine.process.channel import FROM_PROCESS_LIMIT, CutShortError, ProtocolError, Receiver, Sender
from desktop.engine.process.environment import start_process
from desktop.engine.process.messages import FROM_PROCESS, TO_PROCESS, Begin, Delivery, Ended, ToProcess
from desktop.engine.process.validation import Validator
from desktop.machine.endings import SystemAccount

_log = logging.getLogger(__name__)

VERB: Final = "engine-process"
# Lines and characters of what a process prints that are kept.
_LAST_WORDS, _LINE = 40, 400
# Bytes that a process may print in its life: it has a log, so this is for the words of a crash.
_PRINTED_LIMIT = 4 * 1024 * 1024
# A process that has closed its pipe ends at once, or is ended.
_EXIT_SECONDS = 2.0


class EngineProcess:
    """One process, running from the constructor on. :meth:`send` and :meth:`kill` may be called from any thread.

    The thread that makes it must outlive it: on Linux the process is ended with that thread.
    """

    def __init__(
        self,
        deliver: Callable[[EngineProcess, Delivery], None],
        command: Sequence[str] | None = None,
        account: SystemAccount | None = None,
    ) -> None:
        """
        Args:
            deliver: Takes messages in order, on a thread of this object; ``Ended`` is the last, and always comes.
            command: What to start; None: this very program, see :func:`own_command`.
            account: Knows what the system had counted before; None: as it is now.

        Raises:
            UserFacingError: It cannot be started.
        """
        self._deliver = deliver
        self._validator = Validator()
        self._outbox: queue.SimpleQueue[ToProcess | None] = queue.SimpleQueue()
        self._last_words: deque[str] = deque(maxlen=_LAST_WORDS)
        self._nonsense = ""
        self._was_killed = False
        self._account = account or SystemAccount()
        self._popen = start_process(command or own_command(VERB), _cannot_start)
        self._job = job.confine(self._popen.pid)
        self._start_threads()

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def walls(self) -> tuple[str, ...]:
        """What this side does to keep the process in its place, in words; the process says the rest."""
        return ("ends with Catnap, no other processes, memory as predicted (job object)",) if self._job else ()

    def send(self, message: ToProcess) -> None:
        """Sends a message; returns at once. A process that is gone does not get it."""
        self._validator.sent(message)
        if isinstance(message, Begin) and self._job is not None and message.config.memory_limit is not None:
            try:
                self._job.limit_memory(message.config.memory_limit)
            except OSError as problem:
                _log.warning("no limit on the memory of the engine's process: %s", problem)
        self._outbox.put(message)

    def kill(self) -> None:
        """Ends the process now, whatever it does."""
        self._was_killed = True
        self._popen.kill()

    def _start_threads(self) -> None:
        stdin, stdout, stderr = self._popen.stdin, self._popen.stdout, self._popen.stderr
        assert stdin is not None and stdout is not None and stderr is not None
        self._printed = threading.Thread(target=self._collect, args=(stderr,), name="engine-stderr", daemon=True)
        written = threading.Thread(target=self._write, args=(stdin,), name="engine-write", daemon=True)
        # Last, since it is the one that says that the process has ended.
        read = threading.Thread(target=self._read, args=(stdout,), name="engine-read", daemon=True)
        started = 0
        try:
            for thread in (self._printed, written, read):
                thread.start()
                started += 1
        except RuntimeError as problem:  # the system has no more threads to give
            self._popen.kill()
            self._popen.wait()
            self._outbox.put(None)
            for stream in (stderr, stdin, stdout)[started:]:
                stream.close()
            if self._job is not None:
                self._job.close()
            raise _cannot_start(str(problem)) from problem

    def _condemn(self, nonsense: str) -> None:
        self._nonsense = self._nonsense or nonsense
        self.kill()

    def _write(self, stdin: IO[bytes]) -> None:
        sender = Sender(stdin.fileno(), TO_PROCESS)
        try:
            while (message := self._outbox.get()) is not None:
                sender.send(message)
        except OSError:
            pass  # it is gone, which the reader finds as well
        finally:
            stdin.close()

    def _read(self, stdout: IO[bytes]) -> None:
        receiver = Receiver(stdout.fileno(), FROM_PROCESS, FROM_PROCESS_LIMIT)
        try:
            while (message := receiver.receive()) is not None:
                self._validator.check(message)
                self._deliver(self, message)
        except CutShortError as problem:
            self._nonsense = str(problem)  # it has most likely died, and says how
        except ProtocolError as problem:
            self._condemn(str(problem))
        except Exception:  # a mistake of ours must not leave a request without an end
            _log.exception("what the engine's process said could not be taken")
            self._condemn("words that were not understood")
        stdout.close()
        self._account.before_wait()
        try:
            code = self._popen.wait(_EXIT_SECONDS)
        except subprocess.TimeoutExpired:
            self._condemn("a closed pipe")
            code = self._popen.wait()
        self._outbox.put(None)
        # It may have left somebody behind who holds the pipe, so this is not waited for without an end.
        self._printed.join(_EXIT_SECONDS)
        if self._job is not None:
            self._job.close()
        limit = self._account.limit_behind(code)
        self._deliver(self, Ended(code, tuple(self._last_words), self._nonsense, self._was_killed, limit))

    def _collect(self, stderr: IO[bytes]) -> None:
        left = _PRINTED_LIMIT
        with stderr:
            # Read in pieces of bounded length: a line may never end.
            while line := stderr.readline(_LINE):
                text = "".join(each if each.isprintable() else " " for each in line.decode("utf-8", "replace")).rstrip()
                if text:
                    self._last_words.append(text)
                left -= len(line)
                if left < 0:
                    self._condemn("printed without end")
                    return


# Starts a process, given what takes what it says.
StartProcess = Callable[[Callable[[EngineProcess, Delivery], None]], EngineProcess]


def _cannot_start(reason: str) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The engine's process cannot be started."),
        f"{reason}.",
        QT_TRANSLATE_NOOP("Errors", "Close other programs and try again; an antivirus program may be in the way."),
    )
