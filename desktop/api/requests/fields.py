"""Reads the fields of a request: each is of its kind and within its bounds, or the request is refused by its name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from desktop.api.errors import ApiError, invalid
from desktop.common.json_file import JsonError, parse_json, to_json

_SHOWN: Final = 60


def read_document(body: bytes) -> Mapping[str, Any]:
    """Returns the JSON object that a body is.

    Raises:
        ApiError: It is none.
    """
    try:
        document = parse_json(body, len(body), strict=True)
    except JsonError as problem:
        raise invalid(f"The body is not a JSON document that can be used: {problem}.", code="invalid_json") from None
    if not isinstance(document, dict):
        raise invalid("The body must be a JSON object.", code="invalid_json")
    return document


def number(document: Mapping[str, Any], name: str, least: float, most: float) -> float | None:
    """Returns a number; None: it is not given. Raises ApiError where it is none, also below."""
    value = document.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong(name, "a number", value)
    if not least <= value <= most or not math.isfinite(value):
        raise invalid(f"'{name}' must be from {least:g} to {most:g}, and is {_show(value)}.", name)
    return float(value)


def whole(document: Mapping[str, Any], name: str, least: int, most: int) -> int | None:
    """Returns a whole number; None: it is not given."""
    value = document.get(name)
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong(name, "a whole number", value)
    if not least <= value <= most:
        raise invalid(f"'{name}' must be from {least} to {most}, and is {_show(value)}.", name)
    return value


def flag(document: Mapping[str, Any], name: str) -> bool:
    """Returns whether something is wanted; False: it is not given."""
    value = document.get(name)
    if value is not None and not isinstance(value, bool):
        raise wrong(name, "true or false", value)
    return bool(value)


def text(document: Mapping[str, Any], name: str) -> str | None:
    """Returns a text; None: it is not given."""
    value = document.get(name)
    if value is not None and not isinstance(value, str):
        raise wrong(name, "a text", value)
    return value


def object_at(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Returns an object; an empty one: it is not given."""
    value = document.get(name)
    if value is not None and not isinstance(value, dict):
        raise wrong(name, "an object", value)
    return value or {}


def wrong(name: str, kind: str, value: Any) -> ApiError:
    """Returns the refusal of a value of another kind."""
    return invalid(f"'{name}' must be {kind}, and is {_show(value)}.", name)


def _show(value: Any) -> str:
    match value:
        case dict():
            return "an object"
        case list():
            return "a list"
        case str():
            return f"'{value[:_SHOWN]}'"
        case int() if abs(value) >= 10**_SHOWN:
            return "larger"
        case _:
            return to_json(value)
