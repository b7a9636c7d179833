"""What a right click on a message offers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from desktop.engine.types import Role
from desktop.history.records import StoredMessage
from desktop.ui.transcript.markdown.links import is_web_address
from desktop.ui.transcript.message_requests import MessageRequests
from desktop.ui.transcript.navigation.reach import MessagesInReach
from desktop.ui.transcript.page import TranscriptPage
from desktop.ui.widgets.menus import add_action


class MessageMenu(QMenu):
    """Made for one click; whoever opens it lets it go."""

    def __init__(
        self, page: TranscriptPage, reach: MessagesInReach, requests: MessageRequests, parent: QWidget | None = None
    ) -> None:
        """
        Args:
            page: The messages.
            reach: Knows which answer is the last one.
            requests: Gets what is chosen.
            parent: Owner.
        """
        super().__init__(parent)
        self._page, self._reach, self._requests = page, reach, requests

    def offer(
        self, position: int, address: str, *, copy_selection: Callable[[], None] | None, select_all: Callable[[], None]
    ) -> None:
        """Fills itself.

        Args:
            position: Where in the document it was asked for.
            address: Of the link there; empty: there is none.
            copy_selection: Copies what is selected; None: nothing is.
            select_all: Selects the whole conversation.
        """
        if copy_selection is not None:
            add_action(self, self.tr("Copy selection"), copy_selection)
        if is_web_address(address):
            add_action(self, self.tr("Copy link"), lambda: QGuiApplication.clipboard().setText(address))
        message = self._page.message_at(position)
        if message is not None:
            self._offer_actions(message)
        self.addSeparator()
        add_action(self, self.tr("Select all"), select_all)

    def _offer_actions(self, message: StoredMessage) -> None:
        requests, number, can_change = self._requests, message.id, not self._page.is_growing
        add_action(self, self.tr("Copy message"), lambda: QGuiApplication.clipboard().setText(message.text))
        read = self.tr("Stop reading") if self._page.read == number else self.tr("Read aloud")
        add_action(self, read, lambda: requests.readRequested.emit(number))
        if message.role is Role.USER and can_change:
            add_action(self, self.tr("Edit and ask again"), lambda: requests.editRequested.emit(number))
            if message is self._page.messages[-1]:
                add_action(self, self.tr("Have it answered"), requests.regenerateRequested.emit)
        elif message is self._reach.last_answer() and can_change:
            if message.is_cut_off:
                add_action(self, self.tr("Continue"), requests.continueRequested.emit)
            add_action(self, self.tr("Regenerate"), requests.regenerateRequested.emit)
        if message.can_be_rated and can_change:
            self._offer_thumbs(message)
        if can_change:
            add_action(self, self.tr("Delete message"), lambda: requests.deleteRequested.emit(number))
            self._offer_versions(message)

    def _offer_thumbs(self, message: StoredMessage) -> None:
        for words, rating in ((self.tr("Good answer"), 1), (self.tr("Bad answer"), -1)):
            is_on = message.rating == rating
            rate = partial(self._requests.rateRequested.emit, message.id, 0 if is_on else rating)
            thumb = add_action(self, words, rate)
            thumb.setCheckable(True)
            thumb.setChecked(is_on)

    def _offer_versions(self, message: StoredMessage) -> None:
        if message.versions < 2:
            return
        requests, number = self._requests, message.id
        self.addSeparator()
        before = add_action(self, self.tr("Version before"), lambda: requests.versionRequested.emit(number, -1))
        after = add_action(self, self.tr("Version after"), lambda: requests.versionRequested.emit(number, 1))
        before.setEnabled(message.version > 1)
        after.setEnabled(message.version < message.versions)
