"""FAULTS B: people's words. One test for each row, with the row's own input; further members of each kind have theirs
beside what they are about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop.history.records import MessageState
from tests.rigs.chat import Bench


def test_b1_typing_in_the_conversation_list_writes_the_message(bench: Bench) -> None:
    # GIVEN conversations one of which begins with the letter that will be typed, and a click on another
    for title in ("What is a cat?", "Zebras", "Apples"):
        bench.talk(title, "An answer.")
    click_row(bench, "Zebras")
    opened = bench.presenter.current
    # WHEN a person types there, and presses Backspace
    type_where_the_focus_is("What is")
    QTest.keyClick(focus(), Qt.Key.Key_Backspace)
    # THEN it is a message, the conversation stays, and nothing is deleted
    assert bench.draft() == "What i"
    assert bench.presenter.current == opened
    # AND Backspace in the list itself does nothing
    bench.window.list.rows.setFocus()
    QTest.keyClick(bench.window.list.rows, Qt.Key.Key_Backspace)
    assert len(bench.history.conversations()) == 3
    assert bench.presenter.current == opened


def test_b4_the_conversation_clicked_in_a_scrolled_list_is_marked_and_stays(bench: Bench) -> None:
    # GIVEN 64 conversations and a list that is scrolled down
    for number in range(64):
        bench.talk(f"Conversation {number}", "An answer.")
    rows = bench.window.list.rows
    bar = rows.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    # WHEN one is clicked
    clicked = rows.itemAt(rows.viewport().rect().center())
    title, place = clicked.text(), rows.visualItemRect(clicked).top()
    click_row(bench, title)
    # THEN it is open, it is the one that is marked, and it is where it was under the mouse
    assert rows.marked is not None
    assert rows.marked.text() == title
    assert rows.visualItemRect(rows.marked).top() == place
    assert bench.texts(str(bench.presenter.current))[0] == title
    # AND Del deletes just that one
    QTest.keyClick(rows, Qt.Key.Key_Delete)
    assert title not in [one.title for one in bench.history.conversations()]
    assert len(bench.history.conversations()) == 63


def test_b6_copying_a_long_conversation_copies_all_of_it_with_who_said_what(bench: Bench) -> None:
    # GIVEN a conversation of 160 exchanges
    conversation = bench.history.create("Long").id
    said = []
    with bench.history.transaction():
        for number in range(160):
            question, answer = f"Question {number}?", f"Answer {number}."
            bench.history.add_user_message(conversation, question)
            bench.history.add_answer(
                conversation, answer, thinking="", state=MessageState.COMPLETE, model="tiny", stats=None
            )
            said += [f"You:\n{question}", f"Catnap:\n{answer}"]
    bench.presenter.open(conversation)
    # WHEN all is selected and copied
    page = bench.window.pane.transcript
    page.setFocus()
    QTest.keyClick(page, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(page, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    # THEN that is all of it, and who said what
    assert QApplication.clipboard().text() == "\n\n".join(said)
    # WHEN the beginning is asked for THEN it comes
    QTest.keyClick(page, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    bench.qtbot.waitUntil(lambda: "Question 0?" in bench.page() and page.verticalScrollBar().value() == 0)


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(qtbot, tmp_path)
    made.window.activateWindow()
    qtbot.waitUntil(made.window.isActiveWindow)
    yield made
    made.history.close()


def focus() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def type_where_the_focus_is(text: str) -> None:
    """Types as a person does: each key goes to what has the keyboard then."""
    for letter in text:
        QTest.keyClick(focus(), letter)


def click_row(bench: Bench, title: str) -> None:
    """Clicks the conversation with this title."""
    rows = bench.window.list.rows
    (item,) = rows.findItems(title, Qt.MatchFlag.MatchExactly)
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=rows.visualItemRect(item).center())
