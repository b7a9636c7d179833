"""An answer that was cut off goes on, from the button to the history."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from pytestqt.qtbot import QtBot

from desktop.chat.adoption import adopt_unfinished
from desktop.common.errors import UserFacingError
from desktop.engine.types import BegunAnswer, Finished, FinishReason, Stats
from desktop.history.records import MessageState
from desktop.history.rescue.answer_journal import AnswerJournal
from tests.rigs.chat import Bench

_CONTINUE = QUrl("catnap:continue")


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(qtbot, tmp_path)
    yield made
    made.history.close()


def cut_off(bench: Bench, reason: FinishReason = FinishReason.STOPPED) -> str:
    """Begins a conversation whose answer is cut off and returns its id."""
    bench.presenter.open(None)
    bench.send("How does it go?")
    bench.say("It begins ")
    bench.say("well, and")
    bench.finish(reason)
    assert bench.presenter.current is not None
    return bench.presenter.current


@pytest.mark.parametrize("reason", [FinishReason.STOPPED, FinishReason.LENGTH])
def test_it_goes_on_from_where_it_stopped(bench: Bench, reason: FinishReason) -> None:
    # GIVEN an answer that was cut off
    conversation = cut_off(bench, reason)
    assert "Continue" in bench.page()
    assert ("Stopped" in bench.page()) == (reason is FinishReason.STOPPED)
    assert ("Cut off" in bench.page()) == (reason is FinishReason.LENGTH)
    # WHEN "Continue" is pressed
    bench.window.pane.transcript.anchorClicked.emit(_CONTINUE)
    # THEN no question is asked, and the same turn is gone on with
    request = bench.engine.last
    assert request.messages[-1].text == "How does it go?"
    assert request.begun == BegunAnswer("It begins well, and")
    assert "It begins well, and" in bench.page(), "what is there stays in view"
    bench.say(" ends")
    bench.say(" well.")
    bench.finish()
    # THEN the whole of it is the answer
    assert bench.texts(conversation) == ["How does it go?", "It begins well, and ends well."]
    stored = bench.history.transcript(conversation).messages[-1]
    assert (stored.state, stored.version, stored.versions) == (MessageState.COMPLETE, 2, 2)
    assert stored.stats is not None and stored.stats.generated_tokens == 6, "of both parts"
    assert "Continue" not in bench.page()
    # AND Undo shows what was there before, Redo the whole
    bench.window.menu.undo.trigger()
    assert bench.texts(conversation)[-1] == "It begins well, and"
    assert "Continue" in bench.page()
    bench.window.menu.redo.trigger()
    assert bench.texts(conversation)[-1] == "It begins well, and ends well."


def test_an_answer_that_ended_by_itself_is_not_offered_to_go_on(bench: Bench) -> None:
    bench.talk("Question", "Answer")
    assert "Continue" not in bench.page()
    assert not bench.window.menu.go_on.isEnabled()
    asked = len(bench.engine.requests)
    bench.window.pane.transcript.anchorClicked.emit(_CONTINUE)
    assert len(bench.engine.requests) == asked


def test_only_the_last_one_goes_on(bench: Bench) -> None:
    cut_off(bench)
    assert bench.window.menu.go_on.isEnabled()
    bench.send("Something else")
    bench.say("Yes.")
    bench.finish()
    assert "Continue" not in bench.page()


def test_stopped_before_a_word_nothing_is_stored(bench: Bench) -> None:
    conversation = cut_off(bench)
    bench.window.menu.go_on.trigger()
    bench.finish(FinishReason.STOPPED)
    message = bench.history.transcript(conversation).messages[-1]
    assert (message.text, message.versions) == ("It begins well, and", 1)
    assert "It begins well, and" in bench.page() and "Continue" in bench.page()


def test_stopped_again_it_can_go_on_again(bench: Bench) -> None:
    conversation = cut_off(bench)
    for word in (" one", " two"):
        bench.window.menu.go_on.trigger()
        bench.say(word)
        bench.finish(FinishReason.STOPPED)
    assert bench.texts(conversation)[-1] == "It begins well, and one two"
    assert bench.history.transcript(conversation).messages[-1].is_cut_off


def test_what_went_wrong_can_be_tried_again(bench: Bench) -> None:
    conversation = cut_off(bench)
    bench.window.menu.go_on.trigger()
    bench.fail(UserFacingError("No."))
    assert bench.banner() == "No."
    assert bench.texts(conversation)[-1] == "It begins well, and"
    bench.press("Try again")
    assert bench.engine.last.begun == BegunAnswer("It begins well, and")


def test_it_waits_for_a_model(bench: Bench) -> None:
    cut_off(bench)
    asked = len(bench.engine.requests)
    bench.model_is_there = False
    bench.window.menu.go_on.trigger()
    assert bench.needed == ["How does it go?"]
    assert len(bench.engine.requests) == asked
    bench.model_is_there = True
    bench.presenter.asking.on_model_ready()
    assert bench.engine.last.begun == BegunAnswer("It begins well, and")


def test_another_conversation_and_back_shows_all_of_it(bench: Bench) -> None:
    conversation = cut_off(bench)
    bench.window.menu.go_on.trigger()
    bench.say(" more")
    bench.presenter.open(None)
    bench.presenter.open(conversation)
    bench.qtbot.waitUntil(lambda: "It begins well, and more" in bench.page())


def test_a_crash_keeps_the_whole(qtbot: QtBot, tmp_path: Path) -> None:
    # GIVEN an answer that goes on when the program dies
    folder = tmp_path / "journal"
    folder.mkdir()
    journal = AnswerJournal(folder)
    bench = Bench(qtbot, tmp_path, journal)
    conversation = cut_off(bench)
    bench.window.menu.go_on.trigger()
    bench.say(" a crash")
    journal.close()
    # WHEN the next start adopts it THEN the whole is there, interrupted, and can go on
    assert adopt_unfinished(bench.history, folder) == 1
    message = bench.history.transcript(conversation).messages[-1]
    assert message.text == "It begins well, and a crash"
    assert message.state is MessageState.INTERRUPTED and message.is_cut_off
    bench.history.close()


def test_the_limit_is_remembered(bench: Bench) -> None:
    conversation = cut_off(bench, FinishReason.LENGTH)
    bench.presenter.open(None)
    bench.presenter.open(conversation)
    assert "Continue" in bench.page()
    bench.window.menu.go_on.trigger()
    bench.chat.on_engine_event(Finished(bench.engine.last.request_id, FinishReason.COMPLETE, Stats()))
    assert bench.texts(conversation)[-1] == "It begins well, and"
    assert "Continue" not in bench.page(), "there was nothing more to say"
