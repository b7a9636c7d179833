"""Keeps what is written and not sent: soon after the typing stops, at each change of conversation, and at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from desktop.history.drafts import DraftFile
from desktop.ui.widgets.banner import Banner, Notice, Severity

if TYPE_CHECKING:
    from desktop.ui.chat.pane import ConversationPane

# Typing has stopped, as far as anybody can tell.
_PAUSE_MS = 1_500
# Whoever types on and on loses at most this much of it.
_AT_LATEST_MS = 10_000
_NOTICE = "drafts are not kept"


class DraftSaver(QObject):
    """Puts the drafts of the last time into the pane and keeps those that are written now."""

    def __init__(self, store: DraftFile, parent: QObject | None = None) -> None:
        """
        Args:
            store: Where they last.
            parent: Owner.
        """
        super().__init__(parent)
        self._store = store
        self._pane: ConversationPane | None = None
        self._is_told = False  # that they cannot be kept
        self._pause = QTimer(self, singleShot=True)
        self._at_latest = QTimer(self, singleShot=True)
        for timer in (self._pause, self._at_latest):
            timer.timeout.connect(self.save)

    def follow(self, pane: ConversationPane) -> None:
        """Begins with the pane that drafts are written in; it shows no conversation yet."""
        self._pane = pane
        pane.set_drafts(self._store.load())
        pane.draftChanged.connect(lambda: self._on_changed(pane))
        pane.draftLeft.connect(self.save)

    def save(self) -> None:
        """Keeps what is written now; where that fails it is said, and tried again: there may be room later."""
        self._pause.stop()
        self._at_latest.stop()
        if self._pane is None:
            return
        if not self._store.save(self._pane.drafts()):
            self._at_latest.start(_AT_LATEST_MS)
        self._tell(self._pane.banner)

    def _tell(self, banner: Banner) -> None:
        """Says once that what is written would be lost with the program, until it can be kept again."""
        trouble = self._store.trouble
        if bool(trouble) is self._is_told:
            return
        self._is_told = bool(trouble)
        if not trouble:
            banner.withdraw(_NOTICE)
            return
        title = self.tr("What you write and do not send cannot be kept.")
        remedy = self.tr(
            "It is lost when Catnap ends. Check that the disk is not full and the folder is writable, or copy it "
            "elsewhere."
        )
        banner.show_notice(Notice(title, f"{trouble}.", remedy, severity=Severity.PROBLEM, key=_NOTICE))

    def _on_changed(self, pane: ConversationPane) -> None:
        # A draft that is gone has been sent, or emptied: it goes at once, but not before what sending does next.
        self._pause.start(_PAUSE_MS if pane.draft_of(pane.current).strip() else 0)
        if not self._at_latest.isActive():
            self._at_latest.start(_AT_LATEST_MS)
