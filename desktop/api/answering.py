"""What is asked for by which path, and how it is answered. On the loop of the listener."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol, TypeVar

from desktop.api import documents
from desktop.api.access import Access
from desktop.api.errors import ApiError, invalid, of_engine, unavailable, unknown_model
from desktop.api.http.types import Head, Responder
from desktop.api.offered import OfferedModel
from desktop.api.questions import Question, Reply
from desktop.api.requests import fields
from desktop.api.requests.chat import read_chat
from desktop.api.requests.completion import read_completion
from desktop.api.requests.embedding import read_embedding
from desktop.api.requests.generating import Options
from desktop.common import detached
from desktop.common.errors import UserFacingError
from desktop.common.text.stop_finder import StopFinder
from desktop.engine.types import BegunAnswer, Finished, Generation, Message, Role, Sampling, Stats

# A stream that says nothing for that long says that it is still there, or proxies and clients give it up.
_SIGN_OF_LIFE_S: Final = 15.0
_JSON: Final = "application/json"
_MODEL_PATH: Final = "/v1/models/"
_NO_PENALTY: Final = 1.0

T = TypeVar("T")


class Embedder(Protocol):
    """An embedding model."""

    @property
    def name(self) -> str:
        """As programs ask for it."""

    def embed(self, texts: tuple[str, ...], *, is_question: bool) -> tuple[bytes, ...]:
        """Returns vectors; takes its time. Raises UserFacingError."""


class Backstage(Protocol):
    """Catnap, as requests need it. Its methods run where the engine is asked, and may be called from there only."""

    def models(self) -> tuple[OfferedModel, ...]:
        """Returns the models that there are."""

    def find(self, name: str) -> OfferedModel | None:
        """Returns the model of a name; None: there is none."""

    def sampling(self) -> Sampling:
        """Returns how tokens are chosen where a program does not say."""

    def embedder(self) -> Embedder | None:
        """Returns the embedding model; None: none is chosen."""

    def put(self, question: Question) -> None:
        """Has a question answered."""

    def stop(self, question: Question) -> None:
        """Ends it where it is; that is replied."""

    def drop(self, question: Question) -> None:
        """Gives it up; nothing is replied any more."""


class Form(Protocol):
    """The documents of an answer; see :mod:`desktop.api.documents`."""

    def whole(self, text: str, thought: str, reason: str, stats: Stats) -> dict[str, Any]: ...

    def begin(self) -> dict[str, Any] | None: ...

    def piece(self, text: str, *, thinking: bool) -> dict[str, Any]: ...

    def end(self, reason: str) -> dict[str, Any]: ...

    def figures(self, stats: Stats) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Stage:
    """How to get from this thread to the one where the engine is asked.

    Attributes:
        call: Calls something there, later.
    """

    call: Callable[[Callable[[], None]], None]

    async def ask(self, work: Callable[[], T]) -> T:
        """Does work there and returns what it returns.

        Raises:
            ApiError: That side is gone.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()

        def settle(take: Callable[[], None]) -> None:
            with contextlib.suppress(RuntimeError):  # this loop is closed
                loop.call_soon_threadsafe(lambda: None if done.done() else take())

        def run() -> None:
            try:
                result = work()
            except Exception as problem:
                settle(partial(done.set_exception, problem))
            else:
                settle(partial(done.set_result, result))

        try:
            self.call(run)
        except RuntimeError:
            raise unavailable("Catnap ends.", "shutting_down") from None
        return await done


