"""When what has come of an answer is shown: soon, and never so often that showing it keeps the window from its work."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

# Of the GUI thread's time, at most a twentieth goes into showing an answer that grows: a 25th for writing and painting,
# which are measured, and the rest for what goes with it. Half a second is the longest that a piece waits; a screen
# shows 60 pictures a second.
_LEAST_INTERVAL_MS, _LONGEST_INTERVAL_MS = 16, 500
_SHARE = 25


class AnswerPacing(QObject):
    """Keeps what has come until it is time to show it.

    Attributes:
        writing_cost: Seconds that writing took the last time.
        painting_cost: Seconds that painting took the last time.
    """

    def __init__(self, show: Callable[[], None], parent: QObject) -> None:
        """
        Args:
            show: Is called when it is time.
            parent: Owner.
        """
        super().__init__(parent)
        self._text: list[str] = []
        self._thought: list[str] = []
        self.writing_cost = self.painting_cost = 0.0
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(show)

    @property
    def has_pending(self) -> bool:
        """Whether something has come that is not shown yet."""
        return bool(self._text or self._thought)

    @property
    def is_waiting(self) -> bool:
        """Whether it will be time to show something."""
        return self._timer.isActive()

    def add(self, text: str, thought: str) -> None:
        """Keeps a piece; :meth:`show_soon` has it shown, together with what else has come until then."""
        if text:
            self._text.append(text)
        if thought:
            self._thought.append(thought)

    def show_soon(self) -> None:
        """Has it shown, unless that is arranged already."""
        if not self._timer.isActive():
            pause = round((self.writing_cost + self.painting_cost) * _SHARE * 1000)
            self._timer.start(min(max(_LEAST_INTERVAL_MS, pause), _LONGEST_INTERVAL_MS))

    def take(self) -> tuple[str, str]:
        """Returns what has come and is not shown yet, text and thoughts; it is the caller's from now on."""
        pending = "".join(self._text), "".join(self._thought)
        self.drop()
        return pending

    def drop(self) -> None:
        """Forgets what has come and is not shown yet."""
        self._timer.stop()
        self._text.clear()
        self._thought.clear()
