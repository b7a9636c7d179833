"""Expressions: exact, with the precedence of school, and never without an end."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.functions.calculator import Calculator
from desktop.functions.expression import (
    DividedByZeroError,
    NoRealResultError,
    TooLargeError,
    evaluate,
)
from desktop.functions.tokens import NotArithmeticError, tokens


def value(text: str) -> Fraction:
    return evaluate(tokens(text, chinese=False, explicit=True))[0].amount


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> str:
    """Returns an expression that Python understands as we do."""
    if not depth or draw(st.integers(0, 3)) == 0:
        return draw(st.decimals("0", "9999", places=2).map(str) | st.integers(0, 999).map(str))
    left, right = draw(expressions(depth - 1)), draw(expressions(depth - 1))
    sign = draw(st.sampled_from(["+", "-", "*", "/"]))
    text = f"{left} {sign} {right}"
    return f"({text})" if draw(st.booleans()) else text


def by_python(text: str) -> Fraction:
    import re

    return Fraction(eval(re.sub(r"[0-9]+(?:\.[0-9]+)?", r'F("\g<0>")', text), {"F": Fraction}))


@given(expressions())
def test_an_expression_is_what_python_makes_of_it_with_fractions(text: str) -> None:
    try:
        expected = by_python(text)
    except ZeroDivisionError:
        with pytest.raises(DividedByZeroError):
            value(text)
        return
    assert value(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9",
        "9^9^9^9",
        "2^99999",
        "(10^300)^300",
        "7^-99999",
        "0.5^100000",
        "2^(10^30)",
        "2^0.5^9^9^9",
        "(10^1000)^(10^30+0.5)",
    ],
)
def test_a_tower_of_powers_is_refused_at_once(text: str) -> None:
    started = time.thread_time()
    with pytest.raises(TooLargeError):
        value(text)
    assert time.thread_time() - started < 0.1


@pytest.mark.parametrize("text", ["5 / 0", "1 / (2 - 2)", "0^-1", "5 mod 0", "3 / 0%"])
def test_nothing_is_divided_by_zero(text: str) -> None:
    with pytest.raises(DividedByZeroError):
        value(text)


@pytest.mark.parametrize("text", ["√(0 - 4)", "(-8)^(1/3)", "(-4)^0.5"])
def test_a_root_of_a_negative_number_is_none(text: str) -> None:
    with pytest.raises(NoRealResultError):
        value(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1 +",
        "+ 1",
        "(1",
        "1)",
        "()",
        "1 2",
        "1..2",
        "2(3)",
        "17 % 5",
        "10 % + 5 %",
        "2 of 3",
        "5 kg + 3",
        "5 kg * 2 kg",
        "$5 + 3",
        "5 °C * 2",
        "(" * 50 + "1" + ")" * 50,
        "9" * 41 + " + 1",
    ],
)
def test_what_is_no_expression_or_could_be_two_is_none(text: str) -> None:
    with pytest.raises(NotArithmeticError):
        value(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("200 + 10 %", Fraction(220)),  # a tenth of what is before it
        ("200 - 10 % - 10 %", Fraction(162)),
        ("200 * 10 %", Fraction(20)),
        ("10 % of 200 + 50", Fraction(70)),
        ("50 + 10 % of 200", Fraction(70)),
        ("1/4 of 200", Fraction(50)),
        ("-2^2", Fraction(-4)),
        ("(-2)^2", Fraction(4)),
        ("2^-2", Fraction(1, 4)),
        ("10 - 4 - 3", Fraction(3)),
        ("100 / 10 / 2", Fraction(5)),
        ("1 km + 1 m", Fraction(1001, 1000)),
        ("3 * 2 ft 6 in", Fraction(15, 2)),
    ],
)
def test_percent_powers_and_signs_are_understood_as_people_do(text: str, expected: Fraction) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("5 / 0", "5 ÷ 0: nothing can be divided by zero."),
        ("5除以0等于多少", "5 ÷ 0：不能除以零。"),
        ("9**9**9", "9^9^9: the result has too many digits to be written."),
        ("2的9999次方是多少", "2^9999：结果的位数太多，无法写出。"),
        ("sqrt(-4) =", "√(−4): a negative number has no real root."),
        ("2^200", "2^200 ≈ 1.606938044 × 10^60"),
        ("10^50", "10^50 = 1 × 10^50"),
        ("1/3 - 1/3", "1 ÷ 3 − 1 ÷ 3 = 0"),
        ("3 - 5", "3 − 5 = −2"),
        ("$10 / 3", "$10 ÷ 3 ≈ $3.33"),
        ("3 - $5", None),
        ("8 + 64", "8 + 64 = 72"),
        ("1920 * 1080 =", "1920 × 1080 = 2,073,600"),
        ("24 hours in days", "24 h = 1 day"),
        ("what is 3 × 12 cm", "3 × 12 cm = 36 cm"),
        ("$20 - $5", "$20 − $5 = $15"),
        ("What is $5 - $10?", "$5 − $10 = −$5"),
    ],
)
def test_what_cannot_be_computed_is_said(question: str, says: str | None) -> None:
    calculation = Calculator().calculate(question)
    assert (calculation.text if calculation else None) == says
