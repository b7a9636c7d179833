"""What a right click on a message offers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from desktop.engine.types import Role
from desktop.history.records import StoredMessage
from desktop.ui.transcript.markdown.links import is_web_address
from desktop.ui.transcript.page import TranscriptPage
from desktop.ui.widgets.menus import add_action

if TYPE_CHECKING:
    from desktop.ui.transcript.view import TranscriptView


class MessageMenu(QMenu):
    """Made for one click; whoever opens it lets it go."""

    def __init__(
        self, view: TranscriptView, page: TranscriptPage, position: int, address: str, *, has_selection: bool
    ) -> None:
        """
        Args:
            view: Whose signals ask for what is chosen.
            page: The messages.
            position: Where in the document it was asked for.
            address: Of the link there; empty: there is none.
            has_selection: Something is selected.
        """
        super().__init__(view)
        self._view, self._page = view, page
        if has_selection:
            add_action(self, self.tr("Copy selection"), view.copy_selection)
        if is_web_address(address):
            add_action(self, self.tr("Copy link"), lambda: QGuiApplication.clipboard().setText(address))
        message = page.message_at(position)
        if message is not None:
            self._offer(message)
        self.addSeparator()
        add_action(self, self.tr("Select all"), view.select_all)

    def _offer(self, message: StoredMessage) -> None:
        view, number, can_change = self._view, message.id, not self._page.is_growing
        add_action(self, self.tr("Copy message"), lambda: QGuiApplication.clipboard().setText(message.text))
        read = self.tr("Stop reading") if self._page.read == number else self.tr("Read aloud")
        add_action(self, read, lambda: view.readRequested.emit(number))
        if message.role is Role.USER and can_change:
            add_action(self, self.tr("Edit and ask again"), lambda: view.editRequested.emit(number))
            if message is self._page.messages[-1]:
                add_action(self, self.tr("Have it answered"), view.regenerateRequested.emit)
        elif message is view.last_answer() and can_change:
            if message.is_cut_off:
                add_action(self, self.tr("Continue"), view.continueRequested.emit)
            add_action(self, self.tr("Regenerate"), view.regenerateRequested.emit)
        if message.can_be_rated and can_change:
            self._offer_thumbs(message)
        if can_change:
            add_action(self, self.tr("Delete message"), lambda: view.deleteRequested.emit(number))
            self._offer_versions(message)

    def _offer_thumbs(self, message: StoredMessage) -> None:
        for words, rating in ((self.tr("Good answer"), 1), (self.tr("Bad answer"), -1)):
            is_on = message.rating == rating
            thumb = add_action(self, words, partial(self._view.rateRequested.emit, message.id, 0 if is_on else rating))
            thumb.setCheckable(True)
            thumb.setChecked(is_on)

    def _offer_versions(self, message: StoredMessage) -> None:
        if message.versions < 2:
            return
        view, number = self._view, message.id
        self.addSeparator()
        before = add_action(self, self.tr("Version before"), lambda: view.versionRequested.emit(number, -1))
        after = add_action(self, self.tr("Version after"), lambda: view.versionRequested.emit(number, 1))
        before.setEnabled(message.version > 1)
        after.setEnabled(message.version < message.versions)
