"""Numbers between two limits, as a rule of a grammar: digit by digit, since a grammar cannot compare."""

from __future__ import annotations

import math
from typing import Final

from desktop.engine.schema.nodes import NumberNode
from desktop.engine.schema.numbers import whole_limits

# Digits before the point: what a float still tells apart. And behind it.
MOST_DIGITS: Final = 15
_FRACTION: Final = '("." [0-9]{1,10})'


def number_rule(node: NumberNode) -> str:
    """Returns the expression for a number that keeps the limits of a node.

    A number with a fraction keeps away from its limits by less than one, so that no digit decides over another. Where
    that leaves nothing, and of a step, the limits are left to whoever checks the answer.
    """
    low, high = whole_limits(node)
    if low > high:
        low, high = -math.inf, math.inf
    most = 10**MOST_DIGITS - 1
    smallest, largest = int(max(low, -most)), int(min(high, most))
    alternatives = _signed(smallest, largest, "")
    if not node.whole:
        alternatives += _signed(smallest, largest, _FRACTION)
    return f"({' | '.join(alternatives)}) space"


def _signed(low: int, high: int, fraction: str) -> list[str]:
    """Returns alternatives for the numbers from one to another, each with a fraction if there is to be one."""
    nearer = 1 if fraction else 0  # by which the whole part stays below a limit
    found = []
    if high - nearer >= max(low, 0):
        found += [f"{digits} {fraction}".strip() for digits in _between(max(low, 0), high - nearer)]
    if -low - nearer >= max(-high, 0):
        least = max(-high, 0 if fraction else 1)
        if -low - nearer >= least:
            found += [f'"-" {digits} {fraction}'.strip() for digits in _between(least, -low - nearer)]
    return found


def _between(low: int, high: int) -> list[str]:
    """Returns alternatives for the whole numbers from one to another, neither of which is negative."""
    found = []
    for length in range(len(str(low)), len(str(high)) + 1):
        first = max(low, 10 ** (length - 1) if length > 1 else 0)
        last = min(high, 10**length - 1)
        found += _of_one_length(str(first), str(last))
    return _joined(found)


def _of_one_length(low: str, high: str) -> list[str]:
    rest = len(low) - 1
    if set(low[1:]) <= {"0"} and set(high[1:]) <= {"9"}:
        return [_digits(low[0], high[0], rest)]
    if low[0] == high[0]:
        return [f'"{low[0]}" {tail}' for tail in _of_one_length(low[1:], high[1:])]
    found = [f'"{low[0]}" {tail}' for tail in _of_one_length(low[1:], "9" * rest)]
    if int(high[0]) - int(low[0]) > 1:
        found.append(_digits(str(int(low[0]) + 1), str(int(high[0]) - 1), rest))
    return [*found, *(f'"{high[0]}" {tail}' for tail in _of_one_length("0" * rest, high[1:]))]


def _digits(first: str, last: str, others: int) -> str:
    head = f"[{first}-{last}]"
    return f"{head} [0-9]{{{others}}}" if others else head


def _joined(alternatives: list[str]) -> list[str]:
    """Returns the same with one rule for all lengths where all numbers are meant, which is the usual case."""
    longer = [_digits("1", "9", others) for others in range(1, MOST_DIGITS)]
    if alternatives == [_digits("0", "9", 0), *longer]:
        return [f"([0-9] | [1-9] [0-9]{{1,{MOST_DIGITS - 1}}})"]
    if alternatives == [_digits("1", "9", 0), *longer]:
        return [f"[1-9] [0-9]{{0,{MOST_DIGITS - 1}}}"]
    return alternatives
