"""Words that the steps of a student share."""

from __future__ import annotations

import shlex
from typing import Final

_MINUTE: Final = 60


def in_words(seconds: float) -> str:
    """Returns a time as it is said."""
    if seconds < _MINUTE:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / _MINUTE)
    return f"{minutes} min" if minutes < _MINUTE else f"{minutes // _MINUTE} h {minutes % _MINUTE} min"


def to_type(action: str, target: str, *more: str) -> str:
    """Returns a command as a person may type it, also where a folder's name has spaces."""
    return " ".join(["catnap student", action, *map(shlex.quote, (target, *more))])
