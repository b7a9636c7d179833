"""A network in which time passes quickly where a server says nothing, and not at all where it is merely slow.

Downloads give a server up that has been silent for a while. A test that waits for that must neither take so long nor be
at the mercy of a busy machine, on which an honest server may be silent for a moment too. So here a silence is over as
soon as the server has really fallen silent, see ``FaultServer.silent``, and lasts for ever else.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpcore

from desktop.models.download.downloader import http_source
from desktop.models.download.failover import Timing
from desktop.models.download.responses import Source
from tests.support.fault_server import FaultServer
from tests.support.patience import PATIENCE_S

# How long to look for bytes that were sent before the silence; on loopback they are there at once.
_LOOK_S = 0.05


def quick_silence(*servers: FaultServer) -> Callable[[Timing], Source]:
    """Returns a ``source`` for a Downloader: the real one, on this network."""

    def source(timing: Timing) -> Source:
        made: Any = http_source(timing)
        made.ways._direct._pool._network_backend = _Network(servers)
        found: Source = made
        return found

    return source


class _Network(httpcore.AnyIOBackend):
    def __init__(self, servers: tuple[FaultServer, ...]) -> None:
        self._servers = servers

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (the signature of httpcore)
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        stream = await super().connect_tcp(host, port, timeout, local_address, socket_options)
        return _Stream(stream, self._servers)


class _Stream(httpcore.AsyncNetworkStream):
    def __init__(self, stream: httpcore.AsyncNetworkStream, servers: tuple[FaultServer, ...]) -> None:
        self._stream = stream
        self._servers = servers

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        end = time.monotonic() + PATIENCE_S
        while True:
            # Before the look: what was sent until then will be seen by it.
            silent = self._is_silent()
            try:
                return await self._stream.read(max_bytes, _LOOK_S)
            except httpcore.ReadTimeout:
                assert timeout is not None, "this download would wait for ever"
                assert time.monotonic() < end, "nothing comes, and the server does not say that it is silent"
                if silent:
                    raise

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore.AsyncNetworkStream:
        return await self._stream.start_tls(ssl_context, server_hostname, timeout)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def _is_silent(self) -> bool:
        port = self._stream.get_extra_info("client_addr")[1]
        return any(port in server.silent for server in self._servers)
