"""The quick ask: keys, states, place and size, and that nothing is sent while somebody composes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.rigs.quick_ask import Box


@pytest.fixture
def box(qtbot: QtBot) -> Iterator[Box]:
    box = Box(qtbot)
    yield box
    box.widget.hide()


def test_it_opens_as_one_empty_line_with_the_keyboard_in_it(box: Box) -> None:
    box.open()
    assert box.line.hasFocus()
    assert box.line.placeholderText() == "Ask anything…"
    assert not box.view.isVisible()
    assert box.buttons() == {}
    assert box.widget.height() < 4 * box.line.fontMetrics().height()


def test_enter_asks_once_with_the_text_trimmed(box: Box) -> None:
    box.open()
    box.ask("  猫是什么?  ")
    assert box.heard == [("asked", "猫是什么?")]


@pytest.mark.parametrize("nothing", ["", "   "])
def test_enter_without_a_question_asks_nothing(box: Box, nothing: str) -> None:
    box.open()
    box.ask(nothing)
    assert box.heard == []


def test_enter_never_sends_while_an_input_method_composes(box: Box) -> None:
    box.open()
    box.line.setText("你")
    QCoreApplication.sendEvent(box.line, QInputMethodEvent("hao", []))
    assert box.line.is_composing
    box.key(Qt.Key.Key_Return)
    assert box.heard == []
    chosen = QInputMethodEvent()
    chosen.setCommitString("好")
    QCoreApplication.sendEvent(box.line, chosen)
    box.key(Qt.Key.Key_Return)
    assert box.heard == [("asked", "你好")]


def test_what_stands_in_the_line_is_told(qtbot: QtBot, box: Box) -> None:
    box.open()
    with qtbot.waitSignal(box.widget.composingChanged) as told:
        QTest.keyClicks(box.line, "a")
    assert told.args == ["a"]


def test_the_way_of_an_answer(qtbot: QtBot, box: Box) -> None:
    box.open()
    box.ask("why?")
    box.widget.begin_answer()
    assert list(box.buttons()) == ["Stop"]
    assert not box.view.isVisible()

    box.widget.set_status("waking 40%", 0.4)
    assert box.status == "waking 40%"
    assert box.progress.isVisible()
    assert box.progress.value() / box.progress.maximum() == pytest.approx(0.4)

    box.widget.grow_answer("**Be", "")
    box.widget.set_status("8 tok/s", None)
    box.widget.grow_answer("cause** 因为🐱", "")
    assert not box.progress.isVisible()
    qtbot.waitUntil(lambda: box.shown("Because 因为🐱"))
    assert box.view.isVisible()

    box.widget.finish_answer("**Because** 因为🐱", "3 words")
    assert not box.widget.is_busy
    assert box.status == "3 words"
    assert list(box.buttons()) == ["Copy", "Continue in chat"]
    assert box.line.text() == "why?"
    assert box.line.selectedText() == "why?"  # the next question takes its place


def test_a_final_text_that_differs_replaces_what_was_shown(qtbot: QtBot, box: Box) -> None:
    box.open()
    box.widget.begin_answer()
    box.widget.grow_answer("half a", "")
    box.widget.finish_answer("something else", "")
    qtbot.waitUntil(lambda: box.shown("something else"))
    assert not box.shown("half a")
    assert box.widget.answer == "something else"


def test_a_second_question_starts_with_an_empty_answer(qtbot: QtBot, box: Box) -> None:
    box.open()
    box.widget.begin_answer()
    box.widget.grow_answer("first", "")
    box.widget.finish_answer("first", "")
    box.ask("another")
    box.widget.begin_answer()
    box.widget.grow_answer("second", "")
    qtbot.waitUntil(lambda: box.shown("second"))
    assert not box.shown("first")


def test_copy_takes_the_markdown(box: Box) -> None:
    box.open()
    box.widget.begin_answer()
    box.widget.finish_answer("**bold** 粗", "")
    box.buttons()["Copy"].click()
    assert QGuiApplication.clipboard().text() == "**bold** 粗"


def test_the_buttons_have_keys_that_their_tooltips_name(box: Box) -> None:
    box.open()
    box.widget.begin_answer()
    box.widget.finish_answer("x", "")
    for name, key in [("Copy", "Ctrl+Shift+C"), ("Continue in chat", "Ctrl+Return")]:
        assert box.buttons()[name].toolTip() == key
    box.key(Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert QGuiApplication.clipboard().text() == "x"


def test_stop_stops_and_stays(box: Box) -> None:
    box.open()
    box.ask("q")
    box.widget.begin_answer()
    box.heard.clear()
    box.buttons()["Stop"].click()
    assert box.heard == [("stop",)]
    assert box.widget.isVisible()


def test_continue_is_told_before_everything_is_forgotten(box: Box) -> None:
    box.open()
    box.widget.begin_answer()
    box.widget.finish_answer("an answer", "")
    box.buttons()["Continue in chat"].click()
    assert box.heard == [("continue",), ("hidden",)]
    assert not box.widget.isVisible()


def test_a_key_whose_button_is_not_there_does_nothing(box: Box) -> None:
    # GIVEN an answer that still grows
    box.open()
    box.widget.begin_answer()
    box.widget.grow_answer("half of ", "")
    # WHEN it shall go on in the chat THEN it is not taken over as it stands, and the box stays
    box.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert box.heard == []
    assert box.widget.isVisible()
    box.widget.finish_answer("half of it", "")
    box.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert box.heard == [("continue",), ("hidden",)]


def test_escape_stops_hides_and_forgets(box: Box) -> None:
    box.open()
    box.ask("q")
    box.widget.begin_answer()
    box.widget.grow_answer("part", "")
    box.heard.clear()
    box.key(Qt.Key.Key_Escape)
    assert box.heard == [("stop",), ("hidden",)]
    assert not box.widget.isVisible()

    box.open()
    assert box.widget.text == ""
    assert box.widget.answer == ""
    assert not box.view.isVisible()
    assert not box.widget.is_busy


def test_escape_on_an_idle_box_only_hides(box: Box) -> None:
    box.open()
    box.key(Qt.Key.Key_Escape)
    assert box.heard == [("hidden",)]


def test_closing_the_window_hides_it(box: Box) -> None:
    box.open()
    box.widget.close()
    assert box.heard == [("hidden",)]
    box.open()
    assert box.widget.isVisible()


def test_turning_elsewhere_hides_only_an_idle_empty_box(box: Box) -> None:
    box.open()
    box.line.setText("half a question")
    box.leave()
    assert box.widget.isVisible()
    box.line.clear()
    box.widget.begin_answer()
    box.leave()
    assert box.widget.isVisible()
    box.widget.finish_answer("answer", "")
    box.leave()
    assert box.widget.isVisible()
    box.key(Qt.Key.Key_Escape)
    box.open()
    box.leave()
    assert not box.widget.isVisible()


def test_an_error_says_what_to_do_and_the_question_comes_back(box: Box) -> None:
    box.open()
    box.ask("q")
    box.widget.begin_answer()
    box.line.clear()
    box.widget.show_error("No model is installed.", "", "Choose one.")
    box.widget.put_text_back("q")
    assert box.error == "No model is installed.\nChoose one."
    assert box.line.text() == "q"
    assert not box.widget.is_busy
    assert box.buttons() == {}
    box.widget.begin_answer()
    assert box.error == ""


def test_an_error_leaves_what_has_been_answered(qtbot: QtBot, box: Box) -> None:
    box.open()
    box.widget.begin_answer()
    box.widget.grow_answer("half an answer", "")
    qtbot.waitUntil(lambda: box.shown("half an answer"))
    box.widget.show_error("It failed.", "detail", "")
    assert box.error == "It failed. detail"
    assert box.view.isVisible()
    assert "Copy" in box.buttons()


def test_a_question_typed_meanwhile_is_not_overwritten(box: Box) -> None:
    box.open()
    box.line.setText("new")
    box.widget.put_text_back("old")
    assert box.line.text() == "new"
