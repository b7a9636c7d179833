"""Every control of every window has a name for a screen reader, and can be reached by Tab."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.rigs.every_window import WINDOWS, before_close, name_of
from tests.rigs.looks import controls


@pytest.fixture(params=WINDOWS, ids=name_of)
def window(request: pytest.FixtureRequest, qtbot: QtBot) -> QWidget:
    make: Callable[[], QWidget] = request.param
    made = make()
    qtbot.addWidget(made, before_close_func=before_close)
    with qtbot.waitExposed(made):
        made.show()
    return made


def _name(widget: QWidget) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name).strip()


def test_every_control_has_a_name(window: QWidget) -> None:
    found = controls(window)
    assert len(found) >= 2
    assert [f"{type(widget).__name__} {widget.toolTip()!r}" for widget in found if not _name(widget)] == []


def test_tab_reaches_every_control_and_comes_back(window: QWidget, qtbot: QtBot) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    wanted = {widget for widget in controls(window) if widget.isVisible() and widget.isEnabled()}
    reached: set[QWidget] = set()
    for _step in range(3 * len(wanted) + 10):
        focus = QApplication.focusWidget()
        if focus is None:
            break
        reached.add(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    missed = [f"{type(widget).__name__} {_name(widget)!r}" for widget in wanted - reached]
    assert missed == []
