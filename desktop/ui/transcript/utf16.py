"""Text as Qt counts it."""

from __future__ import annotations


def utf16_length(text: str) -> int:
    """Returns the length of a text in UTF-16 units."""
    return len(text) if not text or max(text) <= "\uffff" else len(text.encode("utf-16-le", "surrogatepass")) // 2
