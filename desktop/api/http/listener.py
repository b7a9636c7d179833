"""Listens on this computer's own address, and nowhere else, and gives every client a connection."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import sys
from typing import Final

from desktop.api.http.connection import Connection
from desktop.api.http.types import USUAL_LIMITS, Handler, Limits
from desktop.api.state import ADDRESS
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError

_BACKLOG: Final = 128
_BUFFER: Final = 65_536
# Turns of the loop from a socket that asyncio has accepted to the task that is begun for it: three in 3.11 to 3.14.
_TURNS_TO_ACCEPT: Final = 8


class Listener:
    """On one asyncio loop; all methods are called there."""

    def __init__(self, handler: Handler, limits: Limits = USUAL_LIMITS) -> None:
        """
        Args:
            handler: Answers requests.
            limits: What clients may take.
        """
        self._handler, self._limits = handler, limits
        self._server: asyncio.Server | None = None
        self._is_closing = False
        self._open: dict[Connection, asyncio.Task[None]] = {}  # the oldest first

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._open)

    async def start(self, port: int) -> int:
        """Begins to listen; returns the port.

        Args:
            port: 0: any that is free.

        Raises:
            UserFacingError: It cannot be had.
        """
        listening = _socket(port)
        self._server = await asyncio.start_server(self._accept, sock=listening, limit=_BUFFER, backlog=_BACKLOG)
        found: int = listening.getsockname()[1]
        return found

    async def close(self) -> None:
        """Ends everything, answers under way included."""
        self._is_closing = True
        if self._server is not None:
            # A server that is closed forgets whom it is just letting in, and their sockets stay open. So nobody else is
            # let in, and whoever was is told.
            with contextlib.suppress(NotImplementedError):  # of the loop of Windows
                for listening in self._server.sockets:
                    asyncio.get_running_loop().remove_reader(listening.fileno())
            for _turn in range(_TURNS_TO_ACCEPT):
                await asyncio.sleep(0)
            self._server.close()
        for connection, task in list(self._open.items()):
            connection.abort()
            task.cancel()
        await asyncio.gather(*self._open.values(), return_exceptions=True)
        await asyncio.sleep(0)  # for the connections to be taken apart before the loop ends
        self._server = None

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.set_write_buffer_limits(high=_BUFFER)
        connection = Connection(reader, writer, self._handler, self._limits)
        if self._is_closing:
            connection.abort()
            return
        if len(self._open) >= self._limits.connections:
            idle = next((each for each in self._open if each.is_idle), None)
            (idle or connection).abort()
            if idle is None:
                return
            del self._open[idle]
        task = asyncio.current_task()
        assert task is not None
        self._open[connection] = task
        try:
            await connection.run()
        except asyncio.CancelledError:  # only close() does that, and has aborted the connection
            pass
        finally:
            self._open.pop(connection, None)


def _socket(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":  # elsewhere another program could take the port over
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:  # connections that have just ended keep it for a minute otherwise
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((ADDRESS, port))
    except OSError as problem:
        listening.close()
        if problem.errno == errno.EADDRINUSE:
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "Another program uses this port."),
                f"{ADDRESS}:{port}.",
                QT_TRANSLATE_NOOP("Errors", "Choose another port, or end that program."),
            ) from problem
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "Catnap cannot listen on this port."),
            f"{ADDRESS}:{port}: {problem.strerror or problem}.",
            QT_TRANSLATE_NOOP("Errors", "Choose another port, from 1024 on."),
        ) from problem
    return listening
