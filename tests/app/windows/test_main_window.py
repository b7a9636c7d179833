"""What begins when the chat window is first opened."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.common.paths import Paths
from desktop.functions.calculator import Calculator
from desktop.ui.transcript.warming.imports import _AFTER_MS
from tests.rigs.shell import running
from tests.support.patience import PATIENCE_S

# The offscreen platform has no tray of its own, so that Qt tries its X11 one; the real one is clicked end to end.
pytestmark = pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")


def test_a_thread_imports_the_calculator_once(
    qapp: QApplication, qtbot: QtBot, data_dir: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a window WHEN it is shown, again and again THEN a thread imports what sums are computed with
    prepared: list[str] = []
    monkeypatch.setattr(Calculator, "prepare", lambda _self: prepared.append(threading.current_thread().name))
    with running(qapp, qtbot, data_dir) as bench:
        bench.show()
        bench.show()
        qtbot.waitUntil(lambda: bool(prepared))
        bench.show()
        # By then another one would have begun, which waits as long and came first.
        waited: list[bool] = []
        QTimer.singleShot(_AFTER_MS, lambda: waited.append(True))
        qtbot.waitUntil(lambda: bool(waited))
        for thread in threading.enumerate():
            if thread.name == "calculator":
                thread.join(PATIENCE_S)
    assert prepared == ["calculator"]


def test_what_is_prepared_is_what_computes() -> None:
    calculator = Calculator()
    calculator.prepare()
    answer = calculator.calculate("What is 6 x 7?")
    assert answer is not None and "42" in answer.text
