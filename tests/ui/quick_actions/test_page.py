"""The settings page about quick actions, on a real file, as somebody clicks through it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QListWidget, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop.chat.quick_actions.store import QuickActionsFile
from desktop.common.errors import UserFacingError
from desktop.system.own_command import KeyDesktop
from desktop.ui.quick_actions.editor import ActionEditor
from desktop.ui.quick_actions.page import QuickActionsPage
from desktop.ui.widgets.labels import WarningLabel
from tests.support.widgets import child


class Bench:
    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.path = folder / "quick-actions.json"
        self.file = QuickActionsFile(self.path)
        self.refuses: UserFacingError | None = None
        self.page = QuickActionsPage(self.file, KeyDesktop.KDE, self._command)
        qtbot.addWidget(self.page)
        self.page.show()

    def _command(self, arguments: Sequence[str]) -> str:
        if self.refuses is not None:
            raise self.refuses
        return " ".join(("catnap", *arguments))

    def names(self) -> list[str]:
        rows = child(self.page, QListWidget)
        return [rows.item(row).text() for row in range(rows.count())]

    def choose(self, row: int) -> None:
        child(self.page, QListWidget).setCurrentRow(row)

    def press(self, text: str) -> None:
        found = cast("list[QPushButton]", self.page.findChildren(QPushButton))
        next(each for each in found if each.text().replace("&", "") == text and each.isVisible()).click()

    def said(self) -> str:
        labels = cast("list[QLabel]", self.page.findChildren(QLabel))
        return " ".join(label.accessibleName() or label.text() for label in labels if label.isVisible())

    def write(self, name: str, prompt: str) -> ActionEditor:
        """Fills the open editor in and saves."""
        editors = cast("list[ActionEditor]", self.page.findChildren(ActionEditor))
        (editor,) = (each for each in editors if each.isVisible())
        child(editor, QLineEdit).setText(name)
        child(editor, QPlainTextEdit).setPlainText(prompt)
        found = cast("list[QPushButton]", editor.findChildren(QPushButton))
        next(each for each in found if each.text() == "&Save").click()
        return editor


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Bench:
    return Bench(qtbot, tmp_path)


def test_an_own_action_is_written_and_kept(bench: Bench) -> None:
    bench.press("Add…")
    editor = bench.write("", "Shorten.")
    # GIVEN a name that will not do THEN the window stays, with what was written
    assert editor.isVisible()
    assert child(editor, WarningLabel).text().startswith("An action needs a name.")
    assert child(editor, QPlainTextEdit).toPlainText() == "Shorten."
    bench.write("Explain", "Shorten.")
    assert "There is an action of this name already." in child(editor, WarningLabel).text()
    bench.write("变短", "Shorten.")
    assert not editor.isVisible()
    assert bench.names()[-1] == "变短"
    assert QuickActionsFile(bench.path).actions[-1].prompt == "Shorten."
    # AND a key for it has its name in the command
    assert bench.page.key_help.command == "catnap --action 变短"


def test_one_that_came_can_be_edited_and_be_as_it_came_again(bench: Bench) -> None:
    bench.choose(2)
    bench.press("Edit…")
    bench.write("Ins Deutsche", "Translate into German.\n{text}")
    assert bench.names()[2] == "Ins Deutsche"
    assert "Changed: Translate." in bench.said()
    assert bench.page.key_help.command == "catnap --action translate", "a key that was set before goes on working"
    bench.press("Undo")
    assert bench.names()[2] == "Translate"
    bench.press("Edit…")
    bench.write("Translate", "")
    assert bench.file.actions[2].name == bench.file.actions[2].prompt == ""


def test_deleting_can_be_undone(bench: Bench) -> None:
    before = bench.names()
    bench.choose(1)
    QTest.keyClick(child(bench.page, QListWidget), Qt.Key.Key_Delete)
    assert bench.names() == [name for name in before if name != "Summarise"]
    assert "Deleted: Summarise." in bench.said()
    bench.press("Undo")
    assert bench.names() == before


def test_the_order_is_changed(bench: Bench) -> None:
    bench.choose(0)
    bench.press("Down")
    bench.press("Down")
    assert bench.names()[:3] == ["Summarise", "Translate", "Explain"]
    bench.press("Up")
    assert bench.names()[:3] == ["Summarise", "Explain", "Translate"]


def test_those_that_came_come_back_and_own_ones_stay(bench: Bench) -> None:
    bench.file.add("Mine", "Do it.")
    for _time in range(3):
        bench.choose(0)
        bench.press("Delete")
    bench.press("Built-in ones as they came")
    assert bench.names() == ["Explain", "Summarise", "Translate", "Correct", "Rewrite", "Ask about it", "Mine"]
    bench.press("Undo")
    assert bench.names() == ["Correct", "Rewrite", "Ask about it", "Mine"]


def test_with_no_action_left_nothing_breaks(bench: Bench) -> None:
    while bench.names():
        bench.choose(0)
        bench.press("Delete")
    assert bench.page.key_help.command == "catnap --quick-ask"
    bench.press("Built-in ones as they came")
    assert len(bench.names()) == 6


def test_how_a_key_is_given_is_said_for_each_desktop_and_the_command_can_be_copied(bench: Bench) -> None:
    what, desktop = cast("list[QComboBox]", bench.page.findChildren(QComboBox))
    assert desktop.currentText() == "KDE Plasma"
    assert "System Settings → Shortcuts" in bench.said()
    seen = set()
    for row in range(desktop.count()):
        desktop.setCurrentIndex(row)
        seen.add(bench.said())
    assert len(seen) == desktop.count()
    what.setCurrentIndex(0)
    bench.press("Copy")
    assert QGuiApplication.clipboard().text() == "catnap --quick-ask"


def test_where_there_is_no_command_that_is_said(bench: Bench) -> None:
    bench.refuses = UserFacingError("There is no command that starts this Catnap.")
    bench.choose(3)
    assert "There is no command that starts this Catnap." in bench.said()
    assert bench.page.key_help.command == ""


def test_ctrl_enter_saves_from_the_field_for_several_lines(bench: Bench, qtbot: QtBot) -> None:
    bench.press("Add…")
    editors = cast("list[ActionEditor]", bench.page.findChildren(ActionEditor))
    (editor,) = (each for each in editors if each.isVisible())
    child(editor, QLineEdit).setText("Pirate")
    child(editor, QPlainTextEdit).setPlainText("Say it as a pirate would.")
    editor.activateWindow()
    qtbot.waitUntil(editor.isActiveWindow)
    QTest.keyClick(child(editor, QPlainTextEdit), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert not editor.isVisible()
