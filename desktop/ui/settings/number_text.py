"""Reads a number as people write it, whatever the language of the system: with a dot or a comma, in any digits."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Final

# Marks that some separate thousands with; a blank of any width is another (French, Russian), an apostrophe Swiss; and
# what nobody sees that comes along with what is pasted.
_GROUPS: Final = str.maketrans(
    "",
    "",
    "\u0020\u00a0\u202f\u2009\u3000'\u2019\u066c\u200e\u200f\u061c\u200b\u200c\u200d\u2060\ufeff\u00ad\u202a\u202c",
)
# The Arabic comma of decimals; full-width marks of Chinese and Japanese keyboards; a minus that is no hyphen.
_MARKS: Final = str.maketrans("\u066b\uff0e\u3002\uff0c\u060c\u2212\uff0d\u2013\uff0b", "...,,---+")
_NUMBER: Final = re.compile(r"[+-]?[0-9]*([.,][0-9]*)*")
_THOUSANDS: Final = re.compile(r"[0-9]{1,3}([.,])[0-9]{3}(\1[0-9]{3})*")


def read_number(text: str, group: str = "") -> float | None:
    """Returns the number that a person means; None: it is none, or not yet one ("-", "").

    Of a dot and a comma in one number the last is the decimal point: 1.234,5 and 1,234.5 are the same. What comes more
    than once separates thousands: 1.234.567. One alone is the decimal point, since 0,9 and 0.9 are typed far more often
    than thousands are separated by hand; unless it stands where only thousands are separated (1,234, not 0,125) and is
    what this language separates them with.

    Args:
        text: What was typed, without a unit.
        group: What separates thousands where this is typed; empty: nothing that could be mistaken.
    """
    plain = "".join(_digit(each) for each in text.translate(_MARKS).translate(_GROUPS))
    if not _NUMBER.fullmatch(plain):
        return None
    unsigned = plain.lstrip("+-")
    marks = [each for each in unsigned if each in ".,"]
    last = marks[-1] if marks else ""
    thousands = _THOUSANDS.fullmatch(unsigned)
    if len(marks) > 1 and len(set(marks)) == 1:
        if thousands is None:
            return None  # 1.2.3
        last = ""
    elif len(marks) > 1 and (marks.count(last) > 1 or not _THOUSANDS.fullmatch(unsigned.rpartition(last)[0])):
        return None  # 1,2.3,4 or 12.34,5
    elif thousands is not None and last == group and not unsigned.startswith("0"):
        last = ""
    whole, _, rest = plain.rpartition(last) if last else (plain, "", "")
    number = "".join(each for each in whole if each not in ".,") + ("." + rest if last else "")
    try:
        value = float(number)
    except ValueError:
        return None
    return value if math.isfinite(value) else None  # 400 digits


def _digit(character: str) -> str:
    """Returns 0 to 9 for the digits of any script, and other characters as they are."""
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)
