"""Numbers as people write them: 2,340.5, ２３４０, 三千二百, 1.5亿, twenty-five; and how results are written."""

from __future__ import annotations

import re
from decimal import Decimal, localcontext
from fractions import Fraction
from types import MappingProxyType

# Digits of a number in a question; of a result that is written out.
MOST_DIGITS = 40
# Digits after the point that are still written out; money has two.
_PLACES = 12
_MONEY_PLACES = 2
_SCIENTIFIC_FROM = 10**15
_SCIENTIFIC_BELOW = Fraction(1, 10**6)

_NUMBER = re.compile(
    r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2}(?![0-9A-Za-z]))?|\.[0-9]+"
)
# "1.2.3", "1,5", "192.168.": no numbers of this kind, or in a way of writing that could mean two things.
_GOES_ON = re.compile(r"[.,]?[0-9]|[.,]\s*[0-9]{1,3}[.,]")
_CHINESE = re.compile("[零〇一二两三四五六七八九十百千万亿]+(?:点[零〇一二三四五六七八九]+)?[万亿]?")
_CHINESE_SCALE = re.compile("[万亿]+")
_ENGLISH_SCALE = re.compile(r"\s*(thousand|million|billion|trillion)\b", re.IGNORECASE)

_DIGITS = MappingProxyType(
    {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
)
_SMALL = MappingProxyType({"十": 10, "百": 100, "千": 1000})
_LARGE = MappingProxyType({"万": 10_000, "亿": 100_000_000})
_SCALES = MappingProxyType({"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12})
_ONES = MappingProxyType(
    {
        "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
        "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
        "seventeen": 17, "eighteen": 18, "nineteen": 19,
    }
)  # fmt: skip
_TENS = MappingProxyType(
    {
        "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    }
)  # fmt: skip
_ENGLISH_WORD = re.compile(r"[\s-]*(?:and\s+)?([a-z]+)", re.IGNORECASE)

_FULL_WIDTH = MappingProxyType({code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20})


def fold(text: str) -> str:
    """Returns a text with full-width signs as narrow ones; superscripts and fractions stay what they are."""
    return text.translate(_FULL_WIDTH)


def read(text: str, at: int) -> tuple[Fraction, int] | None:
    """Reads the number that begins at a place in a text, which was folded.

    Returns:
        Its value and where it ends; None: there is none, or it could mean two things ("1,5", "007").
    """
    found = _NUMBER.match(text, at)
    if found is None:
        return _read_chinese(text, at) or _read_english(text, at)
    digits, end = found.group().replace(",", ""), found.end()
    if _GOES_ON.match(text, end) or len(digits) > MOST_DIGITS or re.match("0[0-9]", digits):
        return None
    value = Fraction(digits)
    if scale := _CHINESE_SCALE.match(text, end):
        for character in scale.group():
            value *= _LARGE[character]
        return value, scale.end()
    if scale := _ENGLISH_SCALE.match(text, end):
        return value * _SCALES[scale.group(1).lower()], scale.end()
    return value, end


def _read_chinese(text: str, at: int) -> tuple[Fraction, int] | None:
    found = _CHINESE.match(text, at)
    if found is None:
        return None
    # The last sign may belong to what follows: 五两 is a weight, 三千克 a unit with a number before it.
    for end in range(found.end(), at, -1):
        value = chinese_value(text[at:end])
        if value is not None:
            return value, end
    return None


def chinese_value(written: str) -> Fraction | None:
    """Returns the value of a Chinese numeral (三千二百, 二〇二七, 十二点五); None: it is none."""
    if _CHINESE.fullmatch(written) is None:
        return None
    whole, point, places = written.partition("点")
    scale = 1
    while point and places and places[-1] in _LARGE:
        scale *= _LARGE[places[-1]]
        places = places[:-1]
    if not whole or (point and not places) or any(each not in _DIGITS for each in places):
        return None
    if all(each in _DIGITS for each in whole):
        if len(whole) > 1 and ("两" in whole or (whole[0] in "零〇")):
            return None
        value = Fraction("".join(str(_DIGITS[each]) for each in whole))
    else:
        counted = _chinese_whole(whole)
        if counted is None:
            return None
        value = Fraction(counted)
    fraction = Fraction(int("0" + "".join(str(_DIGITS[each]) for each in places)), 10 ** len(places))
    return (value + fraction) * scale


def _chinese_whole(written: str) -> int | None:
    total = section = digit = 0
    has_digit, after_zero, step, largest = False, False, 10**4, 10**16
    for position, character in enumerate(written):
        if character in _DIGITS:
            if has_digit and digit:
                return None
            digit, has_digit = _DIGITS[character], True
            after_zero = digit == 0 or (after_zero and position > 0 and written[position - 1] in "零〇")
        elif character in _SMALL:
            size = _SMALL[character]
            if size >= step or (has_digit and not digit) or (not has_digit and size != 10):
                return None
            section, step = section + size * (digit if has_digit else 1), size
            digit, has_digit, after_zero = 0, False, False
        else:
            size = _LARGE[character]
            section += digit
            if (not section and not total) or (size >= largest and total >= size):
                return None
            total = (total + section) * size if size > 10**4 or not total else total + section * size
            section, digit, has_digit, after_zero, step, largest = 0, 0, False, False, 10**4, size
    if has_digit and digit and len(written) > 1 and not after_zero and written[-2] in "百千万亿":
        digit *= {"百": 10, "千": 100, "万": 1000, "亿": 10**7}[written[-2]]  # 三千二 is 3,200
    return total + section + digit


def _read_english(text: str, at: int) -> tuple[Fraction, int] | None:
    """Reads a number in words: twenty-five, three hundred and five, two million."""
    total = section = 0
    end, last = at, ""  # what kind of word came last
    while (found := _ENGLISH_WORD.match(text, end if last else at)) is not None:
        word = found.group(1).lower()
        if not last and found.start(1) != at:
            return None
        if word in _ONES and (last in ("", "scale", "hundred") or (last == "tens" and 0 < _ONES[word] < 10)):
            section, last = section + _ONES[word], "ones"
        elif word in _TENS and last in ("", "scale", "hundred"):
            section, last = section + _TENS[word], "tens"
        elif word == "hundred" and last in ("ones", "tens"):
            section, last = section * 100, "hundred"
        elif word in _SCALES and last in ("ones", "tens", "hundred"):
            total, section, last = total + section * _SCALES[word], 0, "scale"
        else:
            break
        end = found.end()
    return (Fraction(total + section), end) if last else None


def written(value: Fraction, *, exact: bool = True, money: bool = False, digits: int = 10) -> tuple[str, bool]:
    """Writes a result.

    Args:
        value: The result.
        exact: Whether it is; a root may not be.
        money: It is an amount of money.
        digits: Significant ones of a number that has no end.

    Returns:
        The text, and whether it says the value exactly.
    """
    places = _places(value)
    most = _MONEY_PLACES if money else _PLACES
    if exact and places is not None and places <= most and abs(value) < 10**MOST_DIGITS:
        shown = places if not money or not places else _MONEY_PLACES
        return _sign(f"{_decimal(value, MOST_DIGITS + _PLACES):,.{shown}f}"), True
    if money and abs(value) < _SCIENTIFIC_FROM:
        return _sign(f"{_decimal(value, MOST_DIGITS):,.{_MONEY_PLACES}f}"), False
    rounded = _decimal(value, digits)
    exact = exact and Fraction(rounded) == value
    if abs(value) >= _SCIENTIFIC_FROM or 0 < abs(value) < _SCIENTIFIC_BELOW:
        mantissa, _, exponent = f"{rounded:e}".partition("e")
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        return _sign(f"{mantissa} × 10^{int(exponent)}"), exact
    text = f"{rounded:,f}"
    return _sign(text.rstrip("0").rstrip(".") if "." in text else text), exact


def _places(value: Fraction) -> int | None:
    """Returns how many digits after the point a value has; None: it has no end."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    return max(twos, fives) if rest == 1 else None


def _decimal(value: Fraction, digits: int) -> Decimal:
    with localcontext() as context:
        context.prec = max(digits, 1)
        context.Emax, context.Emin = 999_999, -999_999
        return Decimal(value.numerator) / Decimal(value.denominator)


def _sign(text: str) -> str:
    return text.replace("-", "−")
