"""Which addresses are links, and where they stand in running text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from PySide6.QtCore import QUrl

_OPENED_SCHEMES = ("http", "https", "mailto")
# An address ends where Chinese begins, as no blank has to stand between them.
_BARE = re.compile(
    r"(?<![a-zA-Z0-9_@./])(?:(?:https?://|www\.)[^\s<>\"`\u2018-\u201d\u2028\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)",
    re.IGNORECASE,
)
_TRAILING = ".,;:!?'*_~"


def is_web_address(address: str) -> bool:
    """Returns whether a link may be opened at all."""
    return QUrl(address).scheme().lower() in _OPENED_SCHEMES


def bare_links(text: str) -> Iterator[tuple[int, int, str]]:
    """Yields the addresses that stand in a text: where each begins and ends, and where it leads to.

    Args:
        text: Running text; the signs behind an address are its own.
    """
    for found in _BARE.finditer(text):
        words = found[0].rstrip(_TRAILING)
        while words.endswith((")", "]")) and words.count(words[-1]) > words.count("(" if words[-1] == ")" else "["):
            words = words[:-1].rstrip(_TRAILING)
        scheme = "http://" if words.lower().startswith("www.") else ""
        if "://" not in words and not scheme:
            scheme = "mailto:"
        if len(words) > len("https://") or scheme == "mailto:":
            yield found.start(), found.start() + len(words), scheme + words
