"""Notices that an answer has begun to repeat itself, as small models do, and finds where.

What counts is what is said last, over and over with nothing between: a sentence, a line, several lines, an item of a
list whatever its number, or one word. Much is repeated on purpose, so it takes three times and some length; more where
the same is short, has hardly a letter in it (rules, drawings, matrices) or is code; and very much where only numbers
change, in even steps (multiplication tables). A refrain that comes back after other lines is none. Pure; one thread at
a time.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Final

# Characters that are looked at, and after how many new ones again.
_WINDOW: Final = 6_000
_EVERY: Final = 24
# The end of a text by which its beginning is found again, in characters.
_PROBE: Final = 20
# Places that it is looked for at.
_PLACES: Final = 4
# A character of Chinese, Japanese or Korean says as much as so many others.
_HEAVY: Final = 3
_EAST_ASIAN: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_MARKER: Final = re.compile(r"^[ \t]*(?:\d{1,4}[.):、]|[(（]\d{1,4}[)）]|[-*•+])[ \t]*", re.MULTILINE)
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_FENCE: Final = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)
_STOPS: Final = ".!?。！？…\"'”’」)）"
_DATA: Final = re.compile(r"\s*[\[{<]")


@dataclass(frozen=True)
class _Limits:
    """What is a loop: so many times, and so long in all; or, where the same is short, more often."""

    times: int
    length: int


# Long sentences three times, short ones more often; each pair is enough.
_WORDS: Final = (_Limits(3, 240), _Limits(6, 160))
_CODE: Final = (_Limits(12, 600),)
_SIGNS: Final = (_Limits(12, 900),)
_COUNTED: Final = (_Limits(12, 400),)
_COUNTED_BRIEFLY: Final = (_Limits(60, 400),)
# So few letters without a blank are no words, but part of what a picture may be written as.
_SHORT_UNBROKEN: Final = 8
_UNBROKEN: Final = (_Limits(6, 400),)
# Code that no fence marks.
_CODE_END: Final = re.compile(r"[;{}]\n")
# Letters in what is said each time: with fewer it is a row of numbers, and not a sentence with one in it.
_LETTERS: Final = 12


@dataclass(frozen=True)
class Loop:
    """A loop at the end of a text.

    Attributes:
        start: Where it begins, in characters.
        period: How long it is once.
        times: How often it is there, the last time perhaps not wholly.
    """

    start: int
    period: int
    times: float


class LoopDetector:
    """Takes an answer piece by piece."""

    def __init__(self, times_asked: int = 0, things_asked: int = 0) -> None:
        """
        Args:
            times_asked: So often something shall be said, as the person has put it; see
                :func:`desktop.common.loops.asked.times_asked`.
            things_asked: Of so many things something shall be said, with the number of each; see
                :func:`desktop.common.loops.asked.things_asked`.
        """
        self._asked = (times_asked, max(times_asked, things_asked))
        self._text = ""
        self._new = 0
        self._fences = 0
        self._is_data = False
        self._has_begun = False

    def accept(self, piece: str) -> bool:
        """Takes the next piece; returns whether the answer is in a loop now."""
        if not self._has_begun and piece.strip():
            self._has_begun, self._is_data = True, _DATA.match(piece) is not None
        self._text += piece
        self._new += len(piece) * (_HEAVY if _EAST_ASIAN.search(piece) else 1)
        if self._new < _EVERY:
            return False
        self._new = 0
        if len(self._text) > 2 * _WINDOW:  # what goes may hold the beginning of code
            gone = self._text.rfind("\n", 0, len(self._text) - _WINDOW) + 1 or len(self._text) - _WINDOW
            self._fences += len(_FENCE.findall(self._text[:gone]))
            self._text = self._text[gone:]
        is_code = self._is_data or (self._fences + len(_FENCE.findall(self._text))) % 2 == 1
        return _loop(self._text[-_WINDOW:], is_code=is_code, asked=self._asked) is not None


def without_loop(text: str) -> str:
    """Returns a text that ends in a loop with what is said in it only once; any other text as it is.

    Args:
        text: All of an answer that :class:`LoopDetector` has refused to go on with.
    """
    is_code = _DATA.match(text) is not None or len(_FENCE.findall(text)) % 2 == 1
    loop = _loop(text, is_code=is_code, asked=(0, 0))
    if loop is None:
        return text
    end = loop.start + loop.period
    stop = next((at for at, char in enumerate(text[end : end + 2]) if char not in _STOPS), 2)
    end += stop  # the sentence before had the same, and seems to belong to the loop
    return text[:end].rstrip(" \t\n,;，；、")


def _loop(text: str, *, is_code: bool, asked: tuple[int, int]) -> Loop | None:
    """Returns the loop that a text ends in; None: it does not, or it is what was asked for.

    Args:
        text: The end of an answer.
        is_code: It ends in code, or in data.
        asked: How often the same may be said, and how often what only differs by its numbers.
    """
    for (plain, places, words), most in zip((_same(text), _counted(text)), asked, strict=True):
        period = _period(plain)
        if not period:
            continue
        length = _run(plain, period)
        times = length / period
        once = plain[-period:]
        limits = _limits(once, is_code=is_code or _CODE_END.search(2 * once) is not None, is_counted=words)
        heavy = length + (_HEAVY - 1) * len(_EAST_ASIAN.findall(plain[-length:]))
        enough = any(times >= each.times and heavy >= each.length for each in limits)
        if enough and times > most + 1 and (not words or _is_even(text, places, len(plain) - length, period)):
            start = len(plain) - length
            return Loop(places[start], places[min(start + period, len(places) - 1)] - places[start], times)
    return None


def _limits(once: str, *, is_code: bool, is_counted: bool) -> tuple[_Limits, ...]:
    letters = sum(map(str.isalpha, once)) + (_HEAVY - 1) * len(_EAST_ASIAN.findall(once))
    if is_counted:
        return _COUNTED if letters >= _LETTERS and not is_code else _COUNTED_BRIEFLY
    if 4 * letters < len(once):
        return _SIGNS
    if is_code:
        return _CODE
    return _UNBROKEN if len(once) <= _SHORT_UNBROKEN and once.isascii() and once.isalnum() else _WORDS


def _same(text: str) -> tuple[str, list[int], bool]:
    """Returns a text without the marks of its lists, where each character stood, and False."""
    return (*_replaced(text, _MARKER, "\x01"), False)


def _counted(text: str) -> tuple[str, list[int], bool]:
    """Returns a text with all numbers alike, where each character stood, and True."""
    return (*_replaced(text, _NUMBER, "\x02"), True)


def _replaced(text: str, pattern: re.Pattern[str], instead: str) -> tuple[str, list[int]]:
    pieces: list[str] = []
    places: list[int] = []
    last = 0
    for found in pattern.finditer(text):
        pieces += (text[last : found.start()], instead)
        places += range(last, found.start())
        places.append(found.start())
        last = found.end()
    pieces.append(text[last:])
    places += range(last, len(text) + 1)
    return "".join(pieces), places


def _period(text: str) -> int:
    """Returns after how many characters the end of a text was there before, with all between; 0: it was not.

    What is said in turn may have the same words in it more than once, so the nearest place need not be the one.
    """
    probe, before = text[-_PROBE:], len(text) - _PROBE
    for _ in range(_PLACES if before > 0 else 0):
        before = text.rfind(probe, 0, before + _PROBE - 1)
        if before < 0:
            break
        period = len(text) - _PROBE - before
        if _run(text, period) >= 2 * period:
            return period
    return 0


def _run(text: str, period: int) -> int:
    """Returns how long the end of a text is in which every character is the one a period before, that one included."""
    at = len(text) - 1
    while at >= period and text[at] == text[at - period]:
        at -= 1
    return len(text) - 1 - at + period


def _is_even(text: str, places: list[int], start: int, period: int) -> bool:
    """Tells whether the numbers in a loop grow by the same each time; those of the last time may be unfinished.

    Where none grows it is the same text, of which others judge.
    """
    rows = [
        [float(number) for number in _NUMBER.findall(text[places[at] : places[at + period]])]
        for at in range(start, len(places) - period, period)
    ]
    rows = [row for row in rows if len(row) == len(rows[0])]
    steps = [
        [after - before for before, after in zip(one, other, strict=True)] for one, other in itertools.pairwise(rows)
    ]
    return bool(steps) and any(steps[0]) and all(step == steps[0] for step in steps)
