"""The chat window on a real history and conversation service; the engine is played by the test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop.chat import ChatService
from desktop.chat_events import ChatEvent
from desktop.engine.memory_reading import MemoryReader
from desktop.engine.types import Failed, Finished, FinishReason, Stats, Token, Trimmed
from desktop.errors import MessageTooLongError, UserFacingError
from desktop.history import History
from desktop.relay import Relay
from desktop.settings import default_settings
from desktop.ui.chat_presenter import ChatPresenter
from desktop.ui.chat_window import ChatWindow
from tests.support.fake_engine import FakeEngine

LONG = "word " * 100_000


class Bench:
    """A window, its presenter and what they stand on."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        self.history = History(folder / "history.sqlite3")
        self.engine = FakeEngine()
        self.model_is_there = True
        self.needed: list[str] = []
        relay = Relay[ChatEvent]()
        self.chat = ChatService(self.engine, self.history, default_settings, lambda: "tiny", relay, itertools.count(1))
        self.window = ChatWindow(MemoryReader().read)
        qtbot.addWidget(self.window, before_close_func=lambda window: window.end())
        self.presenter = ChatPresenter(self.window, self.chat, self.history, lambda: self.model_is_there)
        relay.subscribe(self.presenter.on_chat_event)
        self.presenter.modelNeeded.connect(self.needed.append)
        self.presenter.open_newest()
        self.window.show()
        qtbot.waitExposed(self.window)

    # what a person does

    def send(self, text: str) -> None:
        self.window.pane.composer.set_text(text)
        QTest.keyClick(self.window.pane.composer.edit, Qt.Key.Key_Return)

    def edit_last(self, text: str) -> None:
        self.window.pane.edit_last()
        self.send(text)

    def press(self, text: str) -> None:
        found = cast("list[QPushButton]", self.window.pane.banner.findChildren(QPushButton))
        next(button for button in found if button.text() == text).click()

    # what the engine does

    def say(self, text: str, request: int | None = None) -> None:
        self.chat.on_engine_event(Token(request or self.engine.last.request_id, text))

    def finish(self, reason: FinishReason = FinishReason.COMPLETE, request: int | None = None) -> None:
        self.chat.on_engine_event(Finished(request or self.engine.last.request_id, reason, Stats(generated_tokens=3)))

    def fail(self, error: UserFacingError, request: int | None = None) -> None:
        self.chat.on_engine_event(Failed(request or self.engine.last.request_id, error, Stats()))

    def talk(self, question: str, answer: str) -> str:
        """Begins a conversation with an answered question and returns its id."""
        self.presenter.open(None)
        self.send(question)
        self.say(answer)
        self.finish()
        assert self.presenter.current is not None
        return self.presenter.current

    # what is there

    def page(self) -> str:
        return self.window.pane.transcript.toPlainText()

    def banner(self) -> str:
        notice = self.window.pane.banner.current
        return notice.title if notice else ""

    def draft(self) -> str:
        return self.window.composer_text()

    def busy(self) -> bool:
        return self.window.actions_.stop.isEnabled()

    def texts(self, conversation: str) -> list[str]:
        return [message.text for message in self.history.transcript(conversation).messages]

    def fill_disk(self) -> None:
        (pages,) = self.history._connection.execute("PRAGMA page_count").fetchone()
        self.history._connection.execute(f"PRAGMA max_page_count = {pages}")

    def make_room(self) -> None:
        self.history._connection.execute("PRAGMA max_page_count = 100000")

    def forbid_writing(self) -> None:
        self.history._connection.execute("PRAGMA query_only = ON")


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
    bench.window.actions_.regenerate.trigger()
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
    bench.window.actions_.stop.trigger()
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


# Without a model


def test_a_question_waits_for_a_model(bench: Bench) -> None:
    bench.model_is_there = False
    bench.send("Hello")
    assert bench.needed == ["Hello"]
    assert bench.draft() == "Hello"
    assert bench.presenter.waiting_question == "Hello"
    assert bench.engine.requests == []
    bench.model_is_there = True
    bench.presenter.on_model_ready()
    assert [message.text for message in bench.engine.last.messages] == ["Hello"]
    assert bench.draft() == ""
    bench.presenter.on_model_ready()
    assert len(bench.engine.requests) == 1


def test_a_question_that_was_taken_back_is_not_sent(bench: Bench) -> None:
    bench.model_is_there = False
    bench.send("Hello")
    bench.window.pane.composer.set_text("  ")
    bench.model_is_there = True
    bench.presenter.on_model_ready()
    # AND what is written later is not sent without Enter
    bench.window.pane.composer.set_text("Not yet")
    bench.presenter.on_model_ready()
    assert bench.engine.requests == []


def test_a_question_is_asked_in_the_conversation_it_was_written_in(bench: Bench) -> None:
    first, second = bench.talk("First", "1"), bench.talk("Second", "2")
    bench.presenter.open(first)
    bench.model_is_there = False
    bench.send("More about the first")
    # WHEN the user looks at another one, with a draft of its own, until the model has come
    bench.presenter.open(second)
    bench.window.pane.composer.set_text("a draft")
    bench.model_is_there = True
    bench.presenter.on_model_ready()
    # THEN
    assert bench.engine.last.conversation_id == first
    assert bench.texts(first)[-1] == "More about the first"
    assert bench.texts(second) == ["Second", "2"]
    assert bench.draft() == "a draft"
    bench.presenter.open(first)
    assert bench.draft() == ""
    assert bench.busy()


