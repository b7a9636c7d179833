"""What follows from pressing Enter, shown in pieces: one event of the conversation in each turn of the loop."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from desktop.chat.events import ChatEvent


class EventPieces(QObject):
    """Hands events on in their order: at once, or, from :meth:`hold` on, one in each turn until all are shown.

    To store a message, to lay it out, to open the answer and to sort the list costs some milliseconds each, and an old
    laptop ten times that: keys that are pressed meanwhile are heard in between.
    """

    def __init__(self, show: Callable[[ChatEvent], None], parent: QObject) -> None:
        """
        Args:
            show: Takes each event.
            parent: Owner.
        """
        super().__init__(parent)
        self._show = show
        self._waiting: deque[ChatEvent] = deque()
        self._holding = False
        self._turn = QTimer(self, singleShot=True, interval=0)
        self._turn.timeout.connect(self._show_next)

    @property
    def is_behind(self) -> bool:
        """Whether something waits for its turn."""
        return self._holding

    def hold(self) -> None:
        """Lets what is put from now on, in this turn of the loop, wait for the next ones."""
        self._holding = True
        self._turn.start()

    def put(self, event: ChatEvent) -> None:
        """Takes an event; one that comes while others wait is shown after them."""
        if self._holding:
            self._waiting.append(event)
        else:
            self._show(event)

    def show_all(self) -> None:
        """Shows what waits: to be called before anything that builds on it."""
        self._turn.stop()
        while self._waiting:
            self._show(self._waiting.popleft())
        self._holding = False

    def _show_next(self) -> None:
        if self._waiting:
            self._show(self._waiting.popleft())
        if self._waiting:
            self._turn.start()
        else:
            self._holding = False
