"""Files dropped anywhere on a window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop.ui.chat.window import ChatWindow
from desktop.ui.documents.drops import FileDrops, _Target
from tests.rigs.every_window import before_close, chat
from tests.support.widgets import child

_ANY = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction


@pytest.fixture
def window(qtbot: QtBot) -> ChatWindow:
    made = chat()
    qtbot.addWidget(made, before_close_func=before_close)
    with qtbot.waitExposed(made):
        made.show()
    return made


def file_data(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    data.setText("\n".join(f"file://{path}" for path in paths))
    return data


def enter(widget: QWidget, data: QMimeData) -> QDragEnterEvent:
    event = QDragEnterEvent(QPoint(9, 9), _ANY, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    event.ignore()
    QApplication.sendEvent(widget, event)
    return event


def drop(widget: QWidget, data: QMimeData) -> QDropEvent:
    event = QDropEvent(QPointF(9, 9), _ANY, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    event.ignore()
    QApplication.sendEvent(widget, event)
    return event


def test_a_file_may_be_dropped_everywhere_and_stays_where_it_is(
    window: ChatWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    drops, data = FileDrops(window), file_data(tmp_path / "note.txt")
    for part in (window.pane.composer.edit.viewport(), window.pane.transcript.viewport(), window.list.rows.viewport()):
        # GIVEN a file over a part of the window: the window takes it, and says so
        assert enter(part, data).isAccepted() and child(window, _Target).isVisible()
        # WHEN it is dropped
        with qtbot.waitSignal(drops.dropped) as dropped:
            event = drop(part, data)
        # THEN it is handed on, it is not moved, and nothing was written
        assert dropped.args is not None and dropped.args[0].files == (tmp_path / "note.txt",)
        assert event.dropAction() is Qt.DropAction.CopyAction
        assert window.pane.composer.text() == "" and not child(window, _Target).isVisible()


def test_a_text_still_goes_into_the_field(window: ChatWindow) -> None:
    FileDrops(window)
    data = QMimeData()
    data.setText("When is it?")
    assert not enter(window, data).isAccepted()
    assert enter(window.pane.composer.edit.viewport(), data).isAccepted()
    assert not child(window, _Target).isVisible()


def test_what_says_so_goes_when_the_file_leaves(window: ChatWindow, tmp_path: Path) -> None:
    FileDrops(window)
    enter(window, file_data(tmp_path))
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert not child(window, _Target).isVisible()
