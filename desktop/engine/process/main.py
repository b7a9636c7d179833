"""The engine process from its beginning to its end; started by the app with a verb that nobody types.

Messages come on the standard input and go to the standard output, both of which are taken away from everybody else
here: whatever a library prints goes to the standard error, which the app reads for the last words of a crash.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from desktop.common.errors import UserFacingError
from desktop.engine.cage.walls import raise_walls
from desktop.engine.llama import bindings
from desktop.engine.llama.gpu.devices import Gpu, find_gpu, load_gpus
from desktop.engine.process.channel import TO_PROCESS_LIMIT, ProtocolError, Receiver, Sender
from desktop.engine.process.host import Host
from desktop.engine.process.messages import (
    FROM_PROCESS,
    PROTOCOL,
    TO_PROCESS,
    Begin,
    FromProcess,
    LogLine,
    Ready,
    Refused,
)
from desktop.engine.process.pipes import leave_signals_to_the_app, take_pipes
from desktop.engine.types import Stats
from desktop.machine import file_lease
from desktop.machine.process import lower_priority

_STDERR = 2
_PACKAGE = __name__.partition(".")[0]
# Characters of an entry in the log; a traceback is one.
_LINE: Final = 8000


def main() -> int:
    """Runs the process; returns its exit code, or ends without returning when the app is gone."""
    leave_signals_to_the_app()
    file_lease.hold_back_signal()
    commands, events = take_pipes()
    receiver = Receiver(commands, TO_PROCESS, TO_PROCESS_LIMIT)
    sender = Sender(events, FROM_PROCESS)
    faulthandler.enable(_STDERR)
    try:
        begin = receiver.receive()
    except ProtocolError:
        begin = None
    if not isinstance(begin, Begin) or begin.protocol != PROTOCOL:
        print("The engine process is started by Catnap itself.", file=sys.stderr)
        return 2
    lower_priority()
    send = sender.send_or_end
    _log_to(send, begin.log_level)
    try:
        native = bindings.load()
    except UserFacingError as problem:
        send(Refused.of(0, problem, Stats()))
        return 1
    walls = raise_walls(begin.config)
    device: Gpu | None = None
    facts = replace(native.facts(), walls=walls)
    if begin.config.gpu is not None:
        try:
            gpu = find_gpu(load_gpus(native, begin.config.gpu.library), begin.config.gpu)
        except UserFacingError as problem:
            send(Refused.of(0, problem, Stats()))
            return 1
        facts, device = replace(facts, gpu=gpu.device.description), gpu
    host = Host(begin, native, send, device=device)
    send(Ready(PROTOCOL, facts))
    threading.Thread(target=_listen, args=(receiver, host), name="messages", daemon=True).start()
    host.run()
    # Nothing is left to be tidied up, and the interpreter's own end could trip over native threads.
    os._exit(0)


def _listen(receiver: Receiver, host: Host) -> None:
    """Passes messages on; with the app gone, or talking nonsense, the process ends at once, whatever it computes."""
    try:
        while (message := receiver.receive()) is not None:
            host.take(message)
    except Exception as problem:
        print(f"{type(problem).__name__}: {problem}", file=sys.stderr)
    os._exit(1)


class _LogToApp(logging.Handler):
    """Sends what is logged here to the log of the app."""

    def __init__(self, send: Callable[[FromProcess], None]) -> None:
        super().__init__()
        self._to_app = send

    def emit(self, record: logging.LogRecord) -> None:
        """Called by logging, under the handler's lock."""
        self._to_app(LogLine(record.levelno, record.name, self.format(record)[:_LINE]))


def _log_to(send: Callable[[FromProcess], None], level: int) -> None:
    root = logging.getLogger()
    root.addHandler(_LogToApp(send))
    root.setLevel(logging.WARNING)
    logging.getLogger(_PACKAGE).setLevel(level)
