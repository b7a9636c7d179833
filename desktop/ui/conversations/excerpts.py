"""What a search has found, as it is read: without the signs of Markdown around words. Pure functions."""

from __future__ import annotations

import re
from typing import Final

# Bold words and code, where nothing else can be meant: not x**2 + y**2, and not a sign whose partner is cut off.
_PAIRS: Final = (
    re.compile(r"(?<![\w*])(\*\*)(?=\S)[^*]+(?<=\S)(\*\*)(?![\w*])"),
    re.compile(r"(?<!`)(`)[^`]+(`)(?!`)"),
)

Marks = tuple[tuple[int, int], ...]


def read_excerpt(excerpt: str, marks: Marks) -> tuple[str, Marks]:
    """Returns an excerpt without those signs, and where the words stand in it that were searched for.

    Args:
        excerpt: One line.
        marks: Where they stand in that, as (begin, end).
    """
    gone = sorted(match.span(group) for pair in _PAIRS for match in pair.finditer(excerpt) for group in (1, 2))
    kept, at = [], 0
    for begin, end in gone:
        if begin >= at:
            kept.append((at, begin))
            at = end
    kept.append((at, len(excerpt)))

    def moved(place: int) -> int:
        return sum(min(place, end) - begin for begin, end in kept if begin < place)

    return "".join(excerpt[begin:end] for begin, end in kept), tuple((moved(begin), moved(end)) for begin, end in marks)
