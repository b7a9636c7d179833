"""Reads what Open WebUI exports: a list of chats, each with a tree of messages.

The shapes are those of open-webui/open-webui: ``ChatResponse`` (backend/open_webui/models/chats.py) for what lies
around a chat, the chat's own ``history.messages`` with ``parentId`` and ``currentId``, and, from before there was a
tree, the list ``messages``. Thoughts stand in the text as ``<details type="reasoning">`` (utils/middleware.py).
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Final

from desktop.engine.chat_template.thinking.splitter import split_thoughts
from desktop.engine.types import Role
from desktop.history.exchange import values
from desktop.history.exchange.records import EmptyConversationError, ExchangedConversation, ExchangedMessage, Json
from desktop.history.exchange.tree import in_view, nodes_in_order
from desktop.history.records import MessageState

_OUTER: Final = ("id", "title", "chat", "created_at", "updated_at")
_INNER: Final = ("id", "title", "history", "messages", "timestamp")
_MESSAGE: Final = ("id", "parentId", "childrenIds", "role", "content", "timestamp", "model", "done", "output")
_ROLES: Final = {"user": Role.USER, "assistant": Role.ASSISTANT}
_DETAILS: Final = re.compile(r'<details\s+type="(?:reasoning|tool_calls|code_interpreter)"[^>]*>', re.IGNORECASE)
_DETAILS_EDGE: Final = re.compile(r"<details\b[^>]*>|</details>", re.IGNORECASE)
_SUMMARY: Final = re.compile(r"\s*<summary>[^<]*</summary>", re.IGNORECASE)
_QUOTED: Final = re.compile(r"^> ?", re.MULTILINE)


def is_conversation(value: Mapping[str, object]) -> bool:
    """Tells whether an object is a chat of Open WebUI, with or without what lies around it."""
    chat = values.as_object(value.get("chat")) or value
    return isinstance(values.as_object(chat.get("history")).get("messages"), dict) or (
        isinstance(value.get("chat"), dict) and isinstance(chat.get("messages"), list)
    )


def read_conversation(value: Mapping[str, object], now: float) -> ExchangedConversation:
    """Returns the conversation that an object is.

    Args:
        value: An object for which :func:`is_conversation` is true.
        now: For what has no time, in seconds since the epoch.

    Raises:
        EmptyConversationError: Nothing in it was said by anybody.
    """
    chat = values.as_object(value.get("chat")) or value
    created = values.first_time((value.get("created_at"), chat.get("timestamp"), value.get("updated_at")), now)
    found, current = _nodes(chat)
    order = nodes_in_order(found, "parentId", "childrenIds")
    view = in_view(order, current)
    messages: list[ExchangedMessage] = []
    nearest: dict[str | None, tuple[str | None, float, bool]] = {None: (None, created, True)}
    for key, parent in order:
        anchor, before, chosen = nearest[parent]
        message = _message(key, anchor, found[key], before, chosen and key in view)
        if message is not None:
            messages.append(message)
            nearest[key] = (key, message.created, True)
        else:
            nearest[key] = (anchor, before, chosen and key in view)
    if not messages:
        raise EmptyConversationError("no message of Open WebUI's")
    updated = values.first_time((value.get("updated_at"),), messages[-1].created)
    return ExchangedConversation(
        origin=values.origin_of("open-webui", value.get("id") or chat.get("id"), value),
        title=values.as_title(value.get("title")) or values.as_title(chat.get("title")),
        created=created,
        updated=updated,
        messages=tuple(messages),
        pinned=updated if value.get("pinned") is True else None,
        archived=updated if value.get("archived") is True else None,
        aside=_aside(value, chat, found),
    )


def _nodes(chat: Mapping[str, object]) -> tuple[dict[str, Mapping[str, object]], str | None]:
    """Returns the messages by their id, and the id of the last one in view."""
    history = values.as_object(chat.get("history"))
    by_id = {key: values.as_object(node) for key, node in values.as_object(history.get("messages")).items()}
    if by_id:
        return by_id, values.as_key(history.get("currentId"))
    key: str | None = None
    for number, item in enumerate(values.as_list(chat.get("messages"))):
        node = values.as_object(item)
        name = values.as_key(node.get("id")) or f"message-{number}"
        if name not in by_id:
            by_id[name] = {**node, "parentId": values.as_key(node.get("parentId")) or key, "childrenIds": []}
            key = name
    return by_id, key


def _message(
    key: str, anchor: str | None, node: Mapping[str, object], before: float, shown: bool
) -> ExchangedMessage | None:
    role = _ROLES.get(str(node.get("role")))
    if role is None:
        return None
    text, thinking = _content(node.get("content"))
    if role is Role.ASSISTANT:
        text, folded = _split_details(text)
        text, tagged = split_thoughts(text)
        thinking = "\n\n".join(part for part in (thinking, folded, tagged) if part)
        if not text and not thinking:
            text, thinking = _output(values.as_list(node.get("output")))
    names = [_file_name(values.as_object(one)) for one in values.as_list(node.get("files"))]
    text = "\n\n".join(part for part in (*(f"[{name}]" for name in names if name), text) if part)
    failed, unfinished = bool(node.get("error")), node.get("done") is False
    if not text and not thinking and not (role is Role.ASSISTANT and failed):
        return None
    state = MessageState.FAILED if failed else MessageState.INTERRUPTED if unfinished else MessageState.COMPLETE
    return ExchangedMessage(
        key,
        anchor,
        role,
        text,
        values.first_time((node.get("timestamp"),), before),
        shown,
        thinking=thinking,
        state=state if role is Role.ASSISTANT else MessageState.COMPLETE,
        model=values.as_name(node.get("modelName")) or values.as_name(node.get("model"))
        if role is Role.ASSISTANT
        else "",
    )


def _file_name(file: Mapping[str, object]) -> str:
    """Returns what a file is called that was handed over with a message."""
    inner = values.as_object(file.get("file"))
    names = (file.get("name"), inner.get("filename"), inner.get("name"))
    name = next((name for name in map(values.as_name, names) if name), "")
    return name or ("Image" if "image" in values.as_name(file.get("type")) else "")


def _content(content: object) -> tuple[str, str]:
    """Returns text and thoughts of a content, which is a text or a list of parts."""
    if not isinstance(content, list):
        return values.as_text(content), ""
    texts: list[str] = []
    for part in map(values.as_object, content):
        text = values.as_text(part.get("text"))
        if text:
            texts.append(text)
        elif "image" in values.as_name(part.get("type")):
            texts.append("[Image]")
    return "\n".join(texts), ""


def _split_details(text: str) -> tuple[str, str]:
    """Returns a text without the thoughts and tool calls that were folded into it, and these."""
    kept: list[str] = []
    thoughts: list[str] = []
    at, nested = 0, True
    while (opening := _DETAILS.search(text, at)) is not None:
        closing, nested = _closing(text, opening.end(), nested=nested)
        if closing is None:
            break
        kept.append(text[at : opening.start()])
        inside = _SUMMARY.sub("", text[opening.end() : closing.start()], count=1)
        thoughts.append(_QUOTED.sub("", html.unescape(inside).strip()))
        at = closing.end()
    kept.append(text[at:])
    answer = "\n\n".join(part.strip() for part in kept if part.strip()) if thoughts else text
    return answer, "\n\n".join(thought for thought in thoughts if thought)


def _closing(text: str, at: int, *, nested: bool) -> tuple[re.Match[str] | None, bool]:
    """Returns where what was opened before ``at`` is closed, and whether all that is opened behind it is closed too.

    Args:
        text: The whole.
        at: Behind what was opened.
        nested: What is opened within is closed within; else the next end is the end, as where a tag stood in a text.
    """
    depth = 1
    first: re.Match[str] | None = None
    for edge in _DETAILS_EDGE.finditer(text, at):
        closes = edge[0].startswith("</")
        first = first or (edge if closes else None)
        depth += -1 if closes else 1
        if not depth or (first is not None and not nested):
            return edge if not depth else first, nested
    return first, False


def _output(items: list[object]) -> tuple[str, str]:
    """Returns text and thoughts of an answer that is stored as items, as newer versions of Open WebUI do."""
    texts: list[str] = []
    thoughts: list[str] = []
    for item in map(values.as_object, items):
        parts = (*values.as_list(item.get("summary")), *values.as_list(item.get("content")))
        found = [values.as_text(values.as_object(part).get("text")) for part in parts]
        (thoughts if item.get("type") == "reasoning" else texts).extend(text for text in found if text)
    return "\n\n".join(texts), "\n\n".join(thoughts)


def _aside(
    value: Mapping[str, object], chat: Mapping[str, object], nodes: Mapping[str, Mapping[str, object]]
) -> Mapping[str, Json]:
    aside = values.without(value, *_OUTER, *(() if chat is not value else _INNER))
    if chat is not value:
        inner = values.without(chat, *_INNER)
        if inner:
            aside["chat"] = inner
    messages: dict[str, Json] = {}
    for key, node in nodes.items():
        rest = values.without(node, *_MESSAGE) if str(node.get("role")) in _ROLES else values.without(node, "id")
        if rest:
            messages[key] = rest
    if messages:
        aside["messages"] = messages
    return aside
