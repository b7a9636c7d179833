"""Computes an expression exactly, in fractions, with units and percentages."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, DecimalException, localcontext
from fractions import Fraction
from types import MappingProxyType

from desktop.functions.tokens import Kind, NotArithmeticError, Token
from desktop.functions.units import Unit, convert, squared

# Bits of a power's numerator and denominator: some 1,200 digits, and computed in less than a millisecond.
_MOST_BITS = 4_000
_MOST_DEPTH = 30
_ROOT_DIGITS = 40
_MOST_DEGREE = 10
_WHOLE_DIGITS = 60  # of a root that is looked for exactly: of numbers as long as a question may have


class DividedByZeroError(Exception):
    """The expression divides by zero."""


class TooLargeError(Exception):
    """The result has more digits than anybody reads."""


class NoRealResultError(Exception):
    """The expression takes the root of a negative number."""


@dataclass(frozen=True)
class Value:
    """A number, perhaps with a unit.

    Attributes:
        amount: The number, in its unit.
        unit: None: it has none.
        is_percent: It is a percentage that stands alone: added to something it is a share of that.
        is_part: It is a fraction of whole numbers that stands alone: "of" may follow it.
        exact: It was not rounded.
    """

    amount: Fraction
    unit: Unit | None = None
    is_percent: bool = False
    is_part: bool = False
    exact: bool = True


def evaluate(tokens: Sequence[Token]) -> tuple[Value, int]:
    """Computes an expression.

    Returns:
        Its value, and how many operations it took: a number alone takes none.

    Raises:
        NotArithmeticError: It is no expression, or one that can be understood in two ways.
        DividedByZeroError: It divides by zero.
        TooLargeError: A result has too many digits.
        NoRealResultError: It takes the root of a negative number.
    """
    return _Parser(tokens).whole()


class _Parser:
    """Precedence climbing over the tokens; each method reads one level and returns its value."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._operations = 0

    def whole(self) -> tuple[Value, int]:
        value = self._sum()
        if self._at != len(self._tokens):
            raise NotArithmeticError
        return value, self._operations

    def _peek(self, ahead: int = 0) -> Kind | None:
        at = self._at + ahead
        return self._tokens[at].kind if at < len(self._tokens) else None

    def _take(self) -> Token:
        if self._at >= len(self._tokens):
            raise NotArithmeticError
        self._at += 1
        return self._tokens[self._at - 1]

    def _sum(self) -> Value:
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            raise NotArithmeticError
        left = self._product()
        while self._peek() in (Kind.ADD, Kind.SUBTRACT):
            sign = 1 if self._take().kind is Kind.ADD else -1
            left = _added(left, self._product(), sign)
            self._operations += 1
        self._depth -= 1
        return left

    def _product(self) -> Value:
        left = self._signed()
        while True:
            kind = self._peek()
            if kind in (Kind.MULTIPLY, Kind.DIVIDE, Kind.MODULO):
                self._take()
                left = _PRODUCTS[kind](left, self._signed())
            elif kind is Kind.OF and (left.is_percent or left.is_part):
                self._take()
                left = _multiplied(left, self._whole_of())
            elif kind is Kind.PART_OF_IT:
                self._take()
                part = self._signed()
                if not part.is_percent and not part.is_part:
                    raise NotArithmeticError
                left = _multiplied(left, part)
            else:
                return left
            self._operations += 1

    def _whole_of(self) -> Value:
        """Reads what stands behind "of": 10 % of 10 % of 500 is read from its end."""
        value = self._signed()
        if self._peek() is not Kind.OF or not (value.is_percent or value.is_part):
            return value
        self._take()
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            raise NotArithmeticError
        whole = self._whole_of()
        self._depth -= 1
        self._operations += 1
        return _multiplied(value, whole)

    def _signed(self) -> Value:
        if self._peek() is Kind.SUBTRACT:
            self._take()
            value = self._power()
            return Value(-value.amount, value.unit, value.is_percent, exact=value.exact)
        return self._power()

    def _power(self) -> Value:
        base = self._behind()
        if self._peek() is not Kind.POWER:
            return base
        self._take()
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            raise NotArithmeticError
        exponent = self._signed()  # from the right: 2^3^2 is 2^9
        self._depth -= 1
        self._operations += 1
        return _raised(base, exponent)

    def _behind(self) -> Value:
        value = self._atom()
        while self._peek() in (Kind.RAISED, Kind.ROOT_OF_IT):
            token = self._take()
            value = _raised(value, Value(token.amount)) if token.kind is Kind.RAISED else _root(value)
            self._operations += 1
        if self._peek() is Kind.PERCENT:
            self._take()
            if value.unit is not None or value.is_percent:
                raise NotArithmeticError
            if self._peek() in (Kind.NUMBER, Kind.OPEN):  # "17 % 5" may be a remainder
                raise NotArithmeticError
            return Value(value.amount / 100, is_percent=True, exact=value.exact)
        return value

    def _atom(self) -> Value:
        token = self._take()
        if token.kind is Kind.ROOT:
            self._operations += 1
            return _root(self._atom())
        if token.kind is Kind.OPEN:
            value = self._sum()
            if self._take().kind is not Kind.CLOSE:
                raise NotArithmeticError
            return self._with_unit(Value(value.amount, value.unit, exact=value.exact))
        if token.kind is Kind.PART:
            return Value(token.amount, is_part=True)
        if token.kind is Kind.LEADING_UNIT:
            number = self._take()
            if number.kind is not Kind.NUMBER or self._peek() is Kind.UNIT:
                raise NotArithmeticError
            return Value(number.amount, token.unit)
        if token.kind is not Kind.NUMBER:
            raise NotArithmeticError
        return self._with_unit(Value(token.amount, is_part=False))

    def _with_unit(self, value: Value) -> Value:
        """Reads the unit behind a number, and smaller ones behind that: 6 ft 2 in."""
        if self._peek() is not Kind.UNIT:
            return value
        unit = self._take().unit
        if value.unit is not None or unit is None:
            raise NotArithmeticError
        amount, last = value.amount, unit
        while self._peek() is Kind.NUMBER and self._peek(1) is Kind.UNIT and not unit.is_money and unit.adds:
            number, smaller = self._take(), self._take().unit
            if smaller is None or smaller.dimension != unit.dimension or smaller.size >= last.size:
                raise NotArithmeticError
            amount, last = amount + convert(number.amount, smaller, unit), smaller
        return Value(amount, unit, exact=value.exact)


