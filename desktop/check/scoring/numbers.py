"""Answers that are a number: the last one that was worked out, and no list of guesses."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Final

from desktop.check.scoring.text import normalised, without_question

_NUMBER: Final = re.compile(r"(?<![\w.])-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|-?\d+(?:\.\d+)?")
# Between the steps of a calculation stands one of these; without them several numbers are guesses.
_STEPS: Final = re.compile(r"=|\bis\b|\bare\b|\bequals?\b|\bmakes?\b|\bleaves?\b|等于|得|是|为|共|剩")
_DIGITS: Final = dict(zip("零一二三四五六七八九", range(10), strict=True)) | {"两": 2}
_CHINESE_NUMBER: Final = re.compile(r"[零一二三四五六七八九十百千两]+")
_UNITS: Final = {"十": 10, "百": 100, "千": 1000}
_MOST_NUMBERS: Final = 12


def gives_number(answer: str, question: str, wanted: Decimal, tolerance: Decimal) -> bool:
    """Tells whether an answer comes to a number.

    Numbers of the question say nothing, unless there are no others. Of the rest the last one counts, and there may be
    no more of them than steps were written down.

    Args:
        answer: As the model gave it.
        question: What was asked.
        wanted: The right number.
        tolerance: How far off it may be.
    """
    given = set(numbers_in(normalised(question)))
    said = without_question(answer, question)
    found = numbers_in(said)
    if not found:
        found = [Decimal(value) for value in _in_words(said)]
    own = [each for each in found if each not in given]
    if not own:
        own = found if len(set(found)) == 1 else []
    if not own or len(own) > _MOST_NUMBERS or len(set(own)) > 1 + len(_STEPS.findall(said)):
        return False
    return abs(own[-1] - wanted) <= tolerance


def numbers_in(text: str) -> list[Decimal]:
    """Returns the numbers that stand in a normalised text as digits, in their order."""
    found = []
    for match in _NUMBER.finditer(text):
        digits = match[0].replace(",", "")
        if digits.startswith("-") and text[: match.start()].rstrip()[-1:].isalnum():
            digits = digits[1:]  # 12-5: a minus between two numbers is no sign
        try:
            found.append(Decimal(digits))
        except InvalidOperation:  # longer than any number means
            continue
    return found


def _in_words(text: str) -> list[int]:
    """Returns the numbers that are written with Chinese characters: 四十二."""
    found = []
    for match in _CHINESE_NUMBER.finditer(text):
        total = digit = 0
        for sign in match[0]:
            if sign in _UNITS:
                total += (digit or 1) * _UNITS[sign]
                digit = 0
            else:
                digit = _DIGITS[sign]
        found.append(total + digit)
    return found
