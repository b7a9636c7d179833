"""Takes an expression apart: 3 * 12.5 / 4, 17 % of $2,340, 三乘以十二点五, 6 ft 2 in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from desktop.functions import numerals, units
from desktop.functions.units import Unit


class Kind(Enum):
    """What a token is."""

    NUMBER = auto()
    PART = auto()  # a half, 三分之一: what may stand before "of" and after 的
    UNIT = auto()
    LEADING_UNIT = auto()  # a sign of money before its number
    PERCENT = auto()
    ADD = auto()
    SUBTRACT = auto()
    MULTIPLY = auto()
    DIVIDE = auto()
    MODULO = auto()
    POWER = auto()
    RAISED = auto()  # squared, ³, 的平方: a power that is written behind
    ROOT = auto()
    ROOT_OF_IT = auto()  # 的平方根, behind the number
    OF = auto()
    PART_OF_IT = auto()  # 的, between a number and its part
    OPEN = auto()
    CLOSE = auto()


@dataclass(frozen=True)
class Token:
    """A piece of an expression.

    Attributes:
        kind: What it is.
        shown: How it is written in the answer, with the gaps around it.
        amount: Of a number, a part or a power.
        unit: Of a unit.
    """

    kind: Kind
    shown: str
    amount: Fraction = Fraction(0)
    unit: Unit | None = None


_SIGNS = MappingProxyType(
    {
        "**": (Kind.POWER, "^"),
        "^": (Kind.POWER, "^"),
        "+": (Kind.ADD, " + "),
        "-": (Kind.SUBTRACT, " − "),
        "−": (Kind.SUBTRACT, " − "),
        "–": (Kind.SUBTRACT, " − "),
        "*": (Kind.MULTIPLY, " × "),
        "×": (Kind.MULTIPLY, " × "),
        "✕": (Kind.MULTIPLY, " × "),
        "·": (Kind.MULTIPLY, " × "),
        "⋅": (Kind.MULTIPLY, " × "),
        "÷": (Kind.DIVIDE, " ÷ "),
        "/": (Kind.DIVIDE, " ÷ "),
        "∕": (Kind.DIVIDE, " ÷ "),
        "√": (Kind.ROOT, "√"),
        "(": (Kind.OPEN, "("),
        ")": (Kind.CLOSE, ")"),
        "加上": (Kind.ADD, " + "),
        "加": (Kind.ADD, " + "),
        "减去": (Kind.SUBTRACT, " − "),
        "减": (Kind.SUBTRACT, " − "),
        "乘以": (Kind.MULTIPLY, " × "),
        "乘上": (Kind.MULTIPLY, " × "),
        "乘": (Kind.MULTIPLY, " × "),
        "除以": (Kind.DIVIDE, " ÷ "),
        "根号": (Kind.ROOT, "√"),
        "根号下": (Kind.ROOT, "√"),
        "的平方根": (Kind.ROOT_OF_IT, "的平方根"),
        "的": (Kind.PART_OF_IT, "的"),
    }
)
_SIGN = re.compile("|".join(re.escape(sign) for sign in sorted(_SIGNS, key=len, reverse=True)))
_WORDS = MappingProxyType(
    {
        "plus": (Kind.ADD, " + "),
        "minus": (Kind.SUBTRACT, " − "),
        "times": (Kind.MULTIPLY, " × "),
        "multiplied by": (Kind.MULTIPLY, " × "),
        "divided by": (Kind.DIVIDE, " ÷ "),
        "modulo": (Kind.MODULO, " mod "),
        "mod": (Kind.MODULO, " mod "),
        "to the power of": (Kind.POWER, "^"),
        "the square root of": (Kind.ROOT, "√"),
        "square root of": (Kind.ROOT, "√"),
        "sqrt": (Kind.ROOT, "√"),
        "of": (Kind.OF, " of "),
    }
)
_WORD = re.compile(rf"(?:{'|'.join(_WORDS)})(?![a-z0-9])", re.IGNORECASE)
_RAISED = re.compile(r"squared\b|cubed\b|的平方(?!根|[米公千分厘毫英])|的立方(?!根|[米分厘毫英])", re.IGNORECASE)
_RAISED_TO = re.compile("的([0-9]{1,4}|[一二两三四五六七八九十百]+)次方")
_SUPERSCRIPT = re.compile("[⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_NORMAL: Final = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_PERCENT = re.compile(r"%|(?:percent|per cent)(?![a-z])", re.IGNORECASE)
_PERCENT_BEFORE = re.compile("百分之")
_PART = re.compile(
    r"(half|(?:a|one) (?:half|third|quarter|fourth|fifth|tenth)|two thirds|three quarters)(?= of\b)", re.I
)
_PART_WORDS = MappingProxyType({"half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "tenth": 10})
_CHINESE_PART = re.compile("([0-9]+|[二三四五六七八九十百千]+)分之([0-9]+|[一二两三四五六七八九十百千]+)")
_HALF = re.compile("一半")
_GAP = re.compile(r"\s*")
_MOST_TOKENS = 80
_PLURAL = re.compile("^( [a-z-]{3,})s\\b")
# What a minus stands behind that subtracts; elsewhere it is a sign.
_AMOUNT_ENDS = (
    *(Kind.NUMBER, Kind.PART, Kind.UNIT, Kind.PERCENT, Kind.RAISED, Kind.ROOT_OF_IT),
    Kind.CLOSE,
)


class NotArithmeticError(Exception):
    """A text is no expression; people wrote it, and the model may answer it."""


def tokens(text: str, *, chinese: bool, explicit: bool) -> list[Token]:
    """Takes an expression apart.

    Args:
        text: The whole expression, folded.
        chinese: Write units in Chinese.
        explicit: Somebody asked for a calculation, so that "3x4" is one.

    Raises:
        NotArithmeticError: Some of it is none.
    """
    found: list[Token] = []
    at = 0
    while (at := _skip(text, at)) < len(text):
        pieces, end = _next(text, at, found, chinese=chinese, explicit=explicit)
        found += pieces
        at = end
        if len(found) > _MOST_TOKENS:
            raise NotArithmeticError
    return found


def _skip(text: str, at: int) -> int:
    gap = _GAP.match(text, at)
    return gap.end() if gap else at


def _next(text: str, at: int, before: list[Token], *, chinese: bool, explicit: bool) -> tuple[list[Token], int]:
    after_amount = bool(before) and before[-1].kind in (Kind.NUMBER, Kind.CLOSE)
    if after_amount and (unit := units.match(text, at)) is not None:
        return [_unit_token(unit[0], chinese=chinese)], unit[1]
    if not after_amount and (unit := units.match(text, at)) is not None and unit[0].leads:
        return [Token(Kind.LEADING_UNIT, unit[0].symbol, unit=unit[0])], unit[1]
    if not after_amount and (part := _part(text, at)) is not None:
        return part
    if not after_amount and (percent := _PERCENT_BEFORE.match(text, at)) is not None:
        number = numerals.read(text, percent.end())
        if number is None:
            raise NotArithmeticError
        shown = numerals.written(number[0])[0]
        return [Token(Kind.NUMBER, shown, number[0]), Token(Kind.PERCENT, "%")], number[1]
    if after_amount and (behind := _behind(text, at, chinese=chinese)) is not None:
        return behind
    if (number := numerals.read(text, at)) is not None:
        return [Token(Kind.NUMBER, _shown(text[at : number[1]], number[0]), number[0])], number[1]
    return _operator(text, at, explicit=explicit)


def _unit_token(unit: Unit, *, chinese: bool) -> Token:
    return Token(Kind.UNIT, unit_words(unit, chinese=chinese), unit=unit)


def render(found: Sequence[Token]) -> str:
    """Returns an expression as it was understood, in one line."""
    pieces: list[str] = []
    before: Kind | None = None
    plain = _without_needless_brackets(found)
    for position, token in enumerate(plain):
        shown, behind = token.shown, [each.kind for each in plain[position + 1 : position + 3]]
        if token.kind is Kind.SUBTRACT and before not in _AMOUNT_ENDS:
            shown = "−"
        elif token.kind is Kind.DIVIDE and behind == [Kind.NUMBER, Kind.OF]:
            shown = "/"
        elif token.kind is Kind.NUMBER and before is Kind.UNIT and pieces[-1].isascii():
            shown = f" {shown}"
        elif token.kind is Kind.UNIT and plain[position - 1].amount == 1:
            shown = _PLURAL.sub(r"\1", shown)
        if token.kind is Kind.UNIT and token.unit is not None and token.unit.leads and pieces:
            shown += pieces.pop()  # 20 € is written as €20 is
        pieces.append(shown)
        before = token.kind
    return "".join(pieces).strip()


def _without_needless_brackets(found: Sequence[Token]) -> list[Token]:
    """Leaves out those around a single amount, which a phrase was written with."""
    plain: list[Token] = []
    for token in found:
        plain.append(token)
        for length in (3, 4):
            group = plain[-length:]
            kinds = [each.kind for each in group]
            amounts = {Kind.NUMBER, Kind.UNIT, Kind.LEADING_UNIT}
            if kinds[:1] == [Kind.OPEN] and kinds[-1] is Kind.CLOSE and amounts.issuperset(kinds[1:-1]):
                plain[-length:] = group[1:-1]
                break
    return plain


def unit_words(unit: Unit, *, chinese: bool, one: bool = False) -> str:
    """Returns a unit as it stands behind a number.

    Args:
        unit: The unit.
        chinese: In a Chinese answer.
        one: The number is one.
    """
    if unit.is_money:
        return unit.symbol.strip() if unit.leads else (unit.chinese.strip() if chinese else unit.symbol)
    if chinese:
        return unit.chinese
    return _PLURAL.sub(r"\1", f" {unit.symbol}") if one else f" {unit.symbol}"


def _shown(raw: str, amount: Fraction) -> str:
    return raw if re.fullmatch("[0-9.,]+", raw) else numerals.written(amount)[0]


def _part(text: str, at: int) -> tuple[list[Token], int] | None:
    if found := _PART.match(text, at):
        count, _, word = found.group().lower().replace("two", "2").replace("three", "3").rpartition(" ")
        amount = Fraction(int(count) if count.isdigit() else 1, _PART_WORDS[word.rstrip("s")])
    elif found := _CHINESE_PART.match(text, at):
        below, above = (numerals.read(part, 0) for part in found.groups())
        if below is None or above is None or not below[0] or found.group(1) in ("百", "千"):
            return None
        amount = above[0] / below[0]
    elif found := _HALF.match(text, at):
        amount = Fraction(1, 2)
    else:
        return None
    return [Token(Kind.PART, f"{amount.numerator}/{amount.denominator}", amount)], found.end()


def _behind(text: str, at: int, *, chinese: bool) -> tuple[list[Token], int] | None:
    """Reads what stands behind a number."""
    if found := _PERCENT.match(text, at):
        return [Token(Kind.PERCENT, "%" if chinese else " %")], found.end()
    if found := _RAISED.match(text, at):
        power = 2 if found.group().lower() in ("squared", "的平方") else 3
        return [Token(Kind.RAISED, "²" if power == 2 else "³", Fraction(power))], found.end()
    if found := _RAISED_TO.match(text, at):
        number = numerals.read(found.group(1), 0)
        if number is None or number[1] != len(found.group(1)):
            raise NotArithmeticError
        return [Token(Kind.RAISED, f"^{number[0]}", number[0])], found.end()
    if found := _SUPERSCRIPT.match(text, at):
        return [Token(Kind.RAISED, found.group(), Fraction(found.group().translate(_NORMAL)))], found.end()
    return None


def _operator(text: str, at: int, *, explicit: bool) -> tuple[list[Token], int]:
    if found := _WORD.match(text, at):
        return [Token(*_WORDS[found.group().lower()])], found.end()
    if text[at] in "xX":
        spaced = text[at - 1 : at].isspace() and text[at + 1 : at + 2].isspace()
        if spaced or explicit:  # "4x4" alone is a car
            return [Token(Kind.MULTIPLY, " × ")], at + 1
    if found := _SIGN.match(text, at):
        return [Token(*_SIGNS[found.group()])], found.end()
    raise NotArithmeticError