def test_a_question_for_a_new_conversation_is_asked_though_another_is_shown(bench: Bench) -> None:
    old = bench.talk("Old", "1")
    bench.presenter.open(None)
    bench.model_is_there = False
    bench.send("A new one")
    bench.presenter.open(old)
    bench.model_is_there = True
    bench.presenter.on_model_ready()
    assert bench.presenter.current == old
    assert bench.engine.last.conversation_id != old
    assert bench.texts(old) == ["Old", "1"]
    assert len(bench.history.conversations()) == 2


def test_an_edit_without_a_model_changes_nothing_and_stays(bench: Bench) -> None:
    conversation = bench.talk("Helo", "Pardon?")
    bench.model_is_there = False
    bench.edit_last("Hello")
    assert bench.needed == ["Hello"]
    assert bench.texts(conversation) == ["Helo", "Pardon?"]
    assert bench.window.pane.composer.is_editing
    assert bench.draft() == "Hello"
    bench.model_is_there = True
    bench.send("Hello!")
    assert bench.texts(conversation) == ["Hello!"]


def test_another_answer_waits_for_a_model(bench: Bench) -> None:
    bench.talk("Hello", "Hi")
    bench.model_is_there = False
    bench.window.actions_.regenerate.trigger()
    assert bench.needed == ["Hello"]
    assert bench.presenter.waiting_question == "Hello"
    assert len(bench.engine.requests) == 1
    bench.model_is_there = True
    bench.presenter.on_model_ready()
    assert len(bench.engine.requests) == 2
    assert bench.presenter.waiting_question == ""


# A disk that is full, a conversation that is gone


def test_a_message_that_cannot_be_stored_stays_in_the_composer(bench: Bench) -> None:
    bench.talk("Hello", "Hi")
    bench.fill_disk()
    bench.send(LONG)
    assert "disk is full" in bench.banner()
    assert bench.draft().strip() == LONG.strip()
    assert len(bench.engine.requests) == 1


def test_an_answer_that_cannot_be_stored_stays_in_view_and_is_saved_later(bench: Bench) -> None:
    other = bench.talk("Other", "Something else")
    bench.presenter.open(None)
    bench.send("Tell me all")
    conversation = bench.presenter.current
    assert conversation is not None
    bench.fill_disk()
    bench.say("the beginning " + LONG)
    bench.finish()
    assert "disk is full" in bench.banner()
    assert not bench.busy()
    bench.presenter.open(other)
    bench.presenter.open(conversation)
    bench.qtbot.waitUntil(lambda: "the beginning" in bench.page())
    bench.make_room()
    bench.press("Save again")
    assert bench.texts(conversation)[1].startswith("the beginning")
    assert bench.page().count("the beginning") == 1
    assert not bench.window.pane.transcript.is_growing


def test_an_edit_that_cannot_be_stored_goes_on(bench: Bench) -> None:
    conversation = bench.talk("Helo", "Pardon?")
    bench.forbid_writing()
    bench.edit_last("Hello")
    assert "cannot be read or saved" in bench.banner()
    assert bench.texts(conversation) == ["Helo", "Pardon?"]
    assert bench.window.pane.composer.is_editing
    assert bench.draft() == "Hello"
    assert "Pardon?" in bench.page()


def test_a_conversation_that_is_gone_is_said_and_leaves_an_empty_page(bench: Bench) -> None:
    bench.talk("Hello", "Hi")
    bench.presenter.open("unheard-of")
    assert bench.banner() == "This conversation is no longer there."
    assert bench.presenter.current is None
    assert bench.window.pane.empty_page.isVisible()


def test_deleting_a_conversation_that_is_being_answered_and_undoing_it(bench: Bench) -> None:
    conversation = bench.talk("Hello", "Hi")
    bench.send("And then?")
    request = bench.engine.last.request_id
    bench.say("Half an ans")
    bench.window.actions_.delete.trigger()
    # THEN the answer is stopped and the page is empty
    assert bench.engine.cancelled == [request]
    assert bench.presenter.current is None
    assert not bench.busy()
    assert bench.history.conversations() == ()
    bench.finish(FinishReason.STOPPED, request)
    # WHEN it is undone THEN everything is back, also what was said until then
    bench.press("Undo")
    assert bench.presenter.current == conversation
    assert bench.texts(conversation) == ["Hello", "Hi", "And then?", "Half an ans"]
    assert "Half an ans" in bench.page()


def test_a_conversation_that_cannot_be_deleted_stays(bench: Bench) -> None:
    conversation = bench.talk("Hello", "Hi")
    bench.forbid_writing()
    bench.window.actions_.delete.trigger()
    assert "cannot be read or saved" in bench.banner()
    assert bench.window.pane.banner.waiting == 0, "nothing offers to undo what was not done"
    assert bench.presenter.current == conversation
    assert "Hi" in bench.page()


def test_renaming_and_searching(bench: Bench) -> None:
    conversation = bench.talk("Hello", "Hi")
    bench.window.renameRequested.emit(conversation, "Greetings")
    assert [one.title for one in bench.history.conversations()] == ["Greetings"]
    bench.window.searchChanged.emit("hel")
    bench.window.searchChanged.emit(" ")
    bench.window.renameRequested.emit("unheard-of", "x")
    assert bench.banner() == "This conversation is no longer there."


def test_a_cut_is_shown_where_it_is(bench: Bench) -> None:
    bench.talk("One", "1")
    bench.send("Two")
    before = bench.page()
    bench.chat.on_engine_event(Trimmed(bench.engine.last.request_id, 2))
    assert len(bench.page()) > len(before)
