"""Finding words in the conversation that is shown: how many there are, which one is shown, and the next."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate

from PySide6.QtCore import QObject, Signal

from desktop.common.text.matching import fold
from desktop.ui.find.found_words import Found
from desktop.ui.transcript.view import TranscriptView


class Finder(QObject):
    """Counts in the stored texts, so that what is not written on the page is found as well.

    Signals:
        counted: (number, all): which of how many is shown, from 1; 0: none is.
    """

    counted = Signal(int, int)

    def __init__(self, view: TranscriptView) -> None:
        """
        Args:
            view: Shows the conversation.
        """
        super().__init__(view)
        self._view = view
        self._words = ""
        self._active = False
        # By message, with the text that it was made of; as long as something is looked for.
        self._folded: dict[int, tuple[str, str]] = {}
        self._before: list[int] = [0]  # how many there are in the messages before each
        self._number = 0  # of the one that is shown, from 1
        self._from = 0  # the message from which on the first one is wanted
        view.messagesChanged.connect(self._on_change)

    def begin(self) -> None:
        """Begins where the page stands."""
        self._active = True
        self._from = self._place()

    def look_for(self, words: str) -> None:
        """Looks for other words, from where the page stood when it began or went on."""
        self._words = fold(words) if words.strip() else ""
        self._count()
        self._view.found.look_for([self._words] if self._words else [])
        self._show(1 + self._before[min(self._from, len(self._before) - 1)])

    def step(self, by: int) -> None:
        """Goes to the next one, or the one before; behind the last comes the first."""
        self._show(self._number + by)
        self._from = self._index(self._number)

    def end(self) -> None:
        """Marks nothing any more."""
        self._active = False
        self._folded = {}
        self._view.found.look_for([])

    def _show(self, number: int) -> None:
        total = self._before[-1]
        self._number = (number - 1) % total + 1 if total else 0
        if self._number:
            index = self._index(self._number)
            message = self._view.messages[index]
            self._view.found.go_to(Found(message.id, self._number - 1 - self._before[index]))
        self.counted.emit(self._number, total)

    def _index(self, number: int) -> int:
        return max(0, bisect_left(self._before, max(1, number)) - 1)

    def _count(self) -> None:
        messages, words = self._view.messages, self._words
        known, self._folded = self._folded, {}
        counts = []
        for message in messages:
            of, folded = known.get(message.id, ("", ""))
            if of is not message.text:
                folded = fold(message.text)
            self._folded[message.id] = (message.text, folded)
            counts.append(folded.count(words) if words else 0)
        self._before = [0, *accumulate(counts)]

    def _on_change(self) -> None:
        """Counts again: a message has come or gone, or another conversation is shown."""
        if not self._active:
            return
        self._count()
        self._number = min(self._number, self._before[-1])
        self.counted.emit(self._number, self._before[-1])

    def _place(self) -> int:
        message = self._view.first_in_view()
        if message is None:
            return 0
        ids = [one.id for one in self._view.messages]
        return max(0, bisect_right(ids, message) - 1)
