"""What kind of thing a question asks for, and whether a sentence has one: a figure, a time, an amount of money, a name.

Whoever asks what something costs is not answered by a sentence without a price, and where no sentence has one the text
does not say it: small models make one up. Patterns, in English and Chinese. Pure functions.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from types import MappingProxyType
from typing import Final

from desktop.documents.passages.words import words_of

_NUMERALS: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
# English words for numbers, with their figures.
NUMERALS: Final = MappingProxyType({word: str(number) for number, word in enumerate(_NUMERALS)})


class Kind(Enum):
    """What is asked for."""

    MONEY = auto()
    TIME = auto()
    NUMBER = auto()
    NAME = auto()


def _pattern(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


# The first that fits is what is asked for.
_ASKED: Final = MappingProxyType(
    {
        Kind.MONEY: _pattern(
            r"\b(?:what|how (?:much|high|expensive))\b.*\b(?:costs?|price|fee|rent)\b",
            r"多少钱|(?:价格|租金|押金|费用?)是?多少",
        ),
        Kind.TIME: _pattern(
            r"\bwhen\b|\bhow often\b|\b(?:what|which) (?:time|date|day|week|month|year)\b",
            r"什么时候|何时|几[点号月日时]|[哪几]一?[天年]|(?:星期|周)几|多久.*一次",
        ),
        Kind.NUMBER: _pattern(
            r"\bhow (?:many|much|long|old|far|high|tall|heavy|wide|deep|fast|big|large)\b|\bnumber\b",
            r"多[少久长大高远重快]|几",
        ),
        Kind.NAME: _pattern(r"\bwho(?:se)?\b|\bname of\b|\bcalled\b|['’]s name\b"),
    }
)
_FIGURE: Final = _pattern(
    r"[0-9〇零一二三四五六七八九十百千万两半]",
    rf"\b(?:{'|'.join(_NUMERALS)}|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|dozen)\b",
    r"\b(?:half|both|once|twice|none|no|nothing|free)\b",
)
_PRICE: Final = _pattern(
    r"[$€£¥₹]|\b(?:euros?|dollars?|pounds?|cents?|pence|yuan|francs?|rupees?)\b",
    r"\b(?:free|nothing|costs?|prices?|fees?|rent)\b|[元块价费]|租金|押金",
)
_POINT_IN_TIME: Final = _pattern(
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(?:morning|noon|evening|midnight|today|tomorrow|yesterday)\b",
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b",
    r"\b(?:spring|summer|autumn|winter|easter|christmas|daily|weekly|monthly|yearly|every|each|always|never)\b",
    r"[年月日天点]|星期|周",
)
# What is counted, and the unit that somebody wants: a figure is one of these only beside its word.
_COUNTED: Final = re.compile(
    r"\bhow many (?!of\b|people\b|persons\b|times\b|other\b|more\b)([a-z]+)|\bhow \w+\b.* in ([a-z]+)\?*$",
    re.IGNORECASE,
)
_UNITS: Final = frozenset(
    words_of("metres meters kilometres kilometers miles feet inches grams kilograms litres liters degrees percent")
)
# The first word of a sentence has a capital letter whatever it is.
_NAME: Final = re.compile(r"(?<!^)(?<![.!?:\"“(|] )\b[A-Z][a-z]+")


def kind_of(question: str) -> Kind | None:
    """Returns what a question asks for; None: it may be anything."""
    return next((kind for kind, asked in _ASKED.items() if asked.search(question)), None)


def has(kind: Kind, sentence: str, question: str) -> bool:
    """Returns whether a sentence has a thing of a kind; a name must be another than those in the question."""
    match kind:
        case Kind.NAME:
            return not sentence.isascii() or any(name not in question for name in _NAME.findall(sentence))
        case Kind.MONEY:
            return is_price(sentence)
        case Kind.TIME if _POINT_IN_TIME.search(sentence):
            return True
    return _FIGURE.search(sentence) is not None and _has_counted(sentence, question)


def is_price(text: str) -> bool:
    """Returns whether a text says what something costs."""
    return _FIGURE.search(text) is not None and _PRICE.search(text) is not None


def _has_counted(sentence: str, question: str) -> bool:
    asked = _COUNTED.search(question)
    if asked is None:
        return True
    counted = set(words_of(asked[1] or asked[2]))
    if asked[1] is None and not counted & _UNITS:  # "How old is the tree in Weimar?"
        return True
    return not counted.isdisjoint(words_of(sentence))
