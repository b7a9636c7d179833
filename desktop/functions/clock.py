"""Recognises sums of times, 2:45 + 1:30, and how long it is from one time of the day to another, 9:15 to 17:30."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from desktop.functions import numerals
from desktop.functions.calculation import Calculation
from desktop.functions.questions import Wish

_DAY: Final = 24 * 3600
_SPAN: Final = r"[0-9]{1,3}:[0-5][0-9](?::[0-5][0-9])?"
_SUM: Final = re.compile(rf"{_SPAN}(?:\s*(?:[-+−]|plus|minus|加上?|减去?)\s*{_SPAN})+")
_PRODUCT: Final = re.compile(rf"({_SPAN})\s*(?:[*×]|times|乘以?)\s*([0-9]{{1,4}})")
_STEP: Final = re.compile(rf"([-+−]|plus|minus|加上?|减去?|)\s*({_SPAN})")
_HOURS_AND: Final = re.compile(r"\b([0-9]{1,3})\s*h\s*([0-5][0-9])(?![0-9])(?:\s*m(?:in)?\b)?", re.IGNORECASE)
_MINUTES_CHINESE: Final = re.compile("([0-9]{1,3})个?小时(?:零)?([0-9]{1,2})分钟?")
_TIME: Final = r"(?:noon|midnight|[0-9]{1,2}(?::[0-5][0-9])?\s*(?:[ap]\.?m\.?)?)"
_BETWEEN: Final = re.compile(
    r"(?:(?:how long|how many (?:hours|minutes)|how much time|(?:the )?(?:time|hours|minutes))\s+"
    r"(?:is it |is there |are there |are |is |passes |pass )?(?:from|between)\s+)"
    rf"(?P<begin>{_TIME})\s*(?:to|until|till|and|-|–)\s*(?P<end>{_TIME})",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(
    rf"(?:from\s+)?(?P<begin>{_TIME})\s*(?:to|until|till|-|–)\s*(?P<end>{_TIME})\s*,?\s*"
    r"(?:how long|how many hours|how much time)(?: is (?:it|that))?",
    re.IGNORECASE,
)
_N: Final = "(?:[0-9]{1,2}|[零一二两三四五六七八九十]{1,3})"
_TIME_CHINESE: Final = f"(?:早上|上午|中午|下午|晚上|凌晨)?{_N}(?:[:点时](?:{_N}分?|半|整|一刻|三刻)?)"
_BETWEEN_CHINESE: Final = re.compile(
    f"从?(?P<begin>{_TIME_CHINESE})(?:到|至)(?P<end>{_TIME_CHINESE})(?:之间)?(?:一共|总共|共)?(?:是|有)?"
    "(?:多久|多长时间|多少小时|几个?小时|多少分钟|多少时间)"
)
_PARTS_CHINESE: Final = re.compile(f"(早上|上午|中午|下午|晚上|凌晨)?({_N})[:点时]({_N}|半|整|一刻|三刻)?分?")
_MINUTES_OF: Final = MappingProxyType({"半": 30, "整": 0, "一刻": 15, "三刻": 45})
_CHINESE_UNITS: Final = MappingProxyType({"hour": "小时", "minute": "分钟"})


def answer(wish: Wish) -> Calculation | None:
    """Returns a sum of times or the time between two; None: the question is for neither."""
    text = wish.text
    if wish.chinese:
        text = _MINUTES_CHINESE.sub(lambda found: f"{found[1]}:{int(found[2]):02}", text)
    else:
        text = _HOURS_AND.sub(r"\1:\2", text)
    if (found := _PRODUCT.fullmatch(text)) is not None:
        total = _seconds(found[1]) * int(found[2])
        return Calculation(f"{found[1]} × {found[2]} = {_written(total)}")
    if _SUM.fullmatch(text):
        return _summed(text, asked=wish.asked or wish.explicit)
    return _between(wish)


def _summed(text: str, *, asked: bool) -> Calculation | None:
    shown, total = "", 0
    for sign, span in _STEP.findall(text):
        is_less = sign in ("-", "−", "minus", "减", "减去")
        total += -_seconds(span) if is_less else _seconds(span)
        shown += f" {'−' if is_less else '+'} {span}" if sign else span
    if "−" in shown and (total < 0 or not asked):  # 9:15 - 17:30 are times from which until when
        return None
    return Calculation(f"{shown} = {_written(total)}")


def _seconds(span: str) -> int:
    hours, minutes, *seconds = map(int, span.split(":"))
    return hours * 3600 + minutes * 60 + sum(seconds)


def _written(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02}" + (f":{rest % 60:02}" if rest % 60 else "")


def _between(wish: Wish) -> Calculation | None:
    text = wish.text
    found = _BETWEEN_CHINESE.fullmatch(text) if wish.chinese else _BETWEEN.fullmatch(text) or _NAMED.fullmatch(text)
    if found is None:
        return None
    read = _time_chinese if wish.chinese else _time
    begin, end = read(found["begin"]), read(found["end"])
    if begin is None or end is None or begin == end:
        return None
    counts = dict(zip(("hour", "minute"), divmod((end - begin) % _DAY // 60, 60), strict=True))
    first, last = (f"{each // 3600}:{each % 3600 // 60:02}" for each in (begin, end))
    if wish.chinese:
        words = " ".join(f"{count} {_CHINESE_UNITS[unit]}" for unit, count in counts.items() if count)
        return Calculation(f"从 {first} 到{'第二天 ' if end < begin else ' '}{last}：{words}。")
    words = " ".join(f"{count} {unit}{'s' if count > 1 else ''}" for unit, count in counts.items() if count)
    return Calculation(f"From {first} to {last}{' the next day' if end < begin else ''}: {words}.")


def _time(text: str) -> int | None:
    text = text.strip().lower().replace(".", "")
    if text in ("noon", "midnight"):
        return 12 * 3600 if text == "noon" else 0
    number, half = text.removesuffix("am").removesuffix("pm").strip(), text[-2:]
    hour, _, minute = number.partition(":")
    hours = int(hour)
    if half in ("am", "pm"):
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half == "pm" else 0)
    elif not minute:  # "from 3 to 5" may be anything
        return None
    return hours * 3600 + int(minute or 0) * 60 if hours < 24 else None


def _time_chinese(text: str) -> int | None:
    found = _PARTS_CHINESE.fullmatch(text)
    if found is None:
        return None
    part, hour, minute = found.groups()
    hours = numerals.read(hour, 0)
    minutes = numerals.read(minute, 0) if minute and minute not in _MINUTES_OF else None
    if hours is None or (minute and minute not in _MINUTES_OF and minutes is None):
        return None
    count = int(hours[0])
    late = part in ("下午", "晚上") and 1 <= count < 12
    seconds = (count + (12 if late else 0)) * 3600
    seconds += 60 * (int(minutes[0]) if minutes is not None else _MINUTES_OF.get(minute or "整", 0))
    return seconds if seconds < _DAY else None
