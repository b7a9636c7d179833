"""Writes the result of a calculation: an amount with its unit, and what it equals."""

from __future__ import annotations

from fractions import Fraction

from desktop.functions import numerals, tokens
from desktop.functions.calculation import Calculation
from desktop.functions.units import Unit


def amount_words(
    value: Fraction, unit: Unit | None, *, chinese: bool, exact: bool = True, digits: int = 10
) -> tuple[str, bool]:
    """Returns an amount with its unit, and whether that says it exactly.

    Args:
        value: The number.
        unit: None: it has none.
        chinese: Write the unit in Chinese.
        exact: Whether the number is.
        digits: Significant ones of a number that has no end.
    """
    is_money = unit is not None and unit.is_money
    text, is_exact = numerals.written(value, exact=exact, money=is_money, digits=digits)
    if unit is None:
        return text, is_exact
    if unit.leads:
        sign = "−" if text.startswith("−") else ""
        return f"{sign}{unit.symbol}{text.removeprefix('−')}", is_exact
    return text + tokens.unit_words(unit, chinese=chinese, one=abs(value) == 1), is_exact


def equation(left: str, right: str, *, exact: bool) -> Calculation:
    """Returns a calculation that says what equals what, or nearly."""
    return Calculation(f"{left} {'=' if exact else '≈'} {right}", exact)
