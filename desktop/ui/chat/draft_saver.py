"""Keeps what is written and not sent: soon after the typing stops, at each change of conversation, and at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from desktop.history.drafts import DraftFile

if TYPE_CHECKING:
    from desktop.ui.chat.pane import ConversationPane

# Typing has stopped, as far as anybody can tell.
_PAUSE_MS = 1_500
# Whoever types on and on loses at most this much of it.
_AT_LATEST_MS = 10_000


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
        """Keeps what is written now; where that fails it is tried again, since there may be room on the disk later."""
        self._pause.stop()
        self._at_latest.stop()
        if self._pane is not None and not self._store.save(self._pane.drafts()):
            self._at_latest.start(_AT_LATEST_MS)

    def _on_changed(self, pane: ConversationPane) -> None:
        # A draft that is gone has been sent, or emptied: it goes at once, but not before what sending does next.
        self._pause.start(_PAUSE_MS if pane.draft_of(pane.current).strip() else 0)
        if not self._at_latest.isActive():
            self._at_latest.start(_AT_LATEST_MS)
