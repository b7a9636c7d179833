"""The stream of an answer: server-sent events out of bytes as they come, and what the events of such servers say.

The form is that of https://html.spec.whatwg.org/multipage/server-sent-events.html; what is in it differs from server to
server. vLLM calls thoughts ``reasoning`` since its pull request 27752 and did call them ``reasoning_content``, as
llama.cpp's server and SGLang do; Ollama says ``reasoning``. The last event of some has no choices and tells the usage.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from desktop.common.json_file import JsonError, is_count, parse_json

# Of one event; servers send a few hundred bytes, some a whole answer in one.
MOST_EVENT: Final = 1_000_000
DONE: Final = "[DONE]"
_MARK: Final = b"\xef\xbb\xbf"  # of byte order, which a stream may begin with


class StreamError(Exception):
    """What came is no stream of an answer, or too much of one; the message is for the log."""


class EventDecoder:
    """Makes events of the bytes of a stream, wherever those are cut."""

    def __init__(self, most: int = MOST_EVENT) -> None:
        """
        Args:
            most: Bytes of one event.
        """
        self._most = most
        self._held: list[bytes] = []  # of the line that is not whole yet
        self._held_size = 0
        self._data: list[bytes] = []
        self._size = 0
        self._after_return = self._is_first = True

    def feed(self, chunk: bytes) -> list[str]:
        """Returns the data of the events that are whole by now; comments and other fields are passed over.

        Raises:
            StreamError: A line or an event is too long, or not UTF-8.
        """
        if self._is_first and chunk:
            whole = b"".join((*self._held, chunk))
            if len(whole) < len(_MARK) and _MARK.startswith(whole):
                self._held = [whole]
                return []
            self._is_first = self._after_return = False
            self._held, chunk = [], whole.removeprefix(_MARK)
        if self._after_return and chunk:  # the line feed of a line that ended in the chunk before
            chunk, self._after_return = chunk.removeprefix(b"\n"), False
        self._after_return = self._after_return or chunk.endswith(b"\r")
        if b"\n" in chunk or b"\r" in chunk:
            chunk = b"".join((*self._held, chunk))
            *lines, chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
            self._held, self._held_size = [], 0
        else:
            lines = []
        if chunk:
            self._held.append(chunk)
            self._held_size += len(chunk)
        events = [event for line in lines if (event := self._line(line)) is not None]
        self._check(self._held_size)
        return events

    def end(self) -> list[str]:
        """Returns the data of an event whose end did not come, where there is one: some servers leave it out."""
        events = [event for line in (b"".join(self._held), b"") if (event := self._line(line)) is not None]
        self._held, self._held_size = [], 0
        return events

    def _line(self, line: bytes) -> str | None:
        if not line:
            data, self._data, self._size = b"\n".join(self._data), [], 0
            try:
                return data.decode() if data else None
            except UnicodeDecodeError as problem:
                raise StreamError("an event is not UTF-8") from problem
        name, _, value = line.partition(b":")
        if name == b"data":
            self._data.append(value.removeprefix(b" "))
            self._size += len(line)
            self._check(0)
        return None

    def _check(self, more: int) -> None:
        if self._size + more > self._most:
            raise StreamError(f"an event has more than {self._most:,} bytes")


@dataclass(frozen=True)
class Usage:
    """What an answer has taken, in tokens as the server counts them; None: it does not say.

    Attributes:
        prompt: Of the question with all that is before it.
        reused: Of these, known from before.
        generated: Of the answer, thoughts included.
        read_s: Seconds for reading, where the server tells its own time.
        generate_s: Likewise, for the answer.
    """

    prompt: int | None = None
    reused: int | None = None
    generated: int | None = None
    read_s: float | None = None
    generate_s: float | None = None


@dataclass(frozen=True)
class Piece:
    """What one event says.

    Attributes:
        text: Of the answer.
        thought: What comes before it.
        ended: Why the answer is over ("stop", "length", "content_filter" ...); empty: it is not.
        usage: What it has taken; None: not said here.
        problem: What went wrong on the server, as its error object; None: nothing.
    """

    text: str = ""
    thought: str = ""
    ended: str = ""
    usage: Usage | None = None
    problem: Mapping[str, Any] | None = None


def read_piece(event: str) -> Piece:
    """Returns what an event says, or a whole answer that is none.

    Raises:
        StreamError: It is no JSON, or nothing like an answer.
    """
    try:
        document = parse_json(event, MOST_EVENT)
    except JsonError as problem:
        raise StreamError(f"no JSON: {problem}") from problem
    if not isinstance(document, dict):
        raise StreamError("no object")
    error = problem_in(document)
    if error is not None:
        return Piece(problem=error)
    choices = document.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
    said = choice.get("delta") or choice.get("message")
    said = said if isinstance(said, dict) else {}
    ended = choice.get("finish_reason")
    return Piece(
        _text(said.get("content")) or _text(said.get("refusal")),
        _text(said.get("reasoning_content")) or _text(said.get("reasoning")),
        ended if isinstance(ended, str) else "",
        _usage(document),
    )


def problem_in(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Returns the error object of an answer, in the forms that servers give it; None: there is none."""
    error = document.get("error")
    if isinstance(error, dict):
        return error
    if isinstance(error, str) and error:
        return {**document, "message": error}
    if document.get("object") == "error":  # vLLM, until 2025
        return document
    return None


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):  # in parts
        return "".join(each["text"] for each in value if isinstance(each, dict) and isinstance(each.get("text"), str))
    return ""


def _usage(document: Mapping[str, Any]) -> Usage | None:
    usage, timings = document.get("usage"), document.get("timings")
    if not isinstance(usage, dict):
        return None
    details = usage.get("prompt_tokens_details")
    timings = timings if isinstance(timings, dict) else {}
    return Usage(
        _count(usage.get("prompt_tokens")),
        _count(details.get("cached_tokens")) if isinstance(details, dict) else None,
        _count(usage.get("completion_tokens")),
        _seconds(timings.get("prompt_ms")),
        _seconds(timings.get("predicted_ms")),
    )


def _count(value: object) -> int | None:
    return value if is_count(value) else None


def _seconds(milliseconds: object) -> float | None:
    is_number = isinstance(milliseconds, int | float) and not isinstance(milliseconds, bool)
    return milliseconds / 1000 if is_number and milliseconds >= 0 else None  # type: ignore[operator]
