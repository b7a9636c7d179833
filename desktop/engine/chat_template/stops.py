"""When the answer of a model without a chat template is over: nobody has taught it to end its turn.

Such a model continues the text: it writes the next question itself, or says the same for as long as there is room. The
latter :mod:`desktop.common.loops` notices. Used by one thread at a time.
"""

from __future__ import annotations

from typing import Final

from desktop.common.text.stop_finder import StopFinder

# An answer in tokens after which nothing new is to be expected of a model that was not taught to end.
MOST_TOKENS: Final = 512


class TurnEnd(StopFinder):
    """Finds the beginning of the next turn in an answer; the white space before it is none of the answer."""

    def feed(self, text: str) -> str:
        """Returns what is certain to belong to the answer."""
        was_found = self.is_found
        answer = super().feed(text)
        return answer.rstrip() if self.is_found and not was_found else answer
