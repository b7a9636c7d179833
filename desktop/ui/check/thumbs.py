"""A thumb up or down for an answer: taken from the window, kept with the message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from desktop.common.errors import UserFacingError
from desktop.history.records import StoredMessage
from desktop.history.store import History
from desktop.ui.chat.window import ChatWindow


class ThumbsPresenter(QObject):
    """Follows a window for as long as both live.

    Attributes:
        changed: What is thought of an answer has changed.
    """

    changed = Signal()

    def __init__(
        self, window: ChatWindow, history: History, report: Callable[[UserFacingError], None], parent: QObject
    ) -> None:
        """
        Args:
            window: Where the thumbs are.
            history: Keeps them.
            report: Takes what went wrong.
            parent: Owner.
        """
        super().__init__(parent)
        self._transcript, self._history, self._report = window.pane.transcript, history, report
        self._transcript.requests.rateRequested.connect(self.rate)
        window.menu.good.triggered.connect(lambda _checked: self._rate_in_reach(1))
        window.menu.bad.triggered.connect(lambda _checked: self._rate_in_reach(-1))

    def rate(self, message_id: int, rating: int) -> None:
        """Keeps what the person thinks of an answer: 1 good, -1 bad, 0 nothing any more."""
        message = next((one for one in self._transcript.messages if one.id == message_id), None)
        if message is None or not message.can_be_rated:
            return
        try:
            self._history.set_rating(message_id, rating)
        except UserFacingError as problem:
            self._report(problem)
            return
        self._transcript.update_message(replace(message, rating=rating))
        self.changed.emit()

    def _rate_in_reach(self, rating: int) -> None:
        """Does it for the answer that a command means; the same command once more takes it back."""
        message = self._answer_in_reach()
        if message is not None:
            self.rate(message.id, 0 if message.rating == rating else rating)

    def _answer_in_reach(self) -> StoredMessage | None:
        """Returns the answer with the caret, or the answer to the question that has it; else the newest one."""
        messages = list(self._transcript.messages)
        reached = self._transcript.reach.message()
        if reached is None or self._transcript.is_growing:
            return None
        after = [one for one in messages[messages.index(reached) :] if one.can_be_rated]
        before = [one for one in reversed(messages) if one.can_be_rated]
        return next(iter(after or before), None)
