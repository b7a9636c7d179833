"""A process of our own beside the engine's, with a model in it: it gets one order after the other and answers each.

Not for conversations, which have :mod:`desktop.engine.process.handle`: nobody can stop an order, only the process.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO, Any, Final

from desktop.common.errors import UserFacingError
from desktop.engine.cage import job
from desktop.engine.process.channel import ProtocolError, Receiver, Sender
from desktop.engine.process.environment import end_process, start_process

_log = logging.getLogger(__name__)

_END_SECONDS: Final = 5.0
# Waiting without a limit cannot be interrupted by Ctrl+C on Windows.
_WAIT_SECONDS: Final = 0.2


class CompanionError(Exception):
    """It has ended, hangs, or says what makes no sense; the message says which. It must be ended."""


@dataclass(frozen=True)
class Language:
    """What is said between the app and one kind of companion.

    Attributes:
        name: Of the process, for the log: "the process with the embedding model".
        to_process: Kinds of messages to it, in the order that both sides know.
        from_process: Kinds of messages from it.
        limit: Bytes of a message from it at the most.
    """

    name: str
    to_process: tuple[type, ...]
    from_process: tuple[type, ...]
    limit: int


class Companion:
    """One process, running from the constructor on. One thread uses it, any may :meth:`kill` it.

    The thread that makes it must outlive it: on Linux the process is ended with that thread.

    Attributes:
        process_id: Its number.
    """

    def __init__(
        self, command: Sequence[str], language: Language, memory: int, refusal: Callable[[str], UserFacingError]
    ) -> None:
        """
        Args:
            command: What to start, see :func:`desktop.common.own_process.own_command`.
            language: What is said.
            memory: Bytes that it may take, where the app has to see to that (Windows).
            refusal: Makes the sentence where the system starts none, of what the system says.

        Raises:
            UserFacingError: It cannot be started.
        """
        self._language = language
        self._process = start_process(command, refusal)
        self.process_id = self._process.pid
        self._job = job.confine(self.process_id)
        if self._job is not None:
            with contextlib.suppress(OSError):
                self._job.limit_memory(memory)
        self._said: queue.SimpleQueue[object] = queue.SimpleQueue()
        stdin, stdout, stderr = self._process.stdin, self._process.stdout, self._process.stderr
        assert stdin is not None and stdout is not None and stderr is not None
        self._sender = Sender(stdin.fileno(), language.to_process)
        self._threads = [
            threading.Thread(target=self._listen, args=(stdout,), name="companion", daemon=True),
            threading.Thread(target=_drain, args=(stderr,), name="companion-stderr", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def ask(self, message: object, kinds: tuple[type, ...], seconds: float) -> Any:
        """Gives an order and returns the answer.

        Args:
            message: The order.
            kinds: What the answer may be.
            seconds: To wait for it.

        Raises:
            CompanionError: There is none, or another one.
        """
        try:
            self._sender.send(message)
        except OSError:  # it is gone; what it said last stands in the queue
            seconds = _END_SECONDS
        said = self._hear(seconds)
        if not isinstance(said, kinds):
            raise self.nonsense("it ended" if said is None else "words that were not understood")
        return said

    def nonsense(self, why: str) -> CompanionError:
        """Returns what to raise about an answer that cannot be; it is logged."""
        _log.warning("%s: %s", self._language.name, why)
        return CompanionError(why)

    def kill(self) -> None:
        """Ends it now, from any thread."""
        with contextlib.suppress(OSError):
            self._process.kill()

    def end(self) -> None:
        """Ends it, and waits until its memory is free again."""
        end_process(self._process, self._language.name)
        for thread in self._threads:
            thread.join(_END_SECONDS)
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        if self._job is not None:
            self._job.close()

    def _hear(self, seconds: float) -> object:
        deadline = time.monotonic() + seconds
        while True:
            with contextlib.suppress(queue.Empty):
                return self._said.get(timeout=max(0.0, min(_WAIT_SECONDS, deadline - time.monotonic())))
            if time.monotonic() >= deadline:
                raise self.nonsense("no answer")

    def _listen(self, stdout: IO[bytes]) -> None:
        receiver = Receiver(stdout.fileno(), self._language.from_process, self._language.limit)
        try:
            while (message := receiver.receive()) is not None:
                self._said.put(message)
        except ProtocolError as nonsense:
            _log.warning("%s: %s", self._language.name, nonsense)
        finally:
            self._said.put(None)
            stdout.close()


def _drain(stderr: IO[bytes]) -> None:
    with stderr:
        while stderr.read(4096):
            pass
