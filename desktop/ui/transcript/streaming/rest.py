"""The rest of a long message, which is too much to be written at once."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from desktop.ui.transcript.navigation.scrolling import PageScroll
from desktop.ui.transcript.page import TranscriptPage


class RestOfMessage(QObject):
    """Has it written piece by piece, the event loop having its turn before each."""

    def __init__(self, page: TranscriptPage, scroll: PageScroll, parent: QObject) -> None:
        """
        Args:
            page: Writes.
            scroll: Is told of each piece.
            parent: Owner.
        """
        super().__init__(parent)
        self._page, self._scroll = page, scroll
        self._key = ""
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._write)

    @property
    def is_under_way(self) -> bool:
        """Whether there is more to write."""
        return self._timer.isActive()

    def write(self, key: str) -> None:
        """Begins with a message; that of another one stays where it is.

        Args:
            key: Id of the message, as it stands in the link that offers its rest.
        """
        self._key = key
        self._timer.start()

    def _write(self) -> None:
        if self._page.write_rest(self._key):
            self._timer.start()
        self._scroll.after_change()
