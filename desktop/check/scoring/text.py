"""Answers as words: made alike before they are compared, and whether they say one thing and nothing else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_CHINESE: Final = re.compile(r"[\u3400-\u9fff]")
_MARKS: Final = re.compile(r"[*_`~#>]+")
_SPACES: Final = re.compile(r"\s+")
_ENDS: Final = " \t\n.,;:!?\"'()[]{}<>。,;:!?、“”‘’「」『』()《》"
# Characters of an answer that says one thing in a sentence or two; a Chinese one counts as two.
ROOM: Final = 300
# A question of fewer characters may well stand in a right answer.
_WORTH_TAKING_OUT: Final = 8


def normalised(text: str) -> str:
    """Returns a text as it is compared: small letters, full-width signs as plain ones, no emphasis, single spaces."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return _SPACES.sub(" ", _MARKS.sub("", text)).strip()


def bare(text: str) -> str:
    """Returns a normalised text without the signs around it."""
    return normalised(text).strip(_ENDS)


def length(text: str) -> int:
    """Returns how long a text is to a reader: a Chinese character counts as two."""
    return len(text) + len(_CHINESE.findall(text))


def without_question(answer: str, question: str) -> str:
    """Returns a normalised answer from which every copy of the question is taken out, whole or sentence by sentence."""
    rest = normalised(answer)
    asked = normalised(question)
    for piece in (asked, *re.split(r"(?<=[.!?。])\s*|\n", asked)):
        if len(piece := piece.strip(_ENDS)) >= _WORTH_TAKING_OUT:
            rest = rest.replace(piece, " ")
    return _SPACES.sub(" ", rest).strip()


def has_words(text: str, words: str) -> bool:
    """Tells whether normalised words stand in a normalised text: between borders where they are letters or digits."""
    words = normalised(words)
    before = r"(?<![0-9a-z_])(?<![0-9][.,])" if re.match(r"[0-9a-z]", words) else ""
    after = r"(?![0-9a-z_])(?![.,][0-9])" if re.search(r"[0-9a-z]$", words) else ""
    return re.search(f"{before}{re.escape(words)}{after}", text) is not None


def says_one_of(answer: str, question: str, wanted: Iterable[str], others: Iterable[str], room: int = ROOM) -> bool:
    """Tells whether an answer says one of the wanted things, none of the others, and is no recital.

    Args:
        answer: As the model gave it.
        question: Is taken out of the answer first, so that repeating it says nothing.
        wanted: Ways to say what is right.
        others: What a wrong answer would say, or one that lists everything.
        room: Characters that the answer may have.
    """
    said = without_question(answer, question)
    if length(said) > room or any(has_words(said, each) for each in others):
        return False
    return any(has_words(said, each) and not _is_denied(said, normalised(each)) for each in wanted)


def _is_denied(text: str, words: str) -> bool:
    # "not Tuesday", "isn't Tuesday", "不是星期二": every time that it stands there.
    found = [match.start() for match in re.finditer(re.escape(words), text)]
    denial = re.compile(r"(?:\bnot|n't|\bnever|\bno)(?: (?:on|in|at|the|a|by))* $|(?:不是|并非|不在|没有)$")
    return bool(found) and all(denial.search(text[:at]) for at in found)
