"""Reads what ChatGPT exports: ``conversations.json``, a list of trees of nodes.

OpenAI publishes no description. This follows what parsers of it agree on: the descriptions in
mitkury/chatgpt-export-parser (docs/chatgpt-data-export-format.md) and TomzxCode/llm-conversations-viewer
(docs/formats.md), and the readers of pionxzh/chatgpt-exporter and open-webui/open-webui (convertOpenAIChats).

One answer there is a chain of nodes: thoughts, what tools were asked and said, pieces of text. Here they become one
message, as ChatGPT itself shows them, with everything but the text among its thoughts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from desktop.common.fences import fenced
from desktop.engine.chat_template.thinking.splitter import split_thoughts
from desktop.engine.types import Role
from desktop.history.exchange import values
from desktop.history.exchange.records import EmptyConversationError, ExchangedConversation, ExchangedMessage, Json
from desktop.history.exchange.tree import in_view, nodes_in_order
from desktop.history.records import MessageState

_KNOWN: Final = ("id", "conversation_id", "title", "create_time", "update_time", "mapping", "current_node")
# Instructions and memories that are handed to the model with a message, and never shown.
_HIDDEN_TYPES: Final = frozenset({"user_editable_context", "model_editable_context"})
# Marks of the private use area around what refers to a source: they say nothing without ChatGPT's own page.
_REFERENCE: Final = re.compile("\ue200[^\ue201]*\ue201|[\ue200-\ue2ff]")


class _Part(Enum):
    QUESTION = auto()
    ANSWER = auto()
    THOUGHT = auto()
    NOTHING = auto()


@dataclass(frozen=True)
class _Piece:
    """What one node brings; ``before`` makes a list of them that branches may share."""

    part: _Part
    text: str
    message: Mapping[str, object]
    before: _Piece | None


@dataclass(frozen=True)
class _Place:
    """Where the next message belongs.

    Attributes:
        anchor: The message before it.
        turn: The pieces since then, the last one first.
        chosen: The nodes since then are those in view.
    """

    anchor: str | None = None
    turn: _Piece | None = None
    chosen: bool = True


def is_conversation(value: Mapping[str, object]) -> bool:
    """Tells whether an object is a conversation of ChatGPT."""
    return isinstance(value.get("mapping"), dict)


def read_conversation(value: Mapping[str, object], now: float) -> ExchangedConversation:
    """Returns the conversation that an object is.

    Args:
        value: An object for which :func:`is_conversation` is true.
        now: For what has no time, in seconds since the epoch.

    Raises:
        EmptyConversationError: Nothing in it was said by anybody.
    """
    nodes = {key: values.as_object(node) for key, node in values.as_object(value["mapping"]).items()}
    created = values.first_time((value.get("create_time"), value.get("update_time")), now)
    order = nodes_in_order(nodes, "parent", "children")
    view = in_view(order, values.as_key(value.get("current_node")))
    messages = tuple(_messages(nodes, order, view, created))
    if not messages:
        raise EmptyConversationError("no message of ChatGPT's")
    updated = values.first_time((value.get("update_time"),), messages[-1].created)
    return ExchangedConversation(
        origin=values.origin_of("chatgpt", value.get("conversation_id") or value.get("id"), value),
        title=values.as_title(value.get("title")),
        created=created,
        updated=updated,
        messages=messages,
        pinned=updated if value.get("is_starred") is True else None,
        archived=updated if value.get("is_archived") is True else None,
        aside=_aside(value, nodes),
    )


def _messages(
    nodes: Mapping[str, Mapping[str, object]],
    order: Sequence[tuple[str, str | None]],
    view: Collection[str],
    created: float,
) -> Iterator[ExchangedMessage]:
    """Yields the messages, each parent first; a turn ends where the user speaks or nothing more follows."""
    messages = {key: values.as_object(node.get("message")) for key, node in nodes.items()}
    parts = {key: _part_of(message) for key, message in messages.items()}
    ends = _turn_ends(parts, order)
    places: dict[str | None, _Place] = {None: _Place()}
    times: dict[str | None, float] = {None: created}
    for key, parent in order:
        (part, text), place = parts[key], places[parent]
        chosen = place.chosen and key in view
        times[key] = values.first_time((messages[key].get("create_time"),), times[parent])
        turn = place.turn
        if part is _Part.QUESTION:
            yield ExchangedMessage(key, place.anchor, Role.USER, text, times[key], chosen)
            places[key] = _Place(key)
            continue
        if part is not _Part.NOTHING:
            turn = _Piece(part, text, messages[key], turn)
        if turn is not None and key in ends:
            yield _answer(key, place.anchor, turn, times[key], chosen)
            places[key] = _Place(key)
        else:
            places[key] = _Place(place.anchor, turn, chosen)


def _turn_ends(parts: Mapping[str, tuple[_Part, str]], order: Sequence[tuple[str, str | None]]) -> Collection[str]:
    """Returns the nodes behind which nothing, or a question, follows: a turn may not go on there."""
    children: dict[str, int] = {}
    asked: set[str] = set()  # a node below, or none at all, ends the turn
    for key, parent in reversed(order):
        leaf = key not in children
        opens = parts[key][0] is _Part.QUESTION or (parts[key][0] is _Part.NOTHING and (leaf or key in asked))
        if leaf:
            asked.add(key)
        if parent is not None:
            children[parent] = children.get(parent, 0) + 1
            if opens:
                asked.add(parent)
    return asked


def _answer(key: str, anchor: str | None, turn: _Piece, created: float, chosen: bool) -> ExchangedMessage:
    pieces: list[_Piece] = []
    piece: _Piece | None = turn
    while piece is not None:
        pieces.append(piece)
        piece = piece.before
    models = (values.as_name(values.as_object(piece.message.get("metadata")).get("model_slug")) for piece in pieces)
    said = [piece.text for piece in reversed(pieces) if piece.part is _Part.ANSWER]
    thoughts = [piece.text for piece in reversed(pieces) if piece.part is _Part.THOUGHT]
    answer, tagged = split_thoughts("\n\n".join(said))
    return ExchangedMessage(
        key,
        anchor,
        Role.ASSISTANT,
        answer,
        created,
        chosen,
        thinking="\n\n".join((*thoughts, tagged) if tagged else thoughts),
        state=_state_of(turn.message),
        model=next((model for model in models if model), ""),
    )


def _state_of(message: Mapping[str, object]) -> MessageState:
    details = values.as_object(values.as_object(message.get("metadata")).get("finish_details"))
    if details.get("type") == "interrupted":
        return MessageState.STOPPED
    if message.get("status") in ("in_progress", "finished_partial_completion"):
        return MessageState.INTERRUPTED
    return MessageState.COMPLETE


def _part_of(message: Mapping[str, object]) -> tuple[_Part, str]:
    """Returns what a node is in the conversation, and its text."""
    content = _content_of(message)
    kind = values.as_text(content.get("content_type"))
    author = message.get("author")
    role = author if isinstance(author, str) else values.as_object(author).get("role") or message.get("role")
    metadata = values.as_object(message.get("metadata"))
    hidden = metadata.get("is_visually_hidden_from_conversation") is True or kind in _HIDDEN_TYPES
    if hidden or (message.get("weight") == 0 and role not in ("user", "assistant")):
        return _Part.NOTHING, ""
    text = _text_of(content, kind)
    if role == "user":
        names = [
            values.as_name(values.as_object(one).get("name")) for one in values.as_list(metadata.get("attachments"))
        ]
        text = "\n\n".join(part for part in (*(f"[{name}]" for name in names if name), text) if part)
        return (_Part.QUESTION, text) if text.strip() else (_Part.NOTHING, "")
    if role not in ("assistant", "tool") or not text.strip():
        return _Part.NOTHING, ""
    if kind in ("thoughts", "reasoning_recap") or message.get("channel") == "analysis":
        return _Part.THOUGHT, text
    if role == "tool":
        made = kind == "multimodal_text"  # a picture that was painted
        return (_Part.ANSWER, text) if made else (_Part.THOUGHT, text if kind.startswith("tether") else fenced(text))
    recipient = values.as_name(message.get("recipient")) or "all"
    if recipient != "all":
        return _Part.THOUGHT, f"{recipient}:\n{text if kind == 'code' else fenced(text)}"
    return _Part.ANSWER, text


def _content_of(message: Mapping[str, object]) -> Mapping[str, object]:
    """Returns the content, which other programs that write this form leave out the wrapping of."""
    content = message.get("content")
    if isinstance(content, str | list):
        return {"content_type": "text", "parts": [content]}
    return values.as_object(content)


def _text_of(content: Mapping[str, object], kind: str) -> str:
    if kind == "code":
        language = values.as_name(content.get("language"))
        code = values.as_text(content.get("text")).strip("\n")
        return fenced(code, "" if language == "unknown" else language) if code.strip() else ""
    if kind == "thoughts":
        thoughts = [_thought(values.as_object(one)) for one in values.as_list(content.get("thoughts"))]
        return "\n\n".join(text for text in (*thoughts, *map(_one_part, values.as_list(content.get("parts")))) if text)
    parts = [_one_part(part) for part in values.as_list(content.get("parts"))]
    texts = [text for text in parts if text] or [
        values.as_text(content.get(name)) for name in ("text", "content", "result") if values.as_text(content.get(name))
    ][:1]
    if kind == "tether_quote":
        source = values.as_text(content.get("title")) or values.as_text(content.get("url"))
        texts = [f"> {line}" for text in texts for line in text.splitlines()] + ([f"> {source}"] if source else [])
    return _REFERENCE.sub("", "\n".join(texts))


def _thought(thought: Mapping[str, object]) -> str:
    summary, content = values.as_text(thought.get("summary")), values.as_text(thought.get("content"))
    if not content:
        content = "\n".join(
            values.as_text(chunk) for chunk in values.as_list(thought.get("chunks")) if isinstance(chunk, str)
        )
    return "\n".join(text for text in (f"**{summary}**" if summary else "", content) if text)


def _one_part(part: object) -> str:
    if isinstance(part, str):
        return values.as_text(part)
    if isinstance(part, list):  # of parts, and no deeper than these
        return "\n".join(text for text in (_one_part(one) for one in part if not isinstance(one, list)) if text)
    fields = values.as_object(part)
    text = values.as_text(fields.get("text"))
    if text:
        return text
    kind = values.as_name(fields.get("content_type"))
    if kind == "audio_transcription" or not kind:
        return ""
    for word in ("image", "audio", "video"):
        if word in kind:
            return f"[{word.capitalize()}]"
    return values.as_text(fields.get("result")) or f"[{kind}]"


def _aside(value: Mapping[str, object], nodes: Mapping[str, Mapping[str, object]]) -> Mapping[str, Json]:
    """Returns what has no place in a message: the conversation's other fields, and those of the nodes."""
    aside = values.without(value, *_KNOWN)
    messages: dict[str, Json] = {}
    for key, node in nodes.items():
        message = values.as_object(node.get("message"))
        role = values.as_object(message.get("author")).get("role")
        if role in ("user", "assistant"):
            rest = values.without(
                message, "id", "content", "create_time", "author", "recipient", "status", "weight", "end_turn"
            )
            content = values.without(
                values.as_object(message.get("content")), "content_type", "parts", "text", "thoughts", "language"
            )
            if content:
                rest["content"] = content
        else:
            rest = values.without(message, "id", "create_time")  # nobody's words: the whole of it
        if rest:
            messages[key] = rest
    if messages:
        aside["messages"] = messages
    return aside
