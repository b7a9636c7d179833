"""The calculator: what can be computed is computed at once, and nobody has to guess."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from desktop.functions.calculation import Calculation

# Longer texts are no questions for a calculator.
_LONGEST = 160
# What every question for it has one of; what has none costs no import.
_HINT = re.compile(
    r"[0-9０-９⁰-⁹²³√零〇一二两三四五六七八九十百半今明昨前后]|[多几][少天号日月]|哪一?天|[元圣国劳平情][旦诞庆动安人]|"
    r"\b(?:how many|how long|leap year|days?|weeks?|date|weekday|half|an? \w+|"
    r"zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|"
    r"twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred)\b",
    re.IGNORECASE,
)


class Calculator:
    """Recognises sums, percentages, units and dates in English and Chinese. Any thread."""

    def __init__(self, today: Callable[[], date] = date.today) -> None:
        """
        Args:
            today: Returns the day that it is, by the clock of this computer.
        """
        self._today = today

    def prepare(self) -> None:
        """Imports what :meth:`calculate` computes with, so that no question has to wait for that."""
        self.calculate("1 + 1")

    def calculate(self, text: str) -> Calculation | None:
        """Returns the answer to a question that can be computed; None: it is another one, for the model.

        Takes less than a millisecond for a text that is none.
        """
        text = text.strip()
        if len(text) > _LONGEST or "\n" in text or _HINT.search(text) is None:
            return None
        # Late: some 30 ms and 1 MB, and most conversations need nothing of it.
        from desktop.functions import clock, conversions, fuel, questions
        from desktop.functions.dates.questions import DateQuestions

        asked, wish = questions.without_politeness(text), questions.unwrap(text)
        chinese = wish.chinese
        return (
            DateQuestions(self._today).answer(asked, chinese=chinese)
            or clock.answer(wish)
            or fuel.answer(asked, chinese=chinese)
            or conversions.answer(asked, chinese=chinese)
            or questions.answer(wish)
        )
