"""Intervals and p against figures from the literature and from exact enumeration."""

from __future__ import annotations

from itertools import product

import pytest

from desktop.check.statistics import mcnemar, wilson


@pytest.mark.parametrize(
    ("right", "asked", "low", "high"),
    # Newcombe 1998, Statistics in Medicine 17, table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_intervals_are_those_of_the_literature(right: int, asked: int, low: float, high: float) -> None:
    interval = wilson(right, asked)
    assert interval.low == pytest.approx(low, abs=5e-5)
    assert interval.high == pytest.approx(high, abs=5e-5)


def test_intervals_stay_within_bounds_and_hold_the_share() -> None:
    assert wilson(0, 0).low == 0.0
    assert wilson(0, 0).high == 1.0
    for asked in range(1, 60):
        for right in range(asked + 1):
            interval = wilson(right, asked)
            assert 0.0 <= interval.low <= right / asked <= interval.high <= 1.0


@pytest.mark.parametrize("tosses", range(11))
def test_p_is_the_share_of_all_ways_that_part_as_much(tosses: int) -> None:
    for first in range(tosses + 1):
        ways = [abs(2 * sum(each) - tosses) >= abs(2 * first - tosses) for each in product((0, 1), repeat=tosses)]
        assert mcnemar(first, tosses - first) == pytest.approx(sum(ways) / len(ways))
