"""One answer of a server: asked for, with less of the conversation where all is too long; read, and told as events."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Final

import httpx

from desktop.common.errors import MessageTooLongError, UserFacingError
from desktop.common.json_file import parse_json, to_json
from desktop.common.loops.asked import times_asked
from desktop.common.loops.detector import LoopDetector
from desktop.engine.chat_template.thinking.splitter import ThoughtSplitter
from desktop.engine.context_budget import answer_reserve, drop_turns
from desktop.engine.schema.checking import InvalidAnswerError, parse_answer
from desktop.engine.schema.reading import read_schema, without_own_words
from desktop.engine.types import (
    CUT_OFF,
    REPEATED_ITSELF,
    EngineEvent,
    Failed,
    Finished,
    FinishReason,
    Generation,
    Message,
    Reading,
    Recovered,
    Stalled,
    Stats,
    Token,
    Trimmed,
)
from desktop.models.download.connection_errors import is_page
from desktop.servers import errors
from desktop.servers.client import RefusedError, ServerClient, Stream
from desktop.servers.registry import Findings
from desktop.servers.request_body import (
    JSON_OBJECT,
    JSON_SCHEMA,
    body_of,
    estimate_tokens,
    is_only_too_much,
    kept_messages,
    refused_by,
    split,
)
from desktop.servers.schema_in_words import MOST_SAMPLES, asked_again, asked_in_words, is_no_json, json_in
from desktop.servers.stream import DONE, EventDecoder, Piece, StreamError, Usage, read_piece

# Characters of an answer with its thoughts; the longest contexts hold some hundred thousand.
_MOST_ANSWER: Final = 2_000_000
_MOST_TRIES: Final = 10
_PATH: Final = "/chat/completions"
_log = logging.getLogger(__name__)


class _NothingCameError(Exception):
    """A stream has ended before a word of an answer."""


class _NoJsonError(Exception):
    """A server takes a schema and keeps to none: what it says begins as no JSON does."""


class Answering:
    """One request, on the loop of the answers. It ends in exactly one ``Finished`` or ``Failed``.

    Attributes:
        found: What the server is and refuses; more than before when it has refused something.
    """

    def __init__(self, request: Generation, post: Callable[[EngineEvent], None]) -> None:
        """
        Args:
            request: What is asked.
            post: Takes the events.
        """
        self.request = replace(request, thinking=False) if request.schema is not None else request
        self.found = Findings()
        self._post = post
        self._began = time.monotonic()
        self._has_ended = False
        self._stats = Stats()
        self._first = self._last = 0.0
        self._count = 0
        self._left_out: tuple[str, ...] = ()
        self._splitter: ThoughtSplitter | None = None
        self._forget_answer()
        self._echo = _Echo(request.begun.text if request.begun is not None else "")
        self._silence: _Silence | None = None
        self._corrections: tuple[Message, ...] = ()  # what is said of answers that did not keep to the schema
        self._has_told = False

    def finish(self, reason: FinishReason) -> None:
        """Ends it; nothing more is told of it."""
        at_limit = CUT_OFF if reason is FinishReason.LENGTH else 0
        at_limit = REPEATED_ITSELF if reason is FinishReason.REPEATED else at_limit
        self._end(Finished(self.request.request_id, reason, replace(self._figures(), at_limit=at_limit)))

    def fail(self, error: UserFacingError) -> None:
        """Ends it with an error; what was told before stays valid."""
        self._end(Failed(self.request.request_id, error, self._figures()))

    async def run(self, client: ServerClient, model: str, found: Findings) -> None:
        """Asks, and tells the answer as it comes.

        Args:
            client: The way to the server.
            model: Who is asked.
            found: What is known of the server.

        Raises:
            UserFacingError: There is no answer, or no more of it.
        """
        self.found = found
        self._tell(Reading(self.request.request_id, 0, 0))
        self._silence = silence = _Silence(self.request.request_id, client.patience.told, self._tell)
        try:
            reason = await self._ask(client, model)
            for sample in range(1, MOST_SAMPLES + 1):
                if self.request.schema is None or self._check_schema(client, reason, is_last=sample == MOST_SAMPLES):
                    break
                reason = await self._ask(client, model)
        except httpx.TimeoutException as problem:
            raise errors.fell_silent(client.address, client.patience.silence) from problem
        except (httpx.HTTPError, StreamError) as problem:
            _log.info("%s: %s", client.address.place, str(problem) or type(problem).__name__)
            if isinstance(problem, StreamError) and not self._size:
                raise errors.no_answer(client.address) from problem
            raise errors.broke_off(client.address) from problem
        finally:
            silence.end()
        self.finish(reason)

    async def _ask(self, client: ServerClient, model: str) -> FinishReason:
        """Asks until the server takes the question: without what it refuses, and without what is too long."""
        cut, whole = self.request.cut, False
        for _ in range(_MOST_TRIES):
            found = replace(self.found, refused=(*self.found.refused, *self._left_out))
            body = body_of(self._worded(), model, found, cut)
            if whole:
                body = {name: value for name, value in body.items() if name not in ("stream", "stream_options")}
            try:
                async with client.stream(_PATH, body) as stream:
                    if cut > self.request.cut:
                        self._tell(Trimmed(self.request.request_id, cut))
                    return await self._read(client, stream)
            except RefusedError as refused:
                cut = self._learn(client, model, refused, body, cut)
            except _NoJsonError:
                self._ask_in_words(client)
            except _NothingCameError:
                # llama_cpp.server has begun its answer by the time it finds it too long, and says so only where it has
                # not: as an answer in one piece.
                if whole:
                    break
                whole = True
        raise errors.no_answer(client.address)

    def _learn(self, client: ServerClient, model: str, refused: RefusedError, body: dict[str, Any], cut: int) -> int:
        """Returns how much is left out of the next try, or raises what cannot be helped by another one."""
        complaint = errors.complaint_in(refused.content)
        if complaint.is_too_long:
            return self._shorter(complaint, model, cut)
        what = refused_by(complaint, refused.status, body)
        # A server that is out of order has refused nothing for good.
        for_now = what is not None and (
            is_only_too_much(complaint, what) or (what == JSON_OBJECT and refused.status >= 500)
        )
        if what is not None and what not in self._left_out and for_now:
            self._left_out = (*self._left_out, what)
            return cut
        if what is not None and what not in self.found.refused:
            _log.info("%s refuses %s", client.address.place, what)  # its own words may quote the question
            self.found = replace(self.found, refused=(*self.found.refused, what))
            return cut
        raise errors.status_error(refused.status, refused.headers, refused.content, client.address, model) from refused

    def _shorter(self, complaint: errors.Complaint, model: str, cut: int) -> int:
        """Returns a larger cut, by what the server says of the lengths.

        Raises:
            MessageTooLongError: The message alone does not fit.
        """
        _, turns = split(self.request.messages)
        lengths = [estimate_tokens(each.text) for each in turns]
        sent = sum(estimate_tokens(each.text) for each in kept_messages(self.request, cut))
        problem = errors.too_long(complaint, sent, self.found.contexts.get(model))
        if self.request.begun is not None or len(turns) <= cut + 2:
            raise problem
        scale = problem.tokens / sent
        room = problem.room or problem.tokens // 2
        fixed = sent - sum(lengths[cut:])
        try:
            kept = drop_turns(
                int(fixed * scale),
                [int(each * scale) for each in lengths],
                cut=cut,
                n_ctx=room,
                reserve=answer_reserve(room, self.request.sampling.max_tokens),
            )
        except MessageTooLongError as too_long:
            raise problem from too_long
        return max(kept.cut, cut + 2)

    async def _read(self, client: ServerClient, stream: Stream) -> FinishReason:
        decoder, raw, last = EventDecoder(), b"", Piece()
        is_stream = stream.kind == "text/event-stream"
        usage: Usage | None = None
        ended = ""
        is_done = False
        async with aclosing(self._chunks(stream)) as chunks:
            async for chunk in chunks:
                self._heard()
                if not is_stream and not self._size:
                    raw += chunk
                    is_stream, chunk = _looks_like_events(raw), raw
                    if not is_stream:
                        self._check_size(client, len(raw))
                        continue
                for event in decoder.feed(chunk):
                    if event.strip() == DONE:
                        is_done = True
                        break
                    last = self._take(client, read_piece(event))
                    ended, usage = last.ended or ended, last.usage or usage
                    if self._repeats(last):
                        return FinishReason.REPEATED
                self._note(usage)
                if is_done:
                    break
        rest = decoder.end() if is_stream else [_whole(client, raw)] if raw.strip() else []
        for event in [] if is_done else rest:
            if event.strip() != DONE:
                last = self._take(client, read_piece(event))
                ended, usage = last.ended or ended, last.usage or usage
            is_done = is_done or event.strip() == DONE or (not is_stream and self._size > 0)
        self._flush()
        self._note(usage)
        if ended == "content_filter":
            raise errors.filtered(client.address)
        if not ended and not is_done:
            raise errors.broke_off(client.address) if self._size else _NothingCameError
        if not self._size and ended != "length" and self.request.begun is None:
            raise errors.nothing_said(client.address)
        return FinishReason.LENGTH if ended == "length" else FinishReason.COMPLETE

    async def _chunks(self, stream: Stream) -> AsyncGenerator[bytes, None]:
        async with aclosing(stream.chunks) as chunks:
            try:
                async for chunk in chunks:
                    yield chunk
            except (httpx.RemoteProtocolError, httpx.ReadError) as problem:
                if self._size:
                    raise
                raise _NothingCameError from problem

    def _worded(self) -> Generation:
        """Returns the request as this server is asked: without a schema that it knows nothing of, but in words."""
        schema = self.request.schema
        if schema is None or not self._is_in_words:
            return self.request
        plain = to_json(without_own_words(parse_json(schema)))
        return replace(self.request, messages=(*asked_in_words(self.request.messages, plain), *self._corrections))

    @property
    def _is_in_words(self) -> bool:
        """Whether what comes may be no JSON, so that nothing of it is told before it was checked as a whole."""
        return self.request.schema is not None and JSON_OBJECT in (*self.found.refused, *self._left_out)

    def _ask_in_words(self, client: ServerClient) -> None:
        _log.info("%s does not keep to JSON Schemas", client.address.place)
        refused = dict.fromkeys((*self.found.refused, JSON_SCHEMA, JSON_OBJECT))
        self.found = replace(self.found, refused=tuple(refused))
        self._forget_answer()

    def _forget_answer(self) -> None:
        """Begins with an answer, or anew with one of which nothing was told."""
        asked = times_asked(self.request.messages[-1].text) if self.request.messages else 0
        self._text: list[str] = []
        self._size = 0
        self._loops = {thinking: LoopDetector(asked) for thinking in (False, True)}
        # What goes on from the middle of an answer is no place for thoughts.
        self._splitter = ThoughtSplitter(opened=False) if self.request.begun is None else None

    def _take(self, client: ServerClient, piece: Piece) -> Piece:
        """Tells what an event says."""
        if piece.problem is not None:
            if not self._size:  # SGLang, TGI and LM Studio say 200 first, and look at the question then
                raise RefusedError(errors.told_status(piece.problem), {}, _document(piece))
            raise errors.went_wrong(errors.complaint_of(piece.problem), client.address)
        self._check_size(client, len(piece.text) + len(piece.thought))
        self._size += len(piece.text) + len(piece.thought)
        if piece.text or piece.thought:
            self._count += 1
            self._last = time.monotonic()
            self._first = self._first or self._last
        self._say(piece.thought, thinking=True)
        if self._splitter is None:
            self._say(self._echo.feed(piece.text), thinking=False)
        elif piece.text:
            for text, is_thought in self._splitter.feed(piece.text):
                self._say(text, thinking=is_thought)
        return piece

    def _flush(self) -> None:
        self._say(self._echo.end(), thinking=False)
        for text, is_thought in self._splitter.flush() if self._splitter is not None else ():
            self._say(text, thinking=is_thought)

    def _say(self, text: str, *, thinking: bool) -> None:
        if text:
            if not thinking:
                self._text.append(text)
                if self._is_in_words:
                    return
                if self.request.schema is not None and self._is_out_of_schema():
                    raise _NoJsonError
            self._has_told = True
            self._tell(Token(self.request.request_id, text, thinking))

    def _is_out_of_schema(self) -> bool:
        """Returns whether the first words of an answer, of which nothing was told yet, are no JSON."""
        return self.request.begun is None and not self._has_told and is_no_json("".join(self._text))

    def _repeats(self, piece: Piece) -> bool:
        if not self.request.sampling.stop_loops:
            return False
        return any(
            self._loops[thinking].accept(text)
            for thinking, text in ((True, piece.thought), (False, piece.text))
            if text
        )

    def _check_size(self, client: ServerClient, more: int) -> None:
        if self._size + more > _MOST_ANSWER:
            raise errors.too_much(client.address)

    def _check_schema(self, client: ServerClient, reason: FinishReason, *, is_last: bool) -> bool:
        """Makes sure that an answer keeps to the schema, and tells it if it was held back; False: it needs another.

        Args:
            client: The way to the server.
            reason: Why the answer has ended; one that was cut off is told as it is.
            is_last: It is asked for no more.

        Raises:
            UserFacingError: It does not keep to it.
        """
        assert self.request.schema is not None
        was_held, begun = self._is_in_words, self.request.begun.text if self.request.begun is not None else ""
        said = "".join(self._text)
        text = json_in(said) if was_held and not begun else said
        if reason is FinishReason.COMPLETE:
            try:
                parse_answer(begun + text, read_schema(self.request.schema))
            except InvalidAnswerError as problem:
                if was_held and not begun and not is_last:
                    self._corrections = asked_again(said, str(problem))
                    self._forget_answer()
                    return False
                if not was_held:  # what was told cannot be taken back; the next answer is held
                    self._ask_in_words(client)
                raise errors.does_not_fit_schema(client.address, str(problem)) from problem
        if was_held and text:
            self._tell(Token(self.request.request_id, text))
        return True

    def _note(self, usage: Usage | None) -> None:
        if usage is not None:
            self._stats = replace(
                self._stats,
                prompt_tokens=usage.prompt or 0,
                reused_tokens=min(usage.reused or 0, usage.prompt or 0),
                read_s=usage.read_s or 0.0,
                generated_tokens=usage.generated or 0,
                generate_s=usage.generate_s or 0.0,
            )

    def _figures(self) -> Stats:
        """Returns what is known: what the server has counted and measured, else what was seen of it from here."""
        stats = self._stats
        ttft = self._first - self._began if self._first else 0.0
        return replace(
            stats,
            read_s=stats.read_s or ttft,
            generated_tokens=stats.generated_tokens or self._count,
            generate_s=stats.generate_s or self._last - self._first,
            ttft_s=ttft,
        )

    def _heard(self) -> None:
        if self._silence is not None:
            self._silence.heard()

    def _tell(self, event: EngineEvent) -> None:
        if not self._has_ended:
            self._post(event)

    def _end(self, event: Finished | Failed) -> None:
        self._tell(event)
        self._has_ended = True


class _Echo:
    """Leaves out the beginning of an answer where a server says it again before it goes on.

    llama.cpp's server does, since its parser looks at the whole of an answer (0.3.36 of llama-cpp-python has it so);
    and so do models that are asked for the rest in words.
    """

    def __init__(self, begun: str) -> None:
        self._begun = begun.strip()
        self._space = begun[len(begun.rstrip()) :]
        self._held = ""

    def feed(self, text: str) -> str:
        """Returns what of a piece is new, as far as that is certain by now."""
        if not self._begun:
            return text
        self._held += text
        said = self._held.lstrip()
        if said.startswith(self._begun):
            new = said.removeprefix(self._begun).removeprefix(self._space)
            self._begun, self._held = "", ""
            return new
        if self._begun.startswith(said):
            return ""
        return self.end()

    def end(self) -> str:
        """Returns what was held back and is no echo."""
        self._begun, held, self._held = "", self._held, ""
        return held


class _Silence:
    """Says it when nothing comes for a while, and when something comes again."""

    def __init__(self, request_id: int, seconds: float, tell: Callable[[EngineEvent], None]) -> None:
        self._request_id = request_id
        self._seconds = seconds
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self._since = self._loop.time()
        self._was_told = False
        self._timer = self._loop.call_later(seconds, self._look)

    def heard(self) -> None:
        self._since = self._loop.time()
        if self._was_told:
            self._was_told = False
            self._tell(Recovered(self._request_id))

    def end(self) -> None:
        self._timer.cancel()

    def _look(self) -> None:
        silent = self._loop.time() - self._since
        if silent >= self._seconds:
            self._was_told = True
            self._tell(Stalled(self._request_id, max(round(silent), 1)))
        # Answers come in many pieces: one timer looks again and again, instead of one for each piece.
        self._timer = self._loop.call_later(self._seconds - silent % self._seconds, self._look)


def _looks_like_events(raw: bytes) -> bool:
    """Tells whether a stream of events came under another name."""
    return raw.lstrip(b"\xef\xbb\xbf\r\n ").startswith((b"data:", b":", b"event:", b"id:", b"retry:"))


def _whole(client: ServerClient, raw: bytes) -> str:
    """Returns an answer that came in one piece, from a server that does not stream.

    Raises:
        UserFacingError: It is a web page.
    """
    if is_page(raw):
        raise errors.page_came(client.address)
    return raw.decode("utf-8", "replace")


def _document(piece: Piece) -> bytes:
    return to_json({"error": piece.problem}).encode()
