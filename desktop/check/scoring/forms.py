"""Answers that must have a form: so many words or lines, this beginning, that letter nowhere."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from desktop.check.scoring.text import bare, has_words, length, normalised, without_question

_CHINESE: Final = re.compile(r"[\u3400-\u9fff]")
_LATIN: Final = re.compile(r"[A-Za-z]")
_BULLET: Final = re.compile(r"^\s*[-*•+]\s+\S")
_NUMBERED: Final = re.compile(r"^\s*(\d+)[.)、.]\s*\S")
# However long an answer of any form may be.
_ROOM: Final = 1_200


def _lines(answer: str) -> list[str]:
    return [line for line in answer.splitlines() if line.strip()]


def _within(count: int, bounds: Any) -> bool:
    return count == bounds if isinstance(bounds, int) else bool(bounds[0] <= count <= bounds[1])


def _words(answer: str) -> int:
    return len(re.findall(r"[\w'’-]+", _CHINESE.sub(" ", answer)))


def _sentences(answer: str) -> int:
    return len(re.findall(r"[^.!?。！？\s][^.!?。！？]*[.!?。！？]+", answer))


def _items(answer: str) -> int:
    return len([each for each in re.split(r"[,，、;；\n]", answer.strip().rstrip(".。")) if bare(each)])


def _is_in(answer: str, language: str) -> bool:
    chinese, latin = len(_CHINESE.findall(answer)), len(_LATIN.findall(answer))
    return chinese > 0 and chinese * 2 > latin if language == "zh" else latin > 0 and not chinese


def _has_case(answer: str, case: str) -> bool:
    letters = "".join(_LATIN.findall(answer))
    return bool(letters) and (letters.isupper() if case == "upper" else letters.islower())


def _numbered(answer: str, count: int) -> bool:
    numbers = [int(match[1]) for line in _lines(answer) if (match := _NUMBERED.match(line))]
    return numbers == list(range(1, count + 1))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()  # the full-width "！" is "!", too


def _has_end(answer: str, words: str) -> bool:
    end = _plain(words)
    text = _plain(answer)
    return (text.rstrip(".!?。") if end[-1].isalnum() else text).endswith(end)


# Every rule by its name in a task's file.
_RULES: Final[Mapping[str, Callable[[str, Any], bool]]] = MappingProxyType(
    {
        "words": lambda answer, bounds: _within(_words(answer), bounds),
        "characters": lambda answer, bounds: _within(len(_CHINESE.findall(answer)), bounds),
        "lines": lambda answer, bounds: _within(len(_lines(answer)), bounds),
        "sentences": lambda answer, bounds: _within(_sentences(answer), bounds),
        "items": lambda answer, bounds: _within(_items(answer), bounds),
        "bullets": lambda answer, bounds: _within(sum(bool(_BULLET.match(each)) for each in _lines(answer)), bounds),
        "numbered": _numbered,
        "starts": lambda answer, words: _plain(answer).startswith(_plain(words)),
        "ends": _has_end,
        "case": _has_case,
        "language": _is_in,
        "contains": lambda answer, wanted: all(has_words(normalised(answer), each) for each in wanted),
        "says": lambda answer, some: any(has_words(normalised(answer), each) for each in some),
        "without": lambda answer, unwanted: not any(each.casefold() in answer.casefold() for each in unwanted),
    }
)
RULES: Final = frozenset(_RULES)


def has_form(answer: str, question: str, rules: Mapping[str, Any]) -> bool:
    """Tells whether an answer has a form, says something of its own, and does not go on and on.

    Args:
        answer: As the model gave it.
        question: An answer that is nothing but this has no form.
        rules: Names of rules with what they ask for.
    """
    own = bare(without_question(answer, question))
    if not own or length(answer) > _ROOM:
        return False
    return all(_RULES[name](answer.strip(), wanted) for name, wanted in rules.items())
