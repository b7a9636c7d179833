"""Which message of a conversation is meant where none is named: by a command, by a search, by a screen reader."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QTextEdit

from desktop.engine.types import Role
from desktop.history.records import StoredMessage
from desktop.ui.theme.metrics import unit
from desktop.ui.transcript.navigation.scrolling import PageScroll
from desktop.ui.transcript.page import TranscriptPage


class MessagesInReach:
    """Finds it by the caret, by what is in view, or by what is newest.

    Attributes:
        has_caret: Somebody has put the caret where it is.
    """

    def __init__(self, view: QTextEdit, page: TranscriptPage, scroll: PageScroll) -> None:
        """
        Args:
            view: Shows the page, and has the caret.
            page: The messages.
            scroll: Knows which can be seen.
        """
        self._view, self._page, self._scroll = view, page, scroll
        self.has_caret = False

    def message(self) -> StoredMessage | None:
        """Returns the message that a command means: that with the caret if that can be seen, else the newest."""
        at_caret = self._page.message_at(self._view.textCursor().position())
        if at_caret is not None and self.has_caret and self._scroll.is_in_view(at_caret.id):
            return at_caret
        return self._page.messages[-1] if self._page.messages else None

    def with_versions(self) -> StoredMessage | None:
        """Returns the message that a command about versions means: that with the caret, if it has any and can be seen.

        Else the newest that has any. None: no message of the conversation has more than one version.
        """
        at_caret = self._page.message_at(self._view.textCursor().position())
        if at_caret is not None and at_caret.versions > 1 and self._scroll.is_in_view(at_caret.id):
            return at_caret
        return next((message for message in reversed(self._page.messages) if message.versions > 1), None)

    def last_answer(self) -> StoredMessage | None:
        """Returns the newest message if it is an answer."""
        messages = self._page.messages
        return messages[-1] if messages and messages[-1].role is Role.ASSISTANT else None

    def last_question(self) -> StoredMessage | None:
        """Returns the user's newest message."""
        return next((message for message in reversed(self._page.messages) if message.role is Role.USER), None)

    def first_in_view(self) -> int | None:
        """Returns the id of the topmost message that can be seen; None: there is none, or it is still growing."""
        top = QPoint(0, unit(self._view) * 4)
        message = self._page.message_at(self._view.cursorForPosition(top).position())
        return message.id if message is not None else None

    def count_after(self, message_id: int) -> int:
        """Returns how many messages follow one."""
        return sum(1 for message in self._page.messages if message.id > message_id)  # ids grow along what is shown
