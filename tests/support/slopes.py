"""Slopes of series of measurements, one value for each round."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median


def least_squares(values: Sequence[float]) -> float:
    """Returns the slope of the line through values at 0, 1, 2, ... that has the least squares; two values at least."""
    middle = (len(values) - 1) / 2
    mean = sum(values) / len(values)
    rise = sum((index - middle) * (value - mean) for index, value in enumerate(values))
    return rise / sum((index - middle) ** 2 for index in range(len(values)))


def theil_sen(values: Sequence[float]) -> float:
    """Returns the median of the slopes between all pairs of values at 0, 1, 2, ...; two values at least.

    Up to 29 % of the values may be anything without a great effect, so a single round that took more memory for a
    moment is no growth.
    """
    return median(
        (values[later] - values[earlier]) / (later - earlier)
        for earlier in range(len(values) - 1)
        for later in range(earlier + 1, len(values))
    )
