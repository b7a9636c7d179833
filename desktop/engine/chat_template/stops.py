"""When the answer of a model without a chat template is over: nobody has taught it to end its turn.

Such a model continues the text: it writes the next question itself, or says the same for as long as there is room. The
latter :mod:`desktop.common.loops` notices. Used by one thread at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

# An answer in tokens after which nothing new is to be expected of a model that was not taught to end.
MOST_TOKENS: Final = 512


class TurnEnd:
    """Finds the beginning of the next turn in a text that streams in; what may be one is held back."""

    def __init__(self, stops: Sequence[str]) -> None:
        """
        Args:
            stops: What the next turn begins with; none: it is never found.
        """
        self._stops = tuple(stops)
        self._held = ""
        self.is_found = False

    def feed(self, text: str) -> str:
        """Returns what is certain to belong to the answer."""
        if self.is_found or not self._stops:
            return "" if self.is_found else text
        self._held += text
        found = [at for stop in self._stops if (at := self._held.find(stop)) >= 0]
        if found:
            self.is_found = True
            answer, self._held = self._held[: min(found)], ""
            return answer.rstrip()
        kept = max((_overlap(self._held, stop) for stop in self._stops), default=0)
        certain = self._held[: len(self._held) - kept]
        self._held = self._held[len(certain) :]
        return certain

    def flush(self) -> str:
        """Returns what was held back when no more text comes."""
        rest, self._held = self._held, ""
        return rest


def _overlap(text: str, stop: str) -> int:
    """Returns how many characters at the end of ``text`` may be the beginning of ``stop``."""
    longest = min(len(text), len(stop) - 1)
    return next((length for length in range(longest, 0, -1) if stop.startswith(text[-length:])), 0)
