"""A file server on loopback that can misbehave in every way a download has to survive.

    with serve(folder) as server:                      # well-behaved: ranges, ETags, If-Range
        server.script("/model.gguf", Fault(cut_after=1000), Fault(status=503))
        ...server.url + "/model.gguf"...               # the first request is cut, the second refused, the rest is fine
        assert server.requests[1].range == "bytes=1000-"

Files are served by their path below the folder, so ``/owner/repo/resolve/main/model.gguf`` looks like Hugging Face.
Used by the tests, the end-to-end test and ``make demo``.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import socket
import ssl
import struct
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.support.patience import LONG_PATIENCE_S

_CONNECTIONS = 16
_BLOCK = 16 * 1024
_IDLE_SECONDS = LONG_PATIENCE_S
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


@dataclass(frozen=True)
class Fault:
    """What is wrong with one answer; the fields can be combined.

    Attributes:
        status: Refuse with this status.
        redirect: Send the client to this address.
        headers: Added to the answer, or put in place of its own.
        body: Sent instead of the file.
        content_type: Sent instead of application/octet-stream.
        cut_after: Close the connection after this many bytes of the body.
        reset_after: Reset the connection after this many bytes of the body.
        drip: Seconds between two bytes of the body, which come one at a time; ends with the client's patience.
        stall_after: Send this many bytes of the body, then nothing, until the client goes away.
        stall_before: Send nothing at all.
        hold_after: Send this many bytes of the body, and the rest after :meth:`FaultServer.go_on`.
        ignore_ranges: Always send the whole file.
        ignore_if_range: Continue although the ETag has changed.
        range_as_200: Answer a range with 200 and Content-Range, as ModelScope does.
        content_range: Lie about the range.
        no_content_range: Answer a range with 206 and no Content-Range.
        send_from: Send the bytes from here on, whatever was asked for and announced.
        no_length: Send no Content-Length and close the connection at the end.
        etag: ETag instead of the file's own; "" sends none.
        flip: Turn over a bit of this byte of the file.
        bytes_per_second: Send slowly.
    """

    status: int | None = None
    redirect: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    content_type: str = "application/octet-stream"
    cut_after: int | None = None
    reset_after: int | None = None
    drip: float | None = None
    stall_after: int | None = None
    stall_before: bool = False
    hold_after: int | None = None
    ignore_ranges: bool = False
    ignore_if_range: bool = False
    range_as_200: bool = False
    content_range: str | None = None
    no_content_range: bool = False
    send_from: int | None = None
    no_length: bool = False
    etag: str | None = None
    flip: int | None = None
    bytes_per_second: int | None = None


NO_FAULT = Fault()
LOGIN_PAGE = Fault(body=b"<!DOCTYPE html><html><body>Please log in</body></html>", content_type="text/html")


@dataclass(frozen=True)
class Request:
    """A request as it came in."""

    path: str
    headers: dict[str, str] = field(compare=False)

    @property
    def range(self) -> str | None:
        return self.headers.get("range")

    @property
    def if_range(self) -> str | None:
        return self.headers.get("if-range")


class FaultServer:
    """A running server; made by :func:`serve`.

    Attributes:
        url: ``http://127.0.0.1:port``.
        requests: What was asked so far, in order.
        silent: Ports of the clients to whom a stalled answer has sent all that it will ever send.
    """

    def __init__(self, folder: Path, certificate: Path | None = None) -> None:
        self.folder = folder
        self.requests: list[Request] = []
        self.silent: set[int] = set()
        self.stopping = threading.Event()
        self.going_on = threading.Event()
        self._lock = threading.Lock()
        self._scripts: dict[str, deque[Fault]] = {}
        self._always: dict[str, Fault] = {}
        self._server = _Server(self, certificate)
        scheme = "https" if certificate else "http"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="fault server")
        self._thread.start()

    @property
    def host(self) -> str:
        """``127.0.0.1:port``."""
        return urlsplit(self.url).netloc

    def script(self, path: str, *faults: Fault) -> None:
        """Misbehaves in this order at the next requests for ``path``, once each, then well again."""
        with self._lock:
            self._scripts.setdefault(path, deque()).extend(faults)

    def always(self, path: str, fault: Fault) -> None:
        """Misbehaves at every request for ``path`` that no script covers."""
        with self._lock:
            self._always[path] = fault

    def behave(self) -> None:
        """Forgets every fault: well from now on."""
        with self._lock:
            self._scripts.clear()
            self._always.clear()

    def of(self, path: str) -> list[Request]:
        """Returns the requests for ``path``."""
        with self._lock:
            return [request for request in self.requests if request.path == path]

    def take(self, request: Request) -> Fault:
        """Notes a request and returns what is to go wrong with it; called by the handler."""
        with self._lock:
            self.requests.append(request)
            script = self._scripts.get(request.path)
            return script.popleft() if script else self._always.get(request.path, NO_FAULT)

    def go_on(self) -> None:
        """Sends the rest of every answer that is held, now and from now on."""
        self.going_on.set()

    def close(self) -> None:
        """Ends every answer, closes every connection and waits for the threads."""
        self.stopping.set()
        self.going_on.set()
        self._server.shutdown()
        self._server.hang_up()
        self._server.server_close()
        self._thread.join()


@contextlib.contextmanager
def serve(folder: Path, certificate: Path | None = None) -> Iterator[FaultServer]:
    """Serves ``folder`` on a free port of 127.0.0.1 until the block ends.

    Args:
        folder: Files are looked up at every request.
        certificate: PEM file with certificate and key; the server speaks TLS then.
    """
    server = FaultServer(folder, certificate)
    try:
        yield server
    finally:
        server.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True

    def __init__(self, owner: FaultServer, certificate: Path | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.owner = owner
        self._slots = threading.BoundedSemaphore(_CONNECTIONS)
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._slots.acquire(blocking=False):
            self.shutdown_request(request)
            return
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._connections.discard(request)
                self.owner.silent.discard(client_address[1])
            self._slots.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is what the tests are about, not something to print."""

    def hang_up(self) -> None:
        """Wakes the threads that wait for a client."""
        with self._lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    server: _Server

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name of http.server)
        """Says nothing: standard error belongs to the tests."""

    def _answer(self, with_body: bool) -> None:
        owner = self.server.owner
        path = unquote(urlsplit(self.path).path)
        fault = owner.take(Request(path, {key.lower(): value for key, value in self.headers.items()}))
        if fault.stall_before:
            owner.silent.add(self.client_address[1])
            self._wait_for_the_client()
            self.close_connection = True
            return
        content = fault.body if fault.body is not None else self._content(path)
        if fault.redirect is not None:
            self._send(replace(fault, status=fault.status or 302), b"", [("Location", fault.redirect)], with_body)
        elif fault.status is not None or content is None:
            self._send(replace(fault, status=fault.status or 404), b"", [], with_body)
        else:
            if fault.flip is not None:
                content = content[: fault.flip] + bytes([content[fault.flip] ^ 1]) + content[fault.flip + 1 :]
            self._send_content(content, fault, with_body)

    def _content(self, path: str) -> bytes | None:
        folder = self.server.owner.folder.resolve()
        file = (folder / path.lstrip("/")).resolve()
        return file.read_bytes() if file.is_relative_to(folder) and file.is_file() else None

    def _send_content(self, content: bytes, fault: Fault, with_body: bool) -> None:
        etag = f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"' if fault.etag is None else fault.etag
        headers = [("ETag", etag), ("Accept-Ranges", "bytes")] if etag else []
        wanted = self._wanted(etag, fault)
        if wanted is None:
            self._send(replace(fault, status=200), content[fault.send_from or 0 :], headers, with_body)
            return
        first, last = wanted[0], min(wanted[1], len(content) - 1)
        if first >= len(content):
            headers.append(("Content-Range", f"bytes */{len(content)}"))
            self._send(replace(fault, status=416), b"", headers, with_body)
            return
        if not fault.no_content_range:
            headers.append(("Content-Range", fault.content_range or f"bytes {first}-{last}/{len(content)}"))
        body = content[first : last + 1] if fault.send_from is None else content[fault.send_from :]
        self._send(replace(fault, status=200 if fault.range_as_200 else 206), body, headers, with_body)

    def _wanted(self, etag: str, fault: Fault) -> tuple[int, int] | None:
        match = _RANGE.fullmatch(self.headers.get("Range", ""))
        if match is None or fault.ignore_ranges:
            return None
        condition = self.headers.get("If-Range")
        if condition is not None and condition != etag and not fault.ignore_if_range:
            return None
        return int(match[1]), int(match[2]) if match[2] else 1 << 62

    def _send(self, fault: Fault, body: bytes, headers: list[tuple[str, str]], with_body: bool) -> None:
        own = dict(headers) | {"Content-Type": fault.content_type, "Content-Length": str(len(body))}
        if fault.no_length:
            del own["Content-Length"]
            own["Connection"] = "close"
        self.send_response(fault.status or 200)
        for name, value in (own | dict(fault.headers)).items():
            self.send_header(name, value)
        self.end_headers()
        if with_body:
            self._send_body(body, fault)

    def _send_body(self, body: bytes, fault: Fault) -> None:
        limits = (fault.cut_after, fault.stall_after, fault.reset_after)
        end = min(len(body), *(limit for limit in limits if limit is not None), len(body))
        if fault.drip is not None:
            self._drip(body[:end], fault.drip)
            self.close_connection = True
            return
        held = end if fault.hold_after is None else min(end, fault.hold_after)
        self._send_blocks(body[:held], fault.bytes_per_second)
        if held < end:
            self.server.owner.going_on.wait(_IDLE_SECONDS)
            self._send_blocks(body[held:end], fault.bytes_per_second)
        if fault.stall_after is not None:
            self.server.owner.silent.add(self.client_address[1])
            self._wait_for_the_client()
        if fault.reset_after is not None:
            # With nothing left to wait for, closing sends a reset: socket(7), SO_LINGER. The server would shut it down
            # first, and politely.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            socket.close(self.connection.detach())
        if any(limit is not None for limit in limits) or fault.no_length:
            self.close_connection = True

    def _drip(self, body: bytes, seconds: float) -> None:
        for at in range(len(body)):
            self.wfile.write(body[at : at + 1])
            self.wfile.flush()
            if self.server.owner.stopping.wait(seconds):
                break

    def _send_blocks(self, body: bytes, per_second: int | None) -> None:
        for start in range(0, len(body), _BLOCK):
            block = body[start : start + _BLOCK]
            self.wfile.write(block)
            if per_second and self.server.owner.stopping.wait(len(block) / per_second):
                break
        self.wfile.flush()

    def _wait_for_the_client(self) -> None:
        with contextlib.suppress(OSError):
            self.connection.recv(1)  # returns when the client goes away, or when the server hangs up