class Answering:
    """Implements :class:`~desktop.api.http.types.Handler`."""

    def __init__(self, access: Access, backstage: Backstage, stage: Stage) -> None:
        """
        Args:
            access: Who may ask.
            backstage: Models, settings, the engine.
            stage: The way there.
        """
        self._access, self._backstage, self._stage = access, backstage, stage
        self._posts: Mapping[str, Callable[[Mapping[str, Any], Responder], Awaitable[None]]] = {
            "/v1/chat/completions": self._chat,
            "/v1/completions": self._complete,
            "/v1/embeddings": self._embed,
        }

    def admit(self, head: Head) -> tuple[tuple[str, str], ...]:
        """See :meth:`desktop.api.http.types.Handler.admit`."""
        if head.method == "OPTIONS":
            return self._access.preflight(head)
        headers = self._access.admit(head)
        is_model = head.path == "/v1/models" or head.path.startswith(_MODEL_PATH)
        if head.path not in self._posts and not is_model:
            message = "There is nothing here. Ask /v1/models, /v1/chat/completions, /v1/completions or /v1/embeddings."
            raise ApiError(404, message, code="not_found")
        allowed = "GET" if is_model else "POST"
        if head.method != allowed:
            raise ApiError(405, f"Use {allowed}.", headers=(("allow", allowed),))
        if allowed == "POST":
            kind = head.headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind != _JSON or head.headers.get("content-encoding", "identity") != "identity":
                raise ApiError(415, f"Send the body as {_JSON}, not compressed.")
            if not head.has_body:
                raise invalid("The body is empty.")
        return headers

    async def answer(self, head: Head, body: bytes, responder: Responder) -> None:
        """See :meth:`desktop.api.http.types.Handler.answer`."""
        try:
            if head.method == "OPTIONS":
                await responder.send(204, None)
            elif head.method == "GET":
                await self._models(head.path, responder)
            else:
                await self._posts[head.path](fields.read_document(body), responder)
        except UserFacingError as problem:
            raise of_engine(problem) from problem

    async def _models(self, path: str, responder: Responder) -> None:
        models = await self._stage.ask(self._backstage.models)
        embedder = await self._stage.ask(self._backstage.embedder)
        if embedder is not None:
            models = (*models, OfferedModel(embedder.name, None))
        if path == "/v1/models":
            await responder.send(200, {"object": "list", "data": [each.document() for each in models]})
            return
        wanted = path.removeprefix(_MODEL_PATH)
        found = next((each for each in models if each.name == wanted), None)
        if found is None:
            raise unknown_model(wanted)
        await responder.send(200, found.document())

    async def _chat(self, document: Mapping[str, Any], responder: Responder) -> None:
        asked = read_chat(document)
        model, usual = await self._model(asked.options.model)
        sampling = asked.options.sampling(usual)
        if asked.schema is not None and asked.options.repeat_penalty is None:
            # What JSON repeats is no fault.
            sampling = Options(repeat_penalty=_NO_PENALTY).sampling(sampling)
        generation = Generation(
            *(0, "", asked.messages, sampling, asked.thinks),
            begun=BegunAnswer(asked.begun) if asked.begun else None,
            model_file=model.file,
            schema=asked.schema,
        )
        await self._generate(generation, asked.options, documents.ChatForm(model.name), responder)

    async def _complete(self, document: Mapping[str, Any], responder: Responder) -> None:
        asked = read_completion(document)
        model, usual = await self._model(asked.options.model)
        message = Message(Role.USER, asked.prompt)
        sampling = asked.options.sampling(usual)
        generation = Generation(0, "", (message,), sampling, model_file=model.file, plain=True)
        form = documents.TextForm(model.name, asked.prompt if asked.echoes else "")
        await self._generate(generation, asked.options, form, responder)

    async def _embed(self, document: Mapping[str, Any], responder: Responder) -> None:
        asked = read_embedding(document)
        embedder = await self._stage.ask(self._backstage.embedder)
        if embedder is None:
            message = "No embedding model is chosen. Catnap's libraries of documents say how to choose one."
            raise ApiError(404, message, param="model", code="model_not_found")
        if asked.model not in ("", embedder.name):
            raise unknown_model(asked.model)
        vectors = await detached.run(
            lambda: embedder.embed(asked.texts, is_question=asked.is_question), "embedding of a program"
        )
        if asked.dimensions is not None and vectors and asked.dimensions * 4 != len(vectors[0]):
            message = f"This model's vectors have {len(vectors[0]) // 4} dimensions, and cannot be shortened."
            raise invalid(message, "dimensions")
        await responder.send(200, documents.embeddings(vectors, embedder.name, as_base64=asked.as_base64))

    async def _model(self, name: str) -> tuple[OfferedModel, Sampling]:
        found = await self._stage.ask(lambda: (self._backstage.find(name), self._backstage.sampling()))
        model, sampling = found
        if model is None and not name:
            raise unavailable("No model is there yet. Choose or download one in Catnap.", "no_model")
        if model is None:
            raise unknown_model(name)
        return model, sampling

    async def _generate(self, generation: Generation, options: Options, form: Form, responder: Responder) -> None:
        replies: asyncio.Queue[Reply] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def reply(said: Reply) -> None:
            with contextlib.suppress(RuntimeError):  # this loop is closed
                loop.call_soon_threadsafe(replies.put_nowait, said)

        def stop() -> None:
            with contextlib.suppress(RuntimeError):  # that side is gone
                self._stage.call(lambda: self._backstage.stop(question))

        question = Question(generation, reply)
        answer = _Answer(replies, StopFinder(options.stops), stop)
        await self._stage.ask(lambda: self._backstage.put(question))
        try:
            if options.streams:
                await _stream(answer, form, responder, wants_usage=options.wants_usage)
            else:
                while await answer.take():
                    pass
                whole = form.whole(answer.text, answer.thought, answer.reason, answer.stats)
                await responder.send(200, whole)
        finally:
            if not answer.is_over:  # the client has gone
                with contextlib.suppress(RuntimeError):
                    self._stage.call(lambda: self._backstage.drop(question))


