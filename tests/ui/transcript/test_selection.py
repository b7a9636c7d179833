from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.ui.transcript.view import TranscriptView
from tests.rigs.conversations import answer, dialogue, question
from tests.rigs.windows import LONG, at_bottom, transcript, whole
from tests.support.longest_turn import longest_turn

_CTRL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def view(qtbot: QtBot) -> TranscriptView:
    return transcript(qtbot)


def selected(view: TranscriptView) -> str:
    return view.createMimeDataFromSelection().text()


def select(view: TranscriptView, first: str, last: str) -> None:
    """Selects from the beginning of one text on the page to the end of another."""
    begin = view.document().find(first)
    end = view.document().find(last, begin) if last != first else begin
    cursor = view.textCursor()
    cursor.setPosition(begin.selectionStart())
    cursor.setPosition(end.selectionEnd(), QTextCursor.MoveMode.KeepAnchor)
    view.setTextCursor(cursor)


class TestCopyingAll:
    def test_all_is_copied_with_who_said_what_however_little_is_written(self, view: TranscriptView) -> None:
        messages = dialogue(160)
        view.show_messages(messages, 0)
        said = [
            f"You:\n{one.text}" if number % 2 == 0 else f"Catnap:\n{one.text}" for number, one in enumerate(messages)
        ]
        assert whole(view) == "\n\n".join(said)

    def test_one_message_alone_needs_no_name(self, view: TranscriptView) -> None:
        view.show_messages([question(1, "Just <b>this</b>")], 0)
        assert whole(view) == "Just <b>this</b>"

    def test_nothing_is_nothing(self, view: TranscriptView) -> None:
        assert whole(view) == ""

    def test_thoughts_that_can_be_read_are_copied(self, view: TranscriptView) -> None:
        view.show_messages([question(1), answer(2, "Yes.", thinking="Hmm.")], 0)
        assert "Hmm." not in whole(view)
        view._page.toggle_thought("2")
        assert whole(view).endswith("Catnap:\nHmm.\n\nYes.")

    def test_an_answer_that_grows_is_copied_as_far_as_it_has_come(self, view: TranscriptView, qtbot: QtBot) -> None:
        view.show_messages(dialogue(40), 0)
        view.append_message(question(99, "And now?"))
        view.begin_answer(None, "One moment…")
        view.grow_answer("It **grows", "")
        qtbot.waitUntil(lambda: "grows" in view.toPlainText())
        view.selectAll()
        assert selected(view).endswith("You:\nAnd now?\n\nCatnap:\nIt **grows")
        # WHEN more of it comes, and its end THEN all of that is selected as well, and the end stays in view
        view.grow_answer("** on.", "")
        qtbot.waitUntil(lambda: "on." in view.toPlainText())
        assert selected(view).startswith("You:\nQuestion 1?")
        assert selected(view).endswith("It **grows** on.")
        assert at_bottom(view)
        view.finish_answer(answer(100, "It **grows** on."))
        assert selected(view).endswith("It **grows** on.")
        assert at_bottom(view)

    def test_everything_from_anywhere(self, view: TranscriptView, qtbot: QtBot) -> None:
        # GIVEN a conversation of which the middle is written, an answer growing at its end
        view.show_messages(dialogue(160), 0)
        everything = whole(view)
        view.moveCursor(QTextCursor.MoveOperation.End)
        view.begin_answer(None, "")
        view.reveal(161)
        qtbot.waitUntil(lambda: "Question 161?" in view.toPlainText())
        view.grow_answer("It grows", "")
        qtbot.waitUntil(lambda: not view._pacing.is_waiting)
        assert "Answer 320." not in view.toPlainText()
        # WHEN everything is selected THEN that is the whole conversation, also when more of it is written
        view.selectAll()
        assert selected(view) == f"{everything}\n\nCatnap:\nIt grows"
        view._scroll._write_later()
        view._scroll._write_earlier()
        assert selected(view) == f"{everything}\n\nCatnap:\nIt grows"


class TestPart:
    def test_part_of_one_message_is_just_that(self, view: TranscriptView) -> None:
        view.show_messages([question(1), answer(2, "Some **bold** words.")], 0)
        select(view, "bold", "words")
        assert selected(view) == "bold words"

    def test_parts_of_several_have_their_names(self, view: TranscriptView) -> None:
        view.show_messages([question(1), answer(2, "Some **bold** words."), question(3)], 0)
        select(view, "bold", "Question 3")
        assert selected(view) == "Catnap:\nbold words.\n\nYou:\nQuestion 3"

    def test_one_between_them_comes_as_it_was_written(self, view: TranscriptView) -> None:
        view.show_messages([question(1), answer(2, "Some **bold** words."), question(3)], 0)
        select(view, "1?", "Question 3")
        assert selected(view) == "You:\n1?\n\nCatnap:\nSome **bold** words.\n\nYou:\nQuestion 3"

    def test_it_survives_the_growth_of_what_it_is_a_part_of(self, view: TranscriptView, qtbot: QtBot) -> None:
        view.show_messages([question(1)], 0)
        view.begin_answer(None, "")
        view.grow_answer("A sentence that", "")
        qtbot.waitUntil(lambda: "sentence" in view.toPlainText())
        select(view, "sentence", "sentence")
        view.grow_answer(" goes on.", "")
        qtbot.waitUntil(lambda: "on." in view.toPlainText())
        assert selected(view) == "sentence"

    def test_it_survives_what_is_written_above(self, view: TranscriptView, qtbot: QtBot) -> None:
        view.show_messages(dialogue(40), 0)
        select(view, "Answer 78", "Answer 80")
        before = selected(view)
        view.verticalScrollBar().setValue(0)
        qtbot.waitUntil(lambda: "Question 71?" in view.toPlainText())
        assert selected(view) == before


