"""What was asked for while the model does not fit is done once the person has said "load anyway".

Window, presenter, conversation service and history are the real ones; the engine is played by the test.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop.chat.events import ChatEvent
from desktop.chat.service import ChatService
from desktop.common.errors import UserFacingError
from desktop.common.events import Publisher
from desktop.engine.types import Failed, Finished, FinishReason, Stats, Token
from desktop.history.store import History
from desktop.lifecycle.admission import AdmissionCheck, Refusal
from desktop.machine.memory import MemoryReader
from desktop.settings.options import Settings
from desktop.ui.chat.presenter import ChatPresenter
from desktop.ui.chat.readiness import Readiness
from desktop.ui.chat.window import ChatWindow
from tests.support.fake_engine import FakeEngine


class Gate:
    """As much of the gate as is used."""

    def __init__(self) -> None:
        self.is_open = True

    def refusal(self) -> Refusal | None:
        return None if self.is_open else Refusal("Big 7B", 5_400_000_000, 1_900_000_000, ())

    def accept(self) -> None:
        self.is_open = True


class Bench:
    """A window with two conversations; the first is shown, and from now on the model does not fit."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.history = History(folder / "history.sqlite3")
        self.engine = FakeEngine()
        self.gate = Gate()
        chat_events = Publisher[ChatEvent]()
        ids = itertools.count(1)
        self.chat = ChatService(self.engine, self.history, Settings, lambda: "big", chat_events, ids)
        self.window = ChatWindow(MemoryReader().read)
        qtbot.addWidget(self.window, before_close_func=lambda window: window.end())
        self.readiness = Readiness(lambda: True, cast(AdmissionCheck, self.gate), lambda _key, _value: None)
        self.presenter = ChatPresenter(self.window, self.chat, self.history, self.readiness.can_ask)
        chat_events.subscribe(self.presenter.on_chat_event)
        self.presenter.asking.modelNeeded.connect(lambda _question: self.readiness.say_why_not())
        self.readiness.noticed.connect(self.window.pane.banner.show_notice)
        self.readiness.outdated.connect(self.window.pane.banner.withdraw)
        self.readiness.resolved.connect(self.presenter.asking.on_model_ready)
        self.second = self._talk("What is a dog?", "An animal.")
        self.first = self._talk("What is a cat?", "A pet.")
        self.engine.requests.clear()
        self.gate.is_open = False

    def _talk(self, question: str, answer: str) -> str:
        self.presenter.open(None)
        self.write(question)
        self.enter()
        self.answer(answer)
        assert self.presenter.current is not None
        return self.presenter.current

    def answer(self, text: str) -> None:
        request = self.engine.last.request_id
        self.chat.on_engine_event(Token(request, text))
        self.chat.on_engine_event(Finished(request, FinishReason.COMPLETE, Stats(generated_tokens=1)))

    def write(self, text: str) -> None:
        self.window.pane.composer.set_text(text)

    def enter(self) -> None:
        QTest.keyClick(self.window.pane.composer.edit, Qt.Key.Key_Return)

    def press(self, text: str) -> None:
        found = cast("list[QPushButton]", self.window.pane.banner.findChildren(QPushButton))
        next(button for button in found if button.text() == text).click()

    def load_anyway(self) -> None:
        notice = self.window.pane.banner.current
        assert notice is not None and "does not fit into the memory" in notice.title
        assert self.engine.requests == []
        self.press("Load anyway")
        assert self.window.pane.banner.current is None

    def asked(self) -> list[str]:
        """The last message of each request."""
        return [request.messages[-1].text for request in self.engine.requests]

    def texts(self, conversation: str) -> list[str]:
        return [message.text for message in self.history.transcript(conversation).messages]

    # what can be asked for

    def regenerate(self) -> None:
        self.window.menu.regenerate.trigger()

    def edit(self) -> None:
        self.window.pane.edit_last()
        self.write("What is a tiger?")
        self.enter()

    def send(self) -> None:
        self.write("And a kitten?")
        self.enter()


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(qtbot, tmp_path)
    yield made
    made.history.close()


