"""Keeps which conversation is shown: soon after it is opened, and at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from desktop.history.last_open import LastOpenFile

if TYPE_CHECKING:
    from desktop.ui.chat.presenter import ChatPresenter

# Whoever goes through the list with the arrow keys opens several a second.
_PAUSE_MS = 1_000


class LastOpenSaver(QObject):
    """Shows the conversation of the last time again and keeps which is shown now."""

    def __init__(self, store: LastOpenFile, parent: QObject | None = None) -> None:
        """
        Args:
            store: Where it lasts.
            parent: Owner.
        """
        super().__init__(parent)
        self._store = store
        self._chat: ChatPresenter | None = None
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self.save)

    def follow(self, chat: ChatPresenter) -> None:
        """Opens what was open, or, if that is gone, what was talked in last."""
        self._chat = chat
        chat.open_last(self._store.load())
        chat.opened.connect(lambda _conversation: self._pause.start())

    def save(self) -> None:
        """Keeps which is shown now; a window that was never shown leaves it as it was."""
        self._pause.stop()
        if self._chat is not None:
            self._store.save(self._chat.current)
