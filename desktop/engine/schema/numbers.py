"""What the limits of a number mean."""

from __future__ import annotations

import math

from desktop.engine.schema.nodes import NumberNode


def is_within(number: float, node: NumberNode) -> bool:
    """Tells whether a number keeps the limits of a node."""
    return not (
        (node.minimum is not None and number < node.minimum)
        or (node.maximum is not None and number > node.maximum)
        or (node.above is not None and number <= node.above)
        or (node.below is not None and number >= node.below)
        or (node.step is not None and not _is_multiple(number, node.step))
    )


def _is_multiple(number: float, step: float) -> bool:
    from fractions import Fraction

    return (Fraction(str(number)) / Fraction(str(step))).denominator == 1


def whole_limits(node: NumberNode) -> tuple[float, float]:
    """Returns the least and the largest whole number that a node allows; infinite: there is none."""
    lows = [-math.inf if node.minimum is None else math.ceil(node.minimum)]
    highs = [math.inf if node.maximum is None else math.floor(node.maximum)]
    if node.above is not None:
        lows.append(math.floor(node.above) + 1)
    if node.below is not None:
        highs.append(math.ceil(node.below) - 1)
    return max(lows), min(highs)
