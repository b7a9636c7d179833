"""Numbers as people write those of pages: "1-3, 7"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

# What separates numbers and what joins two of them, also as it is written in Chinese.
_BETWEEN: Final = re.compile("[,;，；、]")
_TO: Final = re.compile(r"\s*[-–—−~～至到]\s*")
# Digits of a number at the most; no document has so many pages.
_MOST_DIGITS: Final = 9


def parse_ranges(text: str, least: int = 1) -> tuple[range, ...]:
    """Returns what was written; nothing between two commas counts for nothing, as while somebody writes.

    Args:
        text: "1-3, 7"; a number with a dash and nothing behind it stands for itself.
        least: The lowest number that there is.

    Raises:
        ValueError: It is something else, or names no number at all.
    """
    found = []
    for each in _BETWEEN.split(text):
        if not each.strip():
            continue
        first, _, last = _TO.sub("-", each).strip().partition("-")
        ends = first, last or first
        if not all(end.isdecimal() and len(end) <= _MOST_DIGITS for end in ends):
            raise ValueError(text)
        begin, end = map(int, ends)
        if not least <= begin <= end:
            raise ValueError(text)
        found.append(range(begin, end + 1))
    if not found:
        raise ValueError(text)
    return tuple(found)


def numbers_in(text: str, there: Iterable[int]) -> tuple[int, ...]:
    """Returns which of the numbers that there are somebody means.

    Args:
        text: As for :func:`parse_ranges`; blank: all of them.
        there: Those that there are.

    Raises:
        ValueError: It is no list of numbers.
    """
    if not text.strip():
        return tuple(there)
    ranges = parse_ranges(text)
    return tuple(number for number in there if any(number in each for each in ranges))


def write_numbers(numbers: Iterable[int]) -> str:
    """Returns numbers as :func:`parse_ranges` reads them, ascending: "1-3, 7"."""
    ordered = sorted(set(numbers))
    if not ordered:
        return ""
    breaks = [place for place, (one, other) in enumerate(pairwise(ordered), start=1) if other != one + 1]
    runs = [ordered[begin:end] for begin, end in pairwise([0, *breaks, len(ordered)])]
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
