"""What is asked of the program while it still starts. GUI thread only."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import SignalInstance


class EarlyRequests:
    """Keeps what signals say until there is somebody to do it.

    The tray icon is there before the services are. A click on it, a line of its menu, a second start or the end of the
    session must not be lost in between.
    """

    def __init__(self) -> None:
        self._kept: list[tuple[SignalInstance, tuple[object, ...]]] = []
        self._watched: list[tuple[SignalInstance, Callable[..., None]]] = []

    def keep(self, *signals: SignalInstance) -> None:
        """Keeps whatever these signals say from now on."""
        for signal in signals:

            def slot(*arguments: object, signal: SignalInstance = signal) -> None:
                self._kept.append((signal, arguments))

            signal.connect(slot)
            self._watched.append((signal, slot))

    def release(self) -> None:
        """Says all of it again, in the order it came, and ends keeping; the receivers are connected by now."""
        for signal, slot in self._watched:
            signal.disconnect(slot)
        self._watched.clear()
        kept, self._kept = self._kept, []
        for signal, arguments in kept:
            signal.emit(*arguments)
