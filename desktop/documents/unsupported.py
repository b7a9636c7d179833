"""What an answer about a text says that the text does not: figures and names that stand nowhere in it.

Small models do not say that a text does not tell: they make up a price or a name. That it is made up can be seen
without understanding either. Pure functions.
"""

from __future__ import annotations

import re
from typing import Final

from desktop.common.text.matching import narrow

_NUMBER: Final = re.compile(r"\d+(?:[.,:]\d+)*")
# The first word of a sentence has a capital letter whatever it is.
_NAME: Final = re.compile(r"(?<![.!?:\n\"“”(] )(?<!^)(?<![\n\"“(*])\b[A-Z][a-z]{2,}\b")
_WORD: Final = re.compile(r"[^\W\d_]+")
_MOST: Final = 5


def unsupported(answer: str, text: str, question: str) -> tuple[str, ...]:
    """Returns the figures and names in an answer that stand neither in the text nor in the question, in their order.

    Args:
        answer: What a model has said.
        text: What it was asked about.
        question: What it was asked.
    """
    answer, known = narrow(answer), narrow(f"{text}\n{question}")
    numbers = {_digits(number) for number in _NUMBER.findall(known)}
    words = {word.casefold() for word in _WORD.findall(known)}
    made_up = {
        found.start(): found[0]
        for pattern in (_NUMBER, _NAME)
        for found in pattern.finditer(answer)
        if (_digits(found[0]) not in numbers if pattern is _NUMBER else found[0].casefold() not in words)
    }
    return tuple(dict.fromkeys(made_up[at] for at in sorted(made_up)))[:_MOST]


def _digits(number: str) -> str:
    """Returns what 2,340, 2.340 and 2340 have in common."""
    return re.sub(r"\D", "", number).lstrip("0")
