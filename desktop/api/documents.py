"""What programs are sent, in the form of OpenAI's API: whole answers, pieces of a stream, vectors."""

from __future__ import annotations

import base64
import secrets
import struct
import time
from collections.abc import Sequence
from typing import Any

from desktop.common.json_file import to_json
from desktop.engine.types import FinishReason, Stats

DONE = b"data: [DONE]\n\n"
STILL_THERE = b": still at it\n\n"


def sse(document: Any) -> bytes:
    """Returns a document as an event of a stream."""
    return f"data: {to_json(document)}\n\n".encode()


def finish_word(reason: FinishReason) -> str:
    """Returns why an answer has ended: what was cut off for its length, or for repeating itself, has not ended well."""
    return "length" if reason in (FinishReason.LENGTH, FinishReason.REPEATED) else "stop"


def usage(stats: Stats) -> dict[str, Any]:
    """Returns what an answer took, in tokens."""
    return {
        "prompt_tokens": stats.prompt_tokens,
        "completion_tokens": stats.generated_tokens,
        "total_tokens": stats.prompt_tokens + stats.generated_tokens,
        "prompt_tokens_details": {"cached_tokens": stats.reused_tokens},
    }


class ChatForm:
    """The documents of one answer to a chat."""

    def __init__(self, model: str) -> None:
        """
        Args:
            model: As the program is told.
        """
        self._model = model
        self._id = f"chatcmpl-{secrets.token_hex(12)}"
        self._created = int(time.time())

    def whole(self, text: str, thought: str, reason: str, stats: Stats) -> dict[str, Any]:
        """Returns the answer."""
        thoughts = {"reasoning_content": thought} if thought else {}
        message = {"role": "assistant", "content": text, "refusal": None, **thoughts}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reason}
        return {**self._head("chat.completion"), "choices": [choice], "usage": usage(stats)}

    def begin(self) -> dict[str, Any]:
        """Returns the first piece of a stream."""
        return self._piece({"role": "assistant", "content": ""})

    def piece(self, text: str, *, thinking: bool) -> dict[str, Any]:
        """Returns a piece with words."""
        return self._piece({"reasoning_content" if thinking else "content": text})

    def end(self, reason: str) -> dict[str, Any]:
        """Returns the last piece of the answer."""
        return self._piece({}, reason)

    def figures(self, stats: Stats) -> dict[str, Any]:
        """Returns what comes after that: what it took."""
        return {**self._head("chat.completion.chunk"), "choices": [], "usage": usage(stats)}

    def _piece(self, delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        return {**self._head("chat.completion.chunk"), "choices": [choice]}

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self._id, "object": kind, "created": self._created, "model": self._model}


class TextForm:
    """The documents of one text that was gone on with; the same as :class:`ChatForm`."""

    def __init__(self, model: str, echo: str = "") -> None:
        """
        Args:
            model: As the program is told.
            echo: Stands before the text.
        """
        self._model, self._echo = model, echo
        self._id = f"cmpl-{secrets.token_hex(12)}"
        self._created = int(time.time())

    def whole(self, text: str, thought: str, reason: str, stats: Stats) -> dict[str, Any]:
        """Returns the text; a text has no thoughts."""
        del thought
        return {**self._piece(self._echo + text, reason), "usage": usage(stats)}

    def begin(self) -> dict[str, Any] | None:
        """Returns the first piece of a stream; None: there is none before the words."""
        return self._piece(self._echo) if self._echo else None

    def piece(self, text: str, *, thinking: bool) -> dict[str, Any]:
        """Returns a piece with words."""
        del thinking
        return self._piece(text)

    def end(self, reason: str) -> dict[str, Any]:
        """Returns the last piece."""
        return self._piece("", reason)

    def figures(self, stats: Stats) -> dict[str, Any]:
        """Returns what comes after that: what it took."""
        return {**self._piece(""), "choices": [], "usage": usage(stats)}

    def _piece(self, text: str, reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "text": text, "logprobs": None, "finish_reason": reason}
        head = {"id": self._id, "object": "text_completion", "created": self._created, "model": self._model}
        return {**head, "choices": [choice]}


def embeddings(vectors: Sequence[bytes], model: str, *, as_base64: bool) -> dict[str, Any]:
    """Returns vectors, each of 32-bit numbers of this machine.

    How many tokens the texts had is not known here; the field is there because clients want it.
    """
    data = [
        {"object": "embedding", "index": place, "embedding": _encoded(vector) if as_base64 else _numbers(vector)}
        for place, vector in enumerate(vectors)
    ]
    return {"object": "list", "data": data, "model": model, "usage": {"prompt_tokens": 0, "total_tokens": 0}}


def _numbers(vector: bytes) -> list[float]:
    return [number for (number,) in struct.iter_unpack("=f", vector)]


def _encoded(vector: bytes) -> str:
    numbers = _numbers(vector)
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode("ascii")
