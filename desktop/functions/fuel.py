"""Recognises what a car uses: 45 l for 600 km, 30 mpg in l/100 km, 跑600公里用了45升油."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

from desktop.functions import units
from desktop.functions.calculation import Calculation
from desktop.functions.results import amount_words, equation

_DIGITS: Final = 6
_NUMBER: Final = "[0-9]{1,6}(?:\\.[0-9]{1,4})?"
_LITRES: Final = "(?:l|lit(?:re|er)s?)"
_KM: Final = r"(?:km|kilomet(?:re|er)s?)"
_PER_100: Final = rf"{_LITRES}\s*(?:/|per)\s*100\s*{_KM}"
_ASKED: Final = r"(?:convert\s+|what is\s+|what's\s+|how much is\s+)?"
_MPG: Final = r"(?:mpg|miles per gallon)(?P<uk>\s*\(?uk\)?)?"
_USED: Final = re.compile(
    rf"(?P<used>{_NUMBER})\s*{_LITRES}\s*(?:of (?:fuel|petrol|diesel|gas)\s+)?(?:for|per|on|in|over|/)\s*"
    rf"(?P<way>{_NUMBER})\s*{_KM}(?:\s*(?:in|to|=|is how many|how many|how much)?\s*(?:{_PER_100}|per 100\s*km))?",
    re.IGNORECASE,
)
_PER_GALLON: Final = re.compile(rf"{_ASKED}(?P<miles>{_NUMBER})\s*{_MPG}\s*(?:in|to|=)\s*{_PER_100}", re.IGNORECASE)
_TO_GALLON: Final = re.compile(rf"{_ASKED}(?P<litres>{_NUMBER})\s*{_PER_100}\s*(?:in|to|=)\s*{_MPG}", re.IGNORECASE)
_EACH_100: Final = "[,，]?(?:每|平均)?(?:百|100)公里(?:的?油?耗油?|多少升|用多少升?油?)(?:是|为)?(?:多少|几)?升?"
_WAY_CHINESE: Final = f"(?P<way>{_NUMBER})(?:公里|千米)"
_USED_CHINESE: Final = tuple(
    re.compile(pattern + _EACH_100)
    for pattern in (
        f"(?:开|跑|行驶)?了?{_WAY_CHINESE}(?:用|耗|烧|花)了?(?P<used>{_NUMBER})升(?:汽|柴)?油?",
        f"(?P<used>{_NUMBER})升(?:汽|柴)?油能?(?:开|跑|行驶)了?{_WAY_CHINESE}",
    )
)


def answer(question: str, *, chinese: bool) -> Calculation | None:
    """Returns a consumption, or one in the other way of writing it; None: the question is for none.

    Args:
        question: Folded, without politeness and marks at its end.
        chinese: It is Chinese, and so is the answer.
    """
    patterns = _USED_CHINESE if chinese else (_USED,)
    found = next((match for pattern in patterns if (match := pattern.fullmatch(question)) is not None), None)
    if found is not None:
        used, way = Fraction(found["used"]), Fraction(found["way"])
        if not way:
            return None
        right, exact = amount_words(used / way * 100, None, chinese=chinese, digits=_DIGITS)
        if chinese:
            return equation(f"{found['used']}升 ÷ {found['way']}公里", f"每百公里{right}升", exact=exact)
        return equation(f"{found['used']} l ÷ {found['way']} km", f"{right} l/100 km", exact=exact)
    if chinese:
        return None
    return _other_way(question)


def _other_way(question: str) -> Calculation | None:
    mile, metre = units.find("mi"), Fraction(100_000)
    found = _PER_GALLON.fullmatch(question) or _TO_GALLON.fullmatch(question)
    if found is None or mile is None:
        return None
    name = "UK" if found["uk"] else "US"
    gallon = units.find("uk gallon" if found["uk"] else "gallon")
    given = Fraction(found.groupdict().get("miles") or found["litres"])
    if gallon is None or not given:
        return None
    # Both count the same from opposite ends: litres of a way, and the way of a gallon.
    other = metre / mile.size * gallon.size / given
    right, exact = amount_words(other, None, chinese=False, digits=_DIGITS)
    if "miles" in found.groupdict():
        return equation(f"{found['miles']} mpg ({name})", f"{right} l/100 km", exact=exact)
    return equation(f"{found['litres']} l/100 km", f"{right} mpg ({name})", exact=exact)
