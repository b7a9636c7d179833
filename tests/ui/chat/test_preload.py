"""Typing wakes the model: real windows and services, a fake engine."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.chat.events import ChatEvent
from desktop.chat.quick_ask import QUICK_CONVERSATION, QuickAskService
from desktop.chat.service import ChatService
from desktop.common.events import Publisher
from desktop.engine.types import Finished, FinishReason, Generation, Stats
from desktop.functions.calculator import Calculator
from desktop.history.store import History
from desktop.lifecycle.preload import Preloader
from desktop.machine.memory import MemoryReader
from desktop.settings.options import Settings
from desktop.ui.chat.preload import PreloadTriggers
from desktop.ui.chat.presenter import ChatPresenter
from desktop.ui.chat.window import ChatWindow
from desktop.ui.quick_ask.box import AskLine, QuickAsk
from desktop.ui.quick_ask.presenter import QuickPresenter
from tests.support.event_loop import let_run
from tests.support.fake_engine import FakeEngine
from tests.support.widgets import child


class Front:
    """The engine as conversations use it: questions end the reading ahead."""

    def __init__(self, engine: FakeEngine, preloader: Preloader) -> None:
        self._preloader = preloader
        self._engine = engine
        self.prepare, self.cancel = engine.prepare, engine.cancel

    def generate(self, request: Generation) -> None:
        self._preloader.asked()
        self._engine.generate(request)


class Bench:
    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        self.engine = FakeEngine()
        self.history = History(folder / "history.sqlite3")
        self.early = Preloader(self.engine, lambda: True)
        front = Front(self.engine, self.early)
        ids, events = itertools.count(1), Publisher[ChatEvent]()
        calculate = Calculator().calculate
        self.chat = ChatService(front, self.history, Settings, lambda: "tiny", events, ids, calculate=calculate)
        quick = QuickAskService(front, self.engine.forget, Settings, lambda _event: None, ids, calculate=calculate)
        self.window = ChatWindow(MemoryReader().read)
        qtbot.addWidget(self.window)
        presenter = self.presenter = ChatPresenter(self.window, self.chat, self.history, lambda: True)
        events.subscribe(presenter.on_chat_event)
        self.quick = QuickPresenter(self._make_box, quick, lambda: True)
        self.waking = PreloadTriggers(self.early, self.chat, quick)
        self.waking.follow_pane(self.window.pane)
        self.waking.follow_quick(self.quick)
        presenter.open(None)

    def _make_box(self) -> QuickAsk:
        box = QuickAsk()
        self.qtbot.addWidget(box)
        return box

    @property
    def prepared(self) -> list[str]:
        return [request.conversation_id for request in self.engine.prepared]

    def type(self, text: str) -> None:
        QTest.keyClicks(self.window.pane.composer.edit, text)

    def settle(self) -> None:
        let_run(self.qtbot)

    def answer(self) -> None:
        self.chat.on_engine_event(Finished(self.engine.last.request_id, FinishReason.COMPLETE, Stats()))


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(qtbot, tmp_path)
    yield made
    made.quick.hide()
    made.history.close()


def test_the_first_key_wakes_and_the_others_do_not(bench: Bench) -> None:
    bench.type("Hel")
    assert len(bench.prepared) == 1
    bench.type("lo")
    assert len(bench.prepared) == 1


def test_an_emptied_composer_cancels_a_sent_one_does_not(bench: Bench) -> None:
    bench.type("H")
    bench.window.pane.composer.set_text("")
    bench.settle()
    assert bench.engine.cancelled == [bench.engine.prepared[0].request_id]
    bench.type("Hello")
    bench.window.pane.composer.submitted.emit("Hello")
    bench.settle()
    assert [request.messages[-1].text for request in bench.engine.requests] == ["Hello"]
    assert len(bench.engine.cancelled) == 1
    assert len(bench.prepared) == 2


def test_the_next_question_prepares_for_its_conversation(bench: Bench) -> None:
    bench.type("Hello")
    bench.window.pane.composer.submitted.emit("Hello")
    bench.answer()
    bench.type("A")
    current = bench.window.pane.current
    assert current is not None
    assert bench.prepared[1:] == [current]


def test_blanks_are_no_question(bench: Bench) -> None:
    bench.type("  ")
    assert bench.prepared == []


def test_a_draft_that_comes_back_wakes_nothing_until_it_is_gone_on_with(bench: Bench) -> None:
    """GIVEN a draft in each of two conversations WHEN they are shown in turn THEN only a key wakes."""
    bench.type("Hello")
    bench.window.pane.composer.submitted.emit("Hello")
    bench.answer()
    first = bench.window.pane.current
    assert first is not None
    bench.window.pane.set_draft(first, "A draft")
    bench.presenter.open(None)
    bench.window.pane.set_draft(None, "Another draft")
    bench.presenter.open(first)
    bench.presenter.open(None)
    bench.presenter.open(first)
    assert bench.window.pane.composer.text() == "A draft"
    assert len(bench.prepared) == 1  # the one before the question

    bench.type("!")
    assert bench.prepared[1:] == [first]


def test_pasting_wakes_and_so_does_an_input_method(bench: Bench) -> None:
    edit = bench.window.pane.composer.edit
    QApplication.sendEvent(edit, QInputMethodEvent("ni", []))
    assert len(bench.prepared) == 1
    QApplication.sendEvent(edit, QInputMethodEvent("", []))
    bench.settle()
    assert bench.engine.cancelled == [bench.engine.prepared[0].request_id]
    QApplication.clipboard().setText("What is this?")
    edit.paste()
    assert len(bench.prepared) == 2


def test_an_opened_quick_box_wakes_and_a_closed_one_lets_go(bench: Bench) -> None:
    bench.quick.open_at(None)
    assert bench.prepared == [QUICK_CONVERSATION]
    bench.quick.open_at(None)
    assert len(bench.prepared) == 1
    bench.quick.hide()
    assert bench.engine.cancelled == [bench.engine.prepared[0].request_id]


def test_an_answered_quick_question_leaves_nothing_to_cancel(bench: Bench) -> None:
    bench.quick.open_at(None)
    assert bench.quick.box is not None
    bench.quick.box.asked.emit("Capital of France?")
    assert len(bench.engine.requests) == 1
    bench.settle()
    assert bench.engine.cancelled == []


def test_a_history_that_cannot_be_read_wakes_nothing(bench: Bench) -> None:
    bench.type("Hello")
    bench.window.pane.composer.submitted.emit("Hello")
    bench.answer()
    bench.history._connection.execute("DROP TABLE messages")
    bench.type("A")
    assert len(bench.prepared) == 1


def test_a_pause_has_the_draft_read(bench: Bench) -> None:
    """GIVEN what was known is read WHEN the writing pauses THEN the draft is, without blanks; an edit of an earlier
    message is not, which continues another place."""
    bench.type("Hello")
    bench.window.pane.composer.submitted.emit("Hello")
    bench.answer()
    bench.settle()
    bench.type("And ")
    bench.early.on_engine_event(Finished(bench.engine.prepared[-1].request_id, FinishReason.COMPLETE, Stats()))
    bench.qtbot.waitUntil(lambda: len(bench.prepared) == 3)
    assert [message.text for message in bench.engine.prepared[-1].messages][-1].endswith("And")
    bench.early.on_engine_event(Finished(bench.engine.prepared[-1].request_id, FinishReason.COMPLETE, Stats()))

    bench.quick.open_at(None)
    bench.early.on_engine_event(Finished(bench.engine.prepared[-1].request_id, FinishReason.COMPLETE, Stats()))
    assert bench.quick.box is not None
    QTest.keyClicks(bench.quick.box._line, "Capital of")
    bench.qtbot.waitUntil(lambda: len(bench.prepared) == 5)
    assert [message.text for message in bench.engine.prepared[-1].messages][-1] == "Capital of"


def test_a_sum_that_is_pasted_wakes_nobody(bench: Bench) -> None:
    # WHEN a sum comes into the composer as a whole and is sent
    bench.window.pane.composer.edit.insertPlainText("17 % of 2,340")
    bench.settle()
    assert bench.prepared == []
    QTest.keyClick(bench.window.pane.composer.edit, Qt.Key.Key_Return)
    bench.settle()
    # THEN it has its answer, and nothing was made ready or asked
    conversation = bench.presenter.current
    assert conversation is not None
    assert bench.history.transcript(conversation).messages[-1].is_calculated
    assert (bench.prepared, bench.engine.requests) == ([], [])


def test_what_was_woken_for_is_given_up_when_it_turns_out_to_be_a_sum(bench: Bench) -> None:
    bench.type("2+")
    assert len(bench.prepared) == 1
    bench.type("2")
    bench.settle()
    assert bench.engine.cancelled == [bench.engine.prepared[0].request_id]


def test_the_quick_box_gives_up_as_well(bench: Bench) -> None:
    bench.quick.open_at(None)
    box = bench.quick.box
    assert box is not None
    assert len(bench.prepared) == 1
    child(box, AskLine).setText("25摄氏度是多少华氏度")
    assert bench.engine.cancelled == [bench.engine.prepared[0].request_id]
