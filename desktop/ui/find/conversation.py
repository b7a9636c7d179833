"""Finding words in the conversation that is shown."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from desktop.common.text.matching import fold
from desktop.ui.find.finder import Finder
from desktop.ui.find.found_words import Found
from desktop.ui.transcript.view import TranscriptView


class ConversationFinder(Finder):
    """Counts in the stored texts, so that what is not written on the page is found as well."""

    def __init__(self, view: TranscriptView) -> None:
        """
        Args:
            view: Shows the conversation.
        """
        super().__init__(view)
        self._view = view
        # By message, with the text that it was made of; as long as something is looked for.
        self._folded: dict[int, tuple[str, str]] = {}
        view.messagesChanged.connect(self._on_change)

    def end(self) -> None:
        super().end()
        self._folded = {}

    def _mark(self, words: str) -> None:
        self._view.found.look_for([words] if words else [])

    def _go_to(self, piece: int, number: int) -> None:
        self._view.found.go_to(Found(self._view.messages[piece].id, number))

    def _count(self) -> None:
        self._count_again()
        self._show_first()

    def _count_again(self) -> None:
        known, self._folded = self._folded, {}
        counts = []
        for message in self._view.messages:
            of, folded = known.get(message.id, ("", ""))
            if of is not message.text:
                folded = fold(message.text)
            self._folded[message.id] = (message.text, folded)
            counts.append(folded.count(self._words) if self._words else 0)
        self._before = [0, *accumulate(counts)]

    def _on_change(self) -> None:
        """Counts again: a message has come or gone, or another conversation is shown."""
        if not self._active:
            return
        self._count_again()
        self._number = min(self._number, self._before[-1])
        self.counted.emit(self._number, self._before[-1])

    def _place(self) -> int:
        message = self._view.reach.first_in_view()
        if message is None:
            return 0
        ids = [one.id for one in self._view.messages]
        return max(0, bisect_right(ids, message) - 1)
