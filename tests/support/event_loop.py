"""Qt's event loop in tests: letting it do what is due, without waiting for a time."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot


def let_run(qtbot: QtBot) -> None:
    """Lets the loop do all that waits in it now, and what that leaves to be done at once.

    Afterwards a timer of any length is what it was: a test that says that something does not happen asks, besides, for
    a timer that would make it happen.
    """
    done: list[bool] = []
    QTimer.singleShot(0, lambda: QTimer.singleShot(0, lambda: done.append(True)))
    qtbot.waitUntil(lambda: bool(done))
