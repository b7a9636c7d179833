"""What closing the window does: into the tray, or, where there is none, as the user decides once. GUI thread only."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from desktop.common.errors import UserFacingError
from desktop.settings.store import SettingsStore
from desktop.ui.chat.window import ChatWindow
from desktop.ui.tray import Tray
from desktop.ui.widgets.banner import Notice, NoticeAction


class Closing(QObject):
    """Closes the window such that Catnap never runs where nobody can reach it.

    Args:
        tray: Asked whether there is one.
        store: Where the choice is kept.
        report: Says why the choice could not be kept; it counts this time all the same.
        parent: Owner.

    Attributes:
        quitRequested: Closing the window means the end of Catnap.
    """

    quitRequested = Signal()  # noqa: N815 (Qt's naming)

    def __init__(
        self,
        tray: Tray,
        store: SettingsStore,
        report: Callable[[UserFacingError], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._tray = tray
        self._store = store
        self._report = report
        self._asked = False

    def close(self, window: ChatWindow) -> None:
        """Hides or minimises the window, asks what to do, or asks for the end."""
        settings = self._store.current
        if self._tray.available:
            if settings.close_to_tray:
                window.hide()
            else:
                self.quitRequested.emit()
        elif settings.without_tray != "ask" or self._asked:
            self._close_as(settings.without_tray, window)
        else:
            self._ask(window)

    def _ask(self, window: ChatWindow) -> None:
        self._asked = True
        window.show_banner(
            Notice(
                self.tr("There is no tray here to keep Catnap in. What shall closing the window do?"),
                remedy=self.tr("The settings can change it later."),
                actions=(
                    NoticeAction(self.tr("Quit Catnap"), lambda: self._choose("quit", window)),
                    NoticeAction(self.tr("Minimise the window"), lambda: self._choose("minimise", window)),
                ),
                key="without-tray",
            )
        )

    def _choose(self, choice: str, window: ChatWindow) -> None:
        self._asked = False
        try:
            self._store.change(without_tray=choice)
        except UserFacingError as problem:
            self._report(problem)
        self._close_as(choice, window)

    def _close_as(self, choice: str, window: ChatWindow) -> None:
        if choice == "minimise":
            window.showMinimized()
        else:
            self.quitRequested.emit()
