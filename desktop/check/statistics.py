"""How sure a share of right answers is, and whether two runs over the same tasks differ by more than chance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

# The quantile of the normal distribution that leaves 2.5 % on either side.
_Z: Final = 1.959963984540054


@dataclass(frozen=True)
class Interval:
    """Where the true share lies with 95 % confidence, between 0 and 1."""

    low: float
    high: float


def wilson(right: int, asked: int) -> Interval:
    """Returns the 95 % interval of a share (Wilson 1927, the score interval without correction).

    Good for few tasks and for shares near 0 and 1, where the usual one claims a certainty that nobody has.

    Args:
        right: Right answers.
        asked: Answers in all; of none nothing is known.
    """
    if asked == 0:
        return Interval(0.0, 1.0)
    share, squared = right / asked, _Z * _Z
    middle = (share + squared / (2 * asked)) / (1 + squared / asked)
    half = _Z / (1 + squared / asked) * math.sqrt(share * (1 - share) / asked + squared / (4 * asked * asked))
    low = 0.0 if right == 0 else max(0.0, middle - half)
    return Interval(low, 1.0 if right == asked else min(1.0, middle + half))


def mcnemar(only_first: int, only_second: int) -> float:
    """Returns the two-sided p of McNemar's exact test: how often chance alone parts two runs as much, or more.

    Tasks that both did, or both failed, say nothing of a difference; of the others each is a toss of a coin.

    Args:
        only_first: Tasks that only the first run did.
        only_second: Tasks that only the second run did.
    """
    tosses = only_first + only_second
    fewer = min(only_first, only_second)
    ways = sum(math.comb(tosses, count) for count in range(fewer + 1))
    return min(1.0, float(2 * ways / 2**tosses))
