"""Where the transcript stands while it grows, is read, found in and written anew."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from desktop.ui.theme.palette import make_palette
from desktop.ui.transcript.view import TranscriptView
from tests.rigs.conversations import answer, dialogue, question
from tests.rigs.windows import LONG, at_bottom, copied, enlarge, transcript

# Messages that fill the view and what is written around it, and turns of the loop in which they are.
_FEW, _FEW_TURNS = 48, 12


@pytest.fixture
def view(qtbot: QtBot) -> TranscriptView:
    return transcript(qtbot)


def come_to_rest(view: TranscriptView, qtbot: QtBot) -> None:
    """Waits until no earlier messages are on their way to the page."""
    qtbot.waitUntil(lambda: not view._scroll._slices.isActive())


class TestScrolling:
    def test_follows_the_end_but_never_pulls_the_reader_down(self, view: TranscriptView, qtbot: QtBot) -> None:
        view.show_messages([question(1), answer(2, LONG)], 0)
        assert at_bottom(view)
        view.append_message(question(3))
        view.begin_answer(None, "")
        view.grow_answer(LONG, "")
        qtbot.waitUntil(lambda: view.toPlainText().count("Paragraph 59") == 2)
        assert at_bottom(view)
        view.verticalScrollBar().setValue(300)
        view.grow_answer("\n\nmore\n\n" + LONG, "")
        qtbot.waitUntil(lambda: view.toPlainText().count("Paragraph 59") == 3)
        assert view.verticalScrollBar().value() == 300
        view.finish_answer(answer(4, LONG))
        assert view.verticalScrollBar().value() == 300
        view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
        view.append_message(answer(5, LONG))
        assert at_bottom(view)

    def test_a_message_of_the_user_brings_the_end_into_view(self, view: TranscriptView) -> None:
        view.show_messages([question(1), answer(2, LONG)], 0)
        view.verticalScrollBar().setValue(0)
        view.append_message(question(3))
        assert at_bottom(view)

    def test_a_long_conversation_is_written_from_its_end_as_it_is_read(
        self, view: TranscriptView, qtbot: QtBot
    ) -> None:
        messages = dialogue(500)
        view.show_messages(messages, 0)
        come_to_rest(view, qtbot)
        assert at_bottom(view)
        assert "Answer 1000." in view.toPlainText()
        assert view.document().blockCount() < 200
        # WHEN the reader scrolls up THEN what is in view stays where it is
        view.verticalScrollBar().setValue(100)
        top = view.cursorForPosition(QPoint(50, 200)).block().text()
        blocks = view.document().blockCount()
        qtbot.waitUntil(lambda: view.document().blockCount() > blocks)
        assert view.cursorForPosition(QPoint(50, 200)).block().text() == top
        # AND in the end everything is there, once and in order
        for _ in range(200):
            if "Question 1?" in view.toPlainText():
                break
            view.verticalScrollBar().setValue(0)
            come_to_rest(view, qtbot)
        assert copied(view) == "\n".join(message.text.replace("*", "") for message in messages)

    def test_other_colours_leave_the_reader_where_they_are(self, view: TranscriptView, qtbot: QtBot) -> None:
        view.show_messages(dialogue(300), 0)
        view.reveal(401)

        def is_there() -> bool:
            texts = [view.cursorForPosition(QPoint(50, y)).block().text() for y in range(0, 80, 10)]
            return "Question 401?" in texts

        qtbot.waitUntil(is_there)
        come_to_rest(view, qtbot)
        foot = view._scroll.foot_of(401)
        for dark in (True, False, True):
            view.setPalette(make_palette(dark))
            assert len(view._page.written) <= _FEW  # not all that had been read is written anew at once
            qtbot.waitUntil(is_there)
            assert abs(view._scroll.foot_of(401) - foot) <= 3
        enlarge(view)
        qtbot.waitUntil(is_there)
        assert view.viewport().updatesEnabled()

    def test_another_conversation_is_seen_while_a_place_is_looked_for(self, view: TranscriptView, qtbot: QtBot) -> None:
        view.show_messages(dialogue(300), 0)
        view.reveal(101)
        qtbot.waitUntil(lambda: "Question 101?" in view.toPlainText())
        enlarge(view)
        view.show_messages([question(1, "Other")], 0)
        assert view.viewport().updatesEnabled()
        come_to_rest(view, qtbot)
        assert copied(view) == "Other"
        assert at_bottom(view)

    def test_a_message_far_up_is_brought_into_view(self, view: TranscriptView, qtbot: QtBot) -> None:
        view.show_messages(dialogue(200), 0)
        view.reveal(21)
        qtbot.waitUntil(lambda: "Question 21?" in view.toPlainText())
        texts = [view.cursorForPosition(QPoint(50, y)).block().text() for y in range(0, 120, 10)]
        assert "Question 21?" in texts
        # WHEN one is asked for that is not there THEN nothing moves
        come_to_rest(view, qtbot)
        value = view.verticalScrollBar().value()
        view.reveal(9999)
        come_to_rest(view, qtbot)
        assert view.verticalScrollBar().value() == value
        assert view.viewport().updatesEnabled()


class TestJumping:
    """However far one goes, only what is there is written, and not what lies between."""

    def test_to_the_beginning_of_2000_messages(self, view: TranscriptView, qtbot: QtBot) -> None:
        messages = dialogue(1000)
        view.show_messages(messages, 0)
        come_to_rest(view, qtbot)
        assert len(view._page.written) <= _FEW
        turns = CountedSlices(view)
        view.go_to_start()
        come_to_rest(view, qtbot)
        assert turns.count <= _FEW_TURNS
        assert len(view._page.written) <= _FEW
        assert view.verticalScrollBar().value() == 0
        assert "Question 1?" in [view.cursorForPosition(QPoint(50, y)).block().text() for y in range(0, 120, 10)]
        assert view._page.message_at(view.textCursor().position()) == messages[0]
        # WHEN one goes to the end again THEN that costs no more
        view.go_to_end()
        come_to_rest(view, qtbot)
        assert len(view._page.written) <= _FEW
        assert at_bottom(view)
        assert view.toPlainText().count("Answer 2000.") == 1

    def test_all_can_be_read_from_the_middle_on(self, view: TranscriptView, qtbot: QtBot) -> None:
        messages = dialogue(60)
        view.show_messages(messages, 0)
        view.reveal(61)
        qtbot.waitUntil(lambda: "Question 61?" in view.toPlainText())
        come_to_rest(view, qtbot)
        assert not view._page.is_end_written
        bar = view.verticalScrollBar()
        for value in (bar.maximum, lambda: 0):
            for _ in range(100):
                bar.setValue(value())
                come_to_rest(view, qtbot)
        assert view._page.written == range(len(messages))
        assert copied(view) == "\n".join(message.text.replace("*", "") for message in messages)

    def test_later_messages_do_not_move_what_is_read(self, view: TranscriptView, qtbot: QtBot) -> None:
        view.show_messages(dialogue(60), 0)
        view.go_to_start()
        come_to_rest(view, qtbot)
        view.append_message(answer(121, "Something new"))
        view.mark_cut(2)
        come_to_rest(view, qtbot)
        assert "Something new" not in view.toPlainText()
        assert view.verticalScrollBar().value() == 0
        # WHEN the reader says something THEN the end is shown, with all of it
        view.append_message(question(122))
        come_to_rest(view, qtbot)
        assert at_bottom(view)
        assert view.toPlainText().index("Something new") < view.toPlainText().index("Question 122?")

    def test_an_answer_grows_on_unseen(self, view: TranscriptView, qtbot: QtBot) -> None:
        view.show_messages(dialogue(60), 0)
        view.begin_answer(None, "One moment…")
        view.go_to_start()
        come_to_rest(view, qtbot)
        view.grow_answer("Unseen ", "")
        view.set_waiting("Still")
        qtbot.waitUntil(lambda: not view._pacing.is_waiting)
        assert "Unseen" not in view.toPlainText()
        # WHEN the end is shown again THEN what has come is there, and grows on
        view.go_to_end()
        assert "Unseen" in view.toPlainText()
        view.grow_answer("words", "")
        qtbot.waitUntil(lambda: "Unseen words" in view.toPlainText())
        # AND where it ends unseen it is found later
        view.go_to_start()
        come_to_rest(view, qtbot)
        view.finish_answer(answer(121, "Unseen words"))
        view.go_to_end()
        assert view.toPlainText().count("Unseen words") == 1

    def test_messages_that_are_not_written_can_go(self, view: TranscriptView, qtbot: QtBot) -> None:
        view.show_messages(dialogue(60), 0)
        view.go_to_start()
        come_to_rest(view, qtbot)
        view.remove_from(61)
        view.go_to_end()
        come_to_rest(view, qtbot)
        assert "Answer 60." in view.toPlainText()
        # AND all that are
        view.remove_from(1)
        assert view.messages == []
        assert copied(view) == ""


class CountedSlices:
    """Counts the turns of the loop in which something is written."""

    def __init__(self, view: TranscriptView) -> None:
        self.count = 0
        view._scroll._slices.timeout.connect(self._on_slice)

    def _on_slice(self) -> None:
        self.count += 1
