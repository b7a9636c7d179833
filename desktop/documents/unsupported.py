"""What an answer about a text says that the text does not: figures and names that stand nowhere in it.

Small models do not say that a text does not tell: they make up a price or a name. That it is made up can be seen
without understanding either. Each figure and name is looked for in the text as it is, rather than in a list of all its
figures and words: a book takes milliseconds, and nobody waits. Pure functions.
"""

from __future__ import annotations

import re
from typing import Final

from desktop.common.text.matching import narrow

_NUMBER: Final = re.compile(r"[0-9]+(?:[.,:][0-9]+)*")
# The first word of a sentence has a capital letter whatever it is, and so has that of a cell of a table.
_NAME: Final = re.compile(r"(?<![.!?:\n\"“”(|] )(?<!^)(?<![\n\"“(*|])\b[A-Z][a-z]{2,}\b")
# Before a line of a list, a heading, a quotation: the numbers of a list are no figures of the answer.
_MARKS: Final = re.compile(r"^[ \t]*(?:(?:[-*+>]|#{1,6}|[0-9]{1,3}[.)])[ \t]+)+", re.MULTILINE)
# Digits and letters as wide as Chinese characters, in UTF-8: U+FF10 to U+FF3A, U+FF41 to U+FF5A.
_WIDE: Final = re.compile(rb"\xef\xbc[\x90-\x99\xa1-\xba]|\xef\xbd[\x81-\x9a]")
_NOT_ZERO_BEFORE: Final = re.compile(rb"[1-9][0-9.,:]*\Z")
# Far more than a short answer has. Each that is not there takes 1 ms in a text of 400 kB.
_MOST: Final = 8
_LONGEST: Final = 40  # characters that are returned of one of them


def unsupported(answer: str, text: str, question: str) -> tuple[str, ...]:
    """Returns the figures and names in an answer that stand neither in the text nor in the question, in their order.

    Args:
        answer: What a model has said, with its Markdown.
        text: What it was asked about.
        question: What it was asked.
    """
    answer, known = _MARKS.sub("", narrow(answer)), _searchable(f"{question}\n{text}")
    said = {found.start(): found[0] for pattern in (_NUMBER, _NAME) for found in pattern.finditer(answer)}
    made_up: list[str] = []
    for word in dict.fromkeys(said[at] for at in sorted(said)):
        if not (_has_number(known, word) if word[0].isdigit() else _has_name(known, word)):
            made_up.append(word if len(word) <= _LONGEST else f"{word[: _LONGEST - 1]}…")
            if len(made_up) == _MOST:
                break
    return tuple(made_up)


def _searchable(text: str) -> bytes:
    """Returns a text with small letters and usual widths, as far as figures and names go; bytes are found soonest."""
    known = text.encode(errors="replace")
    # One pass for each letter that is there at all: a call for each place takes three times as long.
    for wide in set(_WIDE.findall(known)):
        known = known.replace(wide, narrow(wide.decode()).encode())
    return known.lower()


def _has_name(known: bytes, name: str) -> bool:
    """Returns whether a name is there as a word of its own; Chinese characters may stand right beside it."""
    word = name.lower().encode()
    return re.search(rb"%b(?<![a-z]%b)(?![a-z])" % (word, word), known) is not None


def _has_number(known: bytes, number: str) -> bool:
    """Returns whether a number is there, whatever stands between its digits: 2,340, 2.340 and 2340 are the same."""
    digits = re.sub(r"[^0-9]", "", number).lstrip("0").encode()
    if not digits:
        return re.search(rb"0(?<![0-9]0)(?<![0-9][.,:]0)[0.,:]*(?![.,:]?[0-9])", known) is not None
    first, rest = digits[:1], b"".join(b"[.,:]?%c" % digit for digit in digits[1:])
    # Looked for by its first digit, which takes a tenth of the time of a pattern that begins with a condition.
    pattern = rb"%b(?<![1-9]%b)(?<![1-9][.,:]%b)%b(?![.,:]?[0-9])" % (first, first, first, rest)
    return any(
        not _NOT_ZERO_BEFORE.search(known, max(0, found.start() - _LONGEST), found.start())
        for found in re.finditer(pattern, known)
    )
