"""Where windows open: in the middle of what the screen has free, dialogs over the middle of their window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QDialog, QMainWindow
from pytestqt.qtbot import QtBot

from desktop.ui.widgets.window_size import open_in_the_middle


@pytest.mark.parametrize("wanted", [QSize(40, 30), QSize(10_000, 10_000)])
def test_a_window_opens_in_the_middle_and_on_the_screen(qtbot: QtBot, wanted: QSize) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    open_in_the_middle(window, wanted)
    room = window.screen().availableGeometry()
    middle = window.geometry().center() - room.center()
    assert abs(middle.x()) <= 16
    assert abs(middle.y()) <= 48
    assert room.contains(window.geometry())


def test_a_dialog_that_opens_at_once_lies_over_its_window(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    open_in_the_middle(window, QSize(60, 40))
    dialog = QDialog(window)
    dialog.resize(200, 100)
    window.show()
    dialog.show()
    assert abs(dialog.geometry().center().x() - window.geometry().center().x()) <= 16
    assert window.geometry().contains(dialog.geometry())
