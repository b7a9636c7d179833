"""An OpenAI-style server on loopback, ordinary unless it is told to misbehave.

    with serve_chat() as server:                             # one model, says "Hello there." to whatever it is asked
        server.script(said("One ", "two."), Reply(status=429, headers=(("Retry-After", "7"),)))
        ...server.url...                                     # the first question is answered, the second refused
        assert server.questions[0]["messages"][-1]["content"] == "Count!"

Bodies are sent in chunks of HTTP, one for each entry of ``Reply.chunks``, so that a test says where a stream is cut.
"""

from __future__ import annotations

import contextlib
import json
import math
import socket
import ssl
import struct
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.support.patience import LONG_PATIENCE_S

STREAM = "text/event-stream"
JSON = "application/json"
PATH = "/v1/chat/completions"


@dataclass(frozen=True)
class Reply:
    """One answer; the fields can be combined.

    Attributes:
        chunks: What is sent, piece by piece.
        waits: After the chunks nothing comes any more, until :meth:`ChatServer.go_on` or the client goes away.
        more: What is sent after that.
        is_cut: The connection is closed without an end.
        is_reset: It is reset.
        is_silent: Nothing is sent at all, no headers either, until the client goes away.
        has_length: Content-Length instead of chunks.
    """

    chunks: tuple[bytes, ...] = ()
    status: int = 200
    kind: str = STREAM
    headers: tuple[tuple[str, str], ...] = ()
    waits: bool = False
    more: tuple[bytes, ...] = ()
    is_cut: bool = False
    is_reset: bool = False
    is_silent: bool = False
    has_length: bool = False


@dataclass(frozen=True)
class Asked:
    """A request as it came in."""

    method: str
    path: str
    headers: dict[str, str] = field(compare=False)
    body: Any = None


def event(document: object) -> bytes:
    """Returns an event of a stream; a text is sent as it is."""
    data = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
    return f"data: {data}\n\n".encode()


def delta(text: str = "", *, ended: str | None = None, **more: object) -> bytes:
    """Returns an event with a piece of an answer."""
    said = {**({"content": text} if text else {}), **more}
    return event({"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": said, "finish_reason": ended}]})


def usage(prompt: int, generated: int, **more: object) -> bytes:
    """Returns the event with no choices that tells what an answer has taken."""
    return event({"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": generated, **more}})


DONE = event("[DONE]")


def said(*words: str, ended: str = "stop") -> Reply:
    """Returns an ordinary answer."""
    return Reply((delta(role="assistant"), *map(delta, words), delta(ended=ended), usage(12, len(words)), DONE))


def refused(status: int, message: str, **more: object) -> Reply:
    """Returns an error in OpenAI's form."""
    document = {"error": {"message": message, **more}}
    return Reply((json.dumps(document).encode(),), status, JSON)


def document(value: object, **more: Any) -> Reply:
    """Returns an answer that is a JSON document."""
    return Reply((json.dumps(value).encode(),), kind=JSON, **more)


def told(*tokens: tuple[str, Mapping[str, float]], ended: str = "stop", has_bytes: bool = True) -> Reply:
    """Returns an answer in one piece that tells what was likely.

    Args:
        tokens: What stands there, with the probabilities of that and of others.
        ended: Why it ended.
        has_bytes: The bytes of each token are told, too.
    """

    def entry(text: str, chance: float) -> dict[str, object]:
        return {"token": text, "logprob": math.log(chance), "bytes": list(text.encode()) if has_bytes else None}

    content = [
        {**entry(text, chances[text]), "top_logprobs": [entry(*each) for each in chances.items()]}
        for text, chances in tokens
    ]
    text = "".join(text for text, _ in tokens if not text.startswith("<|"))
    choice = {"message": {"role": "assistant", "content": text}, "logprobs": {"content": content}}
    return document({"choices": [{**choice, "finish_reason": ended}]})


