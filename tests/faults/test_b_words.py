"""FAULTS B: people's words. One test for each row, with the row's own input; further members of each kind have theirs
beside what they are about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop.common.errors import MessageTooLongError
from desktop.history.records import MessageState
from desktop.ui.chat.deleted import DeletedPresenter
from tests.rigs.chat import Bench
from tests.support.widgets import children


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


def test_b2_editing_an_old_question_sets_aside_and_loses_nothing(bench: Bench) -> None:
    # GIVEN a conversation of 160 exchanges, and its 134th question in the composer
    conversation = long_conversation(bench, 160)
    before = bench.texts(conversation)
    old = bench.history.transcript(conversation).messages[2 * 133]
    bench.window.pane.transcript.editRequested.emit(old.id)
    assert bench.draft() == "Question 133?"
    # THEN the strip says in true words what becomes of what followed
    assert "The 53 that followed are set aside under ‹ ›." in strip(bench)
    # WHEN it is sent
    bench.send("Another question?")
    # THEN it says what was set aside and where it is
    assert bench.banner() == "53 messages set aside"
    bench.say("Another answer.")
    bench.finish()
    assert bench.texts(conversation) == [*before[: 2 * 133], "Another question?", "Another answer."]
    assert "2/2" in bench.page()
    # WHEN a person pages back THEN all of it is there again, and forth the new one
    click_link(bench, f"catnap:version/{bench.history.transcript(conversation).messages[-2].id}/-1")
    assert bench.texts(conversation) == before
    bench.qtbot.waitUntil(lambda: "1/2" in bench.page())
    bench.window.menu.version_after.trigger()
    assert bench.texts(conversation)[-1] == "Another answer."
    # AND Undo shows what was there before, Redo what came then
    assert bench.window.menu.undo.text() == "&Undo edit of a message"
    bench.window.menu.undo.trigger()
    assert bench.texts(conversation) == before
    bench.window.menu.redo.trigger()
    assert bench.texts(conversation)[-1] == "Another answer."


def test_b3_two_conversations_deleted_come_back_by_undo_or_from_recently_deleted(bench: Bench) -> None:
    # GIVEN three conversations, two of which are deleted at once
    first, second = bench.talk("First", "1"), bench.talk("Second", "2")
    kept = bench.talk("Third", "3")
    for title in ("First", "Second"):
        click_row(bench, title)
        QTest.keyClick(focus(), Qt.Key.Key_Delete)
    assert [one.id for one in bench.history.conversations()] == [kept]
    # WHEN Ctrl+Z is pressed twice THEN both are back
    assert bench.window.menu.undo.text() == "&Undo delete “Second”"
    for _time in range(2):
        QTest.keyClick(focus(), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert {one.id for one in bench.history.conversations()} == {first, second, kept}
    assert bench.presenter.current == first
    # AND Ctrl+Shift+Z deletes them again
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(focus(), Qt.Key.Key_Z, keys)
    assert first not in {one.id for one in bench.history.conversations()}
    # AND the list of what was deleted has it, for 30 days
    deleted = DeletedPresenter(bench.window, bench.presenter, bench.history, lambda: 30, lambda _id: None)
    bench.window.menu.deleted.trigger()
    assert deleted.dialog is not None
    assert deleted.dialog.rows.item(0).text() == "First"
    deleted.dialog.restoreRequested.emit([first])
    assert {one.id for one in bench.history.conversations()} == {first, second, kept}


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
    long_conversation(bench, 160)
    # WHEN all is selected and copied
    page = bench.window.pane.transcript
    page.setFocus()
    QTest.keyClick(page, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(page, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    # THEN that is all of it, and who said what
    said = (f"You:\nQuestion {number}?\n\nCatnap:\nAnswer {number}." for number in range(160))
    assert QApplication.clipboard().text() == "\n\n".join(said)
    # WHEN the beginning is asked for THEN it comes
    QTest.keyClick(page, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    bench.qtbot.waitUntil(lambda: "Question 0?" in bench.page() and page.verticalScrollBar().value() == 0)


def test_b7_the_title_follows_the_first_message(bench: Bench) -> None:
    # GIVEN a conversation that has its title from its first message
    bench.talk("How tall is a giraffe?", "Five metres.")
    # WHEN that is edited THEN the list and the head say so
    bench.edit_last("How tall is a house?")
    bench.say("Ten metres.")
    bench.finish()
    assert titles(bench) == ["How tall is a house?"]
    # AND back again with the version
    bench.window.menu.undo.trigger()
    assert titles(bench) == ["How tall is a giraffe?"]


def test_b7_a_first_message_that_is_refused_leaves_no_conversation(bench: Bench) -> None:
    # GIVEN a message that is too long, and more that was written while it was tried
    bench.send("A very long message")
    bench.window.pane.composer.set_text("Another thought")
    # WHEN the engine refuses it
    bench.fail(MessageTooLongError(5000, 2048))
    # THEN nothing is in the list, and all that was written is in the composer
    assert titles(bench) == []
    assert bench.history.conversations() == ()
    assert bench.presenter.current is None
    assert bench.draft() == "A very long message\nAnother thought"
    assert {text for text in bench.window.pane.drafts().values() if text} == {bench.draft()}


def test_b10_answering_anew_keeps_the_old_answer(bench: Bench) -> None:
    conversation = bench.talk("Tell me", "The first answer.")
    bench.window.menu.regenerate.trigger()
    bench.say("The second answer.")
    bench.finish()
    assert "2/2" in bench.page()
    assert bench.texts(conversation) == ["Tell me", "The second answer."]
    bench.window.menu.version_before.trigger()
    assert bench.texts(conversation) == ["Tell me", "The first answer."]
    bench.qtbot.waitUntil(lambda: "The first answer." in bench.page() and "1/2" in bench.page())
    bench.window.menu.undo.trigger()  # of the regeneration: that is what is shown already
    assert bench.texts(conversation) == ["Tell me", "The first answer."]
    bench.window.menu.redo.trigger()
    assert bench.texts(conversation) == ["Tell me", "The second answer."]


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(qtbot, tmp_path)
    made.window.resize(1100, 700)
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
        QTest.keyClicks(focus(), letter)


def click_row(bench: Bench, title: str) -> None:
    """Clicks the conversation with this title."""
    rows = bench.window.list.rows
    (item,) = rows.findItems(title, Qt.MatchFlag.MatchExactly)
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=rows.visualItemRect(item).center())
    assert rows.hasFocus()


def titles(bench: Bench) -> list[str]:
    """Returns what the list shows."""
    rows = bench.window.list.rows
    return [rows.item(row).text() for row in range(rows.count())]


def strip(bench: Bench) -> str:
    """Returns what is said above the message that is being edited."""
    return " ".join(label.text() for label in children(bench.window.pane.composer, QLabel, shown=True))


def click_link(bench: Bench, address: str) -> None:
    """Clicks a link on the page."""
    bench.window.pane.transcript.anchorClicked.emit(QUrl(address))


def long_conversation(bench: Bench, exchanges: int) -> str:
    """Opens a conversation of "Question 0?", "Answer 0." and so on, and returns its id."""
    conversation = bench.history.create("Long").id
    with bench.history.transaction():
        for number in range(exchanges):
            bench.history.add_user_message(conversation, f"Question {number}?")
            bench.history.add_answer(
                conversation, f"Answer {number}.", thinking="", state=MessageState.COMPLETE, model="tiny", stats=None
            )
    bench.presenter.open(conversation)
    return conversation
