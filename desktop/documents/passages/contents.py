"""Tells tables of contents, whose lines have the words of every question and the answer to none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from desktop.documents.passages.passage import Passage

# Lines of a passage, and the share of them that stand somewhere else in the document as well.
_FEWEST: Final = 5
_SHARE: Final = 0.6
_LONGEST: Final = 120
# What joins a title and its page: dots with or without spaces, an ellipsis, or nothing.
_PAGE: Final = re.compile(r"(?:[\s.\u2026\u00b7_]*[\s.\u2026\u00b7_])\d{1,4}$")
_NUMBER: Final = re.compile(r"^(?:[#\-*\u2022\s]*)(?:\d{1,3}(?:\.\d{1,3})*\.?\s+)?")


def tables_of_contents(passages: Sequence[Passage]) -> frozenset[int]:
    """Returns the places of those passages that only list what stands elsewhere."""
    titles = [[_title(line) for line in passage.text.splitlines() if line.strip()] for passage in passages]
    everywhere = Counter(title for lines in titles for title in set(lines))
    # A form that is there twice repeats as well, but it does so with all that follows its first line.
    leading = Counter(title for passage in passages for title in {_title(passage.heading)} if title)
    return frozenset(place for place, lines in enumerate(titles) if _lists_others(lines, everywhere, leading))


def _lists_others(lines: Sequence[str], everywhere: Counter[str], leading: Counter[str]) -> bool:
    if len(lines) < _FEWEST or any(len(line) > _LONGEST for line in lines):
        return False
    repeated = [line for line in lines if line and everywhere[line] > 1]
    return len(repeated) >= _SHARE * len(lines) and 2 * sum(line in leading for line in repeated) >= len(repeated)


def _title(line: str) -> str:
    """Returns the words of a title without its number, its page and what stands between."""
    return " ".join(_NUMBER.sub("", _PAGE.sub("", line.strip()), count=1).split()).lower()
