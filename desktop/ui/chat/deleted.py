"""Connects the dialog of deleted conversations and messages with the history."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from desktop.common.errors import UserFacingError
from desktop.history.records import DeletedMessages
from desktop.history.store import History
from desktop.ui.conversations.deleted_dialog import DeletedDialog, key_of_messages
from desktop.ui.widgets.banner import Notice, Severity
from desktop.ui.words import error_detail, error_remedy, error_title

if TYPE_CHECKING:
    from desktop.ui.chat.presenter import ChatPresenter
    from desktop.ui.chat.window import ChatWindow


class DeletedPresenter(QObject):
    """Opens the dialog from the menu, and restores or erases what is chosen in it."""

    def __init__(
        self,
        window: ChatWindow,
        chat: ChatPresenter,
        store: History,
        keep_days: Callable[[], int],
        erase: Callable[..., object],
        erase_messages: Callable[[str, Collection[int]], object],
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            window: Owns the dialog.
            chat: Shows what was restored.
            store: The conversations.
            keep_days: Returns how many days deleted ones are kept.
            erase: Takes ids, and removes these conversations with all that is kept of them anywhere; raises
                UserFacingError where it cannot.
            erase_messages: Takes a conversation and ids of messages of it, likewise.
            parent: Owner.
        """
        super().__init__(parent)
        self._window, self._chat, self._store = window, chat, store
        self._keep_days, self._erase_for_good, self._erase_messages = keep_days, erase, erase_messages
        self._dialog: DeletedDialog | None = None
        window.menu.deleted.triggered.connect(lambda _checked: self.show())
        chat.listChanged.connect(self._refresh)

    @property
    def dialog(self) -> DeletedDialog | None:
        """The dialog, once it was shown."""
        return self._dialog

    def show(self) -> None:
        """Brings the dialog to the front."""
        if self._dialog is None:
            self._dialog = DeletedDialog(self._window)
            self._dialog.restoreRequested.connect(self._restore)
            self._dialog.eraseRequested.connect(self._erase)
        self._fill(self._dialog)
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()
        self._dialog.rows.setFocus()

    def _refresh(self) -> None:
        if self._dialog is not None and self._dialog.isVisible():
            self._fill(self._dialog)

    def _fill(self, dialog: DeletedDialog) -> None:
        self._guarded(
            lambda: dialog.set_deleted(self._store.deleted(), self._keep_days(), self._store.deleted_messages())
        )

    def _restore(self, keys: list[str]) -> None:
        def restore() -> None:
            messages, conversations = self._sorted(keys)
            for conversation in conversations:
                self._store.restore(conversation)
            if conversations:
                self._chat.changes.restored(conversations)
                self._chat.open(conversations[0])
            for one in messages:
                self._chat.changes.restore_messages(one.conversation.id, one.messages)

        self._guarded(restore)
        self._refresh()

    def _erase(self, keys: list[str]) -> None:
        def erase() -> None:
            messages, conversations = self._sorted(keys)
            for one in messages:
                self._erase_messages(one.conversation.id, one.messages)
                self._chat.changes.messages_gone(one.messages)
            if conversations:
                self._erase_for_good(*conversations)
                self._chat.changes.gone(conversations)
            for conversation in conversations:
                self._window.pane.set_draft(conversation, "")

        self._guarded(erase)
        self._refresh()

    def _sorted(self, keys: list[str]) -> tuple[list[DeletedMessages], list[str]]:
        """Returns the messages, and the conversations, that keys of the dialog stand for."""
        messages = [one for one in self._store.deleted_messages() if key_of_messages(one) in keys]
        return messages, [key for key in keys if " " not in key]

    def _guarded(self, work: Callable[[], object]) -> bool:
        try:
            work()
        except UserFacingError as problem:
            if self._dialog is not None:
                words = error_title(problem), error_detail(problem), error_remedy(problem)
                self._dialog.banner.show_notice(Notice(*words, severity=Severity.PROBLEM))
            return False
        return True
