"""The controls of the settings dialog that are more than a field: models, folders, wheels, keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QListWidget,
    QProgressBar,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop.settings.options import OPTIONS
from desktop.settings.types import Editor
from desktop.ui.settings.dialog import SettingsDialog
from desktop.ui.settings.editors import FolderEditor
from tests.rigs.settings import MODELS, SETTINGS, Store, button, control, opened
from tests.support.widgets import child, children


@pytest.fixture
def dialog(qtbot: QtBot) -> Iterator[SettingsDialog]:
    with opened(qtbot) as made:
        yield made


@pytest.fixture
def store(dialog: SettingsDialog) -> Store:
    return Store(dialog, SETTINGS)


def test_models_are_chosen_by_name_and_a_missing_file_is_named(dialog: SettingsDialog, store: Store) -> None:
    combo = control(dialog, "model", QComboBox)
    assert [combo.itemText(at) for at in range(2)] == ["Small model · 398 MB", "own.gguf · the file is missing"]
    combo.activated.emit(1)
    assert store.changes == [("model", "file:/own.gguf")]


def test_more_models_are_a_wish_and_no_value(dialog: SettingsDialog, store: Store, qtbot: QtBot) -> None:
    combo = control(dialog, "model", QComboBox)
    last = combo.count() - 1
    assert combo.itemText(last) == "Get more models…"
    combo.setCurrentIndex(last)
    with qtbot.waitSignal(dialog.modelsRequested):
        combo.activated.emit(last)
    assert combo.currentData() == "small"
    assert store.changes == []


def test_a_model_that_is_gone_is_named_and_comes_back(dialog: SettingsDialog, store: Store) -> None:
    combo = control(dialog, "model", QComboBox)
    dialog.set_models(())
    assert combo.currentIndex() == -1
    assert combo.placeholderText() == "small (not installed)"
    dialog.set_models(MODELS)
    assert combo.currentData() == "small"
    assert store.changes == []


def test_a_folder_is_chosen_and_its_moving_shows(
    dialog: SettingsDialog, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    control(dialog, "model_folder", QLineEdit)
    monkeypatch.setattr("desktop.ui.settings.editors.choose_folder", lambda *_arguments: str(tmp_path))
    button(dialog, "Browse…").click()
    assert store.changes == [("model_folder", str(tmp_path))]
    bar = child(dialog, QProgressBar)
    dialog.set_folder_progress(0.4)
    assert (bar.isVisible(), bar.value() / bar.maximum()) == (True, 0.4)
    assert not button(dialog, "Browse…").isEnabled()
    dialog.set_folder_progress(None)
    assert not bar.isVisible()
    button(dialog, "Usual place").click()
    assert store.changes[-1] == ("model_folder", "")


@pytest.mark.parametrize("folder", ["", "/somewhere/else"])
def test_the_buttons_of_a_folder_stand_beside_it_and_below_it_where_there_is_little_room(
    qtbot: QtBot, folder: str
) -> None:
    editor = FolderEditor()
    qtbot.addWidget(editor)
    editor.set_value(folder)
    editor.resize(500, editor.sizeHint().height())
    editor.show()
    line, (browse, usual) = child(editor, QLineEdit), children(editor, QPushButton)
    assert browse.geometry().left() > line.geometry().right()
    assert abs(browse.geometry().center().y() - line.geometry().center().y()) <= 1
    if folder:
        assert usual.geometry().left() > browse.geometry().right()
    else:
        assert browse.geometry().right() == editor.rect().right()
    editor.set_narrow(True)
    editor.resize(260, editor.sizeHint().height())
    qtbot.waitUntil(lambda: browse.geometry().top() > line.geometry().bottom())
    assert line.width() == editor.width()


def test_giving_up_the_folder_dialog_changes_nothing(
    dialog: SettingsDialog, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    control(dialog, "model_folder", QLineEdit)
    monkeypatch.setattr("desktop.ui.settings.editors.choose_folder", lambda *_arguments: "")
    button(dialog, "Browse…").click()
    assert store.changes == []


def test_automatic_threads_name_their_number(dialog: SettingsDialog) -> None:
    dialog.set_auto_threads(2)
    assert control(dialog, "threads", QDoubleSpinBox).text() == "Automatic (2)"


def test_the_wheel_scrolls_the_page_unless_a_box_has_the_focus(dialog: SettingsDialog, store: Store) -> None:
    def turn(widget: QWidget) -> None:
        wheel = QWheelEvent(
            QPointF(3, 3), QPointF(widget.mapToGlobal(QPoint(3, 3))), QPoint(), QPoint(0, 120),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(widget, wheel)

    box = control(dialog, "threads", QDoubleSpinBox)
    children(dialog, QListWidget)[0].setFocus()
    turn(box)
    assert box.value() == 0
    box.setFocus()
    turn(box)
    assert box.value() == 1


def test_closing_by_keyboard(dialog: SettingsDialog, qtbot: QtBot) -> None:
    QTest.keyClick(dialog, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not dialog.isVisible())


def test_no_editor_is_left_out() -> None:
    assert {option.editor for option in OPTIONS} == set(Editor)
