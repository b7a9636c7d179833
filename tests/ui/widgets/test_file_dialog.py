"""The dialog for files: the system's, or Qt's where that is too high; and what comes of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSize, QTimer
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QListView,
    QMessageBox,
    QProxyStyle,
    QStyle,
    QTreeView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop.ui.widgets.file_dialog import FileDialog, choose_file, choose_folder
from tests.rigs.looks import on_screen
from tests.support.widgets import child, children


@pytest.mark.parametrize(
    ("platform", "height", "own"),
    [("linux", 384, True), ("linux", 600, True), ("linux", 768, False), ("win32", 384, False), ("darwin", 384, False)],
)
def test_qts_own_is_used_only_where_the_systems_may_be_too_high(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, platform: str, height: int, own: bool
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    on_screen(monkeypatch, 683, height)
    dialog = FileDialog(None, "Import", "")
    qtbot.addWidget(dialog)
    assert dialog.testOption(QFileDialog.Option.DontUseNativeDialog) is own


@pytest.mark.parametrize("is_there", [True, False])
def test_it_begins_in_a_folder_that_is_there(qtbot: QtBot, tmp_path: Path, is_there: bool) -> None:
    folder = tmp_path / "Documents"
    if is_there:
        folder.mkdir()
    dialog = FileDialog(None, "Open", str(folder), own=True)
    qtbot.addWidget(dialog)
    # THEN no name of a file stands in it that nobody has written
    assert child(dialog, QLineEdit).text() == ""
    assert Path(dialog.directory().absolutePath()) == (folder if is_there else Path.home())


def test_its_buttons_have_words_only(qtbot: QtBot) -> None:
    dialog = FileDialog(None, "Import", "", own=True)
    qtbot.addWidget(dialog)
    words = [button for button in children(dialog, QAbstractButton) if button.text().replace("&", "") == "Cancel"]
    assert words and all(button.icon().isNull() for button in words)


class _Pictured(QProxyStyle):
    """Asks for pictures on the buttons of dialogs, as some desktops do."""

    def styleHint(self, hint: QStyle.StyleHint, *others: Any) -> int:  # noqa: N802 (the name is Qt's)
        return 1 if hint is QStyle.StyleHint.SH_DialogButtonBox_ButtonsHaveIcons else super().styleHint(hint, *others)


def test_what_qt_says_beside_its_form_has_words_only_on_its_buttons(qtbot: QtBot, tmp_path: Path) -> None:
    style = _Pictured()
    dialog = FileDialog(None, "Import", str(tmp_path), own=True)
    qtbot.addWidget(dialog)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    seen: list[bool] = []

    def answer() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        buttons = children(box, QAbstractButton)
        seen.extend(button.icon().isNull() for button in buttons if button.text())
        box.accept()

    dialog.show()
    # GIVEN a desktop that has pictures on buttons
    QApplication.setStyle(style)
    try:
        child(dialog, QLineEdit).setText("nothing.gguf")
        QTimer.singleShot(0, answer)
        # WHEN a file is named that is not there
        dialog.accept()
    finally:
        QApplication.setStyle("fusion")
    assert seen == [True]


@pytest.mark.parametrize("kind", ["Conversations from elsewhere (*.json *.jsonl *.zip *.db *.html)", "All files (*)"])
def test_kinds_of_files_are_shown_by_their_names_and_kept_with_their_endings(qtbot: QtBot, kind: str) -> None:
    dialog = FileDialog(None, "Import", "", own=True)
    qtbot.addWidget(dialog)
    dialog.setNameFilters(["Models (*.gguf)", kind])
    dialog.selectNameFilter(kind)
    dialog.show()
    kinds = next(box for box in children(dialog, QComboBox) if box.objectName() == "fileTypeCombo")
    assert [kinds.itemText(place) for place in range(2)] == ["Models", kind.partition(" (")[0]]
    assert kinds.currentIndex() == 1 and dialog.selectedNameFilter() == kind
    assert dialog.nameFilters() == ["Models (*.gguf)", kind]


@pytest.fixture
def parent(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> QWidget:
    on_screen(monkeypatch, 683, 384)
    parent = QWidget()
    qtbot.addWidget(parent)
    return parent


def _answer(choice: Path | None) -> None:
    """Answers the dialog that is about to open."""

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, FileDialog)
        assert dialog.size().boundedTo(QSize(667, 336)) == dialog.size()
        if choice is None:
            dialog.reject()
            return
        dialog.selectFile(str(choice))
        dialog.done(QFileDialog.DialogCode.Accepted)

    QTimer.singleShot(0, answer)


def test_a_file_is_chosen_or_none(parent: QWidget, tmp_path: Path) -> None:
    file = tmp_path / "a model.gguf"
    file.write_bytes(b"x")
    _answer(file)
    assert choose_file(parent, "Import", str(tmp_path), ["Models (*.gguf)"]) == str(file)
    _answer(None)
    assert choose_file(parent, "Import", str(tmp_path), ["Models (*.gguf)"]) == ""


def test_a_folder_is_chosen_or_none(parent: QWidget, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    _answer(folder)
    assert choose_folder(parent, "Folder", str(tmp_path)) == str(folder)
    _answer(None)
    assert choose_folder(parent, "Folder", str(tmp_path)) == ""


def test_every_column_of_the_files_can_be_read(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "a model.gguf").write_bytes(b"x" * 3_000_000)
    dialog = FileDialog(None, "Import", str(tmp_path), own=True)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    (files,) = children(dialog, QTreeView)
    header, letters = files.header(), files.fontMetrics()
    assert header.isSectionHidden(2), "the type is unknown of most"
    assert header.sectionSize(1) > letters.horizontalAdvance("1,023.99 MiB")
    assert not files.horizontalScrollBar().isVisible()
    # AND the places beside them have room for Chinese characters, which are half as high again as Latin letters
    places = next(view for view in children(dialog, QListView) if view.objectName() == "sidebar")
    first, second = (places.visualRect(places.model().index(row, 0)) for row in range(2))
    assert second.top() - first.top() >= letters.height() * 1.2
