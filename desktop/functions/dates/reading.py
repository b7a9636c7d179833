"""Dates as people write them in both languages, read against today; and how answers write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from desktop.functions import numerals

# The calendar of today; before it a date has another weekday than the one reckoned back.
_FIRST_YEAR = 1583

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CHINESE_WEEKDAYS = "一二三四五六日"
_HOLIDAYS = MappingProxyType(
    {
        "christmas eve": (12, 24), "christmas day": (12, 25), "christmas": (12, 25), "xmas": (12, 25),
        "boxing day": (12, 26), "new year's eve": (12, 31), "new years eve": (12, 31), "new year's day": (1, 1),
        "new years day": (1, 1), "new year": (1, 1), "new year's": (1, 1), "valentine's day": (2, 14),
        "valentines day": (2, 14), "april fools' day": (4, 1), "may day": (5, 1), "halloween": (10, 31),
        "元旦": (1, 1), "元旦节": (1, 1), "情人节": (2, 14), "妇女节": (3, 8), "愚人节": (4, 1),
        "劳动节": (5, 1), "五一": (5, 1), "五一劳动节": (5, 1), "五一节": (5, 1), "青年节": (5, 4), "儿童节": (6, 1),
        "六一": (6, 1), "六一儿童节": (6, 1), "建党节": (7, 1), "建军节": (8, 1), "教师节": (9, 10), "国庆节": (10, 1),
        "国庆": (10, 1), "十一国庆节": (10, 1), "万圣节前夜": (10, 31), "平安夜": (12, 24),
        "圣诞节": (12, 25), "圣诞": (12, 25),
    }
)  # fmt: skip
_NEAR = MappingProxyType(
    {
        "today": 0,
        "now": 0,
        "tomorrow": 1,
        "the day after tomorrow": 2,
        "yesterday": -1,
        "the day before yesterday": -2,
        "今天": 0,
        "今日": 0,
        "现在": 0,
        "明天": 1,
        "明日": 1,
        "后天": 2,
        "大后天": 3,
        "昨天": -1,
        "昨日": -1,
        "前天": -2,
        "大前天": -3,
    }
)
_CHINESE_YEARS = MappingProxyType({"今年": 0, "明年": 1, "后年": 2, "去年": -1, "前年": -2})
_MONTH: Final = "|".join([*_MONTHS, *(month[:3] + r"\.?" for month in _MONTHS), "Sept"])
_YEAR = r"(?:,?\s*(?P<year>[0-9]{4}))?"
_ENGLISH = tuple(
    re.compile(rf"(?:(?:{'|'.join(_WEEKDAYS)}),?\s+)?(?:the\s+)?{pattern}", re.IGNORECASE)
    for pattern in (
        rf"(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{_MONTH}){_YEAR}",
        rf"(?P<month>{_MONTH})\s+(?:the\s+)?(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?{_YEAR}",
    )
)
_ISO = re.compile(r"(?P<year>[0-9]{4})([-/.])(?P<month>[0-9]{1,2})\2(?P<day>[0-9]{1,2})")
_DAY_FIRST = re.compile(r"(?P<day>[0-9]{1,2})([/.])(?P<month>[0-9]{1,2})\2(?P<year>[0-9]{4})")
_N = "[0-9零〇一二三四五六七八九十]"
_CHINESE = re.compile(
    rf"(?:(?P<year>[0-9]{{4}}|[零〇一二三四五六七八九]{{4}})年|(?P<near>今年|明年|后年|去年|前年)的?)?"
    rf"(?P<month>{_N}{{1,3}})月(?P<day>{_N}{{1,3}})[日号]?"
)
_NAMED_YEAR = re.compile(
    r"(?P<before>[0-9]{4}年|今年|明年|去年)?的?(?P<name>.+?)(?:,?\s+(?:in\s+)?(?P<after>[0-9]{4}))?"
)


@dataclass(frozen=True)
class WrittenDate:
    """A date as it was written.

    Attributes:
        year: None: it was left out.
    """

    year: int | None
    month: int
    day: int

    @property
    def exists(self) -> bool:
        """Whether the calendar has it, in its year or in any."""
        return _exists(self.year or 2000, self.month, self.day)

    def on_or_after(self, other: date) -> date:
        """Returns the date; without a year, the next one from another date on."""
        return self._near(other, 1)

    def on_or_before(self, other: date) -> date:
        """Returns the date; without a year, the last one up to another date."""
        return self._near(other, -1)

    def _near(self, other: date, step: int) -> date:
        if self.year is not None:
            return date(self.year, self.month, self.day)
        year = other.year
        while not _exists(year, self.month, self.day) or (date(year, self.month, self.day) - other).days * step < 0:
            year += step
        return date(year, self.month, self.day)


def read(text: str, today: date) -> WrittenDate | None:
    """Returns the date that a text is; None: it is none, or one that could be two (3/4/2027)."""
    text = text.strip()
    if (offset := _NEAR.get(text.lower())) is not None:
        near = today + timedelta(offset)
        return WrittenDate(near.year, near.month, near.day)
    for pattern in (*_ENGLISH, _ISO, _DAY_FIRST, _CHINESE):
        found = pattern.fullmatch(text)
        if found is not None:
            return _from_match(found, today)
    named = _NAMED_YEAR.fullmatch(text)
    holiday = _HOLIDAYS.get(re.sub("^the ", "", named["name"].lower().replace("’", "'"))) if named else None
    if named is None or holiday is None:
        return None
    written = named["after"] or (named["before"] or "").removesuffix("年")
    year = _CHINESE_YEARS[written] + today.year if written in _CHINESE_YEARS else int(written) if written else None
    return WrittenDate(year, *holiday) if year is None or year >= _FIRST_YEAR else None


def _from_match(found: re.Match[str], today: date) -> WrittenDate | None:
    parts = found.groupdict()
    year, day = _number(parts["year"]), _number(parts["day"])
    if parts.get("near"):
        year = today.year + _CHINESE_YEARS[parts["near"]]
    month = _number(parts["month"])
    if month is None and parts["month"][:1].isalpha() and parts["month"].isascii():
        month = next(i for i, name in enumerate(_MONTHS, 1) if name[:3].lower() == parts["month"][:3].lower())
    if month is None or day is None or (year is not None and year < _FIRST_YEAR):
        return None
    if found.re is _DAY_FIRST and day <= 12 and day != month and "/" in found.group():
        return None
    return WrittenDate(year, month, day)


def _number(text: str | None) -> int | None:
    if not text:
        return None
    if text.isascii():
        return int(text) if text.isdigit() else None
    value = numerals.chinese_value(text)
    return int(value) if value is not None else None


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def date_words(day: date, *, chinese: bool) -> str:
    """Returns a date in words."""
    if chinese:
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def month_words(year: int, month: int, *, chinese: bool) -> str:
    """Returns a month in words."""
    return f"{year}年{month}月" if chinese else f"{_MONTHS[month - 1]} {year}"


def month_number(text: str) -> int | None:
    """Returns the number of a month by its English name; None: it is none."""
    return next((i for i, name in enumerate(_MONTHS, 1) if text.lower() in (name.lower(), name[:3].lower())), None)


def weekday_words(day: date, *, chinese: bool) -> str:
    """Returns the day of the week."""
    return f"星期{_CHINESE_WEEKDAYS[day.weekday()]}" if chinese else _WEEKDAYS[day.weekday()]


def missing_words(written: WrittenDate, *, chinese: bool) -> str:
    """Says that the calendar has no such date."""
    if chinese:
        return f"{f'{written.year}年' if written.year else ''}没有{written.month}月{written.day}日。"
    if not 1 <= written.month <= 12:
        return f"There is no month {written.month}."
    year = f" {written.year}" if written.year else ""
    return f"There is no {written.day} {_MONTHS[written.month - 1]}{year}."
