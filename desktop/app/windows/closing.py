"""Never running and unreachable: what closing the window does, and when it comes back because there is no tray."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.common.errors import UserFacingError
from desktop.settings.store import SettingsStore
from desktop.settings.told import ToldFile
from desktop.ui.tray.tray import Tray
from desktop.ui.widgets.banner import Notice, NoticeAction

if TYPE_CHECKING:
    from desktop.ui.chat.window import ChatWindow

# No tray has come: a panel that is this late will not come, and nobody could reach the program.
_TRAY_PATIENCE_MS = 30_000
# The tray that was there has gone: a panel that is started anew is back sooner.
_BACK_MS = 5_000
_IN_TRAY = "in-tray"  # what is said once, and the banner that says it
_NO_TRAY = "without-tray"  # the banner that asks what closing shall mean


class Closing(QObject):
    """Closes the window such that Catnap never runs where nobody can reach it: into the tray, or, where there is none,
    as the user decides once. Where the tray itself does not come, or goes, the window is asked for.

    Attributes:
        quitRequested: Closing the window means the end of Catnap.
        windowNeeded: There is no tray: without its window, which may be there already, nobody could reach Catnap.
    """

    quitRequested = Signal()
    windowNeeded = Signal()

    def __init__(
        self,
        tray: Tray,
        store: SettingsStore,
        told: ToldFile,
        report: Callable[[UserFacingError], None],
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            tray: Asked whether there is one.
            store: Where the choice is kept.
            told: Remembers that the first closing was explained.
            report: Says why the choice could not be kept; it counts this time all the same.
            parent: Owner.
        """
        super().__init__(parent)
        self._tray = tray
        self._store = store
        self._told = told
        self._report = report
        self._asked_in: ChatWindow | None = None
        tray.availabilityChanged.connect(self._on_tray)

    def expect_tray(self) -> None:
        """Asks for the window if there is no tray and none comes in time."""
        self._expect(_TRAY_PATIENCE_MS)

    def _on_tray(self, there: bool) -> None:
        if there:
            self._take_back()
        self._expect(_BACK_MS)

    def _take_back(self) -> None:
        """What was asked because there was no tray is no question any more."""
        if self._asked_in is not None:
            self._asked_in.pane.banner.withdraw(_NO_TRAY)
            self._asked_in = None

    def _expect(self, patience_ms: int) -> None:
        if not self._tray.available:
            QTimer.singleShot(patience_ms, self, self._check_tray)

    def _check_tray(self) -> None:
        if not self._tray.available:
            self.windowNeeded.emit()

    def close(self, window: ChatWindow) -> None:
        """Hides or minimises the window, asks what to do, or asks for the end."""
        settings = self._store.current
        if self._tray.available:
            if settings.close_to_tray:
                self._close_to_tray(window)
            else:
                self.quitRequested.emit()
        elif settings.without_tray != "ask" or self._asked_in is not None:
            self._close_as(settings.without_tray, window)
        else:
            self._ask(window)

    def _close_to_tray(self, window: ChatWindow) -> None:
        """Hides the window; the first time it is said that this is not the end."""
        if self._told.was_told(_IN_TRAY):
            window.pane.banner.withdraw(_IN_TRAY)
            window.hide()
            return
        self._told.tell(_IN_TRAY)
        title = self.tr("Catnap goes on beside the clock.")
        text = self.tr("Click the cat there to ask something. To end Catnap, open the cat's menu and choose Quit.")
        if self._tray.shows_messages:
            window.hide()
            self._tray.show_message(title, text)
            return
        # Where a message beside the tray may not be seen it is said here, before the window goes.
        close = NoticeAction(self.tr("Close the window"), window.hide)
        leave = NoticeAction(self.tr("Quit Catnap"), self.quitRequested.emit)
        window.pane.banner.show_first(Notice(title, remedy=text, actions=(close, leave), key=_IN_TRAY))

    def _ask(self, window: ChatWindow) -> None:
        self._asked_in = window
        window.pane.banner.show_notice(
            Notice(
                self.tr("There is no tray here to keep Catnap in. What shall closing the window do?"),
                remedy=self.tr("The settings can change it later."),
                actions=(
                    NoticeAction(self.tr("Quit Catnap"), lambda: self._choose("quit", window)),
                    NoticeAction(self.tr("Minimise the window"), lambda: self._choose("minimise", window)),
                ),
                key=_NO_TRAY,
            )
        )

    def _choose(self, choice: str, window: ChatWindow) -> None:
        self._asked_in = None
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