class ChatServer:
    """A running server; made by :func:`serve_chat`.

    Attributes:
        url: ``http://127.0.0.1:port``, without a path.
        asked: All requests so far, in order.
        left: Set when a client has gone away in the middle of an answer that waits.
        waiting: Set when an answer has begun to wait, or a silent one to be silent.
    """

    def __init__(self, certificate: Path | None = None) -> None:
        self.asked: list[Asked] = []
        self.left = threading.Event()
        self.waiting = threading.Event()
        self.going_on = threading.Event()
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._script: deque[Reply] = deque()
        self._others: dict[str, Reply] = {}
        self.offer("parrot")
        self._server = _Server(self, certificate)
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="chat server")
        self._thread.start()

    @property
    def questions(self) -> list[Any]:
        """Bodies of the requests for an answer."""
        with self._lock:
            return [each.body for each in self.asked if each.path == PATH]

    def script(self, *replies: Reply) -> None:
        """Answers the next questions so, one after the other; then ordinarily again."""
        with self._lock:
            self._script.extend(replies)

    def behave(self) -> None:
        """Forgets what is left of the script: ordinary from now on."""
        with self._lock:
            self._script.clear()

    def at(self, path: str, reply: Reply) -> None:
        """Answers another path so, from now on."""
        with self._lock:
            self._others[path] = reply

    def offer(self, *models: str, **more: object) -> None:
        """Has these models from now on."""
        entries = [{"id": model, "object": "model", "owned_by": "tests", **more} for model in models]
        self.at("/v1/models", document({"object": "list", "data": entries}))

    def take(self, asked: Asked) -> Reply:
        """Notes a request and returns what it is answered; called by the handler."""
        with self._lock:
            self.asked.append(asked)
            if asked.path == PATH:
                return self._script.popleft() if self._script else said("Hello ", "there.")
            return self._others.get(asked.path, refused(404, "Not Found"))

    def go_on(self) -> None:
        """Sends the rest of every answer that waits, now and from now on."""
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
def serve_chat(certificate: Path | None = None) -> Iterator[ChatServer]:
    """Serves on a free port of 127.0.0.1 until the block ends.

    Args:
        certificate: PEM file with certificate and key; the server speaks TLS then.
    """
    server = ChatServer(certificate)
    try:
        yield server
    finally:
        server.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True

    def __init__(self, owner: ChatServer, certificate: Path | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.owner = owner
        self._open: set[socket.socket] = set()
        self._context: ssl.SSLContext | None = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(certificate)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        if self._context is not None:
            try:
                connection = self._context.wrap_socket(connection, server_side=True)
            except (ssl.SSLError, OSError) as problem:
                connection.close()
                raise OSError from problem  # which socketserver passes over
        self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        del request, client_address  # clients that go away are what these tests are about


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = LONG_PATIENCE_S
    server: _Server

    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers.get("content-length", "0")))
        self._answer(json.loads(content))

    def log_message(self, *args: Any) -> None:
        del args

    def _answer(self, body: Any) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.owner.take(Asked(self.command, self.path, headers, body))
        if reply.is_silent:
            self._wait()
            return
        own = {name.lower() for name, _ in reply.headers}
        self.send_response_only(reply.status)
        if "date" not in own:
            self.send_header("Date", self.date_time_string())
        for name, value in reply.headers:
            self.send_header(name, value)
        if "content-type" not in own:
            self.send_header("Content-Type", reply.kind)
        if reply.has_length:
            self.send_header("Content-Length", str(sum(map(len, reply.chunks))))
        else:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self._send(reply.chunks, reply)
        if reply.waits:
            self._wait()
            self._send(reply.more, reply)
        if reply.is_reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if reply.is_cut or reply.is_reset:
            self.close_connection = True
        elif not reply.has_length:
            self.wfile.write(b"0\r\n\r\n")

    def _send(self, chunks: tuple[bytes, ...], reply: Reply) -> None:
        for chunk in chunks:
            try:
                self.wfile.write(chunk if reply.has_length else b"%x\r\n%s\r\n" % (len(chunk), chunk))
                self.wfile.flush()
            except OSError:  # the client need not wait for the end of what is sent
                self.server.owner.left.set()
                raise

    def _wait(self) -> None:
        owner = self.server.owner
        owner.waiting.set()
        self.connection.settimeout(0.02)
        while not owner.going_on.is_set():
            try:
                if not self.connection.recv(1):
                    owner.left.set()
                    self.close_connection = True
                    return
            except TimeoutError:
                continue
            except OSError:
                owner.left.set()
                self.close_connection = True
                return
        self.connection.settimeout(self.timeout)
