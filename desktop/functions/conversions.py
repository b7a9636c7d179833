"""Recognises questions for another unit: 25 °C in Fahrenheit, how many feet in a mile, 5英里等于多少公里."""

from __future__ import annotations

import re
from fractions import Fraction
from types import MappingProxyType

from desktop.functions import expression, numerals, tokens, units
from desktop.functions.calculation import Calculation
from desktop.functions.results import amount_words, equation
from desktop.functions.units import Unit

# Significant digits of a result that has no end; a measure is seldom known better.
_DIGITS = 6
_ABSOLUTE_ZERO = 0

_PREFIX = (
    r"(?:(?:convert|change|turn)\s+|(?:what is|what's|what’s|whats)\s+|"
    r"how (?:much|long|far|tall|high|hot|warm|cold|heavy|big|fast|wide) (?:is|are)\s+)?"
)
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"how many (?P<unit>.+?)\s+(?:are there in|are in|is in|there are in|is|are|in|make up|make)\s+(?P<amount>.+)",
        r"(?P<amount>.+?)\s+(?:is|are|equals?|=)\s+how many (?P<unit>.+)",
        r"(?P<amount>.+?)\s*=\s*\?\s*(?P<unit>.+)",
    )
)
_PREPOSITION = re.compile(r"\s(?:in|to|into|as)(?=\s)", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:an?|one)\s+(?=[a-z])", re.IGNORECASE)
_CHINESE_PATTERN = re.compile(
    "(?:[把将]|换算[:：]?|转换[:：]?)?(?P<amount>.+?)\\s*"
    "(?:换算成|换算为|转换成|转换为|换成|转成|化成|折合|折算成|合|等于|相当于|是|有|为|=|[,，])+\\s*(?:多少个?|几个?|\\?)?\\s*(?P<unit>[^0-9多少几]+?)"
    "(?:是多少|等于多少|多少)?"
)
_COUNTER = re.compile("(?<=[0-9一二两三四五六七八九十百千万亿半])个(?=小时|星期|钟头|礼拜|大气压|标准大气压|字节)")
_MINUTES = re.compile("(小时|钟头)([0-9]+|[零一二两三四五六七八九十]+)分(?![钟米之])")
_SCALE_FIRST = re.compile("(摄氏|华氏)(-?[0-9.]+|[零一二两三四五六七八九十百点]+)度")
_SCALE_ASKED = re.compile("(摄氏|华氏)(多少|几)度")
# How people write amounts that are not whole: half a cup, 1 1/2 cups, 1½ cups, 5 ft 11; 半斤, 两斤半, 一个半小时.
_HALVES = MappingProxyType({"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3", "⅛": "1/8"})
_HALF_SIGN = re.compile(f"[{''.join(_HALVES)}]")
_PART_WORDS = MappingProxyType({"half": "1/2", "quarter": "1/4", "third": "1/3", "three quarters": "3/4"})
_PART = re.compile(r"(?:an? |one )?(half|quarter|third|three quarters)(?: of)?(?: an?)?\s+(?=[a-z])", re.IGNORECASE)
_MIXED = re.compile(r"(?:([0-9]+)\s+)?([0-9]{1,3})/([0-9]{1,3})\s*(?=[a-z])", re.IGNORECASE)
_HEIGHT = re.compile(r"([0-9]+\s*(?:ft|feet|foot|'))\s*([0-9]+)", re.IGNORECASE)
_HALF_BEFORE = re.compile("^半个?")
_HALF_WITHIN = re.compile("^([0-9]+|[一二两三四五六七八九十]+)个半")
_HALF_BEHIND = re.compile("^([0-9]+|[一二两三四五六七八九十]+)([^0-9一二两三四五六七八九十半]{1,4})半$")
_BY = re.compile(r"(?<=[a-z²0-9])\s+(?:by|x)\s+(?=[0-9])", re.IGNORECASE)
_TWO_UNITS = re.compile(r"([a-z]+)\s+and\s+([a-z]+)", re.IGNORECASE)
_TWO_UNITS_CHINESE = re.compile("([^0-9多少几]{1,4})(?:零|又|和)?(?:多少|几)个?([^0-9多少几]{1,4})")
_INTO_TWO_CHINESE = re.compile(
    "(?P<amount>.+?)(?:是|等于|合|换算成|换成|有)(?:多少|几)个?(?P<unit>[^0-9多少几]{1,4}(?:多少|几)个?[^0-9多少几]{1,4})"
)
_DEGREES = re.compile(r"^(-?[0-9.]+|[零一二三四五六七八九十百点]+)\s*(?:度|degrees?|°)$", re.IGNORECASE)


