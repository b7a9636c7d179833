"""Recognises questions about dates: how many days until, which weekday, which date in three weeks."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import date, timedelta
from types import MappingProxyType

from desktop.functions import numerals
from desktop.functions.calculation import Calculation
from desktop.functions.dates.reading import (
    WrittenDate,
    date_words,
    missing_words,
    month_number,
    month_words,
    read,
    weekday_words,
)

_MOST_DAYS = 3_000_000  # some 8,000 years, which is what the calendar has
_LONGEST_NAME = 40  # characters of a date

_MANY = r"(?:how many|number of|the number of)\s+"
_UNITS = r"(?P<span>days|weeks)"
_SPAN = r"(?P<count>.{1,30}?)\s+(?P<span>days?|weeks?|months?|years?)"
_NEAR_DAY = r"(?P<date>today|tomorrow|yesterday)"
_WHEN = (
    r"(?:(?:what|which)(?:'s|’s| is| was| will)?\s+(?:the )?(?:date|day|weekday|day of the week)\s*"
    r"(?:is it|was it|will it be|will be|is|was|be|it)?\s*|when is )"
)
# What may stand between "how many days" and the date.
_LEFT = r"(?:(?:are there|are left|left|is it|remain|remaining|to go|more|there are)\s+)*"
_PASSED = r"(?:(?:have passed|passed|ago was|went by|has it been|are there|is it|ago is)\s*)*"
_ENGLISH = tuple(
    (kind, re.compile("".join(pieces), re.IGNORECASE))
    for kind, *pieces in (
        ("until", rf"(?:{_MANY})?{_UNITS}\s+{_LEFT}", r"(?:until|till|til|to|before)\s+(?P<date>.+)"),
        ("until", rf"(?:how long|{_MANY}{_UNITS})\s+", r"(?:is it |until |till )+(?P<date>.+)"),
        ("rest", rf"(?:{_MANY})?{_UNITS}\s+(?:are\s+)?(?:there\s+)?left\s+(?:in\s+)?(?:this|the)\s+year"),
        ("passed", rf"{_MANY}{_UNITS}\s+(?:have\s+)?(?:passed|gone by)\s+(?:so far\s+)?(?:in\s+)?this\s+year"),
        ("passed", rf"{_MANY}{_UNITS}\s+of\s+(?:this|the)\s+year\s+(?:have|are)\s+(?:passed|over|gone)"),
        ("since", rf"(?:{_MANY})?{_UNITS}\s+{_PASSED}since\s+(?P<date>.+)"),
        ("since", rf"(?:how long|{_MANY}{_UNITS})\s+ago\s+(?:was|is)\s+(?P<date>.+)"),
        (
            "between",
            rf"(?:{_MANY})?{_UNITS}\s+(?:(?:are there|is it|are|lie|passed)\s+)*(?:between|from)\s+",
            r"(?P<date>.+?)\s+(?:and|to|until|till)\s+(?P<other>.+)",
        ),
        (
            "weekday",
            r"(?:what|which)\s+(?:week\s?day|day of the week|day)\s+(?:is|was|will|does|did|will be)\s+",
            r"(?:it\s+)?(?:on\s+)?(?P<date>.+?)(?:\s+(?:be|fall on|on))?",
        ),
        ("weekday", r"(?:the\s+)?(?:day of the week|weekday)\s+(?:of|on|for)\s+(?P<date>.+)"),
        ("offset", rf"(?:{_WHEN}|(?:the )?date )?{_SPAN}\s+(?P<way>from|after|before)\s+(?P<date>.+)"),
        ("offset", rf"{_WHEN}in\s+{_SPAN}(?P<way>)(?P<date>)"),
        ("offset", rf"{_WHEN}{_SPAN}\s+(?P<way>ago)(?P<date>)"),
        ("day", r"(?:what|which)(?:'s|’s| is)?\s+(?:the\s+)?(?:date|day)\s+(?:is\s+)?(?:it\s+)?", _NEAR_DAY),
        ("day", r"(?:what|which)\s+(?:date|day)\s+(?:is|was|will)\s+(?:it\s+)?", rf"{_NEAR_DAY}(?:\s+be)?"),
        ("day", rf"what(?:'s|’s| is)\s+{_NEAR_DAY}(?:'s|’s)\s+date"),
        ("day", r"what(?:'s|’s| is)\s+the\s+date(?P<date>)"),
        ("day", r"what\s+(?:day|date)\s+is\s+it(?P<date>)"),
        ("leap", r"is\s+(?P<near>this|next) year\s+a\s+leap\s+year"),
        ("leap", r"(?:is|was|will)\s+(?:the year\s+)?(?P<year>[0-9]{4})\s+(?:be\s+)?a\s+leap\s+year"),
        (
            "length",
            rf"{_MANY}days\s+(?:are\s+)?(?:there\s+)?(?:in|does)\s+",
            r"(?:(?P<month>[a-z]+)\s+)?(?P<year>[0-9]{4})(?:\s+have)?",
        ),
    )
)
# How many days, or weeks.
_ASKED = "(?:多少|几)(?:天|日|(?P<span>个?(?:周|星期|礼拜)))(?:时间)?了?"
_HOW_LONG = f"(?:{_ASKED}|多久|多长时间)"
_SPAN_CHINESE = "(?P<count>[0-9.,]+|[零一二两三四五六七八九十百千万]+)\\s*个?(?P<span>天|日|周|星期|礼拜|月|年)"
_ASKED_DATE = "(?:是|在)*(?:几月几[号日]|几[号日]|哪一?天|什么日期|多少号)"
_ASKED_DAY = "是?(?:在)?(?:几月几[号日]|几[号日]|哪一?天|星期几|周几|礼拜几|什么日期|多少号)"
_CHINESE = tuple(
    (kind, re.compile("".join(pieces)))
    for kind, *pieces in (
        ("until", "(?:现在|今天)?(?:距离?|离|到)(?P<date>.+?)(?:还有|还剩下?|还要|有|还差|还需要?|剩)?", _HOW_LONG),
        ("until", "(?P<date>.+?)(?:还有|还剩)", _HOW_LONG, "(?:才?到)?"),
        ("since", "(?:距离?|离|从)?(?P<date>.+?)(?:到(?:今天|现在)|至今)?(?:已经)?(?:过去?了?|过了)", _ASKED),
        (
            "between",
            "从?(?P<date>.+?)(?:到|至|距离?)(?P<other>.+?)(?:之间)?",
            "(?:一共|总共|共)?(?:有|是|相隔|隔了?|相差|差|经过)?",
            _ASKED,
        ),
        ("between", "(?P<date>.+?)[和与](?P<other>.+?)(?:之间)?(?:一共)?(?:有|相差|差|相隔|隔了?)", _ASKED),
        (
            "offset",
            f"(?:从|自)?(?P<date>.*?)(?:起|开始|算起)?的?(?:再过|过)?{_SPAN_CHINESE}",
            f"(?P<way>以?后|之后|以?前|之前)(?:的?今天|的?这一?天|的?那一?天)?{_ASKED_DAY}",
        ),
        (
            "offset",
            "(?:什么日子|什么日期|哪一?天|几[号日]|几月几[号日])是",
            f"(?P<date>.*?)的?{_SPAN_CHINESE}(?P<way>以?后|之后|以?前|之前)",
        ),
        ("near", f"(?P<week>上个?|这个?|本|下个?|下下个?)(?:周|星期|礼拜)(?P<day>[一二三四五六日天]){_ASKED_DATE}"),
        ("offset", f"再过{_SPAN_CHINESE}(?P<date>)(?P<way>){_ASKED_DAY}"),
        ("weekday", "(?P<date>.+?)(?:是|那天是|当天是)?(?:星期几|周几|礼拜几)"),
        (
            "day",
            "(?P<date>今天|明天|后天|昨天|前天|大后天)是?(?:几月几[号日]|几[号日]|多少号|什么日期|哪一?天)",
        ),
        ("day", "(?P<date>今天|明天|昨天)的?日期(?:是什么|是多少)?"),
        ("leap", "(?P<near>今年|明年)(?:是不是|是否是|是否为|是|算)闰年[吗么]?"),
        ("rest", f"今年(?:还有|还剩下?|剩下?){_ASKED}"),
        ("passed", f"今年(?:已经)?(?:过去?了?|过了){_ASKED}"),
        ("until", "还有", _ASKED, "(?:到|是)(?P<date>.+?)"),
        ("leap", "(?P<year>[0-9]{4})年?(?:是不是|是否是|是否为|是|算)闰年[吗么]?"),
        ("length", "(?P<year>[0-9]{4})年(?:的?(?P<month>[0-9]{1,2})月份?)?(?:一共|总共|共)?有?(?:多少|几)天"),
    )
)


class DateQuestions:
    """Answers questions about dates by the calendar."""

    def __init__(self, today: Callable[[], date]) -> None:
        """
        Args:
            today: Returns the day that it is.
        """
        self._today = today
        self._kinds = MappingProxyType(
            {
                "until": self._until,
                "since": self._since,
                "between": self._between,
                "weekday": self._weekday,
                "offset": self._offset,
                "day": self._day,
                "rest": self._rest,
                "passed": self._passed,
                "near": self._near,
                "leap": self._leap,
                "length": self._length,
            }
        )

    def answer(self, question: str, *, chinese: bool) -> Calculation | None:
        """Returns what the calendar says; None: the question is for nothing it knows.

        Args:
            question: Folded, without politeness and marks at its end.
            chinese: It is Chinese, and so is the answer.
        """
        for kind, pattern in _CHINESE if chinese else _ENGLISH:
            found = pattern.fullmatch(question)
            if found is None or any(
                len(found.groupdict().get(name) or "") > _LONGEST_NAME for name in ("date", "other")
            ):
                continue
            try:
                words = self._kinds[kind](found, chinese)
            except (OverflowError, ValueError):  # beyond the years that the calendar has
                words = None
            if words is not None:
                return Calculation(words)
        return None

    def _until(self, found: re.Match[str], chinese: bool) -> str | None:
        written = read(found["date"], self._today())
        if written is None:
            return None
        if not written.exists:
            return missing_words(written, chinese=chinese)
        return self._span(self._today(), written.on_or_after(self._today()), found["span"], chinese)

    def _since(self, found: re.Match[str], chinese: bool) -> str | None:
        written = read(found["date"], self._today())
        if written is None:
            return None
        if not written.exists:
            return missing_words(written, chinese=chinese)
        return self._span(written.on_or_before(self._today()), self._today(), found["span"], chinese)

    def _between(self, found: re.Match[str], chinese: bool) -> str | None:
        first, second = read(found["date"], self._today()), read(found["other"], self._today())
        if first is None or second is None:
            return None
        for written in (first, second):
            if not written.exists:
                return missing_words(written, chinese=chinese)
        if first.year is None and second.year is not None:
            begin = first.on_or_before(second.on_or_after(self._today()))
        elif first.year is None:
            begin = WrittenDate(self._today().year, first.month, first.day).on_or_after(self._today())
        else:
            begin = first.on_or_after(self._today())
        return self._span(begin, second.on_or_after(begin), found["span"], chinese)

    def _span(self, begin: date, end: date, span: str | None, chinese: bool) -> str:
        days = (end - begin).days
        first, last = date_words(begin, chinese=chinese), date_words(end, chinese=chinese)
        if not days:
            return f"就是{first}，0 天。" if chinese else f"Both are {first}: 0 days."
        count = abs(days)
        words = f"{count:,} 天" if chinese else f"{count:,} {_plural(count, 'day')}"
        if span and span.lower() not in ("day", "days") and count >= 7:
            weeks, rest = divmod(count, 7)
            if chinese:
                words += f"，即 {weeks:,} 周" + (f"零 {rest} 天" if rest else "")
            else:
                more = f" and {rest} {_plural(rest, 'day')}" if rest else ""
                words += f", which is {weeks:,} {_plural(weeks, 'week')}{more}"
        if days < 0:
            first, last = last, first
        return f"从{first}到{last}：{words}。" if chinese else f"From {first} to {last}: {words}."

    def _weekday(self, found: re.Match[str], chinese: bool) -> str | None:
        today = self._today()
        written = read(found["date"], today)
        if written is None:
            return None
        if not written.exists:
            return missing_words(written, chinese=chinese)
        was = re.search(r"\b(?:was|did)\b", found.group(), re.IGNORECASE) is not None
        return self._said(written.on_or_before(today) if was else written.on_or_after(today), chinese)

    def _day(self, found: re.Match[str], chinese: bool) -> str | None:
        written = read(found["date"] or "today", self._today())
        return self._said(written.on_or_after(self._today()), chinese) if written is not None else None

    def _said(self, day: date, chinese: bool) -> str:
        words, weekday = date_words(day, chinese=chinese), weekday_words(day, chinese=chinese)
        near = (day - self._today()).days
        if chinese:
            name = {0: "今天是", 1: "明天是", -1: "昨天是"}.get(near)
            return f"{name}{words}，{weekday}。" if name else f"{words}是{weekday}。"
        if near in (-1, 0, 1):
            return f"{({0: 'Today is', 1: 'Tomorrow is', -1: 'Yesterday was'})[near]} {weekday}, {words}."
        return f"{words} {'was' if near < 0 else 'is'} a {weekday}."

    def _offset(self, found: re.Match[str], chinese: bool) -> str | None:
        count_text = found["count"].strip()
        if not chinese:
            count_text = re.sub(r"^an?$", "1", count_text, flags=re.IGNORECASE)
        count = numerals.read(count_text, 0)
        if count is None or count[1] != len(count_text) or count[0].denominator != 1 or count[0] > _MOST_DAYS:
            return None
        today = self._today()
        written = read(found["date"] or "today", today)
        if written is None:
            return None
        if not written.exists:
            return missing_words(written, chinese=chinese)
        begin = written.on_or_after(today)
        way = found["way"].lower()
        back = way in ("before", "ago") or way.endswith("前")
        end = _moved(begin, -int(count[0]) if back else int(count[0]), found["span"])
        return self._steps(begin, int(count[0]), found["span"], back, end, chinese)

    def _steps(self, begin: date, count: int, span: str, back: bool, end: date, chinese: bool) -> str:
        words, weekday = date_words(end, chinese=chinese), weekday_words(end, chinese=chinese)
        if chinese:
            span = {"日": "天", "星期": "周", "礼拜": "周", "月": "个月"}.get(span, span)
            return f"{date_words(begin, chinese=True)}的 {count:,} {span}{'前' if back else '后'}：{words}，{weekday}。"
        named = f"{count:,} {_plural(count, span.lower().rstrip('s'))}"
        return f"{named} {'before' if back else 'after'} {date_words(begin, chinese=False)}: {weekday}, {words}."

    def _rest(self, found: re.Match[str], chinese: bool) -> str | None:
        return self._span(self._today(), date(self._today().year, 12, 31), found["span"], chinese)

    def _passed(self, found: re.Match[str], chinese: bool) -> str | None:
        return self._span(date(self._today().year, 1, 1), self._today(), found["span"], chinese)

    def _near(self, found: re.Match[str], chinese: bool) -> str | None:
        """Says which date a day of this week or a near one is; weeks begin on Monday (GB/T 7408)."""
        today, week = self._today(), found["week"] or ""
        weeks = -1 if week.startswith("上") else week.count("下")
        day = "一二三四五六日".index(found["day"].replace("天", "日"))
        return self._said(today + timedelta(7 * weeks + day - today.weekday()), chinese)

    def _leap(self, found: re.Match[str], chinese: bool) -> str | None:
        parts = found.groupdict()
        year = int(parts["year"]) if parts.get("year") else self._today().year + (parts["near"] in ("next", "明年"))
        if calendar.isleap(year):
            return f"{year}年是闰年，有 366 天。" if chinese else f"{year} is a leap year: it has 366 days."
        return f"{year}年不是闰年，有 365 天。" if chinese else f"{year} is no leap year: it has 365 days."

    def _length(self, found: re.Match[str], chinese: bool) -> str | None:
        year, month = int(found["year"]), found["month"]
        if not month:
            days = 366 if calendar.isleap(year) else 365
            return f"{year}年有 {days} 天。" if chinese else f"{year} has {days} days."
        number = int(month) if month.isdigit() else month_number(month)
        if number is None or not 1 <= number <= 12:
            return None
        days = calendar.monthrange(year, number)[1]
        words = month_words(year, number, chinese=chinese)
        return f"{words}有 {days} 天。" if chinese else f"{words} has {days} days."


def _plural(count: int, word: str) -> str:
    return word if count == 1 else f"{word}s"


def _moved(begin: date, count: int, span: str) -> date:
    """Returns a date some days, weeks, months or years on; a month that is too short ends with its last day."""
    span = span.lower()
    if span.startswith("day") or span in ("天", "日"):
        return begin + timedelta(count)
    if span.startswith("week") or span in ("周", "星期", "礼拜"):
        return begin + timedelta(7 * count)
    months = begin.year * 12 + begin.month - 1 + count * (12 if span.startswith("year") or span == "年" else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(begin.day, calendar.monthrange(year, month + 1)[1]))