class _Answer:
    """Puts replies together, up to where the answer ends.

    Attributes:
        is_over: No reply comes any more.
        reason: Why, in the words of the API.
        stats: What it took.
    """

    def __init__(self, replies: asyncio.Queue[Reply], finder: StopFinder, stop: Callable[[], None]) -> None:
        self._replies, self._finder, self._stop = replies, finder, stop
        self._texts: list[str] = []
        self._thoughts: list[str] = []
        self.reason = ""
        self.stats = Stats()
        self.is_over = False

    @property
    def text(self) -> str:
        return "".join(self._texts)

    @property
    def thought(self) -> str:
        return "".join(self._thoughts)

    async def take(self, seconds: float | None = None) -> list[tuple[str, bool]]:
        """Returns what is said next, as (text, is a thought); nothing: it is over.

        Args:
            seconds: To wait at the most; None: as long as it takes.

        Raises:
            ApiError: It could not be answered, or not to its end.
            TimeoutError: Nothing was said for so long.
        """
        said: list[tuple[str, bool]] = []
        while not said and not self.is_over:
            async with asyncio.timeout(seconds):
                reply = await self._replies.get()
            if isinstance(reply, ApiError):
                self.is_over = True
                raise reply
            if isinstance(reply, Finished):
                self.is_over, self.stats = True, reply.stats
                self.reason = "stop" if self._finder.is_found else documents.finish_word(reply.reason)
                said = self._keep(self._finder.flush(), thinking=False)
            elif reply.thinking:
                said = self._keep(reply.text, thinking=True)
            elif not self._finder.is_found:
                said = self._keep(self._finder.feed(reply.text), thinking=False)
                if self._finder.is_found:
                    self._stop()
        return said

    def _keep(self, text: str, *, thinking: bool) -> list[tuple[str, bool]]:
        if not text:
            return []
        (self._thoughts if thinking else self._texts).append(text)
        return [(text, thinking)]


async def _stream(answer: _Answer, form: Form, responder: Responder, *, wants_usage: bool) -> None:
    """Sends an answer as it comes. What goes wrong before the first word has a status of its own, unless it takes long.

    Raises:
        ApiError: It went wrong before anything was sent.
    """
    is_begun = False

    async def begin() -> None:
        nonlocal is_begun
        if not is_begun:
            is_begun = True
            await responder.begin()
            if (first := form.begin()) is not None:
                await responder.push(documents.sse(first))

    try:
        while True:
            try:
                said = await answer.take(_SIGN_OF_LIFE_S)
            except TimeoutError:
                await begin()
                await responder.push(documents.STILL_THERE)
                continue
            if not said:
                break
            await begin()
            for text, thinking in said:
                await responder.push(documents.sse(form.piece(text, thinking=thinking)))
        await begin()
        last = [form.end(answer.reason), *([form.figures(answer.stats)] if wants_usage else [])]
        await responder.push(b"".join(map(documents.sse, last)) + documents.DONE)
    except ApiError as problem:
        if not is_begun:
            raise
        await responder.push(documents.sse(problem.document()))
    await responder.end()
