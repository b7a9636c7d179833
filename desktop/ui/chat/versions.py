"""Pages through the versions of a message, and brings back one that is not shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, Signal

from desktop.chat.service import ChatService
from desktop.common.errors import UserFacingError
from desktop.history.records import StoredMessage
from desktop.history.store import History
from desktop.ui.chat.window import ChatWindow


class VersionPager(QObject):
    """Does what the signs beside 2/3 and the commands for versions ask for.

    Signals:
        troubled: (UserFacingError) Another version cannot be shown now.
    """

    troubled = Signal(object)

    def __init__(
        self,
        window: ChatWindow,
        chat: ChatService,
        store: History,
        open_: Callable[[str | None], None],
        current: Callable[[], str | None],
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            window: Shows the conversation, and has the commands.
            chat: Changes what is shown of it, and says so by ``PathChanged``.
            store: The conversations.
            open_: Shows a conversation.
            current: Returns which is shown.
            parent: Owner.
        """
        super().__init__(parent)
        self._page, self._pane = window.pane.transcript, window.pane
        self._chat, self._store, self._open, self._current = chat, store, open_, current
        self._turning: tuple[int, int] | None = None
        self._page.requests.versionRequested.connect(self.turn)
        window.menu.version_before.triggered.connect(lambda _checked: self._turn_in_reach(-1))
        window.menu.version_after.triggered.connect(lambda _checked: self._turn_in_reach(1))

    @property
    def turning(self) -> tuple[int, int] | None:
        """While ``PathChanged`` comes: the message that is seen and its version that shall be; None: not from here."""
        return self._turning

    @contextmanager
    def staying_at(self, message_id: int | None) -> Iterator[None]:
        """Has the page stay where a message is seen while others go from it or come; None: it goes to its end."""
        self._turning = None if message_id is None else (message_id, message_id)
        try:
            yield
        finally:
            self._turning = None

    def turn(self, message_id: int, step: int) -> None:
        """Shows the version of a message of the conversation in view that is so many further."""
        conversation = self._current()
        if conversation is None:
            return
        try:
            versions = [one.id for one in self._versions_of(conversation, message_id)]
            place = versions.index(message_id) + step if message_id in versions else -1
            if 0 <= place < len(versions):
                self.show(conversation, versions[place])
        except UserFacingError as problem:
            self.troubled.emit(problem)

    def show(self, conversation: str, message_id: int) -> None:
        """Shows a version of a message, where another one of it is seen if its conversation is in view.

        Raises:
            UserFacingError: An answer is on its way there, or the history cannot be written.
        """
        if conversation != self._current():
            self._chat.show_version(conversation, message_id)
            self._pane.reveal(conversation, message_id)
            self._open(conversation)
            return
        versions = {one.id for one in self._versions_of(conversation, message_id)}
        seen = next((one.id for one in self._page.messages if one.id in versions), message_id)
        self._turning = (seen, message_id)
        try:
            self._chat.show_version(conversation, message_id)
        finally:
            self._turning = None

    def bring_back(self, conversation: str, message_id: int) -> None:
        """Makes a message one of those that are shown, if it is not.

        Raises:
            UserFacingError: As for :meth:`show`.
        """
        if all(one.id != message_id for one in self._store.transcript(conversation).messages):
            self._chat.show_version(conversation, message_id)

    def _turn_in_reach(self, step: int) -> None:
        message = self._page.reach.with_versions()
        if message is not None:
            self.turn(message.id, step)

    def _versions_of(self, conversation: str, message_id: int) -> list[StoredMessage]:
        messages = self._store.tree(conversation).messages
        parent = next((one.parent for one in messages if one.id == message_id), None)
        return [one for one in messages if one.parent == parent and one.deleted is None]
