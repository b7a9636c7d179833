"""How often something shall be said, where a question asks for it: "write it 100 times", "count to 200". Pure."""

from __future__ import annotations

import re
from typing import Final

# Where no number is named.
_MANY: Final = 100
_MOST: Final = 10_000
_NUMBERED: Final = re.compile(
    r"(\d[\d,]*)[ -]?(?:times|x\b|copies|lines|rows|repetitions|verses)"
    r"|(?:count|numbers?|list)\b[^.?!\n]{0,40}?\bto (\d[\d,]*)"
    r"|(\d+) ?(?:遍|次|行|份)|(?:数|写|列)[^。？！\n]{0,12}?到 ?(\d+)|从 ?\d+ ?到 ?(\d+)",
    re.IGNORECASE,
)
_UNNUMBERED: Final = re.compile(
    r"\b(?:repeat|repeated|repeatedly|over and over|again and again|a (?:hundred|thousand) times"
    r"|copy this|echo|count|endless|forever)\b"
    r"|重复|反复|一遍又一遍|一百遍|抄写|数数|复述",
    re.IGNORECASE,
)


def times_asked(question: str) -> int:
    """Returns how often a question wants the same said; 0: it does not.

    Args:
        question: Of any length; what matters stands at its beginning or its end.
    """
    ends = question if len(question) < 4_000 else f"{question[:2000]}\n{question[-2000:]}"
    numbers = [number for found in _NUMBERED.finditer(ends) for number in found.groups() if number]
    most = max((int(number.replace(",", "")[:6]) for number in numbers), default=0)
    return min(most if most > 1 else _MANY if _UNNUMBERED.search(ends) else 0, _MOST)
