"""The way back to the end for somebody who reads further up while text comes below."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.ui.chat.window import ChatWindow
from desktop.ui.transcript.message_bar import MessageBar
from desktop.ui.transcript.navigation.newest_button import NewestButton
from desktop.ui.transcript.view import TranscriptView
from tests.rigs.conversations import answer, dialogue, question
from tests.rigs.meter import Meter
from tests.rigs.windows import LONG, at_bottom, chat_window, transcript
from tests.support.widgets import child


@pytest.fixture
def view(qtbot: QtBot) -> TranscriptView:
    """A long conversation that is read at its beginning."""
    made = transcript(qtbot)
    made.show_messages([question(1), answer(2, LONG), question(3)], 0)
    made.begin_answer(None, "")
    made.verticalScrollBar().setValue(100)
    return made


def grow(view: TranscriptView, text: str = "One more line.") -> None:
    view.grow_answer(f"\n\n{text}\n\n", "")
    view._flush()


def test_it_is_there_only_where_there_is_new_text_out_of_sight(view: TranscriptView) -> None:
    button = child(view, NewestButton)
    assert button.isHidden(), "nothing is new yet"
    grow(view)
    assert button.isVisible()
    # WHEN the reader comes to the end THEN it goes, and does not come back by scrolling alone
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
    assert button.isHidden()
    view.verticalScrollBar().setValue(100)
    assert button.isHidden()
    # AND it comes with the next text
    view.finish_answer(answer(4, LONG))
    assert button.isVisible()


def test_whoever_follows_the_answer_never_sees_it(view: TranscriptView) -> None:
    view.go_to_newest()
    for _ in range(30):
        grow(view, LONG)
        assert child(view, NewestButton).isHidden()
    view.finish_answer(answer(4, LONG))
    assert child(view, NewestButton).isHidden()


def test_a_click_shows_the_end_and_follows_it_again(view: TranscriptView) -> None:
    grow(view)
    view.selectAll()
    selected = view.textCursor().selectedText()
    QTest.mouseClick(child(view, NewestButton), Qt.MouseButton.LeftButton)
    assert at_bottom(view)
    assert child(view, NewestButton).isHidden()
    assert view.textCursor().selectedText() == selected, "what was selected to be copied stays so"
    grow(view, LONG)
    assert at_bottom(view)


def test_tab_reaches_it_and_the_keyboard_goes_back_to_the_page(view: TranscriptView, qtbot: QtBot) -> None:
    grow(view)
    button = child(view, NewestButton)
    assert button.focusPolicy() is Qt.FocusPolicy.TabFocus
    button.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(button, Qt.Key.Key_Space)
    qtbot.waitUntil(button.isHidden)
    assert view.hasFocus()


def test_another_conversation_has_nothing_new(view: TranscriptView) -> None:
    grow(view)
    view.show_messages(dialogue(200), 0)
    view.verticalScrollBar().setValue(0)
    assert child(view, NewestButton).isHidden()


def test_it_keeps_clear_of_the_signs_of_a_message(view: TranscriptView) -> None:
    view.resize(300, 400)
    grow(view)
    bar = child(view, MessageBar)
    bar.show_for(view.messages[1])
    grow(view)
    assert bar.isVisible()
    assert not child(view, NewestButton).geometry().intersects(bar.geometry())


def test_a_key_of_the_window_does_the_same(qtbot: QtBot) -> None:
    window: ChatWindow = chat_window(qtbot, Meter())
    view = window.pane.transcript
    window.pane.transcript.show_messages([question(1), answer(2, LONG)], 0)
    window.pane.changed.emit()
    window.menu.follow(window.pane)
    view.verticalScrollBar().setValue(0)
    keys = window.menu.keys()
    assert ("Newest text", "Alt+End") in keys
    window.menu.newest.trigger()
    assert at_bottom(view)
