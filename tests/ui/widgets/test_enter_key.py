"""Enter on the button that has the keyboard: in a window, in a dialog with another default, with a menu."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QDialog, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop.ui.widgets.enter_key import EnterPresses


@pytest.fixture(autouse=True)
def presses(qapp: QApplication) -> Iterator[None]:
    presses = EnterPresses(qapp)
    yield
    shiboken6.delete(presses)


def _show(qtbot: QtBot, window: QWidget, *parts: QWidget) -> list[str]:
    """Shows a window with these in it; returns the list of those that are pressed from now on."""
    pressed: list[str] = []
    column = QVBoxLayout(window)
    for part in parts:
        column.addWidget(part)
        if isinstance(part, QPushButton | QToolButton):
            part.clicked.connect(partial(_note, pressed, part.text()))
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return pressed


def _note(pressed: list[str], name: str, _on: bool = False) -> None:
    pressed.append(name)


def _press(qtbot: QtBot, on: QWidget, key: Qt.Key = Qt.Key.Key_Return) -> None:
    on.setFocus()
    qtbot.waitUntil(on.hasFocus)
    QTest.keyClick(on, key)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
@pytest.mark.parametrize("kind", [QPushButton, QToolButton])
def test_a_button_of_a_window(qtbot: QtBot, kind: type[QPushButton | QToolButton], key: Qt.Key) -> None:
    button = kind()
    button.setText("Ask")
    window = QWidget()
    pressed = _show(qtbot, window, QPushButton("Other"), button)
    _press(qtbot, button, key)
    assert pressed == ["Ask"]


def test_a_dialog_with_another_default(qtbot: QtBot) -> None:
    default, add, tick = QPushButton("Use"), QPushButton("Add"), QCheckBox("May stay empty")
    default.setDefault(True)
    add.setAutoDefault(False)
    window = QDialog()
    pressed = _show(qtbot, window, default, add, tick)
    _press(qtbot, add)
    assert pressed == ["Add"]
    # WHEN the keyboard is on a tick THEN Enter is the dialog's, and nothing is ticked
    _press(qtbot, tick)
    assert pressed == ["Add", "Use"] and not tick.isChecked()


def test_a_button_that_opens_a_menu(qtbot: QtBot) -> None:
    opener = QPushButton("More")
    menu = QMenu(opener)
    menu.addAction("Copy")
    opener.setMenu(menu)
    window = QWidget()
    _show(qtbot, window, opener)
    _press(qtbot, opener)
    qtbot.waitUntil(menu.isVisible)
    menu.close()


def test_an_enter_that_is_held_presses_nothing(qtbot: QtBot) -> None:
    window, button = QWidget(), QPushButton("Delete")
    pressed = _show(qtbot, window, button)
    button.setFocus()
    qtbot.waitUntil(button.hasFocus)
    QTest.simulateEvent(button, True, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "\r", True)
    assert pressed == []
    # AND other keys with Enter belong to whoever has them
    QTest.keyClick(button, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert pressed == []
