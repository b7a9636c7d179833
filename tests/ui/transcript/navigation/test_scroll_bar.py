"""The scroll bar, which is as long as the conversation, and what dragging it costs."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.history.records import StoredMessage
from desktop.ui.transcript.view import TranscriptView
from tests.rigs.conversations import answer, dialogue, question
from tests.rigs.windows import LONG, at_bottom, transcript
from tests.support.longest_turn import longest_turn

# What the issue asks for on the machine of docs/ARCHITECTURE.md, in time of the processor.
_HELD_S = 0.1
_FEW = 48


@pytest.fixture
def view(qtbot: QtBot) -> TranscriptView:
    return transcript(qtbot)


def come_to_rest(view: TranscriptView, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not view._scroll._slices.isActive() and not view.scroll_bar._following.isActive())


def numbers_in_view(view: TranscriptView) -> set[int]:
    """Returns the ids of the messages that can be seen."""
    found = (view._page.message_at(view.cursorForPosition(QPoint(60, y)).position()) for y in range(0, 400, 8))
    return {message.id for message in found if message is not None}


def very_long(pairs: int) -> list[StoredMessage]:
    """Returns a conversation whose every tenth answer is very long."""
    messages: list[StoredMessage] = []
    for number in range(pairs):
        long = f"Answer {number}: " + "a **word** and `more` of it, on and on. " * 2_000
        messages += [question(number * 2 + 1), answer(number * 2 + 2, long if number % 10 == 5 else LONG)]
    return messages


class TestHandle:
    def test_all_that_is_written_is_scrolled_as_ever(self, view: TranscriptView, qtbot: QtBot) -> None:
        view.show_messages([question(1), answer(2, LONG)], 0)
        come_to_rest(view, qtbot)
        bar, inner = view.scroll_bar, view.verticalScrollBar()
        assert (bar.maximum(), bar.pageStep(), bar.value()) == (inner.maximum(), inner.pageStep(), inner.value())
        bar.setSliderPosition(120)
        assert inner.value() == 120

    def test_nothing_to_scroll_shows_no_bar(self, view: TranscriptView, qtbot: QtBot) -> None:
        view.show_messages([question(1)], 0)
        come_to_rest(view, qtbot)
        assert not view.scroll_bar.isVisible()
        assert not view.verticalScrollBar().isVisible()

    def test_it_is_where_the_page_is(self, view: TranscriptView, qtbot: QtBot) -> None:
        # GIVEN a conversation of which only the end is written
        view.show_messages(dialogue(1000), 0)
        come_to_rest(view, qtbot)
        bar = view.scroll_bar
        assert bar.value() == bar.maximum()
        assert bar.pageStep() < bar.maximum() / 50, "as long as all of it"
        # WHEN one goes to a message THEN the handle is there
        for wanted in (1, 500, 1001, 1500):
            view.reveal(wanted)
            come_to_rest(view, qtbot)
            assert abs(bar.value() / bar.maximum() - wanted / 2000) < 0.02, wanted
        view.go_to_start()
        come_to_rest(view, qtbot)
        assert bar.value() == 0
        view.go_to_end()
        come_to_rest(view, qtbot)
        assert bar.value() == bar.maximum()

    def test_steps_and_the_wheel_move_the_page(self, view: TranscriptView, qtbot: QtBot) -> None:
        view.show_messages(dialogue(1000), 0)
        come_to_rest(view, qtbot)
        before = view.verticalScrollBar().maximum() - view.verticalScrollBar().value()
        view.scroll_bar.triggerAction(view.scroll_bar.SliderAction.SliderPageStepSub)
        come_to_rest(view, qtbot)
        moved = view.verticalScrollBar().maximum() - view.verticalScrollBar().value()
        assert 0 < moved - before <= view.viewport().height()
        assert view.scroll_bar.value() < view.scroll_bar.maximum()


@pytest.mark.parametrize("messages", [dialogue(1000), very_long(60)], ids=["2000", "very long ones"])
class TestDragging:
    def test_anywhere_settles_at_once(self, view: TranscriptView, qtbot: QtBot, messages: list[StoredMessage]) -> None:
        # GIVEN a long conversation, at its end
        view.show_messages(messages, 0)
        come_to_rest(view, qtbot)
        bar = view.scroll_bar
        for share in (0.5, 0.02, 0.9, 0.31, 0.0, 0.7, 1.0):
            # WHEN the handle is dragged somewhere
            with longest_turn(qtbot, lambda: not view._scroll._slices.isActive()) as dragging:
                bar.setSliderDown(True)
                bar.setSliderPosition(round(bar.maximum() * share))
            # THEN nothing keeps the window, little is written, and what is there is what belongs there
            assert dragging.seconds < _HELD_S, share
            assert len(view._page.written) <= _FEW
            place = bar.value()
            bar.setSliderDown(False)
            come_to_rest(view, qtbot)
            assert abs(bar.value() - place) <= bar.pageStep(), "the handle stays where it was let go of"
            if len(messages) == 2000:
                assert min(abs(number - 2000 * share) for number in numbers_in_view(view)) < 40
            if share == 1.0:
                assert at_bottom(view)
            if share == 0.0:
                assert view.verticalScrollBar().value() == 0

    def test_through_all_of_it(self, view: TranscriptView, qtbot: QtBot, messages: list[StoredMessage]) -> None:
        view.show_messages(messages, 0)
        come_to_rest(view, qtbot)
        bar = view.scroll_bar
        with longest_turn(qtbot, lambda: not view._scroll._slices.isActive()) as dragging:
            bar.setSliderDown(True)
            for step in range(60):
                bar.setSliderPosition(round(bar.maximum() * (1 - step / 60)))
                qtbot.wait(0)
            bar.setSliderDown(False)
        assert dragging.seconds < _HELD_S
        assert len(view._page.written) <= _FEW

    @pytest.mark.qt_log_ignore('Mouse event "MouseRelease" not accepted')  # which does not matter here
    def test_what_is_selected_stays_so(self, view: TranscriptView, qtbot: QtBot, messages: list[StoredMessage]) -> None:
        # GIVEN a few words selected at the end
        view.show_messages(messages, 0)
        come_to_rest(view, qtbot)
        found = view.document().find("Paragraph 59" if len(messages) < 2000 else "Answer 2000")
        assert found.hasSelection()
        view.setTextCursor(found)
        wanted = view.createMimeDataFromSelection().text()
        # WHEN one drags far away THEN it can still be copied
        bar = view.scroll_bar
        bar.setSliderPosition(bar.maximum() // 3)
        come_to_rest(view, qtbot)
        assert not view.textCursor().hasSelection()
        assert view.createMimeDataFromSelection().text() == wanted
        # AND it is there when one comes back
        bar.setSliderPosition(bar.maximum())
        come_to_rest(view, qtbot)
        assert view.textCursor().selectedText() == wanted
        # AND elsewhere another selection takes its place
        bar.setSliderPosition(bar.maximum() // 3)
        come_to_rest(view, qtbot)
        QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
        assert view.createMimeDataFromSelection().text() == ""
        QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
