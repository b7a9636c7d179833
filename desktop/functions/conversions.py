"""Recognises questions for another unit: 25 °C in Fahrenheit, how many feet in a mile, 5英里等于多少公里."""

from __future__ import annotations

import re

from desktop.functions import expression, tokens, units
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
_SCALE_FIRST = re.compile("(摄氏|华氏)(-?[0-9.]+|[零一二两三四五六七八九十百点]+)度")
_SCALE_ASKED = re.compile("(摄氏|华氏)(多少|几)度")
_DEGREES = re.compile(r"^(-?[0-9.]+|[零一二三四五六七八九十百点]+)\s*(?:度|degrees?|°)$", re.IGNORECASE)


def answer(question: str, *, chinese: bool) -> Calculation | None:
    """Returns an amount in another unit; None: the question is for none.

    Args:
        question: Folded, without politeness and marks at its end.
        chinese: It is Chinese, and so is the answer.
    """
    if chinese:
        text = _COUNTER.sub("", question.replace("零下", "-"))
        text = _SCALE_ASKED.sub(r"\2\1度", _SCALE_FIRST.sub(r"\2\1度", text))
        text = re.sub(r"-(摄氏|华氏)", r"\1", text)
        found = _CHINESE_PATTERN.fullmatch(text)
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
    target = units.find(name)
    if target is None or target.is_money:
        return None
    amount = _ARTICLE.sub("1 ", amount.strip())
    if (bare := _DEGREES.match(amount)) is not None and target.symbol in ("°C", "°F"):
        other = "°F" if target.symbol == "°C" else "°C"
        amount = f"{bare.group(1)} {other}"
    try:
        found = tokens.tokens(amount, chinese=chinese, explicit=False)
        value, _ = expression.evaluate(found)
    except (tokens.NotArithmeticError, expression.DividedByZeroError):
        return None
    except (expression.TooLargeError, expression.NoRealResultError):
        return None
    source = value.unit
    if source is None or source.dimension != target.dimension or source == target:
        return None
    result = units.convert(value.amount, source, target)
    left = tokens.render(found)
    if _is_too_cold(value, source):
        words = f"{left}：低于绝对零度（−273.15 摄氏度）。" if chinese else f"{left}: below absolute zero (−273.15 °C)."
        return Calculation(words)
    right, exact = amount_words(result, target, chinese=chinese, exact=value.exact, digits=_DIGITS)
    return equation(left, right, exact=exact)


def _is_too_cold(value: expression.Value, source: Unit) -> bool:
    return source.dimension == "temperature" and value.amount * source.size + source.offset < _ABSOLUTE_ZERO
