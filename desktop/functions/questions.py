"""Recognises questions for sums and percentages, and leaves everything else alone.

A text counts only when all of it is understood: what is left after "what is" and 等于多少 must be an expression to its
last sign. What could be something else as well (24/7, 3-4, 2024-05-01, a telephone number) is left to the model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from desktop.functions import expression, numerals, tokens
from desktop.functions.calculation import Calculation
from desktop.functions.results import amount_words, equation

_END = re.compile(r"\s*(?:please|thanks|thank you)?[\s?.。]*$", re.I)
_POLITE = re.compile(
    r"^(?:please|can you|could you|would you|hey|hi|quick|quickly|tell me|do you know|i want to know|[,\s])+", re.I
)
_POLITE_CHINESE = re.compile("^(?:请问|请|帮我|帮忙|麻烦|给我|你能|能不能|能|告诉我|快速|一下|[,，\\s])+")
_BLANK_IN_CHINESE = re.compile("(?<=[\u4e00-\u9fff])\\s+|\\s+(?=[\u4e00-\u9fff])")
_ORDER = re.compile(
    r"^(?:calculate|compute|work out|evaluate|solve|figure out|what does)\b:?\s*(?:what is\b)?\s*", re.I
)
_ASKED = re.compile(
    r"^(?:(?:so|and)\s+)?(?:what is|what's|what’s|whats|what are|how much is|how much are|how much's)\b\s*", re.I
)
_ORDER_CHINESE = re.compile("^(?:计算|算算|算)(?:一下|下|出)?[:：]?\\s*")
_RESULT = re.compile(
    r"\s*(?:=\s*(?:\?|多少|几)?|equals?(?: to)?(?: what)?|等于(?:多少|几)?|得(?:多少|几)|结果是多少)\s*$",
    re.I,
)
_IS = re.compile(r"(?<=[0-9%])\s+is$", re.I)
_RESULT_WEAK = re.compile(r"\s*(?:的?结果)?(?:是(?:多少|几)|多少|有多少)(?:钱|块钱|元钱)?\s*$")


@dataclass(frozen=True)
class Wish:
    """A question without what it is wrapped in.

    Attributes:
        text: What shall be computed, folded.
        asked: It came as a question ("what is", 是多少).
        explicit: A calculation was asked for ("calculate", "=", 等于多少).
        chinese: Answer in Chinese.
    """

    text: str
    asked: bool
    explicit: bool
    chinese: bool


def without_politeness(text: str) -> str:
    """Returns a question, folded, without "please", the marks at its end and the blanks around Chinese."""
    rest = _END.sub("", numerals.fold(text).strip())
    if not _is_chinese(text):
        return _POLITE.sub("", rest)
    return _POLITE_CHINESE.sub("", _BLANK_IN_CHINESE.sub("", rest))


def unwrap(text: str) -> Wish:
    """Takes the politeness and the question off a text."""
    chinese = _is_chinese(text)
    rest = without_politeness(text)
    shorter = (_ORDER_CHINESE if chinese else _ORDER).sub("", rest)
    explicit = shorter != rest
    if (without := _RESULT.sub("", shorter)) != shorter:
        explicit, shorter = True, without
    without = _RESULT_WEAK.sub("", shorter) if chinese else _IS.sub("", _ASKED.sub("", shorter))
    return Wish(without.strip(), explicit or without != shorter, explicit, chinese)


def _is_chinese(text: str) -> bool:
    return re.search("[\u4e00-\u9fff]", text) is not None


def answer(wish: Wish) -> Calculation | None:
    """Returns the result of a sum or a percentage; None: it is none."""
    for pattern, rewrite in _PHRASES_CHINESE if wish.chinese else _PHRASES:
        if (found := pattern.fullmatch(wish.text)) is not None:
            rewritten = rewrite(found)
            if rewritten is None:
                return None
            return _computed(rewritten.text, wish, as_percent=rewritten.as_percent, explicit=True)
    if _could_be_something_else(wish):
        return None
    return _computed(wish.text, wish, as_percent=False, explicit=wish.explicit)


def _computed(text: str, wish: Wish, *, as_percent: bool, explicit: bool) -> Calculation | None:
    try:
        found = tokens.tokens(text, chinese=wish.chinese, explicit=explicit)
    except tokens.NotArithmeticError:
        return None
    left = tokens.render(found)
    try:
        value, operations = expression.evaluate(found)
    except tokens.NotArithmeticError:
        return None
    except (expression.DividedByZeroError, expression.TooLargeError, expression.NoRealResultError) as problem:
        words, chinese_words = _IMPOSSIBLE[type(problem)]
        return Calculation(f"{left}：{chinese_words}" if wish.chinese else f"{left}: {words}")
    if not operations or (as_percent and value.unit is not None):
        return None
    if not wish.asked and not wish.explicit and not explicit and _is_range_or_size(found, value):
        return None
    amount = value.amount * 100 if as_percent else value.amount
    right, exact = amount_words(amount, value.unit, chinese=wish.chinese, exact=value.exact)
    if as_percent:
        right += "%" if wish.chinese else " %"
    return equation(left, right, exact=exact)


_IMPOSSIBLE = MappingProxyType(
    {
        expression.DividedByZeroError: ("nothing can be divided by zero.", "不能除以零。"),
        expression.TooLargeError: ("the result has too many digits to be written.", "结果的位数太多，无法写出。"),
        expression.NoRealResultError: ("a negative number has no real root.", "负数没有实数根。"),
    }
)


# --- what could be something else


_SPACELESS = re.compile(r"([0-9.,]+(?:[-–/][0-9.,]+)+)\s*(?:%|percent)?", re.I)
_DATE = re.compile(r"[0-9]{1,4}\s*([-/.–])\s*[0-9]{1,2}\s*\1\s*[0-9]{1,4}")
_YEARS = re.compile(r"(?:1[0-9]|20)[0-9]{2}\s*[-–−]\s*(?:1[0-9]|20)[0-9]{2}")
_HYPHENED = re.compile(r"[0-9]-[a-z]|[a-z]-[0-9]", re.I)  # 7-Eleven
_MEMORY = re.compile(r"(?:4|6|8|12|16|24)\+(?:64|128|256|512|1024)")  # of a telephone
# Always there, two halves, a month, a car, and what screens are called.
_CALLED_SO = re.compile(
    r"24/7|9/11|50/50|80/20|60/40|(?:0?[1-9]|1[0-2])/(?:19|20)[0-9]{2}|"
    r"(?:4[x×]4|2[x×]4|6[x×]6|640[x×]480|800[x×]600|1024[x×]768|1280[x×]720|1366[x×]768|1920[x×]1080|1920[x×]1200|"
    r"2560[x×]1440|3840[x×]2160)"
)
_LEADING_ZERO = re.compile(r"(?<![0-9.,])0[0-9]")


def _could_be_something_else(wish: Wish) -> bool:
    """True for dates, ranges, scores, telephone numbers, and what is called by two numbers."""
    text = wish.text
    if text.startswith("+") or _LEADING_ZERO.search(text) or (_DATE.fullmatch(text) and not wish.explicit):
        return True
    if wish.explicit:
        return False
    if not wish.asked and (_MEMORY.fullmatch(text) or _CALLED_SO.fullmatch(text.replace(" ", "").lower())):
        return True
    if _YEARS.fullmatch(text) or _HYPHENED.search(text):
        return True
    spaceless = _SPACELESS.fullmatch(text)
    if spaceless is None:
        return False
    text = spaceless.group(1)
    if "–" in text or len(re.findall("[-/]", text)) > 1:
        return True
    first, second = (numerals.read(part, 0) for part in re.split("[-/]", text))
    if first is None or second is None:
        return True
    left, right = first[0], second[0]
    if left.denominator != 1 or right.denominator != 1:
        return not wish.asked and "/" not in text
    if "/" in text:  # 24/7, 9/11, 50/50, 80/20, a blood pressure, a season
        pressure = 70 <= left <= 250 and 40 <= right <= 130
        return (left <= 31 and right <= 31) or left in (right, 100 - right) or pressure or 1900 <= left <= 2100
    # 3-4, 10-12, 9-5, 2019-2023, a postcode with its extension
    return left < 20 or left <= right or left >= 1000 or not wish.asked


def _is_range_or_size(found: Sequence[tokens.Token], value: expression.Value) -> bool:
    """True for $5-$10, 3 days - 5 days, 5-10 %, 20 x 30 cm and 8 GB + 256 GB, which nobody asks the result of."""
    kinds = [token.kind for token in found]
    if kinds == [tokens.Kind.NUMBER, tokens.Kind.SUBTRACT, tokens.Kind.NUMBER, tokens.Kind.PERCENT]:
        return found[0].amount < found[2].amount
    measures = [token.unit for token in found if token.unit is not None]
    if not measures:
        return False
    if kinds.count(tokens.Kind.SUBTRACT) == 1 and value.amount < 0:
        return True
    if any(unit.dimension == "data" for unit in measures) and len(measures) == 2:
        return True
    return tokens.Kind.MULTIPLY in kinds and not any(unit.is_money for unit in measures)


# --- phrases that are written as expressions


@dataclass(frozen=True)
class _Rewritten:
    text: str
    as_percent: bool = False


_Rewrite = Callable[["re.Match[str]"], _Rewritten | None]

_N = r"(.{1,60}?)"
_MOST_FACTORS = 25  # of a factorial: the steps still fit into one line
_P = r"([0-9.]+\s*(?:%|percent|per cent))"
# What a share is of: what follows the amount says only what it is for.
_BILL = r"(?:an? |the |my )?(.{1,60}?)(?: bill| meal| check| dinner| lunch| purchase| order| total)?"
_FEE = "(?:tip|gratuity|service charge|service|commission|deposit|down payment)"
_TAX = "(?:vat|sales tax|tax|gst)"
_PEOPLE = "(?:people|persons|friends|ways|of us)"
_PLACE = "(?:an? |the )?(?:room|rectangle|garden|wall|floor|field|square)[, ]*(?:of |with |that is )?"
_RECTANGLE = r"(?P<one>.{1,30}?) (?:by|x|×|\*|times) (?P<other>.{1,30}?)"


def _plain(template: str, *, as_percent: bool = False) -> _Rewrite:
    return lambda found: _Rewritten(template.format(*found.groups()), as_percent)


_BETWEEN = re.compile(r"\s*(?:、|,\s*and\s+|,\s+|,(?![0-9]{3}(?![0-9]))|\s+and\s+|和|与|跟)\s*", re.I)


_ONLY_BLANKS = re.compile(r"[0-9.]+(?:\s+[0-9.]+)+")


def _list(joined: str, *, mean: bool = False) -> _Rewrite:
    def rewrite(found: re.Match[str]) -> _Rewritten | None:
        text = found.group(1)
        parts = text.split() if _ONLY_BLANKS.fullmatch(text) else [part for part in _BETWEEN.split(text) if part]
        if len(parts) < 2:
            return None
        whole = joined.join(parts)
        return _Rewritten(f"({whole}) / {len(parts)}" if mean else whole)

    return rewrite


def _discount(found: re.Match[str]) -> _Rewritten | None:
    price = found.groupdict().get("price")
    share = _share_left(found.group(1 if price else 2))
    less = f" - {found.group(3)}" if found.re.groups > 2 else ""
    return _Rewritten(f"{price or found.group(1)} * {share}{less}") if share else None


def _before_discount(found: re.Match[str]) -> _Rewritten | None:
    share = _share_left(found.group(1))
    return _Rewritten(f"({found['price']}) / {share}") if share else None


def _share_left(folds: str) -> str:
    """Returns what 八折 leaves of a price, as a percentage; empty: it is none."""
    read = numerals.read(folds, 0)
    if read is None or read[1] != len(folds) or not 0 < read[0] < 100:
        return ""
    tenths = read[0] if read[0] < 10 else read[0] / 10  # 八折 is 80 %, 七五折 and 85折 are 75 % and 85 %
    return f"{numerals.written(tenths * 10)[0]}%"


def _area(found: re.Match[str]) -> _Rewritten | None:
    first, second = found.group("one").strip(), found.group("other").strip()
    if re.fullmatch("[0-9.,]+", first) and (unit := re.search(r"[^0-9.,\s].*$", second)):  # 4 by 5 metres
        first = f"{first} {unit.group()}"
    return _Rewritten(f"({first}) * ({second})")


def _factorial(found: re.Match[str]) -> _Rewritten | None:
    number = int(next(group for group in found.groups() if group))
    if not 2 <= number <= _MOST_FACTORS:
        return None
    return _Rewritten(" * ".join(str(factor) for factor in range(number, 0, -1)))


def _compiled(*rows: tuple[str, _Rewrite]) -> tuple[tuple[re.Pattern[str], _Rewrite], ...]:
    return tuple((re.compile(pattern, re.I), rewrite) for pattern, rewrite in rows)


_PHRASES: Final = _compiled(
    (rf"(?:take )?{_P} off (?:of )?{_N}", _plain("{1} - {0}")),
    (rf"(?:a )?{_P} discount (?:on|off) {_N}", _plain("{1} - {0}")),
    (rf"(?:an? |the )?{_P} {_FEE} (?:on|for|of) {_BILL}", _plain("{0} of {1}")),
    (rf"{_FEE}(?: of)? {_P} (?:on|for) {_BILL}", _plain("{0} of {1}")),
    (rf"{_BILL} (?:with|plus|\+|and) (?:an? )?{_P} (?:{_FEE}|{_TAX})", _plain("{0} + {1}")),
    (rf"{_BILL} plus {_TAX} (?:at|of) {_P}", _plain("{0} + {1}")),
    (rf"how much {_TAX} is (?:included )?in {_BILL} at {_P}", _plain("({0}) - ({0}) / (1 + {1})")),
    (rf"{_P} {_TAX} (?:on|of|for) {_BILL}", _plain("{0} of {1}")),
    (rf"add {_P}(?: {_TAX}| {_FEE})? to {_BILL}", _plain("{1} + {0}")),
    (rf"(?:remove|take off|take out) {_P} {_TAX} from {_BILL}", _plain("({1}) / (1 + {0})")),
    (rf"{_BILL} (?:with|at|after|less|minus) (?:a )?{_P}(?: off| discount)?", _plain("{0} - {1}")),
    (rf"{_BILL} without(?: the)? {_P} {_TAX}", _plain("({0}) / (1 + {1})")),
    (rf"increase {_N} by {_P}", _plain("{0} + {1}")),
    (rf"(?:decrease|reduce) {_N} by {_P}", _plain("{0} - {1}")),
    (rf"{_N} (?:increased|plus) (?:by )?{_P}", _plain("{0} + {1}")),
    (rf"{_N} (?:decreased|reduced|minus) (?:by )?{_P}", _plain("{0} - {1}")),
    (rf"what (?:percent|percentage|per cent|%) of {_N} is {_N}", _plain("({1}) / ({0})", as_percent=True)),
    (rf"{_N} is what (?:percent|percentage|per cent|%) of {_N}", _plain("({0}) / ({1})", as_percent=True)),
    (rf"{_N} (?:as a|in) (?:percent|percentage|per cent|%) of {_N}", _plain("({0}) / ({1})", as_percent=True)),
    (
        (
            rf"(?:the )?(?:percent|percentage|%) (?:change|increase|decrease|difference) "
            rf"(?:from|between) {_N} (?:to|and) {_N}"
        ),
        _plain("({1} - {0}) / ({0})", as_percent=True),
    ),
    (rf"(?:the )?(?:sum|total) of {_N}", _list(" + ")),
    (rf"add (?:up )?{_N}", _list(" + ")),
    (rf"(?:the )?(?:average|mean) of {_N}", _list(" + ", mean=True)),
    (rf"(?:the )?product of {_N}", _list(" * ")),
    (rf"(?:the )?difference (?:between|of) {_N} and {_N}", _plain("{0} - {1}")),
    (rf"subtract {_N} from {_N}", _plain("{1} - {0}")),
    (rf"multiply {_N} (?:by|with) {_N}", _plain("({0}) * ({1})")),
    (rf"divide {_N} by {_N}", _plain("({0}) / ({1})")),
    (rf"(?:split|divide|share) {_BILL} (?:between|among|by)(?: the)? ([0-9]+)(?: {_PEOPLE})?", _plain("({0}) / {1}")),
    (rf"(?:split|divide|share) {_BILL} ([0-9]+) ways", _plain("({0}) / {1}")),
    (rf"{_BILL} (?:split|shared|divided|/) ?(?:between|among|by)?(?: the)? ?([0-9]+) {_PEOPLE}", _plain("({0}) / {1}")),
    (rf"{_BILL} (?:split|shared) (?:between|among|by) ([0-9]+)", _plain("({0}) / {1}")),
    (rf"(?:double(?! 1[0-2]$)|twice) {_N}", _plain("2 * ({0})")),  # Double 11 is a day of sales
    (rf"(?:triple|three times) {_N}", _plain("3 * ({0})")),
    (rf"(?:the )?area of (?:{_PLACE})?{_RECTANGLE}", _area),
    (rf"what (?:percent|percentage|%) is {_N} of {_N}", _plain("({0}) / ({1})", as_percent=True)),
    (rf"{_N} out of {_N} (?:as a percentage|as percentage|in percent)", _plain("({0}) / ({1})", as_percent=True)),
    (r"(?:the )?factorial of ([0-9]{1,3})|([0-9]{1,3}) factorial", _factorial),
    (rf"(?:the )?cube root of {_N}", _plain("({0})^(1/3)")),
    (rf"(?:the )?square of {_N}", _plain("({0})^2")),
    (rf"(?:the )?cube of {_N}", _plain("({0})^3")),
)
_SIDE = "(?:[0-9.]+|[一二两三四五六七八九十百]+)(?:米|厘米|公里|千米|分米|毫米|英尺|英寸)"
_SHARE = "(?:百分之几|百分之多少|多少百分比|百分比)"
_PC = r"([0-9.]+\s*%|百分之[零一二两三四五六七八九十百点]+)"
_EVENLY = "(?:来?平?均?分摊?|平摊|均摊|AA制?)"
_EACH = "[,，]?(?:(?:每人|一人|每个人|人均)(?:得|分|是|付|要付|出)?)?"
_COUNT = "([0-9]+|[一二两三四五六七八九十]+)"
_EARNED = "(?:工资|月薪|薪水|价格|房租|租金|成本|原价|售价|单价)?"
_FOLD = "([0-9.]+|[一二三四五六七八九点]+)折"
_TAX_CHINESE = "的?(?:增值|消费)?税"
_PHRASES_CHINESE: Final = _compiled(
    (rf"{_N}(?:占|是|为){_N}的?{_SHARE}", _plain("({0}) / ({1})", as_percent=True)),
    (
        rf"从?{_N}(?:涨|增加|增长|上升|提高)到了?{_N}[,，]?(?:涨|增加|增长|上升|提高)了?{_SHARE}",
        _plain("({1} - {0}) / ({0})", as_percent=True),
    ),
    (
        rf"从?{_N}(?:跌|减少|下降|降低|降)到了?{_N}[,，]?(?:跌|减少|下降|降低|降)了?{_SHARE}",
        _plain("({0} - {1}) / ({0})", as_percent=True),
    ),
    (rf"{_N}的立方根", _plain("({0})^(1/3)")),
    (rf"{_N}的{_N}倍", _plain("({0}) * ({1})")),
    (r"([0-9]{1,3})的阶乘", _factorial),
    (rf"{_EARNED}{_N}[,，]?(?:打|的){_FOLD}(?:以?后|之后)?(?:是|要)?", _discount),
    (rf"{_EARNED}{_N}[,，]?打{_FOLD}(?:以?后|之后)?[,，]?再减{_N}", _discount),
    (rf"打{_FOLD}(?:的|后)?(?P<price>.{{1,30}}?)", _discount),
    (rf"打?{_FOLD}(?:以?后|之后)(?:的?价格?)?(?:是|为)?(?P<price>.{{1,30}}?)[,，]?(?:那么)?原价", _before_discount),
    (rf"{_EARNED}{_N}(?:加上?|外加){_PC}{_TAX_CHINESE}(?:以?后|之后)?(?:是|要)?", _plain("{0} + {1}")),
    (
        rf"含税(?:价格?)?(?:是|为)?{_N}[,，]?税率(?:是|为)?{_PC}[,，]?(?:不含税|税前)(?:价格?)?(?:是)?",
        _plain("({0}) / (1 + {1})"),
    ),
    (
        rf"{_N}(?:里|中)?(?:含|包含|包括)了?{_PC}{_TAX_CHINESE}[,，]?(?:不含税|税前)(?:价格?)?(?:是)?",
        _plain("({0}) / (1 + {1})"),
    ),
    (
        rf"长(?:是|为)?(?P<one>{_SIDE})[,，、]?宽(?:是|为)?(?P<other>{_SIDE})的?(?:房间|长方形|矩形|屋子|地)?的?面积",
        _area,
    ),
    (rf"{_EARNED}{_N}(?:上涨|增加|增长|提高|上调|涨)了?{_PC}(?:以?后|之后)?(?:是|要)?", _plain("{0} + {1}")),
    (rf"{_EARNED}{_N}(?:下跌|减少|下降|降低|下调|降|跌|少)了?{_PC}(?:以?后|之后)?(?:是|要)?", _plain("{0} - {1}")),
    (rf"{_N}的(?:总和|和|合计|总数)", _list(" + ")),
    (rf"{_N}的?(?:平均数|平均值|平均|均值)", _list(" + ", mean=True)),
    (rf"{_N}的(?:乘积|积)", _list(" * ")),
    (rf"{_N}(?:和|与|跟|减){_N}的差", _plain("{0} - {1}")),
    (rf"{_N}(?:平均)?分给{_COUNT}个?人{_EACH}", _plain("({0}) / {1}")),
    (rf"{_N}[,，]?(?:由|让|给)?{_COUNT}个?人{_EVENLY}{_EACH}", _plain("({0}) / {1}")),
    (rf"{_COUNT}个?人{_EVENLY}{_N}{_EACH}", _plain("({1}) / {0}")),
)
