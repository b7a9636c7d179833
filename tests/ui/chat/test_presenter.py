"""The chat window on a real history and conversation service; the engine is played by the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.common.errors import MessageTooLongError, UserFacingError
from desktop.engine.types import FinishReason
from tests.rigs.chat import Bench


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(qtbot, tmp_path)
    yield made
    made.history.close()


def test_a_question_and_its_answer(bench: Bench) -> None:
    assert bench.presenter.current is None
    bench.send("How tall is a giraffe?")
    conversation = bench.presenter.current
    assert conversation is not None
    assert bench.busy()
    assert bench.draft() == ""
    bench.say("Five ")
    bench.say("metres.")
    bench.qtbot.waitUntil(lambda: "Five metres." in bench.page())
    bench.finish()
    assert not bench.busy()
    assert bench.texts(conversation) == ["How tall is a giraffe?", "Five metres."]
    assert bench.page().count("Five metres.") == 1


def test_the_newest_conversation_is_shown_at_the_start(bench: Bench) -> None:
    bench.talk("One", "1")
    newest = bench.talk("Two", "2")
    bench.presenter.open_newest()
    assert bench.presenter.current == newest
    assert "2" in bench.page()


def test_an_answer_goes_on_while_another_conversation_is_read(bench: Bench) -> None:
    other = bench.talk("Other", "Something else")
    bench.presenter.open(None)
    bench.send("Tell me all")
    conversation = bench.presenter.current
    bench.say("Once ")
    # WHEN the user reads something else meanwhile
    bench.presenter.open(other)
    assert not bench.busy()
    bench.say("upon ")
    assert "upon" not in bench.page()
    # THEN coming back shows all of it, and the rest goes on
    bench.presenter.open(conversation)
    assert bench.busy()
    bench.qtbot.waitUntil(lambda: "Once upon" in bench.page())
    bench.say("a time.")
    bench.finish()
    bench.qtbot.waitUntil(lambda: "Once upon a time." in bench.page())
    assert bench.page().count("Once upon") == 1
    assert not bench.busy()


def test_an_answer_that_ends_unseen_is_there_when_one_comes_back(bench: Bench) -> None:
    other = bench.talk("Other", "Something else")
    bench.presenter.open(None)
    bench.send("Tell me all")
    conversation = bench.presenter.current
    bench.presenter.open(other)
    bench.say("All of it.")
    bench.finish()
    assert "All of it." not in bench.page()
    bench.presenter.open(conversation)
    assert "All of it." in bench.page()
    assert not bench.busy()


def test_regenerating_seen_from_another_conversation_and_back(bench: Bench) -> None:
    other = bench.talk("Other", "Something else")
    conversation = bench.talk("Hello", "First answer")
    bench.window.menu.regenerate.trigger()
    bench.say("Second")
    bench.presenter.open(other)
    bench.presenter.open(conversation)
    bench.qtbot.waitUntil(lambda: "Second" in bench.page())
    assert "First answer" not in bench.page()
    bench.finish()
    assert bench.texts(conversation) == ["Hello", "Second"]
    assert "First answer" not in bench.page()


def test_stop_before_the_first_word_leaves_the_question(bench: Bench) -> None:
    bench.send("Hello")
    bench.window.menu.stop.trigger()
    assert bench.engine.cancelled == [bench.engine.last.request_id]
    bench.finish(FinishReason.STOPPED)
    assert not bench.busy()
    assert "Hello" in bench.page()
    assert not bench.window.pane.transcript.is_growing


def test_a_failure_is_said_and_can_be_tried_again(bench: Bench) -> None:
    bench.send("Hello")
    bench.fail(UserFacingError("The model could not be loaded."))
    assert bench.banner() == "The model could not be loaded."
    assert not bench.busy()
    bench.press("Try again")
    assert len(bench.engine.requests) == 2
    assert bench.busy()
    assert [message.text for message in bench.engine.last.messages] == ["Hello"]


def test_a_message_that_is_too_long_comes_back(bench: Bench) -> None:
    bench.send("Much too long")
    bench.fail(MessageTooLongError(900, 700))
    assert bench.draft() == "Much too long"
    assert "too long" in bench.banner()
    bench.send("Shorter")
    assert [message.text for message in bench.engine.last.messages] == ["Shorter"]


def test_a_message_refused_unseen_waits_as_a_draft_where_it_was_written(bench: Bench) -> None:
    other = bench.talk("Other", "Something else")
    bench.presenter.open(None)
    bench.send("Much too long")
    conversation = bench.presenter.current
    bench.presenter.open(other)
    bench.window.pane.composer.set_text("being written")
    bench.fail(MessageTooLongError(900, 700))
    assert "too long" in bench.banner()
    assert bench.draft() == "being written"
    bench.presenter.open(conversation)
    assert bench.draft() == "Much too long"
    bench.presenter.open(other)
    assert bench.draft() == "being written"


def test_delete_can_be_undone(bench: Bench) -> None:
    other = bench.talk("Other", "Something else")
    conversation = bench.talk("Hello", "Hi.")
    bench.presenter.open(conversation)
    bench.window.menu.delete.trigger()
    assert bench.presenter.current is None
    assert [one.id for one in bench.history.conversations()] == [other]
    assert bench.banner() == "Conversation deleted"
    bench.press("Undo")
    assert bench.presenter.current == conversation
    assert "Hi." in bench.page()


def test_a_hit_in_another_conversation_is_shown_with_it(bench: Bench) -> None:
    conversation = bench.talk("Hello", "Hi.")
    bench.presenter.open(bench.talk("Other", "Something else"))
    message = bench.history.transcript(conversation).messages[0]
    bench.window.list.messageSelected.emit(conversation, message.id)
    assert bench.presenter.current == conversation
    assert "Hello" in bench.page()


def test_the_head_names_the_conversation_also_after_a_new_name(bench: Bench) -> None:
    conversation = bench.talk("Hello", "Hi.")
    bench.presenter.open(conversation)
    assert bench.window._title.text() == "Hello"
    bench.window.list.renameRequested.emit(conversation, "Greetings")
    assert bench.window._title.text() == "Greetings"
    bench.window.menu.new.trigger()
    assert bench.window._title.text() == ""
