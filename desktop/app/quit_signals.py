"""Ways in which the outside asks the program to end: signals and the end of the desktop session."""

from __future__ import annotations

import contextlib
import signal
import socket
from types import FrameType

from PySide6.QtCore import QEvent, QObject, QSocketNotifier, Signal
from PySide6.QtGui import QGuiApplication, QSessionManager

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name))


class QuitSignals(QObject):
    """Turns SIGINT, SIGTERM, SIGHUP, ``QEvent.Quit`` and the session's end into one signal.

    A Python signal handler only runs when the interpreter runs, and a Qt loop that waits does not. So the signal's
    number is written to a socket (``signal.set_wakeup_fd``) that Qt watches.

    Attributes:
        quitRequested: The program shall end.
        sessionEnding: The desktop session ends; it may not wait for long.
    """

    quitRequested = Signal()
    sessionEnding = Signal()

    def __init__(self, app: QGuiApplication, parent: QObject | None = None) -> None:
        """
        Args:
            app: The application; its Quit events are filtered, so that ``app.quit()``, the macOS menu and the Dock all
                become a request instead of ending the loop under running coroutines.
            parent: Owner.
        """
        super().__init__(parent)
        self._app = app
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._drain)
        self._old_fd = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        self._old_handlers = {number: signal.signal(number, self._on_signal) for number in _SIGNALS}
        app.installEventFilter(self)
        app.commitDataRequest.connect(self._on_session_end)

    def close(self) -> None:
        """Puts the former handlers back. Idempotent."""
        if self._reader.fileno() < 0:
            return
        signal.set_wakeup_fd(self._old_fd)
        for number, handler in self._old_handlers.items():
            signal.signal(number, handler)
        self._app.removeEventFilter(self)
        self._notifier.setEnabled(False)
        self._reader.close()
        self._writer.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Swallows the application's Quit event and asks for an orderly end instead."""
        if watched is self._app and event.type() == QEvent.Type.Quit:
            event.ignore()
            self.quitRequested.emit()
            return True
        return False

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        """Only there so that the interpreter neither dies nor raises KeyboardInterrupt; see ``_drain``."""

    def _drain(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._reader.recv(64):
                pass
        self.quitRequested.emit()

    def _on_session_end(self, manager: QSessionManager) -> None:
        manager.setRestartHint(QSessionManager.RestartHint.RestartNever)
        self.sessionEnding.emit()