def test_another_answer_is_given_after_load_anyway(bench: Bench) -> None:
    bench.regenerate()
    bench.load_anyway()
    assert bench.asked() == ["What is a cat?"]
    bench.answer("A lion, but small.")
    assert bench.texts(bench.first) == ["What is a cat?", "A lion, but small."]


def test_an_edited_question_is_asked_after_load_anyway(bench: Bench) -> None:
    bench.write("a draft")
    bench.edit()
    bench.write("What is a lion?")  # it is still in the composer, and may still change
    bench.load_anyway()
    assert bench.asked() == ["What is a lion?"]
    assert not bench.window.pane.composer.is_editing
    assert bench.window.pane.composer.text() == "a draft"
    bench.answer("A cat, but large.")
    assert bench.texts(bench.first) == ["What is a lion?", "A cat, but large."]


def test_what_failed_is_tried_again_after_load_anyway(bench: Bench) -> None:
    bench.gate.is_open = True
    bench.send()
    bench.chat.on_engine_event(Failed(bench.engine.last.request_id, UserFacingError("No luck."), Stats()))
    bench.engine.requests.clear()
    bench.gate.is_open = False
    bench.press("Try again")
    bench.load_anyway()
    assert bench.asked() == ["And a kitten?"]


@pytest.mark.parametrize("ask", [Bench.regenerate, Bench.edit, Bench.send])
def test_it_is_done_once(bench: Bench, ask: Callable[[Bench], None]) -> None:
    ask(bench)
    ask(bench)
    bench.load_anyway()
    assert len(bench.asked()) == 1
    bench.answer("Yes.")
    bench.presenter.asking.on_model_ready()
    assert len(bench.asked()) == 1


@pytest.mark.parametrize("ask", [Bench.regenerate, Bench.edit])
def test_looking_at_another_conversation_takes_it_back(bench: Bench, ask: Callable[[Bench], None]) -> None:
    ask(bench)
    bench.presenter.open(bench.second)
    bench.load_anyway()
    assert bench.asked() == []
    bench.presenter.open(bench.first)
    bench.presenter.asking.on_model_ready()
    assert bench.asked() == []
    assert bench.texts(bench.first) == ["What is a cat?", "A pet."]


def test_an_edit_that_was_given_up_is_not_sent(bench: Bench) -> None:
    bench.edit()
    QTest.keyClick(bench.window.pane.composer.edit, Qt.Key.Key_Escape)
    bench.window.pane.edit_last()  # another one is begun
    QTest.keyClick(bench.window.pane.composer.edit, Qt.Key.Key_Escape)
    bench.load_anyway()
    assert bench.asked() == []
    assert bench.texts(bench.first) == ["What is a cat?", "A pet."]


def test_a_question_that_waits_is_not_mistaken_for_an_edit(bench: Bench) -> None:
    """GIVEN a question that waits WHEN an old one is being edited meanwhile THEN only the question is sent."""
    bench.send()
    bench.window.pane.edit_last()
    bench.write("What is a tig")
    bench.load_anyway()
    assert bench.asked() == ["And a kitten?"]


def test_what_is_asked_last_counts(bench: Bench) -> None:
    bench.regenerate()
    bench.send()
    bench.load_anyway()
    assert bench.asked() == ["And a kitten?"]


def test_a_draft_is_not_sent_because_a_question_waited_once(bench: Bench) -> None:
    bench.send()
    bench.gate.is_open = True
    bench.enter()
    bench.answer("A small one.")
    bench.write("Not yet")
    bench.presenter.asking.on_model_ready()
    assert bench.asked() == ["And a kitten?"]


@pytest.mark.parametrize("ask", [Bench.regenerate, Bench.edit])
def test_in_a_conversation_that_was_deleted_nothing_is_done(bench: Bench, ask: Callable[[Bench], None]) -> None:
    ask(bench)
    bench.window.menu.delete.trigger()
    bench.gate.is_open = True
    bench.presenter.asking.on_model_ready()
    assert bench.asked() == []
