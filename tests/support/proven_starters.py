"""What a right answer to a starter of SmolLM2 is, judged by code: what it holds and what it does not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Final

from desktop.engine.types import Sampling
from desktop.functions.calculator import Calculator
from desktop.settings.for_engine import sampling_of
from desktop.settings.options import Settings
from tests.support.engine_harness import Harness, user

# They were chosen with other seeds, 1 to 5, and these were asked once, after the judge was written.
SEEDS: Final = (11, 12, 13, 14, 15)
LEAST_RIGHT: Final = 4
# Those of the settings as they come: a temperature of 0.7.
USUAL: Final[Sampling] = sampling_of(Settings())
_LONGEST: Final = 110  # tokens; an answer that is longer is wrong
_DAY: Final = date(2026, 11, 29)


@dataclass(frozen=True)
class Right:
    """A right answer.

    Attributes:
        holds: Found in it, whatever the case; it ends with the end of a sentence.
        lacks: Not found in it.
        words: Not more than these.
    """

    holds: str
    lacks: str
    words: int

    def is_met(self, answer: str) -> bool:
        return (
            3 <= len(answer.split()) <= self.words
            and answer.endswith((".", "!"))
            and re.search(self.holds, answer, re.I) is not None
            and re.search(self.lacks, answer, re.I) is None
        )


# Whoever speaks of itself, asks back or goes on after the one sentence has not done what was asked.
_NOT_ASKED: Final = r"\b(I|I'm|my|assistant|AI|chatbot|sorry)\b|[?\n]|[.!]\s+\S"
# What the model itself answers.
SPOKEN: Final[Mapping[str, Right]] = MappingProxyType(
    {
        "What is a museum? Answer in one sentence.": Right(
            r"^(?:a|the) museum is .*\b(histor\w*|arts?|cultur\w*|artifacts?|artworks?|exhibit\w*)\b", _NOT_ASKED, 45
        ),
        "What does a teacher do? Answer in one sentence.": Right(
            r"^(?:an?|the) teachers? .*\b(students?|pupils?|education\w*|learn\w*|classroom|knowledge|teach\w*)\b",
            _NOT_ASKED,
            45,
        ),
        "What does a baker do? Answer in one sentence.": Right(
            r"^(?:an?|the) bakers? .*\b(bread|pastr\w+|cakes?|cookies|pies|baked goods|bakes?|flour)\b",
            rf"\b(meat|fish|hair|clothes)\b|{_NOT_ASKED}",
            45,
        ),
    }
)
# What is calculated on that day, without the model.
CALCULATED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "What is 15 % of 240?": "15 % of 240 = 36",
        "How many days are left until 1 January?": "From 29 November 2026 to 1 January 2027: 33 days.",
        "240 的 15% 是多少？": "240的15% = 36",
        "25 摄氏度是多少华氏度？": "25摄氏度 = 77华氏度",
        "离元旦还有几天？": "从2026年11月29日到2027年1月1日：33 天。",
    }
)


def calculated(question: str) -> str:
    """Returns what is calculated for a question on that day; empty: it is for the model."""
    found = Calculator(lambda: _DAY).calculate(question)
    return found.text if found is not None else ""


def spoken(engine: Harness, question: str, seed: int) -> str:
    """Returns what a model says to the first question of a conversation with the general persona."""
    sampling = replace(USUAL, seed=seed, max_tokens=_LONGEST)
    request = engine.send(user(question), sampling=sampling, keep_state=False)
    engine.end_of(request)
    answer = engine.text(request)
    engine.events.clear()
    return answer.strip()
