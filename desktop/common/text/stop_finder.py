"""Finds the first of some texts in one that streams in; what may be the beginning of one is held back."""

from __future__ import annotations

from collections.abc import Sequence


class StopFinder:
    """For one stream.

    Attributes:
        is_found: One of them has come; nothing of the stream counts any more.
    """

    def __init__(self, stops: Sequence[str]) -> None:
        """
        Args:
            stops: What is looked for; none: it is never found.
        """
        self._stops = tuple(stops)
        self._held = ""
        self.is_found = False

    def feed(self, text: str) -> str:
        """Returns what is certain to stand before all of them."""
        if self.is_found or not self._stops:
            return "" if self.is_found else text
        self._held += text
        found = [at for stop in self._stops if (at := self._held.find(stop)) >= 0]
        if found:
            self.is_found = True
            before, self._held = self._held[: min(found)], ""
            return before
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
