"""Where the transcript stands while it grows, is read, found in and written anew."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from desktop.ui.theme.palette import make_palette
from desktop.ui.transcript.view import TranscriptView
from tests.rigs.conversations import answer, dialogue, question
from tests.rigs.windows import LONG, at_bottom, copied, transcript


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
        bar, written = view.verticalScrollBar(), view.document().blockCount()
        below = bar.maximum() - bar.value()
        for dark in (True, False, True):
            view.setPalette(make_palette(dark))
            assert view.document().blockCount() < written / 4  # not all that had been read is written anew at once
            qtbot.waitUntil(is_there)
            assert abs(bar.maximum() - bar.value() - below) <= 3
        view.set_font_size(18)
        qtbot.waitUntil(is_there)
        assert view.viewport().updatesEnabled()

    def test_another_conversation_is_seen_while_a_place_is_looked_for(self, view: TranscriptView, qtbot: QtBot) -> None:
        view.show_messages(dialogue(300), 0)
        view.reveal(101)
        qtbot.waitUntil(lambda: "Question 101?" in view.toPlainText())
        view.set_font_size(18)
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
        view.reveal(9999)
        qtbot.waitUntil(lambda: "Question 1?" in view.toPlainText())