def _added(left: Value, right: Value, sign: int) -> Value:
    exact = left.exact and right.exact
    if right.is_percent:
        if left.is_percent:  # "10 % + 5 %": 15 %, or a twentieth more?
            raise NotArithmeticError
        return Value(left.amount * (1 + sign * right.amount), left.unit, exact=exact)
    if left.is_percent or (left.unit is None) is not (right.unit is None):
        raise NotArithmeticError
    if left.unit is None or right.unit is None:
        return Value(left.amount + sign * right.amount, exact=exact)
    if left.unit.dimension != right.unit.dimension or not left.unit.adds:
        raise NotArithmeticError
    return Value(left.amount + sign * convert(right.amount, right.unit, left.unit), left.unit, exact=exact)


def _multiplied(left: Value, right: Value) -> Value:
    if left.unit is not None and right.unit is not None:
        return _area(left, left.unit, right, right.unit)
    unit = left.unit or right.unit
    if unit is not None and not unit.adds:
        raise NotArithmeticError
    return Value(left.amount * right.amount, unit, exact=left.exact and right.exact)


def _area(left: Value, one: Unit, right: Value, other: Unit) -> Value:
    square = squared(one) if one.dimension == other.dimension else None
    if square is None:
        raise NotArithmeticError
    return Value(left.amount * convert(right.amount, other, one), square, exact=left.exact and right.exact)


def _divided(left: Value, right: Value) -> Value:
    exact = left.exact and right.exact
    is_part = not left.is_percent and left.unit is None and right.unit is None and not right.is_percent
    if not right.amount:
        raise DividedByZeroError
    if right.unit is None:
        if left.unit is not None and not left.unit.adds:
            raise NotArithmeticError
        whole = left.amount.denominator == right.amount.denominator == 1
        return Value(left.amount / right.amount, left.unit, is_part=is_part and whole, exact=exact)
    if left.unit is None or left.unit.dimension != right.unit.dimension or not left.unit.adds:
        raise NotArithmeticError
    return Value(left.amount * left.unit.size / (right.amount * right.unit.size), exact=exact)


def _remainder(left: Value, right: Value) -> Value:
    if left.unit is not None or right.unit is not None or left.is_percent or right.is_percent:
        raise NotArithmeticError
    if not right.amount:
        raise DividedByZeroError
    return Value(left.amount % right.amount, exact=left.exact and right.exact)


def _raised(base: Value, exponent: Value) -> Value:
    if base.unit is not None or exponent.unit is not None or base.is_percent or exponent.is_percent:
        raise NotArithmeticError
    amount, power = base.amount, exponent.amount
    if not amount and power < 0:
        raise DividedByZeroError
    exact = base.exact and exponent.exact
    if power.denominator == 1:
        bits = max(amount.numerator.bit_length(), amount.denominator.bit_length())
        if abs(amount) != 1 and bits * abs(power) > _MOST_BITS:
            raise TooLargeError
        whole = int(power) if abs(amount) != 1 else int(power) % 2
        return Value(amount**whole, exact=exact)
    if amount < 0:
        raise NoRealResultError
    if power == Fraction(1, 2):
        return _root(base)
    if power.numerator == 1 and (whole_root := _whole_root(amount, power.denominator)) is not None:
        return Value(whole_root, exact=exact)
    try:
        with localcontext() as context:
            context.prec = _ROOT_DIGITS
            result = _decimal(amount) ** _decimal(power)
    except DecimalException as problem:
        raise TooLargeError from problem
    return Value(_bounded(result), exact=False)


def _root(value: Value) -> Value:
    if value.unit is not None or value.is_percent:
        raise NotArithmeticError
    amount = value.amount
    if amount < 0:
        raise NoRealResultError
    above, below = math.isqrt(amount.numerator), math.isqrt(amount.denominator)
    if above**2 == amount.numerator and below**2 == amount.denominator:
        return Value(Fraction(above, below), exact=value.exact)
    with localcontext() as context:
        context.prec = _ROOT_DIGITS
        return Value(_bounded(_decimal(amount).sqrt()), exact=False)


def _whole_root(value: Fraction, degree: int) -> Fraction | None:
    """Returns the root of a number where it is a fraction; None: it is none, or the degree is beyond reason."""
    if degree > _MOST_DEGREE:
        return None
    roots: list[int] = []
    for part in (value.numerator, value.denominator):
        with localcontext() as context:
            context.prec = _WHOLE_DIGITS
            root = round(Decimal(part) ** (1 / Decimal(degree))) if part else 0
        if root**degree != part:
            return None
        roots.append(root)
    return Fraction(*roots)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def _bounded(result: Decimal) -> Fraction:
    """Returns a decimal number as a fraction, unless writing its digits would fill the memory."""
    if abs(result.adjusted()) > _MOST_BITS:
        raise TooLargeError
    return Fraction(result)


_PRODUCTS = MappingProxyType({Kind.MULTIPLY: _multiplied, Kind.DIVIDE: _divided, Kind.MODULO: _remainder})
