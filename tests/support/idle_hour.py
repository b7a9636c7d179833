"""Runs the app through an hour in which nobody does anything, in some three seconds; tells what it did on the network.

    python -m tests.support.idle_hour [--phone-home] ARGUMENTS OF CATNAP ...

All timers run 1,200 times as fast. Prints one JSON list of sentences; it is empty when nothing happened.
``--phone-home`` adds the kind of thing that must not be there: somebody has to find it.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from PySide6 import QtCore
from PySide6.QtCore import QTimer

WARP = 1200
# A sample is taken of the sockets that native code may have opened; Python's are reported when they are made. The hour
# is over after so many, however long they took: what the program does in it is what it does between them.
_SAMPLE_MS = 100
_SAMPLES = 30
# Would only be imported to talk to somebody.
_TELL_TALES = ("httpx", "urllib.request", "http.client")


class Watch:
    """Collects what an idle program has no reason to do."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Called by the interpreter for every audited event, in any thread."""
        if event == "socket.__new__" and arguments[1] != socket.AF_UNIX:
            self.note("opened an Internet socket")
        elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
            self.note(f"looked up {arguments[0]}")
        elif event in ("subprocess.Popen", "os.system", "os.posix_spawn"):
            self.note(f"started {arguments[0]}")

    def sample(self) -> None:
        """Looks for Internet sockets of this process in what Linux lists of them."""
        internet: set[str] = set()
        for table in ("tcp", "tcp6", "udp", "udp6"):
            with suppress(OSError):
                lines = Path("/proc/self/net", table).read_text().splitlines()[1:]
                internet |= {f"socket:[{line.split()[9]}]" for line in lines}
        for handle in Path("/proc/self/fd").iterdir():
            with suppress(OSError):
                if os.readlink(handle) in internet:  # noqa: PTH115 (it is no path)
                    self.note("holds an Internet socket")

    def note(self, what: str) -> None:
        if what not in self.seen:
            self.seen.append(what)


class FastTimer(QTimer):
    """A QTimer in a faster world. The first one, made when there is an application, ends the hour."""

    begin: Callable[[], None] | None = None

    def __init__(self, *arguments: Any, **properties: Any) -> None:
        if "interval" in properties:
            properties["interval"] = _fast(properties["interval"])
        super().__init__(*arguments, **properties)
        begin, FastTimer.begin = FastTimer.begin, None
        if begin is not None:
            begin()

    def setInterval(self, milliseconds: int) -> None:  # noqa: N802
        super().setInterval(_fast(milliseconds))

    def start(self, *milliseconds: int) -> None:
        super().start(*map(_fast, milliseconds))

    @staticmethod
    def singleShot(milliseconds: int, *receiver: Any) -> None:  # noqa: N802
        QTimer.singleShot(_fast(milliseconds), *receiver)


def _fast(milliseconds: float) -> int:
    return max(1, round(milliseconds / WARP)) if milliseconds else 0


def _end() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def _phone_home() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()


def main(arguments: list[str]) -> int:
    """Runs the app to the end of the hour and returns its exit code."""
    watch = Watch()
    phone_home = "--phone-home" in arguments
    samples = itertools.count(1)

    def pass_on() -> None:
        watch.sample()
        number = next(samples)
        if number == _SAMPLES - 1 and phone_home:
            _phone_home()
        elif number == _SAMPLES:
            _end()

    QtCore.QTimer = FastTimer  # type: ignore[misc]  # before the app's own modules look for it
    import qasync

    from desktop.__main__ import main as catnap

    slow = qasync.QEventLoop.call_later
    qasync.QEventLoop.call_later = lambda loop, delay, *rest, **more: slow(loop, delay / WARP, *rest, **more)
    sampler = QTimer()
    sampler.timeout.connect(pass_on)
    FastTimer.begin = lambda: sampler.start(_SAMPLE_MS)
    sys.addaudithook(watch.audit)
    code = catnap([argument for argument in arguments if argument != "--phone-home"])
    if FastTimer.begin is not None:
        watch.note("never came to live through the hour")
    for module in _TELL_TALES:
        if module in sys.modules:
            watch.note(f"imported {module}")
    print(json.dumps(watch.seen))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
