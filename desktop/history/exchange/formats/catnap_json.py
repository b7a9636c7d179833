"""Catnap's own JSON: everything of a conversation, so that nothing is lost on the way. Described in docs/EXPORT.md."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Final

from desktop import __version__
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.engine.types import Role, Stats
from desktop.history.choices import choices_value, read_choices
from desktop.history.exchange import values
from desktop.history.exchange.records import EmptyConversationError, ExchangedConversation, ExchangedMessage, Json
from desktop.history.exchange.stored import StoredTree
from desktop.history.exchange.tree import nodes_in_order
from desktop.history.records import MessageState, StoredMessage
from desktop.history.rows import as_rating
from desktop.history.sources import read_shape, read_sources, read_unsupported, shape_value, sources_value

FORMAT: Final = "catnap-conversations"
VERSION: Final = 1
CONVERSATIONS: Final = "conversations"  # the name of the list in the file
_CONVERSATION: Final = (
    *("id", "origin", "title", "created", "updated", "cut", "messages", "aside"),
    *("pinned", "archived", "folder", "choices"),
)
_MESSAGE: Final = (
    *("id", "parent", "shown", "role", "text", "created", "thinking", "state", "model", "stats"),
    *("sources", "not_in_the_text", "shape", "rating"),
)


def check_version(head: Mapping[str, object]) -> None:
    """Refuses a file that a newer Catnap wrote, which may hold what would be lost here.

    Raises:
        UserFacingError: It is newer.
    """
    version = head.get("version")
    if head.get("format") == FORMAT and isinstance(version, int | float) and version > VERSION:
        raise newer(version, VERSION)


def newer(version: float, most: int) -> UserFacingError:
    """Returns the error for a file of a newer Catnap.

    Args:
        version: Of the file.
        most: The newest that can be read here.
    """
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "This file was written by a newer Catnap."),
        QT_TRANSLATE_NOOP("Errors", "Its version is {0}; this Catnap reads up to {1}."),
        QT_TRANSLATE_NOOP("Errors", "Install the newer Catnap and import the file there."),
        values=(str(version)[:20], str(most)),
    )


def is_conversation(value: Mapping[str, object]) -> bool:
    """Tells whether an object is a conversation of Catnap's."""
    messages = value.get("messages")
    return isinstance(messages, list) and "chat" not in value and "mapping" not in value


def read_conversation(value: Mapping[str, object], now: float) -> ExchangedConversation:
    """Returns the conversation that an object is.

    Args:
        value: An object for which :func:`is_conversation` is true.
        now: For what has no time, in seconds since the epoch.

    Raises:
        EmptyConversationError: Nothing in it was said by anybody.
    """
    created = values.first_time((value.get("created"), value.get("updated")), now)
    nodes: dict[str, Mapping[str, object]] = {}
    for number, item in enumerate(values.as_list(value.get("messages"))):
        node = values.as_object(item)
        if node.get("role") in ("user", "assistant") and isinstance(node.get("text"), str):
            nodes.setdefault(values.as_key(node.get("id")) or f"message-{number}", node)
    if not nodes:
        raise EmptyConversationError("no message of Catnap's")
    order = nodes_in_order(nodes, "parent")
    last = {parent: key for key, parent in order}
    chosen = {parent: key for key, parent in reversed(order) if nodes[key].get("shown") is True}
    messages = [
        _message(key, parent, nodes[key], created, chosen.get(parent, last[parent]) == key) for key, parent in order
    ]
    cut = value.get("cut")
    aside = dict(values.as_object(value.get("aside")))
    aside.update(values.without(value, *_CONVERSATION))
    rest = {key: found for key, node in nodes.items() if (found := values.without(node, *_MESSAGE))}
    if rest:
        aside["messages"] = {**values.as_object(aside.get("messages")), **rest}
    return ExchangedConversation(
        origin=values.as_title(value.get("origin")) or values.origin_of("catnap", value.get("id"), value),
        title=values.as_title(value.get("title")),
        created=created,
        updated=values.first_time((value.get("updated"),), max(message.created for message in messages)),
        messages=tuple(messages),
        cut=cut if isinstance(cut, int) and 0 < cut <= len(messages) else 0,
        pinned=values.as_seconds(value.get("pinned")),
        archived=values.as_seconds(value.get("archived")),
        folder=values.as_title(value.get("folder")),
        choices=read_choices(value.get("choices")),
        aside=aside,  # type: ignore[arg-type]
    )


