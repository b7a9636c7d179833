"""The API on loopback, before an engine that a test plays, and a client that sends bytes as it likes.

with serve_api() as api:
    reply = api.ask(PATH, {"messages": [...]})            # on a thread of its own: the engine is the test's
    request = api.engine.taken()                          # waits until the question is put
    api.say(request, "Hello", FinishReason.COMPLETE)
    assert reply.result().json["choices"][0]["message"]["content"] == "Hello"
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import queue
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from desktop.api.answering import Embedder
from desktop.api.http.types import USUAL_LIMITS, Limits
from desktop.api.offered import USUAL, OfferedModel
from desktop.api.questions import ProgramQuestions, Question
from desktop.api.service import ApiService
from desktop.api.state import ApiKind, ApiState
from desktop.common import detached
from desktop.engine.types import EngineEvent, Finished, FinishReason, Generation, Sampling, Stats, Token
from tests.support.patience import PATIENCE_S

TOKEN = "catnap-test-token"
CHAT, TEXT, VECTORS, MODELS = "/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/models"


@dataclass(frozen=True)
class Answered:
    """A response as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str | None:
        """What a refusal is told by."""
        error: dict[str, str | None] = self.json["error"]
        return error["code"] or error["type"]

    @property
    def events(self) -> list[Any]:
        """The documents of a stream; the last one is None."""
        lines = [line[6:] for line in self.body.decode().split("\n") if line.startswith("data: ")]
        return [None if line == "[DONE]" else json.loads(line) for line in lines]


class PlayedEngine:
    """What the questions are put to; the test answers."""

    def __init__(self) -> None:
        self.requests: queue.SimpleQueue[Generation] = queue.SimpleQueue()
        self.cancelled: queue.SimpleQueue[int] = queue.SimpleQueue()
        self.forgotten: list[str] = []

    def generate_behind(self, request: Generation) -> None:
        self.requests.put(request)

    def cancel(self, request_id: int) -> None:
        self.cancelled.put(request_id)

    def forget(self, conversation_id: str) -> None:
        self.forgotten.append(conversation_id)

    def taken(self) -> Generation:
        return self.requests.get(timeout=PATIENCE_S)


class _Backstage:
    def __init__(self, questions: ProgramQuestions, has_model: Callable[[], bool]) -> None:
        self._questions, self._has_model = questions, has_model
        self.embedding: Embedder | None = None

    def models(self) -> tuple[OfferedModel, ...]:
        return (OfferedModel(USUAL, None), OfferedModel("other", "other.gguf")) if self._has_model() else ()

    def find(self, name: str) -> OfferedModel | None:
        return next((each for each in self.models() if each.name == (name or USUAL)), None)

    def sampling(self) -> Sampling:
        return Sampling()

    def embedder(self) -> Embedder | None:
        return self.embedding

    def put(self, question: Question) -> None:
        self._questions.put(question)

    def stop(self, question: Question) -> None:
        self._questions.stop(question)

    def drop(self, question: Question) -> None:
        self._questions.drop(question)


class Api:
    """The running API."""

    def __init__(self, limits: Limits, origins: tuple[str, ...]) -> None:
        self.engine = PlayedEngine()
        self.has_model, self.refusal, self.is_wanted = True, "", False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="engine side of the test")
        self._thread.start()
        self.questions = self.on_side(
            lambda: ProgramQuestions(
                self.engine,
                itertools.count(1),
                lambda: self.is_wanted,
                lambda _file: self.refusal or None,
                self._loop.call_later,
            )
        )
        self.backstage = _Backstage(self.questions, lambda: self.has_model)
        self.service = ApiService(self.backstage, lambda token: token == TOKEN, self._later, limits)
        ready: Future[ApiState] = Future()

        def on_state(state: ApiState) -> None:
            if state.kind is not ApiKind.STARTING and not ready.done():
                ready.set_result(state)

        self.service.subscribe(on_state)
        self.on_side(lambda: self.service.start(0, origins))
        self.port = ready.result(PATIENCE_S).port

    def _later(self, work: Callable[[], None]) -> None:
        self._loop.call_soon_threadsafe(work)

    def on_side(self, work: Callable[[], Any]) -> Any:
        """Does work where the engine is asked."""
        done: Future[Any] = Future()

        def run() -> None:
            try:
                done.set_result(work())
            except BaseException as problem:
                done.set_exception(problem)

        self._loop.call_soon_threadsafe(run)
        return done.result(PATIENCE_S)

    def close(self) -> None:
        self.on_side(self.service.stop)
        self.on_side(self.questions.end)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_S)
        self._loop.close()

    def tell(self, event: EngineEvent) -> None:
        """Has the engine say something."""
        self.on_side(lambda: self.questions.on_engine_event(event))

    def say(self, request: Generation, text: str, reason: FinishReason | None = None, **stats: Any) -> None:
        """Has the engine say words to a request, and end it."""
        for word in text.split("|") if text else ():
            self.tell(Token(request.request_id, word))
        if reason is not None:
            self.tell(Finished(request.request_id, reason, Stats(**stats)))

    # --- the client

    def head(self, method: str = "POST", path: str = CHAT, *more: str, host: str | None = None) -> bytes:
        """Returns a head with a token, up to the empty line."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host or self.host}", f"Authorization: Bearer {TOKEN}"]
        return ("\r\n".join([*lines, *more]) + "\r\n\r\n").encode()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def post(self, path: str, document: Any, *more: str) -> bytes:
        """Returns a whole request."""
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        return self.head("POST", path, "Content-Type: application/json", f"Content-Length: {len(body)}", *more) + body

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)

    def send(self, raw: bytes) -> Answered:
        """Sends bytes, and returns the response to them."""
        with self.connect() as client:
            client.sendall(raw)
            return read_response(client)

    def ask(self, path: str, document: Any) -> Future[Answered]:
        """Sends a request on a thread of its own."""
        raw = self.post(path, document)
        return detached.start(lambda: self.send(raw), "client of the test")


def read_response(client: socket.socket) -> Answered:
    """Reads a response to its end, as its headers tell it."""
    import http.client

    with contextlib.closing(http.client.HTTPResponse(client)) as response:
        response.begin()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answered(response.status, headers, response.read())


def is_closed(client: socket.socket) -> bool:
    """Waits until the other side ends the connection, or sends something."""
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


@contextlib.contextmanager
def serve_api(limits: Limits = USUAL_LIMITS, origins: tuple[str, ...] = ()) -> Iterator[Api]:
    """The API, until the block is left."""
    api = Api(limits, origins)
    try:
        yield api
    finally:
        api.close()