def answer(question: str, *, chinese: bool) -> Calculation | None:
    """Returns an amount in another unit; None: the question is for none.

    Args:
        question: Folded, without politeness and marks at its end.
        chinese: It is Chinese, and so is the answer.
    """
    if chinese:
        text = _COUNTER.sub("", question.replace("零下", "-"))
        text = _MINUTES.sub(r"\1\2分钟", text)
        text = _SCALE_ASKED.sub(r"\2\1度", _SCALE_FIRST.sub(r"\2\1度", text))
        text = re.sub(r"-(摄氏|华氏)", r"\1", text)
        found = _INTO_TWO_CHINESE.fullmatch(text) or _CHINESE_PATTERN.fullmatch(text)
        return _converted(found["amount"], found["unit"], chinese=True) if found is not None else None
    for pattern in _PATTERNS:
        if (found := pattern.fullmatch(question)) is not None:
            return _converted(found["amount"], found["unit"], chinese=False)
    text = re.sub(f"^{_PREFIX}", "", question, flags=re.IGNORECASE)
    for preposition in _PREPOSITION.finditer(text):  # "10 in in cm" has two
        calculation = _converted(text[: preposition.start()], text[preposition.end() :], chinese=False)
        if calculation is not None:
            return calculation
    return None


def _converted(amount: str, name: str, *, chinese: bool) -> Calculation | None:
    target, smaller = _targets(name, chinese=chinese)
    if target is None or target.is_money:
        return None
    amount = _plain_amount(amount.strip(), chinese=chinese)
    if (bare := _DEGREES.match(amount)) is not None and target.symbol in ("°C", "°F"):
        other = "°F" if target.symbol == "°C" else "°C"
        amount = f"{bare.group(1)} {other}"
    try:
        found = tokens.tokens(amount, chinese=chinese, explicit=False)
        value, operations = expression.evaluate(found)
    except (tokens.NotArithmeticError, expression.DividedByZeroError):
        return None
    except (expression.TooLargeError, expression.NoRealResultError):
        return None
    source = value.unit
    if source is None or source.dimension != target.dimension:
        return None
    if source == target and smaller is None and not operations:
        return None
    result = units.convert(value.amount, source, target)
    left = tokens.render(found)
    if _is_too_cold(value, source):
        words = f"{left}：低于绝对零度（−273.15 摄氏度）。" if chinese else f"{left}: below absolute zero (−273.15 °C)."
        return Calculation(words)
    if smaller is not None:
        return _in_two(left, result, target, smaller, chinese=chinese)
    right, exact = amount_words(result, target, chinese=chinese, exact=value.exact, digits=_DIGITS)
    return equation(left, right, exact=exact)


def _targets(name: str, *, chinese: bool) -> tuple[Unit | None, Unit | None]:
    """Returns the unit that is asked for, and the smaller one for what is left over, as in "hours and minutes"."""
    pair = (_TWO_UNITS_CHINESE if chinese else _TWO_UNITS).fullmatch(name.strip())
    if pair is None:
        return units.find(name), None
    large, small = (units.find("分钟" if each == "分" else each) for each in pair.groups())
    is_pair = large is not None and small is not None and large.adds and large.dimension == small.dimension
    if large is None or small is None or not is_pair or large.size <= small.size:
        return None, None
    return large, small


def _in_two(left: str, result: Fraction, target: Unit, smaller: Unit, *, chinese: bool) -> Calculation:
    whole = Fraction(int(result))
    rest, exact = amount_words(units.convert(result - whole, target, smaller), smaller, chinese=chinese, digits=_DIGITS)
    first, _ = amount_words(whole, target, chinese=chinese)
    return equation(left, f"{first}{rest}" if chinese else f"{first} {rest}", exact=exact)


def _plain_amount(amount: str, *, chinese: bool) -> str:
    """Returns an amount with its halves as numbers."""
    if chinese:
        amount = _HALF_BEFORE.sub("0.5", amount)
        found = _HALF_WITHIN.match(amount) or _HALF_BEHIND.match(amount)
        number = numerals.read(found.group(1), 0) if found is not None else None
        if found is None or number is None or number[1] != len(found.group(1)):
            return amount
        unit = amount[found.end() :] if found.lastindex == 1 else found.group(2)
        return f"{numerals.written(number[0] + Fraction(1, 2))[0]}{unit}"
    if _HEIGHT.fullmatch(amount):
        amount = f"{amount} in"
    amount = _HALF_SIGN.sub(lambda sign: f" {_HALVES[sign.group()]} ", amount).strip()
    amount = _PART.sub(lambda part: f"{_PART_WORDS[part.group(1).lower()]} ", amount)
    if (mixed := _MIXED.match(amount)) is not None and int(mixed.group(3)):
        value = int(mixed.group(1) or 0) + Fraction(int(mixed.group(2)), int(mixed.group(3)))
        text, is_exact = numerals.written(value)
        amount = f"{text if is_exact else f'({value.numerator}/{value.denominator})'} {amount[mixed.end() :]}"
    return _BY.sub(" * ", _ARTICLE.sub("1 ", amount))


def _is_too_cold(value: expression.Value, source: Unit) -> bool:
    return source.dimension == "temperature" and value.amount * source.size + source.offset < _ABSOLUTE_ZERO
