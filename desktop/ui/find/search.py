"""Searches all conversations, and shows what was found in its place."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from desktop.common.errors import UserFacingError
from desktop.history.store import History
from desktop.ui.chat.versions import VersionPager
from desktop.ui.chat.window import ChatWindow


class ConversationSearch(QObject):
    """Does what the field above the list asks for.

    Signals:
        troubled: (UserFacingError) The history cannot be read or written.
    """

    troubled = Signal(object)

    def __init__(
        self,
        window: ChatWindow,
        store: History,
        versions: VersionPager,
        open_: Callable[[str | None], None],
        prepare: Callable[[], None],
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            window: Has the list and the page.
            store: The conversations.
            versions: Shows a version that is not shown.
            open_: Shows a conversation.
            prepare: To be called before anything else is shown.
            parent: Owner.
        """
        super().__init__(parent)
        self._list, self._pane = window.list, window.pane
        self._store, self._versions, self._open, self._prepare = store, versions, open_, prepare
        self._list.searchChanged.connect(self._search)
        self._list.messageSelected.connect(self._show)

    def _search(self, words: str) -> None:
        try:
            self._list.set_hits(self._store.search(words) if words.strip() else None)
        except UserFacingError as problem:
            self.troubled.emit(problem)
        if not words.strip() and self._pane.find_bar.isHidden():
            self._pane.transcript.found.look_for([])

    def _show(self, conversation: str, message: int) -> None:
        """Shows a message that was found, with the words marked in it."""
        self._prepare()
        try:
            self._versions.bring_back(conversation, message)
        except UserFacingError as problem:
            self.troubled.emit(problem)
        self._pane.find_bar.close_bar()  # it would mark other words
        if not self._pane.reveal(conversation, message, self._list.searched):
            self._open(conversation)
