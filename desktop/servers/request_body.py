"""From a request of a conversation to what a server is sent; and what of that it may refuse without harm."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from desktop.common.json_file import parse_json
from desktop.engine.schema.reading import without_own_words
from desktop.engine.types import Generation, Message, Role
from desktop.servers.errors import Complaint
from desktop.servers.registry import Findings

# In these, templates can be told whether to have the model think.
_THINKS_BY_TEMPLATE: Final = ("llama.cpp", "vllm", "sglang")
# What is left out, or said in another way, where a server refuses it.
_OPTIONAL: Final = (
    "max_tokens",
    "max_completion_tokens",
    "temperature",
    "top_p",
    "seed",
    "stream_options",
    "chat_template_kwargs",
    "continue_final_message",
)
_LIMITS: Final = ("max_tokens", "max_completion_tokens")
# A limit may be more than a model has room for, and the next one not.
_TOO_MUCH: Final = re.compile(
    r"greater than|must be (?:<|less|at most|between)|at most|too large|exceed", re.IGNORECASE
)
JSON_SCHEMA, JSON_OBJECT = "json_schema", "json_object"
_ABOUT_SCHEMA: Final = re.compile(r"response_format|json_?.?schema|grammar|guided|structured", re.IGNORECASE)
_CONTINUE_ENGLISH: Final = (
    "Your last answer was cut off. Go on exactly where it stops, in the middle of the sentence or word; repeat nothing "
    "and say nothing about it."
)
_CONTINUE_CHINESE: Final = "你上一条回答被截断了。请从中断的地方接着写，不要重复前文，也不要作任何说明。"
_CHINESE: Final = re.compile("[\u4e00-\u9fff]")


def body_of(request: Generation, model: str, found: Findings, cut: int) -> dict[str, Any]:
    """Returns what is sent.

    Args:
        request: What is asked.
        model: Who is asked, by the server's name for it.
        found: What the server is, and refuses.
        cut: Leading messages after the system message that are left out.
    """
    sampling = request.sampling
    optional: dict[str, Any] = {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "stream_options": {"include_usage": True},
    }
    if sampling.seed is not None:
        optional["seed"] = sampling.seed
    if sampling.max_tokens is not None:
        # The older name, which more servers obey; what refuses it knows the newer one.
        limit = "max_completion_tokens" if "max_tokens" in found.refused else "max_tokens"
        optional[limit] = sampling.max_tokens
    if found.kind in _THINKS_BY_TEMPLATE:
        # What has begun is taken as the beginning of the answer itself only without thoughts.
        thinks = request.thinking and request.schema is None and request.begun is None
        optional["chat_template_kwargs"] = {"enable_thinking": thinks}
    if request.begun is not None and request.begun.text and found.kind == "vllm":
        optional["continue_final_message"] = True
    kept = {name: value for name, value in optional.items() if name not in found.refused}
    body: dict[str, Any] = {"model": model, "messages": _messages(request, found, cut), "stream": True, **kept}
    if "continue_final_message" in kept:
        body["add_generation_prompt"] = False
    if request.schema is not None and JSON_OBJECT not in found.refused:
        schema = without_own_words(parse_json(request.schema))
        body["response_format"] = (
            {"type": JSON_OBJECT, "schema": schema}
            if JSON_SCHEMA in found.refused
            else {"type": JSON_SCHEMA, "json_schema": {"name": "answer", "strict": True, "schema": schema}}
        )
    return body


def refused_by(complaint: Complaint, status: int, body: Mapping[str, Any]) -> str | None:
    """Returns what of a request a server does not take and can do without; None: it is about something else.

    Args:
        complaint: What it says.
        status: Of its answer.
        body: What it was sent.
    """
    schema = (body.get("response_format") or {}).get("type")
    text = f"{complaint.parameter} {complaint.message}"
    if schema is not None and (status == 500 or _ABOUT_SCHEMA.search(text)):
        return str(schema)
    if status not in (400, 422):
        return None
    sent = [name for name in _OPTIONAL if name in body]
    if complaint.parameter:
        return next((name for name in sent if name in complaint.parameter), None)
    # The one that is named first: "'max_tokens' is not supported. Use 'max_completion_tokens' instead."
    places = {name: match.start() for name in sent if (match := re.search(rf"\b{name}\b", complaint.message))}
    return min(places, key=lambda name: places[name], default=None)


def is_only_too_much(complaint: Complaint, what: str) -> bool:
    """Returns whether a server knows what it refuses, and has only not so much of it to give this time."""
    return what in _LIMITS and _TOO_MUCH.search(complaint.message) is not None


def estimate_tokens(text: str) -> int:
    """Returns about how many tokens a text has: a Chinese character takes one, four letters take one."""
    wide = len(_CHINESE.findall(text))
    return wide + (len(text) - wide) // 4 + 4


def split(messages: tuple[Message, ...]) -> tuple[tuple[Message, ...], tuple[Message, ...]]:
    """Returns the system message, where there is one, and those after it."""
    has_system = bool(messages) and messages[0].role is Role.SYSTEM
    return (messages[:1], messages[1:]) if has_system else ((), messages)


def kept_messages(request: Generation, cut: int) -> tuple[Message, ...]:
    """Returns what is read of a conversation, with the opening before the first question of it.

    Args:
        request: The conversation.
        cut: See :func:`body_of`.
    """
    system, turns = split(request.messages)
    cut = min(cut, max(len(turns) - 1, 0))
    turns = turns[cut + cut % 2 if cut + cut % 2 < len(turns) else cut :]
    if request.opening and turns:
        turns = (replace(turns[0], text=f"{request.opening}\n\n{turns[0].text}"), *turns[1:])
    return (*system, *turns)


def _messages(request: Generation, found: Findings, cut: int) -> list[dict[str, str]]:
    messages = list(kept_messages(request, cut))
    if request.begun is not None and request.begun.text:
        messages.append(Message(Role.ASSISTANT, request.begun.text))
        goes_on = found.kind == "llama.cpp" or (found.kind == "vllm" and "continue_final_message" not in found.refused)
        if not goes_on:
            is_chinese = _CHINESE.search(request.begun.text) is not None
            messages.append(Message(Role.USER, _CONTINUE_CHINESE if is_chinese else _CONTINUE_ENGLISH))
    return [{"role": each.role.value, "content": each.text} for each in messages]
