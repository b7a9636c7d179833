"""How much a question asks for of the same: "write it 100 times", "count to 200", "a plan of two weeks". Pure."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

# Where no number is named.
_MANY: Final = 100
_MOST: Final = 10_000
_NUMBERED: Final = re.compile(
    r"(\d[\d,]*)[ -]?(?:times|x\b|copies|lines|rows|repetitions|verses)"
    r"|(?:count|numbers?|list)\b[^.?!\n]{0,40}?\bto (\d[\d,]*)"
    r"|(\d+) ?(?:遍|次|行|份)|(?:数|写|列)[^。？！\n]{0,12}?到 ?(\d+)|从 ?\d+ ?到 ?(\d+)",
    re.IGNORECASE,
)
_UNNUMBERED: Final = re.compile(
    r"\b(?:repeat|repeated|repeatedly|over and over|again and again|a (?:hundred|thousand) times"
    r"|copy this|echo|count|endless|forever)\b"
    r"|重复|反复|一遍又一遍|一百遍|抄写|数数|复述",
    re.IGNORECASE,
)


def times_asked(question: str) -> int:
    """Returns how often a question wants the same said; 0: it does not.

    Args:
        question: Of any length; what matters stands at its beginning or its end.
    """
    ends = _ends(question)
    numbers = [number for found in _NUMBERED.finditer(ends) for number in found.groups() if number]
    most = max((int(number.replace(",", "")[:6]) for number in numbers), default=0)
    return min(most if most > 1 else _MANY if _UNNUMBERED.search(ends) else 0, _MOST)


# Words and letters are no things that are told one by one.
_THINGS: Final = re.compile(
    r"\b(?P<count>\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|fifty|hundred)[ -]"
    r"(?!words?\b|characters?\b|letters?\b|years?\b|percent\b)(?P<thing>[a-z]{3,})"
    r"|(?P<zh>\d{1,3}|[一二两三四五六七八九十]{1,3}) ?(?P<ding>个?(?:周|星期|月)|[天条行个份张道题步])",
    re.IGNORECASE,
)
_COUNTS: Final = MappingProxyType(
    {
        "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
        "nine": 9, "ten": 10, "twelve": 12, "twenty": 20, "thirty": 30, "fifty": 50, "hundred": 100,
    }
)  # fmt: skip
_DIGITS: Final = "零一二三四五六七八九"
_DAYS: Final = (("week", 7), ("month", 31), ("周", 7), ("星期", 7), ("月", 31))
_MOST_THINGS: Final = 366


def things_asked(question: str) -> int:
    """Returns of how many things a question wants each told, which may differ by their numbers alone; 0: of none.

    A plan of two weeks has fourteen days.

    Args:
        question: As for :func:`times_asked`.
    """
    return min(max(map(_things, _THINGS.finditer(_ends(question))), default=0), _MOST_THINGS)


def _things(found: re.Match[str]) -> int:
    count, thing = found["count"] or found["zh"], (found["thing"] or found["ding"]).lower()
    number = int(count) if count.isdigit() else _COUNTS.get(count.lower()) or _chinese(count)
    return number * next((days for name, days in _DAYS if name in thing), 1)


def _chinese(count: str) -> int:
    tens, ten, ones = count.replace("两", "二").rpartition("十")
    units = _DIGITS.find(ones[-1:]) if ones else 0
    return 10 * (_DIGITS.find(tens[-1:]) if tens else 1) + units if ten else units


def _ends(question: str) -> str:
    return question if len(question) < 4_000 else f"{question[:2000]}\n{question[-2000:]}"
