from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QInputMethodEvent, QInputMethodQueryEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.history.records import SearchHit, Transcript
from desktop.ui.chat.typing_redirect import is_typed
from desktop.ui.chat.window import ChatWindow
from tests.rigs.conversations import answer, question
from tests.rigs.meter import Meter
from tests.rigs.windows import A, chat_window
from tests.support.widgets import children

_NO, _CTRL, _ALT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def window(qtbot: QtBot) -> ChatWindow:
    made = chat_window(qtbot, Meter())
    made.pane.show_transcript(Transcript(A, (question(1), answer(2))))
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


@pytest.fixture(params=["list", "page"])
def place(window: ChatWindow, request: pytest.FixtureRequest) -> QWidget:
    """Where nothing can be written, and which has the keyboard."""
    widget: QWidget = window.list.rows if request.param == "list" else window.pane.transcript
    widget.setFocus()
    return widget


def composing(preedit: str, commit: str = "") -> QInputMethodEvent:
    event = QInputMethodEvent(preedit, [])
    event.setCommitString(commit)
    return event


@pytest.mark.parametrize(
    ("text", "modifiers", "typed"),
    [
        ("W", _NO, True),
        ("?", Qt.KeyboardModifier.ShiftModifier, True),
        ("你", _NO, True),
        ("5", Qt.KeyboardModifier.KeypadModifier, True),
        ("€", _CTRL | _ALT, True),
        ("a", _CTRL, False),
        (" ", _NO, False),
        ("\r", _NO, False),
        ("\x7f", _NO, False),
        ("", _NO, False),
    ],
)
def test_which_keys_write(text: str, modifiers: Qt.KeyboardModifier, typed: bool) -> None:
    assert is_typed(QKeyEvent(QEvent.Type.KeyPress, 0, modifiers, text)) is typed


def test_a_letter_takes_the_keyboard_along(window: ChatWindow, place: QWidget) -> None:
    QTest.keyClicks(place, "h")
    assert window.pane.composer.text() == "h"
    assert window.pane.composer.edit.hasFocus()


def test_an_input_method_composes_in_the_message_and_is_not_disturbed(window: ChatWindow, place: QWidget) -> None:
    # GIVEN an input method, which asks where the text goes
    query = QInputMethodQueryEvent(Qt.InputMethodQuery.ImEnabled | Qt.InputMethodQuery.ImCursorRectangle)
    QCoreApplication.sendEvent(place, query)
    assert query.value(Qt.InputMethodQuery.ImEnabled) is True
    caret = query.value(Qt.InputMethodQuery.ImCursorRectangle).center()
    field = window.pane.composer.edit
    assert field.rect().contains(field.mapFromGlobal(place.mapToGlobal(caret)).toPoint())
    # WHEN it composes THEN that is seen in the message, and the keyboard stays, so that it need not begin again
    QCoreApplication.sendEvent(place, composing("ni'hao"))
    assert field.written == "ni'hao"
    assert place.hasFocus()
    # WHEN the text is chosen THEN the message has it, and the keyboard
    QCoreApplication.sendEvent(place, composing("", "你好"))
    assert window.pane.composer.text() == "你好"
    assert field.hasFocus()


def test_a_dead_key_makes_one_letter(window: ChatWindow, place: QWidget) -> None:
    QCoreApplication.sendEvent(place, composing("", "é"))
    assert window.pane.composer.text() == "é"


def test_commands_stay_where_they_are(window: ChatWindow, place: QWidget) -> None:
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_Space, Qt.Key.Key_Backspace):
        QTest.keyClick(place, key)
    QTest.keyClick(place, Qt.Key.Key_A, _CTRL)
    assert window.pane.composer.text() == ""
    assert QApplication.focusWidget() is place


def test_letters_mark_no_search_hit_either(window: ChatWindow, qtbot: QtBot) -> None:
    window.list.focus_search()
    QTest.keyClicks(window.list._search, "purr")
    window.list.set_hits([SearchHit(A, 7, "they purr"), SearchHit(A, 9, "Cats purr")])
    marked = window.list.rows.marked  # the one that Enter opens
    assert marked is window.list.rows.item(0)
    window.list.rows.setFocus()
    QTest.keyClicks(window.list.rows, "C")
    assert window.pane.composer.text() == "C"
    assert window.list.rows.marked is marked


def test_a_letter_that_a_button_does_not_want_is_not_lost(window: ChatWindow) -> None:
    window.pane.show_new()
    window.pane.empty_page.set_starters(("Why?",))
    button = next(one for one in children(window.pane.empty_page, QPushButton) if one.isVisible())
    button.setFocus()
    QTest.keyClicks(button, "h")
    assert window.pane.composer.text() == "h"
    assert window.pane.composer.edit.hasFocus()


def test_a_search_and_a_title_keep_their_letters(window: ChatWindow) -> None:
    window.list.focus_search()
    QTest.keyClicks(window.list._search, "purr")
    window.list.clear_search()
    window.list.set_conversations([A], "a")
    window.list.rename_current()
    editor = children(window.list.rows, QLineEdit)[0]
    QTest.keyClicks(editor, "Pets")
    assert editor.text() == "Pets"
    assert window.pane.composer.text() == ""
