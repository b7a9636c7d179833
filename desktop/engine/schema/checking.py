"""Whether an answer is JSON and what a schema asks for. Small, since it knows only what Catnap lets a schema ask."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any, Final

from desktop.common.json_file import JsonError, parse_json
from desktop.engine.schema.nodes import (
    AnyObjectNode,
    ChoiceNode,
    EitherNode,
    ListNode,
    Node,
    NumberNode,
    ObjectNode,
    Schema,
    TextNode,
    Value,
)
from desktop.engine.schema.numbers import is_within
from desktop.engine.schema.reading import is_of_kind

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME: Final = re.compile(r"\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
# Characters of a value that a sentence quotes.
_QUOTED: Final = 60


class InvalidAnswerError(ValueError):
    """The answer is not what the schema asks for; the message says where and why, in plain words."""


def parse_answer(text: str, schema: Schema) -> Value:
    """Returns the value that an answer is.

    Args:
        text: The whole answer.
        schema: What was asked for.

    Raises:
        InvalidAnswerError: It is no JSON, or does not fit.
    """
    try:
        value: Value = parse_json(text)
    except JsonError as problem:
        raise InvalidAnswerError(f"it is no JSON: {problem}") from problem
    check_value(value, schema.root)
    return value


def check_value(value: Value, node: Node, at: str = "$") -> None:
    """Makes sure that a value is what a node asks for.

    Args:
        value: The value.
        node: What was asked for.
        at: Where the value stands, for the message.

    Raises:
        InvalidAnswerError: It is not.
    """
    match node:
        case TextNode():
            _check(isinstance(value, str) and _is_text(value, node), at, value)
        case NumberNode(whole):
            kind = "integer" if whole else "number"
            _check(is_of_kind(value, kind) and is_within(value, node), at, value)  # type: ignore[arg-type]
        case ChoiceNode(values):
            _check(any(_is_same(value, each) for each in values), at, value)
        case ListNode(item, least, most, different):
            if not isinstance(value, list) or not least <= len(value) <= most:
                raise _wrong(at, value)
            for number, each in enumerate(value):
                check_value(each, item, f"{at}[{number}]")
                _check(not different or not any(_is_same(each, other) for other in value[:number]), at, each)
        case ObjectNode():
            _check_object(value, node, at)
        case AnyObjectNode():
            _check(isinstance(value, dict), at, value)
        case EitherNode(options, only_one):
            fitting = sum(_fits(value, option) for option in options)
            _check(fitting == 1 if only_one else fitting > 0, at, value)


def _check_object(value: Value, node: ObjectNode, at: str) -> None:
    if not isinstance(value, dict):
        raise _wrong(at, value)
    for member in node.members:
        if member.name in value:
            check_value(value[member.name], member.node, f"{at}.{member.name}")
        elif member.required:
            raise InvalidAnswerError(f"{at}: {member.name} is missing")
    known = {member.name for member in node.members}
    for name in value:
        if name not in known:
            raise InvalidAnswerError(f"{at}: nobody asked for {name[:_QUOTED]}")


def _fits(value: Value, node: Node) -> bool:
    try:
        check_value(value, node)
    except InvalidAnswerError:
        return False
    return True


def _is_text(text: str, node: TextNode) -> bool:
    if not node.form:
        # Whoever has no grammar for it, as a server, leaves the space out.
        return node.least <= len(text) - (node.spaced and text.startswith(" ")) <= node.most
    try:
        match node.form:
            case "date":
                return _DATE.fullmatch(text) is not None and bool(date.fromisoformat(text))
            case "time":
                return _TIME.fullmatch(text) is not None and time.fromisoformat(text) is not None
            case "date-time":
                day, _, hour = text.partition("T")
                whole = _DATE.fullmatch(day) and _TIME.fullmatch(hour)
                return whole is not None and bool(datetime.fromisoformat(text))
            case _:
                return _UUID.fullmatch(text) is not None
    except ValueError:
        return False


def _is_same(one: Any, other: Any) -> bool:
    """Compares as JSON does: 1 is 1.0, and neither is true."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_is_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_is_same(one[key], other[key]) for key in one)
    return bool(one == other)


def _check(holds: bool, at: str, value: Value) -> None:
    if not holds:
        raise _wrong(at, value)


def _wrong(at: str, value: Value) -> InvalidAnswerError:
    shown = str(value)
    shown = shown if len(shown) <= _QUOTED else shown[: _QUOTED - 1] + "\u2026"
    return InvalidAnswerError(f"{at}: {shown} does not fit")
