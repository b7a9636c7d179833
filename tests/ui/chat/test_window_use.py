"""How the chat window looks as a whole, and how it is used without a mouse."""

from __future__ import annotations

from typing import cast

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QListWidget
from pytestqt.qtbot import QtBot

from desktop.history.records import Transcript
from desktop.ui.chat.window import ChatWindow
from desktop.ui.help import HelpDialog
from desktop.ui.widgets.banner import Notice
from tests.rigs.conversations import answer, dialogue, question
from tests.rigs.meter import Meter
from tests.rigs.windows import A, chat_window


@pytest.fixture
def meter() -> Meter:
    return Meter()


@pytest.fixture
def window(qtbot: QtBot, meter: Meter) -> ChatWindow:
    return chat_window(qtbot, meter)


def commands(window: ChatWindow) -> list[QAction]:
    return cast("list[QAction]", window.menu.findChildren(QAction))


class TestLooks:
    def test_the_heads_of_list_and_page_end_on_one_line(self, window: ChatWindow) -> None:
        window.pane.show_transcript(Transcript(A, (question(1), answer(2))))
        items = window.list.findChild(QListWidget)
        assert isinstance(items, QListWidget)
        assert items.mapTo(window, QPoint()).y() == window.pane.transcript.mapTo(window, QPoint()).y()

    def test_a_closed_banner_takes_no_room(self, window: ChatWindow) -> None:
        window.pane.show_transcript(Transcript(A, (question(1), answer(2))))
        before = window.pane.transcript.geometry()
        window.pane.banner.show_notice(Notice("Something"))
        QApplication.processEvents()
        assert window.pane.banner.isVisible()
        window.pane.banner.close_current()
        QApplication.processEvents()
        assert window.pane.transcript.geometry() == before


class TestKeyboard:
    def test_typing_on_the_page_goes_into_the_composer(self, window: ChatWindow) -> None:
        window.pane.show_transcript(Transcript(A, (question(1), answer(2))))
        window.pane.transcript.setFocus()
        QTest.keyClicks(window.pane.transcript, "h")
        assert window.pane.composer.text() == "h"
        QTest.keyClick(window.pane.transcript, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClick(window.pane.transcript, Qt.Key.Key_Down)
        assert window.pane.composer.text() == "h"
        assert window.pane.transcript.textCursor().hasSelection()

    def test_the_empty_composer_turns_the_pages_of_the_conversation(self, window: ChatWindow, qtbot: QtBot) -> None:
        window.pane.show_transcript(Transcript(A, tuple(dialogue(60))))
        field, bar = window.pane.composer.edit, window.pane.transcript.verticalScrollBar()
        QTest.keyClick(field, Qt.Key.Key_PageUp)
        assert bar.value() < bar.maximum()
        QTest.keyClick(field, Qt.Key.Key_PageDown)
        qtbot.waitUntil(lambda: bar.value() == bar.maximum())
        QTest.keyClick(field, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
        qtbot.waitUntil(lambda: bar.value() == 0)
        QTest.keyClick(field, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
        assert bar.value() == bar.maximum()
        # WHEN there is a text THEN the keys are its own
        window.pane.composer.set_text("A text")
        QTest.keyClick(field, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
        assert bar.value() == bar.maximum()
        assert field.textCursor().atStart()

    def test_escape_leads_from_the_list_to_the_composer(self, window: ChatWindow, qtbot: QtBot) -> None:
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        window.list.focus_search()
        field = QApplication.focusWidget()
        assert field is not None
        QTest.keyClicks(field, "x")
        QTest.keyClick(field, Qt.Key.Key_Escape)
        assert window.list._search.text() == ""
        QTest.keyClick(field, Qt.Key.Key_Escape)
        assert window.pane.composer.edit.hasFocus()

    def test_help_names_every_key(self, window: ChatWindow, qtbot: QtBot) -> None:
        window.menu.help.trigger()
        help_ = window.findChild(HelpDialog)
        assert isinstance(help_, HelpDialog)
        words = {label.text() for label in cast("list[QLabel]", help_.findChildren(QLabel))}
        for action in commands(window):
            key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            assert not key or key in words
        assert {"New conversation", "Models", "Stop answer"} <= words
        help_.close()
