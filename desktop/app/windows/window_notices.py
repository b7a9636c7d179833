"""Where something is said that nobody asked for: above the conversation, or beside the tray."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from desktop.ui.tray.tray import Tray
from desktop.ui.widgets.banner import Notice

if TYPE_CHECKING:
    from desktop.ui.chat.window import ChatWindow


class WindowNotices(QObject):
    """Shows notices in the chat window, and keeps what there is to say before there is one."""

    def __init__(self, tray: Tray, parent: QObject) -> None:
        """
        Args:
            tray: Shows messages that nobody would see in the window.
            parent: Owner.
        """
        super().__init__(parent)
        self._tray = tray
        self._window: ChatWindow | None = None
        self._unseen: list[Notice] = []

    def follow(self, window: ChatWindow) -> None:
        """Shows notices there from now on; those that were kept wait for :meth:`deliver`."""
        self._window = window

    def show(self, notice: Notice) -> None:
        """Shows a notice, or keeps it for the window."""
        if self._window is not None:
            self._window.pane.banner.show_notice(notice)
        else:
            self._unseen.append(notice)

    def renew(self, notice: Notice) -> None:
        """Puts a notice in the place of what was said before under its key, unless nobody can read that any more."""
        if self._window is not None and self._window.pane.banner.holds(notice.identity):
            self._window.pane.banner.show_notice(notice)

    def withdraw(self, key: str) -> None:
        """Takes a notice away, by its key."""
        self._unseen = [notice for notice in self._unseen if notice.identity != key]
        if self._window is not None:
            self._window.pane.banner.withdraw(key)

    def deliver(self) -> None:
        """Shows what was kept, now that the window is seen."""
        unseen, self._unseen = self._unseen, []
        for notice in unseen:
            self.show(notice)

    def show_message(self, title: str, text: str) -> None:
        """Shows something beside the tray, if nobody sees it in the window."""
        if self._window is None or not self._window.isVisible():
            self._tray.show_message(title, text)