def write_conversations(trees: Iterable[StoredTree], now: float) -> Iterator[str]:
    """Yields the file in pieces.

    Args:
        trees: What to export.
        now: The time of the export, in seconds since the epoch.
    """
    moment = datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds")
    head: dict[str, Json] = {
        "format": FORMAT,
        "version": VERSION,
        "program": f"Catnap {__version__}",
        "exported": moment,
    }
    yield f"{_dump(head)[:-1]}, {_dump(CONVERSATIONS)}: ["
    separator = "\n"
    for tree in trees:
        yield separator
        yield from _write_conversation(tree)
        separator = ",\n"
    yield "\n]}\n"


def conversation_value(tree: StoredTree) -> dict[str, Json]:
    """Returns a whole conversation as :func:`read_conversation` takes it."""
    messages: list[Json] = [_message_value(message, message.id in tree.shown) for message in tree.messages()]
    return {**_head_value(tree), "messages": messages}


def _write_conversation(tree: StoredTree) -> Iterator[str]:
    yield f'{_dump(_head_value(tree))[:-1]}, "messages": ['
    separator = "\n"
    for message in tree.messages():
        yield f"{separator}{_dump(_message_value(message, message.id in tree.shown))}"
        separator = ",\n"
    yield "\n]}"


def _head_value(tree: StoredTree) -> dict[str, Json]:
    conversation = tree.conversation
    value: dict[str, Json] = {
        "id": conversation.id,
        "origin": tree.origin or f"catnap:{conversation.id}",
        "title": conversation.title,
        "created": conversation.created,
        "updated": conversation.updated,
    }
    if conversation.cut:
        value["cut"] = conversation.cut
    arranged: dict[str, Json] = {
        "pinned": conversation.pinned,
        "archived": conversation.archived,
        "folder": conversation.folder,
        "choices": choices_value(conversation.choices),
    }
    value |= {name: one for name, one in arranged.items() if one not in (None, "", {})}
    if tree.aside:
        value["aside"] = dict(tree.aside)
    return value


def _message_value(message: StoredMessage, shown: bool) -> dict[str, Json]:
    value: dict[str, Json] = {
        "id": message.id,
        "parent": message.parent,
        "shown": shown,
        "role": message.role.value,
        "text": message.text,
        "created": message.created,
    }
    if message.role is Role.ASSISTANT:
        value |= {"thinking": message.thinking, "state": message.state.value, "model": message.model}
        value["stats"] = None if message.stats is None else asdict(message.stats)
    if message.sources:
        value["sources"] = list(sources_value(message.sources))
    if message.not_in_the_text:
        value["not_in_the_text"] = list(message.not_in_the_text)
    if message.shape:
        value["shape"] = shape_value(message.shape)
    if message.rating:
        value["rating"] = message.rating
    return value


def _message(key: str, parent: str | None, node: Mapping[str, object], created: float, shown: bool) -> ExchangedMessage:
    role = Role(str(node["role"]))
    states = {state.value: state for state in MessageState}
    return ExchangedMessage(
        key,
        parent,
        role,
        values.as_text(node.get("text")),
        values.first_time((node.get("created"),), created),
        shown,
        thinking=values.as_text(node.get("thinking")),
        state=states.get(str(node.get("state")), MessageState.COMPLETE),
        model=values.as_name(node.get("model")),
        stats=_stats(node.get("stats")),
        sources=read_sources(node.get("sources")),
        not_in_the_text=read_unsupported(node.get("not_in_the_text")),
        shape=read_shape(node.get("shape")),
        rating=as_rating(node.get("rating")),
    )


def _stats(value: object) -> Stats | None:
    if not isinstance(value, dict):
        return None
    kinds = {field.name: type(getattr(Stats(), field.name)) for field in fields(Stats)}
    figures = {}
    for name, kind in kinds.items():
        figure = value.get(name)
        whole = isinstance(figure, int) and not isinstance(figure, bool) and 0 <= figure < 1 << 53
        if whole or (kind is float and isinstance(figure, float) and 0 <= figure < 1e15):
            figures[name] = kind(figure)
    return Stats(**figures)


def _dump(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
