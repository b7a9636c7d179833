"""What is there when the tray icon is, and what is asked of the program while it still starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import SignalInstance

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from desktop.app.quit_signals import QuitSignals
    from desktop.app.single_instance import SingleInstance
    from desktop.arguments.parsing import AppOptions
    from desktop.common.logs import LogTail
    from desktop.common.paths import Paths
    from desktop.settings.store import SettingsStore
    from desktop.ui.tray.tray import Tray


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


@dataclass(frozen=True)
class Started:
    """What is there when the tray icon is; ``desktop.app.run`` builds the rest on it.

    Attributes:
        early: What was asked for meanwhile; to be released when there is somebody to do it.
    """

    options: AppOptions
    paths: Paths
    store: SettingsStore
    tail: LogTail
    app: QApplication
    tray: Tray
    instance: SingleInstance
    signals: QuitSignals
    early: EarlyRequests
