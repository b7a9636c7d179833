"""A process that does what a test tells it, line by line, in place of one that works for hours.

It connects to a port of this computer and says its id; then each line is an order: ``say TEXT`` prints a line,
``warn TEXT`` prints one on stderr, ``end CODE`` ends it. SIGINT ends it with 130, as every verb of Catnap; after
``hang`` it does not.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from tests.support.patience import PATIENCE_S

_SCRIPT = """
import os, signal, socket, sys
try:
    stream = socket.create_connection(("127.0.0.1", int(sys.argv[1]))).makefile("rw")
    print(os.getpid(), file=stream, flush=True)
    for line in stream:
        order, _, text = line.rstrip("\\n").partition(" ")
        if order == "end":
            os._exit(int(text))
        if order == "hang":
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            print(order, file=stream, flush=True)
            continue
        print(text, file=sys.stdout if order == "say" else sys.stderr, flush=True)
except KeyboardInterrupt:
    os._exit(130)
"""


class LedProcesses:
    """Takes such processes, one after the other; a context manager."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(PATIENCE_S)
        self._connections: list[socket.socket] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection in self._connections:
            connection.close()
        self._server.close()

    @property
    def command(self) -> Sequence[str]:
        """What starts one."""
        return sys.executable, "-c", _SCRIPT, str(self._server.getsockname()[1])

    def next(self) -> LedProcess:
        """Waits for the next one that is started."""
        connection, _ = self._server.accept()
        self._connections.append(connection)
        return LedProcess(connection)


class LedProcess:
    """One of them.

    Attributes:
        pid: Its id.
    """

    def __init__(self, connection: socket.socket) -> None:
        """
        Args:
            connection: To it.
        """
        self._stream = connection.makefile("rw", encoding="utf-8")
        self.pid = int(self._stream.readline())

    def hang(self) -> None:
        """Has it take no notice of SIGINT from now on."""
        self.tell("hang")
        assert self._stream.readline() == "hang\n"

    def tell(self, *orders: str) -> None:
        """Gives it orders."""
        for order in orders:
            print(order, file=self._stream, flush=True)
