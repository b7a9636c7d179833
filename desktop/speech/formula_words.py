"""A simple formula as it is said aloud; of one that cannot be followed by ear only is said that there is one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from desktop.common.text.language import CHINESE

# Longer ones cannot be followed by ear.
_LONGEST = 60
_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|[A-Za-z\u0370-\u03ff]|\d+(?:[.,]\d+)*|\s+|.", re.DOTALL)
_DRESS = re.compile(r"\\(?:left|right|displaystyle|mathrm|text|mathbf|operatorname|,|;|!|quad|:)(?![a-zA-Z])|\\ ")
# Sign: what is said in English, and in Chinese. What is not here and is no letter or number cannot be said.
_SIGNS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "=": ("equals", "等于"),
        "+": ("plus", "加"),
        "-": ("minus", "减"),
        "\u2212": ("minus", "减"),
        "*": ("times", "乘以"),
        "\\times": ("times", "乘以"),
        "\\cdot": ("times", "乘以"),
        "\u00d7": ("times", "乘以"),
        "/": ("over", "除以"),
        "\\div": ("divided by", "除以"),
        "\u00f7": ("divided by", "除以"),
        "<": ("is less than", "小于"),
        ">": ("is greater than", "大于"),
        "\\lt": ("is less than", "小于"),
        "\\gt": ("is greater than", "大于"),
        "\\le": ("is at most", "小于等于"),
        "\\leq": ("is at most", "小于等于"),
        "\u2264": ("is at most", "小于等于"),
        "\\ge": ("is at least", "大于等于"),
        "\\geq": ("is at least", "大于等于"),
        "\u2265": ("is at least", "大于等于"),
        "\\ne": ("is not", "不等于"),
        "\\neq": ("is not", "不等于"),
        "\u2260": ("is not", "不等于"),
        "\\approx": ("is about", "约等于"),
        "\u2248": ("is about", "约等于"),
        "\\pm": ("plus or minus", "正负"),
        "\\to": ("to", "到"),
        "\\infty": ("infinity", "无穷大"),
        "\\pi": ("pi", "派"),
        "\\alpha": ("alpha", "阿尔法"),
        "\\beta": ("beta", "贝塔"),
        "\\gamma": ("gamma", "伽马"),
        "\\theta": ("theta", "西塔"),
        "\\lambda": ("lambda", "兰布达"),
        "\\Delta": ("delta", "德尔塔"),
        "\\sin": ("sine", "正弦"),
        "\\cos": ("cosine", "余弦"),
        "\\tan": ("tangent", "正切"),
        "\\log": ("log", "对数"),
        "\\ln": ("natural log", "自然对数"),
        "(": (",", "，"),
        ")": (",", "，"),
        ",": (",", "，"),
        ".": (".", "。"),
        "%": ("percent", "百分之"),
        "\\%": ("percent", "百分之"),
        "^\\circ": ("degrees", "度"),
        "!": ("factorial", "的阶乘"),
    }
)


@dataclass(frozen=True)
class _Words:
    """What is said of the parts of a formula, with ``{0}`` and ``{1}`` for what they are made of."""

    squared: str
    cubed: str
    power: str
    index: str
    fraction: str
    root: str


_ENGLISH = _Words(
    "{0} squared", "{0} cubed", "{0} to the power of {1}", "{0} sub {1}", "{0} over {1}", "the square root of {0}"
)
_IN_CHINESE = _Words("{0} 的平方", "{0} 的立方", "{0} 的 {1} 次方", "{0} 下标 {1}", "{1} 分之 {0}", "根号 {0}")


class _UnsayableError(Exception):
    pass


def formula_words(tex: str, language: str) -> str:
    """Returns a formula in words of a language, English or Chinese; empty: it is too much to be followed by ear."""
    plain = _DRESS.sub(" ", tex).strip()
    if len(plain) > _LONGEST or "&" in plain or "\\begin" in plain:
        return ""
    tokens = [token for token in _TOKEN.findall(plain) if not token.isspace()]
    try:
        said = _Speaker(tokens, language).all()
    except (_UnsayableError, RecursionError):
        return ""
    return re.sub(r"\s+([,.，。])", r"\1", " ".join(said.split())).strip(" ,，")


class _Speaker:
    def __init__(self, tokens: list[str], language: str) -> None:
        self._tokens, self._at = tokens, 0
        self._column = 1 if language == CHINESE else 0
        self._words = _IN_CHINESE if language == CHINESE else _ENGLISH

    def all(self) -> str:
        return " ".join(self._parts(until=""))

    def _parts(self, until: str) -> Iterator[str]:
        while self._at < len(self._tokens):
            if self._tokens[self._at] == until:
                self._at += 1
                return
            yield self._with_scripts(self._one())
        if until:
            raise _UnsayableError

    def _one(self) -> str:
        """Returns the words of the next sign, or group in braces."""
        if self._at >= len(self._tokens):
            raise _UnsayableError
        token = self._tokens[self._at]
        self._at += 1
        if token == "{":
            return " ".join(self._parts(until="}"))
        if token in ("\\frac", "\\dfrac", "\\tfrac"):
            above, below = self._one(), self._one()
            return self._words.fraction.format(above, below)
        if token == "\\sqrt" and self._next() != "[":
            return self._words.root.format(self._one())
        if token in _SIGNS:
            return _SIGNS[token][self._column]
        if token[0].isalnum():
            return token
        raise _UnsayableError

    def _with_scripts(self, base: str) -> str:
        while self._next() in ("^", "_"):
            is_raised = self._next() == "^"
            self._at += 1
            if is_raised and self._next() == "\\circ":
                self._at += 1
                base = f"{base} {_SIGNS['^' + chr(92) + 'circ'][self._column]}"
                continue
            script = self._one()
            pattern = self._words.index
            if is_raised:
                pattern = {"2": self._words.squared, "3": self._words.cubed}.get(script, self._words.power)
            base = pattern.format(base, script)
        return base

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""
