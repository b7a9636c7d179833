"""Signals of the system, Quit events and the end of the session, on a real event loop."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from typing import cast

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtGui import QSessionManager
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.app.quit_signals import QuitSignals


@pytest.fixture
def signals(qapp: QApplication) -> Iterator[QuitSignals]:
    made = QuitSignals(qapp)
    yield made
    made.close()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.mark.skipif(os.name == "nt", reason="Windows ends the process itself when os.kill() is called")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_wakes_the_waiting_loop(signals: QuitSignals, qtbot: QtBot, number: signal.Signals) -> None:
    # GIVEN a loop that waits, so that no Python runs
    sender = threading.Timer(0.05, os.kill, (os.getpid(), number))
    with qtbot.waitSignal(signals.quitRequested):
        sender.start()
    sender.join()


@pytest.mark.skipif(os.name == "nt", reason="Windows ends the process itself when os.kill() is called")
def test_many_signals_do_no_harm(signals: QuitSignals, qtbot: QtBot) -> None:
    with qtbot.waitSignal(signals.quitRequested):
        for _ in range(100):
            os.kill(os.getpid(), signal.SIGTERM)


def test_quit_events_become_a_request(signals: QuitSignals, qapp: QApplication, qtbot: QtBot) -> None:
    with qtbot.waitSignal(signals.quitRequested):
        QCoreApplication.sendEvent(qapp, QEvent(QEvent.Type.Quit))  # as the menu and the Dock of macOS do


def test_the_applications_own_quit_does_not_end_the_loop(signals: QuitSignals, qapp: QApplication) -> None:
    # GIVEN the loop that the program runs in
    signals.quitRequested.connect(lambda: qapp.exit(3))
    QTimer.singleShot(0, qapp.quit)
    # THEN it ends when the program says so, not with the 0 of quit()
    assert qapp.exec() == 3


def test_other_events_pass(signals: QuitSignals, qapp: QApplication) -> None:
    heard: list[str] = []
    signals.quitRequested.connect(lambda: heard.append("quit"))
    assert not signals.eventFilter(qapp, QEvent(QEvent.Type.User))
    assert not signals.eventFilter(signals, QEvent(QEvent.Type.Quit))
    assert heard == []


def test_closing_puts_everything_back_and_can_be_repeated(qapp: QApplication) -> None:
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    old = signal.set_wakeup_fd(writer.fileno())
    try:
        signals = QuitSignals(qapp)
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] != handlers
        signals.close()
        signals.close()
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == handlers
        assert signal.set_wakeup_fd(old) == writer.fileno()
    finally:
        signal.set_wakeup_fd(old)
        reader.close()
        writer.close()
    signals.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


class Manager:
    """As much of a session manager as is used; a real one cannot be made by hand."""

    def __init__(self) -> None:
        self.hint: QSessionManager.RestartHint | None = None

    def setRestartHint(self, hint: QSessionManager.RestartHint) -> None:  # noqa: N802 (Qt's name)
        self.hint = hint


def test_the_end_of_the_session_is_told_and_the_program_not_restarted(signals: QuitSignals, qtbot: QtBot) -> None:
    manager = Manager()
    with qtbot.waitSignal(signals.sessionEnding):
        signals._on_session_end(cast(QSessionManager, manager))
    assert manager.hint is QSessionManager.RestartHint.RestartNever
