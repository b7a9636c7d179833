"""The text of an answer as it comes, in the chat and in the quick ask."""

from __future__ import annotations

from desktop.common.loops.detector import without_loop
from desktop.common.text.chinese_punctuation import PunctuationStream


class AnswerText:
    """Grows piece by piece; false while there is nothing of it."""

    def __init__(self, *, chinese_marks: bool, begun: str = "") -> None:
        """
        Args:
            chinese_marks: Give it the marks of Chinese where it is Chinese.
            begun: What it goes on from; no part of it.
        """
        self._pieces: list[str] = []
        self._marks = PunctuationStream() if chinese_marks else None
        if self._marks is not None:
            self._marks.feed(begun)
            self._marks.end()

    def __bool__(self) -> bool:
        return bool(self._pieces)

    def __str__(self) -> str:
        return "".join(self._pieces)

    def take(self, piece: str) -> str:
        """Adds what came, and returns what is there by it: a mark waits for what follows it."""
        return self._add(self._marks.feed(piece) if self._marks is not None else piece)

    def take_rest(self) -> str:
        """Adds what waited for more to come, at the end, and returns it."""
        return self._add(self._marks.end() if self._marks is not None else "")

    def end_at_loop(self) -> None:
        """Takes away what only says again what is there."""
        self._pieces = [without_loop(str(self))]

    def _add(self, text: str) -> str:
        if text:
            self._pieces.append(text)
        return text
