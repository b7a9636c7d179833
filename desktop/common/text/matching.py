"""What counts as the same text where words are looked for: case and width do not matter. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

# Letters and signs as wide as Chinese characters, and what they are otherwise: Unicode's Halfwidth and Fullwidth Forms.
_OFFSET: Final = 0xFEE0
_NARROW: Final = {code: code - _OFFSET for code in range(0xFF01, 0xFF5F)}
_WIDE: Final = {narrow: wide for wide, narrow in _NARROW.items()}
_BLANKS: Final = dict.fromkeys(map(ord, "\n\r\t\u00a0\u2028\u2029\u3000"), ord(" "))
_WIDE_ONES: Final = re.compile("[\uff01-\uff5e]")
_UNUSUAL = re.compile("[\uff01-\uff5e\n\r\t\u00a0\u2028\u2029\u3000]")


def fold(text: str) -> str:
    """Returns a text such that two that count as the same are equal; each character stays in its place."""
    small = text.lower()
    if len(small) != len(text):  # such as I with a dot, whose small letter is two
        small = "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
    return small.translate(_NARROW | _BLANKS) if _UNUSUAL.search(small) else small


def narrow(text: str) -> str:
    """Returns a text with letters and signs of the usual width; each character stays in its place."""
    return text.translate(_NARROW) if _WIDE_ONES.search(text) else text


def spellings(word: str) -> tuple[str, ...]:
    """Returns the ways to write a word that count as the same, as far as one may meet them."""
    usual = narrow(word)
    wide = (usual.lower().translate(_WIDE), usual.upper().translate(_WIDE))
    return tuple(dict.fromkeys((word, usual, usual.lower(), usual.upper(), *wide)))


def places(folded: str, words: Iterable[str]) -> list[tuple[int, int]]:
    """Returns where words stand in a text, from the first on; none begins within another.

    Args:
        folded: The text, as :func:`fold` returns it.
        words: Likewise; an empty one is nowhere.
    """
    pattern = "|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True) if word)
    return [match.span() for match in re.finditer(pattern, folded)] if pattern else []
