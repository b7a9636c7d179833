"""The engine's host on a thread of this process, for tests that look into it or put something else in its place."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

from desktop.engine.llama import bindings
from desktop.engine.process.handle import EngineProcess
from desktop.engine.process.host import Host
from desktop.engine.process.messages import PROTOCOL, Begin, Delivery, Ended, Leave, Ready, ToProcess


class HostedHere(EngineProcess):
    """Takes the place of a process; messages go past the pipe."""

    def __init__(self, deliver: Callable[[EngineProcess, Delivery], None]) -> None:
        self._deliver = deliver
        self._host: Host | None = None

    @property
    def pid(self) -> int:
        return os.getpid()

    def send(self, message: ToProcess) -> None:
        if isinstance(message, Begin):
            native = bindings.load()
            self._host = Host(message, native, lambda event: self._deliver(self, event), takes_leases=False)
            self._deliver(self, Ready(PROTOCOL, native.facts()))
            threading.Thread(target=self._run, args=(self._host,), name="engine host").start()
        else:
            assert self._host is not None
            self._host.take(message)

    def kill(self) -> None:
        self.send(Leave(keep_state=False))

    def _run(self, host: Host) -> None:
        host.run()
        self._deliver(self, Ended(0, ()))
