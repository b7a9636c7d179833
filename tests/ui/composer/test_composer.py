from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from desktop.ui.composer.composer import Composer
from tests.support.widgets import children

Key, Modifier = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def composer(qtbot: QtBot) -> Composer:
    composer = Composer()
    qtbot.addWidget(composer)
    composer.resize(500, 60)
    with qtbot.waitExposed(composer):
        composer.show()
    return composer


@pytest.mark.parametrize("modifier", [Modifier.NoModifier, Modifier.ControlModifier, Modifier.KeypadModifier])
@pytest.mark.parametrize("key", [Key.Key_Return, Key.Key_Enter])
def test_enter_sends(composer: Composer, qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier) -> None:
    composer.set_text(" hello ")
    with qtbot.waitSignal(composer.submitted) as signal:
        QTest.keyClick(composer.edit, key, modifier)
    assert signal.args == [" hello "]
    assert composer.text() == " hello "


def test_shift_enter_breaks_the_line(composer: Composer, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(composer.submitted):
        QTest.keyClicks(composer.edit, "ab")
        QTest.keyClick(composer.edit, Key.Key_Return, Modifier.ShiftModifier)
        QTest.keyClicks(composer.edit, "c")
    assert composer.text() == "ab\nc"


def test_never_while_an_input_method_is_composing(composer: Composer, qtbot: QtBot) -> None:
    composer.set_text("你")
    QApplication.sendEvent(composer.edit, QInputMethodEvent("hao", []))
    with qtbot.assertNotEmitted(composer.submitted):
        QTest.keyClick(composer.edit, Key.Key_Return)
    done = QInputMethodEvent()
    done.setCommitString("好")
    QApplication.sendEvent(composer.edit, done)
    with qtbot.waitSignal(composer.submitted) as signal:
        QTest.keyClick(composer.edit, Key.Key_Return)
    assert signal.args is not None
    assert "你" in signal.args[0]
    assert "好" in signal.args[0]


def test_nothing_is_sent_blank_and_no_edit_while_busy(composer: Composer, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(composer.submitted):
        composer.set_text(" \n ")
        QTest.keyClick(composer.edit, Key.Key_Return)
        assert not composer.button.isEnabled()
        composer.set_text("an old question, better")
        composer.set_editing(1)
        composer.set_busy(True)
        QTest.keyClick(composer.edit, Key.Key_Return)
    assert composer.text() == "an old question, better"


def test_while_an_answer_is_on_its_way_enter_and_a_button_hand_the_next_one_over(
    composer: Composer, qtbot: QtBot
) -> None:
    # GIVEN an answer on its way
    composer.set_busy(True)
    (later,) = [button for button in children(composer, QPushButton) if button.text() == "Send next"]
    assert not later.isVisible()
    assert "next question" in composer.edit.placeholderText()
    # WHEN something is written THEN it can be sent by Enter or by mouse, and Stop stays
    composer.set_text("next")
    assert later.isVisible() and composer.button.text() == "Stop"
    with qtbot.waitSignal(composer.submitted):
        QTest.keyClick(composer.edit, Key.Key_Return)
    with qtbot.waitSignal(composer.submitted) as signal:
        later.click()
    assert signal.args == ["next"]
    composer.set_busy(False)
    assert not later.isVisible()
    assert composer.edit.placeholderText() == "Ask something"


def test_the_button_sends_and_stops(composer: Composer, qtbot: QtBot) -> None:
    composer.set_text("x")
    assert composer.button.text() == "Send"
    with qtbot.waitSignal(composer.submitted):
        composer.button.click()
    composer.set_busy(True)
    assert composer.button.text() == composer.button.accessibleName() == "Stop"
    with qtbot.waitSignal(composer.stopRequested), qtbot.assertNotEmitted(composer.submitted):
        composer.button.click()
    composer.set_busy(False)
    assert composer.button.text() == "Send"


@pytest.mark.parametrize("busy", [False, True])
def test_after_a_click_on_a_button_the_next_words_go_into_the_field(composer: Composer, busy: bool) -> None:
    composer.submitted.connect(lambda _text: composer.set_text(""))
    composer.set_text("x")
    composer.set_busy(busy)
    for button in (composer.later, composer.button) if busy else (composer.button,):
        button.setFocus()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        composer.set_busy(False)
        assert composer.edit.hasFocus()
        composer.set_busy(busy)


def test_escape_stops_or_ends_the_edit(composer: Composer, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(composer.stopRequested):
        QTest.keyClick(composer.edit, Key.Key_Escape)
    composer.set_busy(True)
    with qtbot.waitSignal(composer.stopRequested):
        QTest.keyClick(composer.edit, Key.Key_Escape)
    composer.set_busy(False)
    composer.set_editing(True)
    with qtbot.waitSignal(composer.editCancelled):
        QTest.keyClick(composer.edit, Key.Key_Escape)


def press(composer: Composer, *keys: Qt.Key) -> str:
    for key in keys:
        QTest.keyClick(composer.edit, key)
    return composer.text()


def test_up_and_down_lead_through_the_last_messages(composer: Composer) -> None:
    composer.recall_from(lambda: ("third", "second", "first"))
    assert press(composer, Key.Key_Up) == "third"
    assert press(composer, Key.Key_Up, Key.Key_Up) == "first"
    assert press(composer, Key.Key_Up) == "first", "there is none before it"
    assert press(composer, Key.Key_Down) == "second"
    assert press(composer, Key.Key_Down, Key.Key_Down) == "", "what was there comes back"
    assert press(composer, Key.Key_Down) == ""


def test_up_and_down_stay_within_what_is_being_written(composer: Composer) -> None:
    composer.recall_from(lambda: ("second", "first"))
    composer.set_text("a draft")
    assert press(composer, Key.Key_Up) == "a draft"
    # A recalled message that was changed is a draft.
    composer.set_text("")
    press(composer, Key.Key_Up)
    QTest.keyClicks(composer.edit, "!")
    assert press(composer, Key.Key_Up, Key.Key_Up, Key.Key_Down) == "second!"


def test_within_a_recalled_message_of_several_lines_the_caret_moves_first(composer: Composer) -> None:
    composer.recall_from(lambda: ("one\ntwo\nthree", "older"))
    assert press(composer, Key.Key_Up).startswith("one"), "with the caret behind it"
    assert press(composer, Key.Key_Up, Key.Key_Up).startswith("one"), "the caret is in its first line"
    assert press(composer, Key.Key_Up) == "older"
    assert press(composer, Key.Key_Down).startswith("one")
    press(composer, Key.Key_Up)
    assert press(composer, Key.Key_Down).startswith("one")
    assert press(composer, Key.Key_Down) == ""
    # One long line wraps, and counts as the lines that are seen.
    composer.recall_from(lambda: ("word " * 60, "older"))
    press(composer, Key.Key_Up)
    assert press(composer, Key.Key_Up) != "older"


def test_nothing_is_recalled_while_an_input_method_is_composing(composer: Composer) -> None:
    composer.recall_from(lambda: ("older",))
    QApplication.sendEvent(composer.edit, QInputMethodEvent("ni", []))
    assert press(composer, Key.Key_Up) == ""


def test_pasted_text_stays_plain(composer: Composer) -> None:
    rich = QMimeData()
    rich.setHtml("<b>bold</b><img src='file:///etc/hosts'>")
    rich.setText("bold\u2029next\u2028line")
    composer.edit.insertFromMimeData(rich)
    assert composer.text() == "bold\nnext\nline"


def test_grows_to_six_lines_and_then_scrolls(composer: Composer) -> None:
    heights = []
    for lines in (1, 3, 6, 12, 40):
        composer.set_text("\n".join("x" * 5 for _ in range(lines)))
        heights.append(composer.edit.height())
    assert heights[0] < heights[1] < heights[2]
    assert heights[3] == heights[4]
    assert composer.edit.verticalScrollBarPolicy() is Qt.ScrollBarPolicy.ScrollBarAsNeeded
    composer.set_text("")
    assert composer.edit.height() == heights[0]


def test_what_invites_to_write_is_never_cut(composer: Composer) -> None:
    composer.set_busy(True)
    edit = composer.edit
    composer.resize(900, 60)
    assert edit.placeholderText() == "Ask the next question: it is sent when this answer has ended"
    # WHEN there is less room on a line, or the letters are larger THEN it says less
    composer.resize(320, 60)
    assert edit.placeholderText() == "Ask the next question"
    composer.resize(900, 60)
    font = composer.font()
    font.setPointSize(30)
    composer.setFont(font)
    assert edit.placeholderText() == "Ask the next question"
    composer.set_busy(False)
    assert edit.placeholderText() == "Ask something"


def test_one_line_stands_in_the_middle_beside_the_button(composer: Composer) -> None:
    composer.set_text("x")
    edit = composer.edit
    caret = edit.cursorRect().translated(edit.viewport().mapTo(composer, QPoint()))
    assert abs(caret.center().y() - composer.button.geometry().center().y()) <= 1


def test_wrapped_lines_count(composer: Composer) -> None:
    composer.set_text("short")
    one = composer.edit.height()
    composer.set_text("一个很长的中文句子，" * 20)
    assert composer.edit.height() > one * 2


@pytest.fixture
def told(composer: Composer) -> list[str]:
    texts: list[str] = []
    composer.composed.connect(texts.append)
    return texts


def test_what_the_person_writes_is_told(composer: Composer, told: list[str]) -> None:
    QTest.keyClicks(composer.edit, "ab")
    assert told == ["a", "ab"]
    QApplication.clipboard().setText("c")
    composer.edit.paste()
    QTest.keyClick(composer.edit, Key.Key_Backspace)
    assert told[2:] == ["abc", "ab"]


def test_what_an_input_method_shows_is_told_before_it_is_taken_over(composer: Composer, told: list[str]) -> None:
    QApplication.sendEvent(composer.edit, QInputMethodEvent("h", []))
    QApplication.sendEvent(composer.edit, QInputMethodEvent("hao", []))
    done = QInputMethodEvent()
    done.setCommitString("好")
    QApplication.sendEvent(composer.edit, done)
    assert told == ["h", "hao", "好"]
    QTest.keyClick(composer.edit, Key.Key_Backspace)
    QApplication.sendEvent(composer.edit, QInputMethodEvent("h", []))
    QApplication.sendEvent(composer.edit, QInputMethodEvent("", []))
    assert told[3:] == ["", "h", ""]


def test_a_draft_that_comes_back_is_not(composer: Composer, told: list[str]) -> None:
    composer.set_text("a draft")
    _enlarge(composer)
    composer.set_text("another")
    assert told == []
    QTest.keyClicks(composer.edit, "!")
    composer.set_text("")
    assert told == ["another!", ""]


def test_font_size(composer: Composer) -> None:
    _enlarge(composer)
    assert composer.edit.font().pointSizeF() == 23


def _enlarge(composer: Composer) -> None:
    font = composer.font()
    font.setPointSizeF(20)
    composer.setFont(font)
