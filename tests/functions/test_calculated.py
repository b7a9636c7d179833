"""Questions that are computed: every answer is compared with fractions, pint or the standard library's calendar."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

import pint
import pytest

from desktop.functions.calculator import Calculator

TODAY = date(2026, 11, 29)
CHINESE = re.compile("[\u4e00-\u9fff]")
# What a result that was rounded may be off by, in relation to it: six digits are shown of a measure.
ROUNDED = Fraction(1, 100_000)
# Half a cent.
CENT = Fraction(1, 200)


def rows() -> Iterator[tuple[str, str]]:
    for line in (Path(__file__).parent / "calculated.tsv").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            question, _, expected = line.partition("\t")
            yield question, expected


@cache
def registry() -> pint.UnitRegistry[Decimal]:
    return pint.UnitRegistry(non_int_type=Decimal)


def by_pint(amount: int | str, source: str, target: str) -> Fraction:
    converted = registry().Quantity(Decimal(amount), source).to(target)
    # The library is off in the 27th digit: 77.00000000000000000000000003.
    return Fraction(str(round(Decimal(converted.magnitude), 18)))


def days(begin: date, end: date) -> str:
    return f"{(end - begin).days:,} da"


def weekday(day: date) -> str:
    return day.strftime("%A")


def on(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def clock(minutes: int) -> str:
    return f"= {minutes // 60}:{minutes % 60:02}"


def in_chinese(expected: str) -> str:
    """Returns what a Chinese answer has in the place of an English one."""
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    if expected in names:
        return "星期" + "一二三四五六日"[names.index(expected)]
    if found := re.fullmatch(r"(\d+) ([A-Z][a-z]+) (\d{4})", expected):
        months = [f"{date(2000, month, 1):%B}" for month in range(1, 13)]
        return f"{found[3]}年{months.index(found[2]) + 1}月{found[1]}日"
    for english, chinese in ((" da", " 天"), (" hours", " 小时"), (" minutes", " 分钟")):
        expected = expected.replace(english, chinese)
    return expected


@pytest.mark.parametrize(("question", "expected"), list(rows()), ids=lambda value: value[:40])
def test_a_question_is_computed(question: str, expected: str) -> None:
    # GIVEN what the answer is, found in another way
    names = {
        "F": Fraction, "Decimal": Decimal, "Q": by_pint, "days": days, "weekday": weekday, "on": on, "date": date,
        "timedelta": timedelta, "TODAY": TODAY, "clock": clock,
    }  # fmt: skip
    right = eval(expected, names)
    # WHEN it is asked
    calculation = Calculator(lambda: TODAY).calculate(question)
    # THEN the answer says just that, in the language of the question
    assert calculation is not None
    if isinstance(right, str):
        assert (in_chinese(right) if CHINESE.search(question) else right) in calculation.text
        return
    left, sign, result = re.split(" ([=≈]) ", calculation.text)
    assert left
    found = re.search(r"−?[\d,]+(?:\.\d+)?(?: × 10\^−?\d+)?", result)
    assert found is not None
    value = Fraction(found.group().replace(",", "").replace("−", "-").replace(" × 10^", "e"))
    if calculation.exact:
        assert (sign, value) == ("=", right)
    else:
        assert sign == "≈"
        assert value != right
        assert abs(value - right) <= max(abs(right) * ROUNDED, CENT if re.search("[$€£¥元]", result) else 0)


def test_there_are_a_hundred_of_them_in_both_languages() -> None:
    questions = [question for question, _ in rows()]
    assert len(set(questions)) == len(questions) >= 100
    chinese = sum(1 for question in questions if CHINESE.search(question))
    assert 0.4 < chinese / len(questions) < 0.6
