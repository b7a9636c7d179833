"""Answers that are JSON, and values that must be the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from desktop.check.scoring.text import bare
from desktop.common.json_file import JsonError, parse_json

_BLOCK: Final = re.compile(r"^\s*(?:```|~~~)[a-zA-Z]*\s*\n(.*?)\n\s*(?:```|~~~)\s*$", re.DOTALL)
_MOST: Final = 20_000


def gives_json(answer: str, wanted: object) -> bool:
    """Tells whether an answer is a JSON text, alone or in one fence, with this value.

    Words are compared without regard to case and the signs around them, and "12" is 12; keys must be the very same.

    Args:
        answer: As the model gave it.
        wanted: The value.
    """
    text = answer.strip()
    if block := _BLOCK.match(text):
        text = block[1]
    try:
        value = parse_json(text, _MOST)
    except JsonError:
        return False
    return same(value, wanted, loose=True)


def same(one: Any, other: Any, *, loose: bool = False) -> bool:
    """Tells whether two values of JSON are the same; 1 is not true, and 1.0 is 1.

    Args:
        one: A value.
        other: Another one.
        loose: Words that differ in case, or in the signs around them, are the same, and so is "12" where 12 is wanted.
    """
    if isinstance(one, bool) or isinstance(other, bool) or one is None or other is None:
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= 1e-9 * max(1.0, abs(one), abs(other))
    if loose and isinstance(one, str) and isinstance(other, int | float):
        return bare(one) == str(other)
    if isinstance(one, str) and isinstance(other, str):
        return bare(one) == bare(other) if loose else one == other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(same(*each, loose=loose) for each in zip(one, other, strict=True))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key], loose=loose) for key in one)
    return False
