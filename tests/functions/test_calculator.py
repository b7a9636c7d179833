"""The calculator as a whole: it never fails, looks at the clock each time, and costs nothing while nobody computes."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.functions.calculation import Calculation
from desktop.functions.calculator import Calculator
from tests.support.command_line import python

PIECES = (
    *("1", "0", "2.5", "1,234", "99999999999999999999", "三", "十", "万", "点", "两", "一半", "三分之一", "half of "),
    *("+", "-", " - ", "*", "/", "^", "**", "%", "(", ")", "√", "²", "的", "乘以", "除以", " mod ", " of ", "的平方根"),
    *(" kg", " km", "°C", "$", "€", "元", " ft", "公斤", "摄氏度", " in ", " to ", "是多少", "等于", "=", "?"),
    *(
        "days until ",
        "1 May",
        "31 February 2027",
        "2027-02-30",
        "5月1日",
        "0月40日",
        "9999年12月31日",
        "距离",
        "还有几天",
    ),
    *(
        "what is ",
        "How many ",
        " weeks from ",
        "today",
        "3000000",
        "天后是几号",
        "sum of ",
        " and ",
        "打折",
        "占",
        "百分之几",
    ),
    *(
        "9:15",
        " 2:45",
        "24:60",
        " h",
        "h30",
        "how long from ",
        "noon",
        "12am",
        "点",
        "半",
        "一刻",
        "多久",
        "到",
        "下周",
        "五是几号",
    ),
    *(" tip", " VAT", "split ", " ways", "area of ", " by ", "1/2 ", "1/0 ", "½", " cup", " mpg", "l/100 km", " for "),
    *(
        "个人平分",
        "AA",
        "打八折",
        "折后是",
        ",原价",
        "含税",
        "税率",
        "长",
        "宽",
        "面积",
        "升油",
        "百公里油耗",
        "小时",
        "分",
    ),
    *("x", "people", " ", "\u3000", "\x00", "\ud800", "٣", "½", "①"),
)


@given(st.lists(st.sampled_from(PIECES), max_size=9).map("".join) | st.text(max_size=40))
def test_no_text_makes_it_fail(text: str) -> None:
    calculation = Calculator(lambda: date(2026, 11, 29)).calculate(text)
    assert calculation is None or (calculation.text and "\n" not in calculation.text)


def test_it_looks_at_the_clock_each_time() -> None:
    # GIVEN a program that runs over midnight, and over the 29th of February
    today = date(2028, 2, 28)
    calculator = Calculator(lambda: today)
    assert calculator.calculate("days until 1 March") == Calculation("From 28 February 2028 to 1 March 2028: 2 days.")
    today = date(2028, 2, 29)
    assert calculator.calculate("days until 1 March") == Calculation("From 29 February 2028 to 1 March 2028: 1 day.")


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("days until 29 November", "Both are 29 November 2026: 0 days."),
        ("days until 28 November", "From 29 November 2026 to 28 November 2027: 364 days."),
        ("days until 29 February", "From 29 November 2026 to 29 February 2028: 457 days."),
        ("days until 1 May 2020", "From 1 May 2020 to 29 November 2026: 2,403 days."),
        ("days until 31 February", "There is no 31 February."),
        ("2027年2月29日是星期几", "2027年没有2月29日。"),
        ("What day of the week is 29 February 2027?", "There is no 29 February 2027."),
        ("3000000 days from today", None),  # beyond the calendar
        ("What day of the week was 14 October 1066?", None),  # another calendar
        ("days until 3/4/2027", None),  # March or April
        ("days until 13/4/2027", "From 29 November 2026 to 13 April 2027: 135 days."),
        ("-300 °C in °F", "−300 °C: below absolute zero (−273.15 °C)."),
    ],
)
def test_dates_and_measures_at_their_ends(question: str, says: str | None) -> None:
    calculation = Calculator(lambda: date(2026, 11, 29)).calculate(question)
    assert (calculation.text if calculation else None) == says


def test_a_long_text_or_one_of_several_lines_is_no_sum() -> None:
    calculator = Calculator()
    assert calculator.calculate("1 + 1\n2 + 2") is None
    assert calculator.calculate(" + ".join(["1"] * 100)) is None


def test_who_asks_nothing_of_the_kind_imports_nothing() -> None:
    code = (
        "import sys; from desktop.functions.calculator import Calculator; "
        "assert Calculator().calculate('Who are you?') is None; "
        "print(sorted(name for name in sys.modules if name.startswith('desktop.functions')))"
    )
    done = python(code)
    assert done.out.strip() == str(
        ["desktop.functions", "desktop.functions.calculation", "desktop.functions.calculator"]
    )