class TestKeys:
    def test_the_beginning_and_the_end_are_those_of_the_conversation(self, view: TranscriptView, qtbot: QtBot) -> None:
        view.show_messages(dialogue(160), 0)
        QTest.keyClick(view, Qt.Key.Key_Home, _CTRL)
        qtbot.waitUntil(lambda: "Question 1?" in view.toPlainText() and view.verticalScrollBar().value() == 0)
        assert view._page.message_at(view.textCursor().position()) == view.messages[0]
        QTest.keyClick(view, Qt.Key.Key_End, _CTRL)
        assert at_bottom(view)
        assert view.textCursor().atEnd()

    def test_the_end_is_followed_again_after_a_look_at_the_beginning(self, view: TranscriptView, qtbot: QtBot) -> None:
        view.show_messages(dialogue(20), 0)
        view.begin_answer(None, "")
        QTest.keyClick(view, Qt.Key.Key_Home, _CTRL)
        qtbot.waitUntil(lambda: view.verticalScrollBar().value() == 0)
        view.grow_answer(LONG, "")
        qtbot.waitUntil(lambda: not view._pacing.is_waiting)
        assert view.verticalScrollBar().value() == 0
        QTest.keyClick(view, Qt.Key.Key_End, _CTRL)
        view.grow_answer("\n\nThe end.", "")
        qtbot.waitUntil(lambda: "Paragraph 59" in view.toPlainText() and "The end." in view.toPlainText())
        assert at_bottom(view)

    def test_from_here_to_the_beginning(self, view: TranscriptView, qtbot: QtBot) -> None:
        messages = dialogue(160)
        view.show_messages(messages, 0)
        place = view.document().find("Answer 320")
        cursor = view.textCursor()
        cursor.setPosition(place.selectionEnd())
        view.setTextCursor(cursor)
        QTest.keyClick(view, Qt.Key.Key_Home, _CTRL | _SHIFT)
        # THEN it is copied right at once, and when all of it is written
        wanted = (
            "\n\n".join(
                f"{'You' if number % 2 == 0 else 'Catnap'}:\n{one.text}" for number, one in enumerate(messages)
            ).removesuffix("**320**.")
            + "320"
        )
        assert selected(view) == wanted
        qtbot.waitUntil(lambda: "Question 1?" in view.toPlainText() and view.verticalScrollBar().value() == 0)
        assert selected(view) == wanted

    @pytest.mark.parametrize("key", [Qt.Key.Key_Home, Qt.Key.Key_End], ids=["the beginning", "the end"])
    def test_to_an_end_of_2000_messages_at_once(self, view: TranscriptView, qtbot: QtBot, key: Qt.Key) -> None:
        # GIVEN the caret in the middle of a long conversation
        messages = dialogue(1000)
        view.show_messages(messages, 0)
        view.reveal(1000)
        qtbot.waitUntil(lambda: not view._scroll._slices.isActive())
        place = view.document().find("Answer 1000")
        cursor = view.textCursor()
        cursor.setPosition(place.selectionEnd() - 4 if key == Qt.Key.Key_End else place.selectionEnd())
        view.setTextCursor(cursor)
        # WHEN all from there to the beginning, or the end, is selected
        with longest_turn(qtbot, lambda: not view._scroll._slices.isActive()) as selecting:
            QTest.keyClick(view, key, _CTRL | _SHIFT)
        # THEN that takes no time, and only what can be seen is written
        assert selecting.seconds < 0.1
        assert len(view._page.written) <= 48
        # AND all of it is copied, the one that is not written any more from where it was
        QTest.keyClick(view, Qt.Key.Key_C, _CTRL)
        text = QGuiApplication.clipboard().text()
        if key == Qt.Key.Key_Home:
            assert text.startswith("You:\nQuestion 1?") and text.endswith("Catnap:\nAnswer 1000")
        else:
            assert text.startswith("Catnap:\n1000.\n\nYou:\nQuestion 1001?") and text.endswith("Answer **2000**.")
        assert text.count("Catnap:") == (500 if key == Qt.Key.Key_Home else 501)
