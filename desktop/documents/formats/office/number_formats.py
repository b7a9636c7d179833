"""How a workbook shows numbers: the format codes of Excel, as far as they change what a number says.

Dates are written as ISO 8601 has them, since nobody then wonders which part is the month. Signs of currencies,
percents, the number of decimals and separators of thousands are as the code has them; colours, widths and alignment are
not.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

# Those that have a number and no code in the file (ECMA-376, 18.8.30).
BUILT_IN: Final[Mapping[int, str]] = MappingProxyType(
    {
        1: "0",
        2: "0.00",
        3: "#,##0",
        4: "#,##0.00",
        9: "0%",
        10: "0.00%",
        11: "0.00E+00",
        14: "yyyy-mm-dd",
        15: "d-mmm-yy",
        16: "d-mmm",
        17: "mmm-yy",
        18: "h:mm",
        19: "h:mm:ss",
        20: "h:mm",
        21: "h:mm:ss",
        22: "yyyy-mm-dd h:mm",
        37: "#,##0",
        38: "#,##0",
        39: "#,##0.00",
        40: "#,##0.00",
        45: "mm:ss",
        46: "[h]:mm:ss",
        47: "mm:ss",
        48: "0.0E+0",
        **dict.fromkeys((*range(27, 32), 36, *range(50, 55), 57, 58), "yyyy-mm-dd"),
    }
)
# Text within quotes or behind a backslash, what is as wide as a character, what is repeated; colours and conditions.
_LITERAL: Final = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[\$([^\]-]*)[^\]]*\]')
_BRACKETS: Final = re.compile(r"\[[^\]]*\]")
_ELAPSED: Final = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_OF_DATES: Final = re.compile(r"[ymdhs]", re.IGNORECASE)
_DIGITS: Final = re.compile(r"[#0?][#0?,]*(?:\.([#0?]*),*)?|\.([#0?]+)")
# A literal while a code is read: it must not be taken for a part of it.
_HELD: Final = "\x01"
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)
_LAST_DAY: Final = 2_958_465.99999  # 31 December 9999
_MOST_DECIMALS: Final = 15


class NumberFormat:
    """A format code, understood once for all the cells that have it."""

    def __init__(self, code: str, *, is_1904: bool = False) -> None:
        """
        Args:
            code: Of the format; empty: none.
            is_1904: The first day is the first of 1904, as on old Macintoshes.
        """
        # A semicolon within quotes is none.
        self._sections = [_Section(each, is_1904) for each in re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', code)]
        self._hides = len(self._sections) > 1

    def shown(self, value: float) -> str:
        """Returns a number as the workbook shows it.

        Args:
            value: The number, or the days since the workbook's first.
        """
        if not math.isfinite(value):
            return ""
        section = self._sections[0]
        if value < 0 and len(self._sections) > 1:
            section, value = self._sections[1], abs(value)  # the code writes the sign itself
        elif value == 0 and len(self._sections) > 2:
            section = self._sections[2]
        if self._hides and section.is_empty:
            return ""  # the way to hide what is in a cell
        return section.shown(value)


def plain(value: float) -> str:
    """Returns a number without a format: no more digits than a workbook keeps."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.15g}"


class _Section:
    """The part of a code that is for numbers of one sign."""

    def __init__(self, code: str, is_1904: bool) -> None:
        self.is_empty = not code.strip()
        self._is_1904 = is_1904
        self._is_plain = self.is_empty or code.strip().lower() == "general" or "@" in code
        self._literals: list[str] = []
        self._is_elapsed = _ELAPSED.search(code) is not None
        self._bare = _BRACKETS.sub("", _LITERAL.sub(self._hold, code))
        self._is_date = _OF_DATES.search(self._bare.replace("General", "")) is not None
        self._digits = _DIGITS.search(self._bare)

    def _hold(self, match: re.Match[str]) -> str:
        self._literals.append(next((group for group in match.groups() if group), ""))
        return _HELD

    def shown(self, value: float) -> str:
        if self._is_plain:
            return plain(value)
        if self._is_elapsed:
            return _elapsed(value)
        if self._is_date:
            return _date(value, self._bare.lower(), self._is_1904)
        return _number(value, self._bare, self._digits, self._literals)


def _number(value: float, bare: str, digits: re.Match[str] | None, literals: list[str]) -> str:
    if digits is None:
        return _filled(bare, literals) or plain(value)
    if "/" in bare:
        return plain(value)
    value *= 100 ** bare.count("%")
    pattern = digits.group()
    value /= 1000 ** (len(pattern) - len(pattern.rstrip(",")))
    pattern = pattern.rstrip(",")
    decimals = min(len(digits.group(1) or digits.group(2) or ""), _MOST_DECIMALS)
    before, after = bare[: digits.start()], bare[digits.end() :]
    if after[:1] in ("E", "e"):
        text = f"{value:.{decimals}E}"
        after = after.lstrip("Ee+-0#?")
    else:
        separator = "," if re.search(r"[#0?],[#0?]", pattern) else ""
        text = f"{value:{separator}.{decimals}f}"
        optional = len(pattern) - len(pattern.rstrip("#?"))
        if decimals and optional:
            text = _without_zeros(text, min(optional, decimals))
    sign, text = ("-", text[1:]) if text.startswith("-") else ("", text)
    return sign + _filled(before, literals) + text + _filled(after, literals[before.count(_HELD) :])


def _without_zeros(text: str, most: int) -> str:
    while most and text.endswith("0"):
        text, most = text[:-1], most - 1
    return text.rstrip(".")


def _filled(part: str, literals: list[str]) -> str:
    waiting = iter(literals)
    kept = "".join(next(waiting, "") if char == _HELD else char for char in part if char not in "#0?,")
    return kept.replace("General", "")


def _date(days: float, code: str, is_1904: bool) -> str:
    if not 0 <= days <= _LAST_DAY:
        return plain(days)
    if not is_1904 and days < 60:
        days += 1  # Excel has a 29 February 1900, and counts from there
    has_time = "h" in code or "s" in code
    has_day = "y" in code or "d" in code or not has_time
    moment = (_EPOCH_1904 if is_1904 else _EPOCH) + timedelta(seconds=round(days * 86400))
    time = moment.strftime("%H:%M:%S" if "s" in code else "%H:%M") if has_time else ""
    return " ".join(filter(None, (moment.date().isoformat() if has_day else "", time)))


def _elapsed(days: float) -> str:
    seconds = round(abs(days) * 86400)
    return f"{'-' if days < 0 else ''}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
