"""Numbers as people write them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.functions.numerals import chinese_value, fold, read, written

DIGITS = "零一二三四五六七八九"


def in_chinese(number: int) -> str:
    """Writes a number as a school does; an implementation of its own."""
    if number >= 10**8:
        rest = number % 10**8
        return in_chinese(number // 10**8) + "亿" + _rest(rest, 10**7)
    if number >= 10**4:
        return in_chinese(number // 10**4) + "万" + _rest(number % 10**4, 10**3)
    for size, sign in ((1000, "千"), (100, "百"), (10, "十")):
        if number >= size:
            return DIGITS[number // size] + sign + _rest(number % size, size // 10)
    return DIGITS[number]


def _rest(number: int, expected: int) -> str:
    if not number:
        return ""
    return ("零" if number < expected else "") + in_chinese(number)


@given(st.integers(0, 10**12))
def test_every_chinese_number_is_read(number: int) -> None:
    assert chinese_value(in_chinese(number)) == number


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("十五", 15), ("两百", 200), ("三千二", 3200), ("一万五", 15000), ("三千零二", 3002), ("二〇二七", 2027),
        ("十二点五", Fraction("12.5")), ("三点五万", 35000), ("一亿三千万", 130_000_000), ("一万亿", 10**12), ("零", 0),
    ],
)  # fmt: skip
def test_chinese_numbers_of_everyday_life(text: str, expected: Fraction) -> None:
    assert chinese_value(text) == expected


@pytest.mark.parametrize(
    "text", ["百", "万", "三三十", "十百", "一千百", "点五", "五点", "万万", "〇五", "两两", "一1", "五 "]
)
def test_what_is_no_chinese_number(text: str) -> None:
    assert chinese_value(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2,340.5", Fraction("2340.5")), ("1,234,567", 1234567), ("0.5", Fraction(1, 2)), (".5", Fraction(1, 2)),
        ("1e3", 1000), ("1.5亿", 150_000_000), ("3万", 30000), ("2 million", 2_000_000), ("twenty-five", 25),
        ("three hundred and five", 305), ("two million", 2_000_000), ("ten thousand five hundred", 10500),
        ("２，３４０．５", Fraction("2340.5")),
    ],
)  # fmt: skip
def test_a_number_is_read_to_its_end(text: str, expected: Fraction) -> None:
    assert read(fold(text), 0) == (Fraction(expected), len(text))


@pytest.mark.parametrize(
    "text", ["1,5", "1.234,5", "12,34,567", "1.2.3", "007", "192.168.0.1", "9" * 41, "oneplus", "x"]
)
def test_a_number_that_could_be_two_is_none(text: str) -> None:
    assert read(text, 0) is None


@pytest.mark.parametrize(
    ("value", "text", "exact"),
    [
        (Fraction("1234.5"), "1,234.5", True),
        (Fraction(-7), "−7", True),
        (Fraction(10, 3), "3.333333333", False),
        (Fraction(2, 3), "0.6666666667", False),
        (Fraction(10**39), "1" + ",000" * 13, True),
        (Fraction(10**60), "1 × 10^60", True),
        (Fraction(1, 3 * 10**9), "3.333333333 × 10^−10", False),
        (Fraction(0), "0", True),
    ],
)
def test_a_result_is_written_with_as_many_digits_as_make_sense(value: Fraction, text: str, exact: bool) -> None:
    assert written(value) == (text, exact)


@given(st.fractions())
def test_what_is_written_as_exact_is(value: Fraction) -> None:
    text, exact = written(value)
    read_back = Fraction(text.replace(",", "").replace("−", "-").replace(" × 10^", "e"))
    assert (read_back == value) is exact
    assert abs(read_back - value) <= abs(value) / 10**9
