"""What foreign JSON holds, taken for what it should be: never an error, and never more than the history can store."""

from __future__ import annotations

import json
import math
import re
import zlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from desktop.common.json_file import parse_json
from desktop.common.printable import storable
from desktop.history.exchange.records import Json

# What a terminal or a line of text obeys instead of showing it, and what turns the direction of writing.
CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# The 1st of January 10000: what no calendar here can show.
_LATEST = 253_402_300_800.0
# Times are seconds; above these they were given in milliseconds, microseconds or nanoseconds (as Open WebUI does).
_SCALES = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
_TITLE = 300  # characters
_NAME = 200  # characters: of a model, of an id
# Where in what is kept aside that is which belongs to single messages, by their ids there.
OF_MESSAGES: Final = "messages"
# Characters of what is kept aside of one conversation. ChatGPT notes some 2 kB for each message.
_ASIDE = 8_000_000


def as_object(value: object) -> Mapping[str, object]:
    """Returns a JSON object, an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[object]:
    """Returns a JSON array, an empty one for anything else."""
    return value if isinstance(value, list) else []


def as_text(value: object) -> str:
    """Returns a text that can be stored, an empty one for anything else."""
    return storable(value) if isinstance(value, str) else ""


def as_name(value: object) -> str:
    """Returns a short text in one line, such as the name of a model."""
    return " ".join(as_text(value).split())[:_NAME]


def as_title(value: object) -> str:
    """Returns a title: one line without control characters."""
    return " ".join(CONTROLS.sub(" ", as_text(value)).split())[:_TITLE]


def as_key(value: object) -> str | None:
    """Returns what names a message: a text or a number; None: nothing does."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value)


def as_seconds(value: object) -> float | None:
    """Returns a time in seconds since the epoch from a number or a text of ISO 8601; None where there is no such."""
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
            value = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError, OSError):
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        seconds = float(value)
    except OverflowError:
        return None
    for limit, scale in _SCALES:
        if seconds > limit:
            seconds /= scale
            break
    return seconds if math.isfinite(seconds) and 0 <= seconds < _LATEST else None


def first_time(values: Iterable[object], otherwise: float) -> float:
    """Returns the first of the values that is a time."""
    for value in values:
        seconds = as_seconds(value)
        if seconds is not None:
            return seconds
    return otherwise


def without(value: Mapping[str, object], *known: str) -> dict[str, Json]:
    """Returns the fields that Catnap has no place for, without empty ones."""
    return {
        name: field  # type: ignore[misc]
        for name, field in value.items()
        if name not in known and field is not None and field not in ({}, [], "")
    }


def pack_aside(aside: Mapping[str, Json]) -> bytes:
    """Returns what is kept aside of one conversation for the database; empty: nothing, or more than is kept.

    Of too much, what belongs to single messages goes first. It is packed, being several times as much as the
    conversation and full of the same words.
    """
    for kept in (aside, {name: value for name, value in aside.items() if name != OF_MESSAGES}):
        try:
            text = json.dumps(kept) if kept else ""
        except (RecursionError, ValueError):
            return b""
        if len(text) <= _ASIDE:
            return zlib.compress(text.encode()) if _can_be_read(text) else b""
    return b""


def _can_be_read(text: str) -> bool:
    try:
        return bool(text) and parse_json(text, _ASIDE) is not None
    except ValueError:
        return False


def unpack_aside(packed: bytes) -> dict[str, Json]:
    """Returns what :func:`pack_aside` was given, as texts that can be written."""
    try:
        aside = parse_json(storable(zlib.decompress(packed).decode()), _ASIDE) if packed else {}
    except (ValueError, zlib.error):
        return {}
    return aside if isinstance(aside, dict) else {}


def origin_of(program: str, identity: object, value: object) -> str:
    """Returns what a conversation is known again by; made of its content where it brings no id of its own."""
    if isinstance(identity, str | int) and not isinstance(identity, bool) and str(identity).strip():
        name = storable(str(identity).strip())
        if len(name) <= _NAME:
            return f"{program}:{name}"
        value = name
    try:
        content = json.dumps(value, sort_keys=True)
    except (RecursionError, ValueError, TypeError):
        content = repr(type(value))
    import hashlib  # brings OpenSSL along, which nothing else needs when the app starts

    return f"{program}:sha256-{hashlib.sha256(content.encode()).hexdigest()}"
