"""Numbers as people type them."""

from __future__ import annotations

import pytest

from desktop.ui.settings.number_text import read_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0.9", 0.9),
        ("0,9", 0.9),
        (",9", 0.9),
        (".9", 0.9),
        ("1.", 1.0),
        ("-0,5", -0.5),
        ("\u22120,5", -0.5),
        ("1.234,5", 1234.5),
        ("1,234.5", 1234.5),
        ("1'234.5", 1234.5),
        ("1 234,5", 1234.5),
        ("1\u202f234,5", 1234.5),
        ("1.234.567", 1234567.0),
        ("1,234,567", 1234567.0),
        ("12.345.678,25", 12345678.25),
        ("٠٫٩", 0.9),
        ("٠.٩", 0.9),
        ("۰٫۹", 0.9),
        ("０．９", 0.9),
        ("０。９", 0.9),
        ("१२", 12.0),
        ("4096", 4096.0),
        ("0.9\u200b", 0.9),
        ("\ufeff0,9", 0.9),
        ("\u202a0.9\u202c", 0.9),
        ("\u3000０．９\u3000", 0.9),
        ("－0.5", -0.5),
        ("\u20130,5", -0.5),
        ("＋１２", 12.0),
        ("１２，３４５．６", 12345.6),
        ("٬١٢٣", 123.0),
        ("0." + "0" * 5000 + "1", 0.0),
    ],
)
def test_a_number_is_read_as_it_is_meant(text: str, number: float) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        ".",
        ",",
        "a",
        "1e5",
        "inf",
        "nan",
        "1.2.3",
        "1,2.3,4",
        "1.234.56",
        "12.34,5",
        "--1",
        "1_0",
        "²",
        "1" + "0" * 400,
        "½",
        "零点九",
        "9%",
        "0..9",
        "−−1",
        "∞",
    ],
)
def test_what_is_no_number_is_none(text: str) -> None:
    assert read_number(text) is None


def test_one_mark_is_the_decimal_point_unless_it_can_only_separate_thousands() -> None:
    assert read_number("1.234", ".") == 1234
    assert read_number("1,234", ".") == 1.234
    assert read_number("1.234") == 1.234
    assert read_number("0.125", ".") == 0.125, "no thousands begin with 0"
    assert read_number("12.5", ".") == 12.5
