"""An answer of a server with the likeliest words at each place of it, by ``logprobs`` and ``top_logprobs``.

OpenAI gives 20 at the most, and so does vLLM unless it is started with more (``--max-logprobs``); llama.cpp's server
gives any number. Token by token each has a text and its bytes; where a token is part of a character several servers
say U+FFFD, or nothing, in place of its bytes (vLLM, Ollama), which is told as not known.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from desktop.common.errors import QT_TRANSLATE_NOOP, ServerAwayError, UserFacingError
from desktop.common.json_file import is_count
from desktop.engine.types import Generation, Message, Role, Sampling
from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
from desktop.servers import capabilities, errors
from desktop.servers.addresses import ServerAddress
from desktop.servers.client import Patience, RefusedError, ServerClient
from desktop.servers.registry import Server
from desktop.servers.request_body import body_of, refused_by

T = TypeVar("T")

# How many are asked for, until a server takes it: 20 is OpenAI's limit, 5 was once.
COUNTS: Final = (256, 128, 64, 20, 5)
_PATH: Final = "/chat/completions"
_MOST_TRIES: Final = 10
_BUSY: Final = (408, 429, 503, 504, 529)
# Seconds between tries of a server that does not say when to ask again, and the longest that it is obeyed.
_FIRST_WAIT, _LONGEST_WAIT = 2.0, 600.0
_MOST_WAITS: Final = 8
_MOST_TOKENS: Final = 100_000
_REPLACED: Final = "\ufffd".encode()
# A chance that servers write for none; smaller ones are that, too.
_LEAST: Final = -60.0
_COUNTED: Final = re.compile(r"logprobs", re.IGNORECASE)
# No word of anybody's.
_HELLO: Final = "Say hello in one word."
# Logarithms of chances that differ by no more are the same, computed in another batch; looked at are the best.
_SAME, _COMPARED = 0.15, 3
# A server that makes long answers in one piece sends nothing until then.
_PATIENCE: Final = Patience(document=900.0)


@dataclass(frozen=True)
class LikelyToken:
    """A token that was likely at a place.

    Attributes:
        text: Its bytes; of some a name such as "<|im_end|>", or nothing. None: they are not known.
        chance: Logarithm of its probability.
    """

    text: bytes | None
    chance: float


@dataclass(frozen=True)
class ToldToken:
    """A token of an answer.

    Attributes:
        said: The one that stands there.
        likely: The likeliest, that one perhaps among them.
    """

    said: LikelyToken
    likely: tuple[LikelyToken, ...]


@dataclass(frozen=True)
class ToldAnswer:
    """An answer.

    Attributes:
        text: What it says.
        is_whole: It came to its end, and was not cut off.
        tokens: As the server cuts it.
    """

    text: str
    is_whole: bool
    tokens: tuple[ToldToken, ...]


class ChancesOfServer:
    """Asks one server one question after the other. One thread; a context manager.

    Attributes:
        address: Where it is.
        model: Who is asked.
        count: How many likely tokens it gives for each.
        depends_on_temperature: What it tells is changed by the temperature of the answer, as it should not be.
    """

    def __init__(
        self,
        server: Server,
        key: str | None,
        accounts: ProxyAccounts,
        *,
        patience: Patience = _PATIENCE,
        wait: Callable[[float], None] = time.sleep,
        waits: Callable[[float], None] = lambda _seconds: None,
    ) -> None:
        """Looks what the server has, and how much it tells.

        Args:
            server: Which one, with the model that is asked.
            key: Its key; None: it has none.
            accounts: For a proxy that wants one.
            patience: How long it is waited for.
            wait: Waits for so many seconds.
            waits: Told before a wait how long it will be.

        Raises:
            UserFacingError: Nobody has agreed that words go there; it cannot be reached, has no such model, or tells
                nothing of what was likely.
        """
        if not server.may_be_asked:
            raise errors.not_agreed(server.name, server.address)
        self.address = server.address
        self._wait, self._waits = wait, waits
        self._runner = asyncio.Runner()
        self._client = ServerClient(
            server.address, key, accounts=accounts, patience=patience, through_proxy=server.through_proxy
        )
        try:
            seen = self._run(capabilities.look(self._client, server.model))
            self.model = server.model or capabilities.only_model(seen, server.address)
            self._found = seen.findings(server.found)
            self.count = self._counted()
            self.depends_on_temperature = self._depends()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def kind(self) -> str:
        """Whose program it runs."""
        return self._found.kind

    def close(self) -> None:
        """Closes the connections; may be called twice."""
        with contextlib.suppress(RuntimeError):  # the loop is closed already
            self._runner.run(self._client.aclose())
        self._runner.close()

    def ask(self, text: str, sampling: Sampling, count: int | None = None) -> ToldAnswer:
        """Asks a question, waiting where the server has too much to do.

        Args:
            text: The question.
            sampling: How the answer is made.
            count: Likely tokens of each; None: as many as the server gives.

        Raises:
            MessageTooLongError: It does not fit into the model's context.
            ServerAwayError: It cannot be reached, or wants to be left alone for long.
            UserFacingError: There is no answer.
        """
        waited = 0
        while True:
            try:
                return self._run(self._asked(text, sampling, self.count if count is None else count))
            except _BusyError as busy:
                seconds = busy.seconds if busy.seconds is not None else _FIRST_WAIT * 2**waited
                waited += 1
                if seconds > _LONGEST_WAIT or waited > _MOST_WAITS:
                    raise busy.error from busy
                self._waits(seconds)
                self._wait(seconds)

    async def _asked(self, text: str, sampling: Sampling, count: int) -> ToldAnswer:
        request = Generation(0, "teacher", (Message(Role.USER, text),), sampling, thinking=False)
        for _ in range(_MOST_TRIES):
            body = body_of(request, self.model, self._found, 0)
            body = {name: value for name, value in body.items() if name not in ("stream", "stream_options")}
            body |= {"stream": False, "logprobs": True, "top_logprobs": count}
            try:
                return _told(await self._client.document(_PATH, body), self.address)
            except RefusedError as refused:
                self._learn(refused, body, text)
        raise errors.no_answer(self.address)

    def _learn(self, refused: RefusedError, body: Mapping[str, Any], text: str) -> None:
        """Leaves out what the server refuses, or raises what cannot be helped by another try."""
        complaint = errors.complaint_in(refused.content)
        if complaint.is_too_long:
            raise errors.too_long(complaint, len(text), self._found.contexts.get(self.model)) from refused
        error = errors.status_error(refused.status, refused.headers, refused.content, self.address, self.model)
        if refused.status in _BUSY and isinstance(error, ServerAwayError):
            raise _BusyError(error, errors.retry_after(refused.headers)) from refused
        if refused.status in (400, 422) and _COUNTED.search(f"{complaint.parameter} {complaint.message}"):
            raise _CountRefusedError from refused
        what = refused_by(complaint, refused.status, body)
        if what is None or what in self._found.refused:
            raise error from refused
        self._found = replace(self._found, refused=(*self._found.refused, what))

    def _counted(self) -> int:
        """Returns how many likely tokens the server gives, by asking for a word.

        Raises:
            UserFacingError: It gives none.
        """
        for count in COUNTS:
            with contextlib.suppress(_CountRefusedError):
                told = self.ask(_HELLO, Sampling(temperature=1.0, seed=1, max_tokens=1), count)
                # Some take a larger number than they give.
                given = max((len(each.likely) for each in told.tokens), default=0)
                if given:
                    return min(count, given)
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The server does not tell which words were likely."),
            f"{self.address.place}.",
            QT_TRANSLATE_NOOP("Errors", "llama.cpp's server and vLLM do; others may when they are newer."),
        )

    def _depends(self) -> bool:
        """Returns whether what it tells is changed by the temperature of the answer, as it should not be."""
        cold, warm = (self.ask(_HELLO, Sampling(temperature=each, seed=1, max_tokens=1)).tokens for each in (0.5, 1.5))
        pairs = zip(cold[0].likely, warm[0].likely, strict=False) if cold and warm else ()
        return any(abs(one.chance - other.chance) > _SAME for one, other in list(pairs)[:_COMPARED])

    def _run(self, what: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(what)


class _BusyError(Exception):
    """The server has too much to do."""

    def __init__(self, error: ServerAwayError, seconds: int | None) -> None:
        super().__init__()
        self.error = error
        self.seconds = seconds


class _CountRefusedError(Exception):
    """The server does not give so many likely tokens."""


def _told(document: Any, address: ServerAddress) -> ToldAnswer:
    choices = document.get("choices") if isinstance(document, dict) else None
    choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else None
    message = choice.get("message") if choice is not None else None
    if choice is None or not isinstance(message, dict):
        raise errors.no_answer(address)
    text, chances = message.get("content"), choice.get("logprobs")
    content = chances.get("content") if isinstance(chances, dict) else None
    entries = content[:_MOST_TOKENS] if isinstance(content, list) else []
    return ToldAnswer(
        text if isinstance(text, str) else "",
        choice.get("finish_reason") == "stop",
        tuple(_token(each, address) for each in entries),
    )


def _token(entry: Any, address: ServerAddress) -> ToldToken:
    said = _likely(entry)
    if said is None:
        raise errors.no_answer(address)
    others = entry.get("top_logprobs")
    likely = [found for each in (others if isinstance(others, list) else []) if (found := _likely(each)) is not None]
    return ToldToken(said, tuple(likely))


def _likely(entry: Any) -> LikelyToken | None:
    if not isinstance(entry, dict):
        return None
    chance, text, data = entry.get("logprob"), entry.get("token"), entry.get("bytes")
    if not isinstance(chance, int | float) or isinstance(chance, bool) or not isinstance(text, str):
        return None
    if not chance <= 1e-3:  # no number, or no chance
        return None
    said = text.encode("utf-8", "replace")
    # An empty list says nothing where the token has a name.
    if isinstance(data, list) and data and all(is_count(each) and each < 256 for each in data):
        said = bytes(data)
    return LikelyToken(None if _REPLACED in said else said, max(min(float(chance), 0.0), _LEAST))
