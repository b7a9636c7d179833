"""A proxy on loopback for tests: HTTP (CONNECT) and SOCKS5 on one port, with a password or with faults.

with serve_proxy(server.host) as proxy:
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)            # or proxy.socks_url
    ...download of https://models.example.org/model.gguf...  # ends at ``server``, whatever it asked for
    assert proxy.asked == ["models.example.org:443"]
"""

from __future__ import annotations

import base64
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpcore

from desktop.models.download.downloader import http_source
from desktop.models.download.failover import Timing
from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
from desktop.models.download.responses import Source
from tests.support.patience import LONG_PATIENCE_S

_BLOCK = 65536
_SOCKS5 = 5


@dataclass(frozen=True)
class ProxyFault:
    """What is wrong with a proxy.

    Attributes:
        account: (name, password) that it wants; None: none.
        schemes: What it says in Proxy-Authenticate; SOCKS has none.
        answer: Bytes sent in place of its first answer; the connection is closed then.
        hangs: It takes the connection and never says anything.
        refuses: An HTTP status, or a reply code of SOCKS, for every address.
    """

    account: tuple[str, str] | None = None
    schemes: tuple[str, ...] = ('Basic realm="proxy"',)
    answer: bytes | None = None
    hangs: bool = False
    refuses: int | None = None


class ProxyServer:
    """A running proxy; made by :func:`serve_proxy`.

    Attributes:
        asked: ``host:port`` of each tunnel that was asked for and let through.
        attempts: Connections so far.
        fault: What is wrong with it; may be changed.
    """

    def __init__(self, target: str, fault: ProxyFault) -> None:
        host, _, port = target.rpartition(":")
        self._target = (host, int(port))
        self.fault = fault
        self.asked: list[str] = []
        self.attempts = 0
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._start(self._accept)

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    @property
    def socks_url(self) -> str:
        return f"socks5://{self.host}"

    def close(self) -> None:
        """Closes every connection and waits for the threads."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for each in self._open:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
            threads = list(self._threads)
        for thread in threads:
            thread.join()

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, name="test proxy")  # type: ignore[arg-type]
        with self._lock:
            self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.attempts += 1
            self._start(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        client.settimeout(LONG_PATIENCE_S)
        with contextlib.suppress(OSError, EOFError, ValueError), self._kept(client):
            fault = self.fault
            first = client.recv(1)
            if fault.hangs:
                client.recv(_BLOCK)
                while client.recv(_BLOCK):
                    pass
                return
            if fault.answer is not None:
                client.recv(_BLOCK)
                client.sendall(fault.answer)
                return
            ready = self._socks(client, fault) if first == bytes([_SOCKS5]) else self._http(client, first, fault)
            if ready:
                self._tunnel(client)

    def _http(self, client: socket.socket, first: bytes, fault: ProxyFault) -> bool:
        while True:
            request = first
            while not request.endswith(b"\r\n\r\n"):
                request += _some(client)
            line, *headers = request.decode("latin-1").split("\r\n")
            sent = dict(header.lower().split(": ", 1) for header in headers if header)
            wanted = f"basic {base64.b64encode(':'.join(fault.account).encode()).decode()}" if fault.account else None
            if wanted is None or sent.get("proxy-authorization", "").lower() == wanted.lower():
                break
            lines = [f"Proxy-Authenticate: {scheme}" for scheme in fault.schemes]
            text = "\r\n".join(["HTTP/1.1 407 Proxy Authentication Required", *lines, "Content-Length: 0", "", ""])
            client.sendall(text.encode())
            first = _some(client)
        if fault.refuses:
            client.sendall(f"HTTP/1.1 {fault.refuses} No\r\nContent-Length: 0\r\n\r\n".encode())
            return False
        self.asked.append(line.split(" ")[1])
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        return True

    def _socks(self, client: socket.socket, fault: ProxyFault) -> bool:
        methods = _exactly(client, _exactly(client, 1)[0])
        wanted = 2 if fault.account else 0
        if wanted not in methods:
            client.sendall(b"\x05\xff")
            return False
        client.sendall(bytes([_SOCKS5, wanted]))
        if fault.account:
            _exactly(client, 1)
            user = _exactly(client, _exactly(client, 1)[0]).decode()
            password = _exactly(client, _exactly(client, 1)[0]).decode()
            right = (user, password) == fault.account
            client.sendall(b"\x01\x00" if right else b"\x01\x01")
            if not right:
                return False
        _, _, _, kind = _exactly(client, 4)
        host = _exactly(client, _exactly(client, 1)[0]).decode() if kind == 3 else _exactly(client, 4).hex()
        port = int.from_bytes(_exactly(client, 2), "big")
        client.sendall(bytes([_SOCKS5, fault.refuses or 0, 0, 1, 0, 0, 0, 0, 0, 0]))
        if fault.refuses:
            return False
        self.asked.append(f"{host}:{port}")
        return True

    def _tunnel(self, client: socket.socket) -> None:
        server = socket.create_connection(self._target)
        server.settimeout(LONG_PATIENCE_S)
        with self._kept(server):
            self._start(_copy, client, server)
            _copy(server, client)

    @contextlib.contextmanager
    def _kept(self, connection: socket.socket) -> Iterator[None]:
        with self._lock:
            self._open.add(connection)
        try:
            yield
        finally:
            with self._lock:
                self._open.discard(connection)
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()


@contextlib.contextmanager
def serve_proxy(target: str, fault: ProxyFault | None = None) -> Iterator[ProxyServer]:
    """Runs a proxy until the block ends.

    Args:
        target: ``host:port`` of the server that every tunnel ends at.
        fault: What is wrong with it.
    """
    proxy = ProxyServer(target, fault or ProxyFault())
    try:
        yield proxy
    finally:
        proxy.close()


class _Everywhere(httpcore.AnyIOBackend):
    def __init__(self, target: str) -> None:
        host, _, port = target.rpartition(":")
        self._target = (host, int(port))

    async def connect_tcp(self, host: str, port: int, *arguments: Any, **options: Any) -> httpcore.AsyncNetworkStream:
        return await super().connect_tcp(*self._target, *arguments, **options)


def all_names_lead_to(target: str, accounts: ProxyAccounts | None = None) -> Callable[[Timing], Source]:
    """Returns a ``source`` for a Downloader: the real one, where ``target``, host:port, is asked for all else."""

    def source(timing: Timing) -> Source:
        made: Any = http_source(timing, accounts)
        made.ways._direct._pool._network_backend = _Everywhere(target)
        found: Source = made
        return found

    return source


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(_BLOCK):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def _some(connection: socket.socket) -> bytes:
    data = connection.recv(1)
    if not data:
        raise EOFError
    return data


def _exactly(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        data += _some(connection)
    return data
