"""Has a program of a model run by a process of its own, and believes nothing but the values that come back."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Sequence
from typing import IO, Any, Final

from desktop.check.sandbox.messages import (
    FROM_PROCESS,
    MESSAGE_LIMIT,
    TO_PROCESS,
    VERB,
    NoWalls,
    Ready,
    Returned,
    Run,
    RunLimits,
)
from desktop.common.errors import QT_TRANSLATE_NOOP, Cancelled, UserFacingError
from desktop.common.json_file import JsonError, parse_json, to_json
from desktop.common.own_process import own_command
from desktop.engine.process.channel import ProtocolError, Receiver, Sender
from desktop.engine.process.environment import end_process, start_process

_log = logging.getLogger(__name__)

_LOOK_SECONDS: Final = 0.1
_END_SECONDS: Final = 5.0


class NoWallsError(Exception):
    """This system cannot shut a program in, so none is run."""


def run_python(
    code: str,
    function: str,
    calls: Sequence[Sequence[Any]],
    *,
    limits: RunLimits | None = None,
    given_up: threading.Event | None = None,
    command: Sequence[str] | None = None,
) -> list[Any] | None:
    """Runs a program and calls its function; waits until that has ended, on a thread that may wait.

    Args:
        code: Of a stranger.
        function: Its name.
        calls: The arguments of each call.
        limits: What it may take; None: the usual.
        given_up: Set by anybody to end it.
        command: What to start; None: this very program.

    Returns:
        What each call returned, as values of JSON; None: it raised, took too much, ended itself, or talked nonsense.

    Raises:
        Cancelled: It was given up.
        NoWallsError: Nothing was run.
        UserFacingError: No process can be started.
    """
    running = _Running(command or own_command(VERB))
    try:
        order = Run(code, function, to_json(list(calls)), limits or RunLimits())
        return running.result(order, given_up or threading.Event())
    finally:
        running.end()


class _Running:
    """One process that runs one program."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = start_process(command, _cannot_start)
        self._said: queue.SimpleQueue[object] = queue.SimpleQueue()
        assert self._process.stdout is not None and self._process.stderr is not None
        self._listener = threading.Thread(
            target=self._listen, args=(self._process.stdout,), name="check-process", daemon=True
        )
        self._listener.start()

    def result(self, order: Run, given_up: threading.Event) -> list[Any] | None:
        """Waits for what comes of it, as long as it may take."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError), self._process.stdin as stdin:
            Sender(stdin.fileno(), TO_PROCESS).send(order)
        first = self._next(order.limits.start_seconds, given_up)
        if isinstance(first, NoWalls):
            _log.warning("programs of models are not run; missing: %s", first.missing)
            raise NoWallsError
        if not isinstance(first, Ready):
            return None
        last = self._next(order.limits.seconds, given_up)
        if not isinstance(last, Returned):
            return None
        try:
            values = parse_json(last.values, MESSAGE_LIMIT)
        except JsonError:
            return None
        return values if isinstance(values, list) else None

    def end(self) -> None:
        """Ends the process if it runs, and waits until it is gone."""
        end_process(self._process, "the process that runs a model's program")
        self._listener.join(_END_SECONDS)
        for stream in (self._process.stdin, self._process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _next(self, seconds: float, given_up: threading.Event) -> object:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if given_up.is_set():
                raise Cancelled
            with contextlib.suppress(queue.Empty):
                return self._said.get(timeout=_LOOK_SECONDS)
        return None

    def _listen(self, stdout: IO[bytes]) -> None:
        receiver = Receiver(stdout.fileno(), FROM_PROCESS, MESSAGE_LIMIT)
        try:
            while (message := receiver.receive()) is not None:
                self._said.put(message)
                if not isinstance(message, Ready):
                    break
        except ProtocolError as nonsense:
            _log.info("a model's program: %s", nonsense)
        finally:
            self._said.put(None)
            stdout.close()


def _cannot_start(reason: str) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The process that runs a model's program could not be started."), f"{reason}."
    )
