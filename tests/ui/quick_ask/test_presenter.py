"""The quick box on the real quick-ask service; the engine is played by the test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from desktop.chat.quick_ask import QuickAskService, QuickEvent, QuickExchange
from desktop.common.errors import EngineDiedError, MessageTooLongError, UserFacingError, WayOut
from desktop.common.events import Publisher
from desktop.engine.types import Failed, Finished, FinishReason, Stats, Token
from desktop.functions.calculator import Calculator
from desktop.settings.options import Settings
from desktop.ui.activity import Activity, ActivityKind
from desktop.ui.quick_ask.box import AskLine, QuickAsk
from desktop.ui.quick_ask.presenter import QuickPresenter
from desktop.ui.widgets.labels import WarningLabel
from tests.support.fake_engine import FakeEngine
from tests.support.widgets import child

STATS = Stats(generated_tokens=21, generate_s=4.0)


class Bench:
    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.engine = FakeEngine()
        self.model_is_there = True
        self.needed: list[str] = []
        self.continued: list[QuickExchange] = []
        self.refuse: UserFacingError | None = None
        relay = Publisher[QuickEvent]()
        self.service = QuickAskService(
            self.engine, self.engine.forget, Settings, relay, itertools.count(1), calculate=Calculator().calculate
        )
        self.presenter = QuickPresenter(self._make, self.service, lambda: self.model_is_there)
        relay.subscribe(self.presenter.on_quick_event)
        self.presenter.modelNeeded.connect(self.needed.append)
        self.presenter.continued.connect(self._continue)

    def _make(self) -> QuickAsk:
        box = QuickAsk()
        self.qtbot.addWidget(box)
        return box

    def _continue(self, exchange: QuickExchange) -> None:
        if self.refuse is not None:
            self.presenter.keep_open(self.refuse)
        else:
            self.continued.append(exchange)

    @property
    def box(self) -> QuickAsk:
        box = self.presenter.box
        assert box is not None
        return box

    def open(self) -> None:
        self.presenter.open_at(None)
        with self.qtbot.waitActive(self.box):
            pass

    def ask(self, text: str) -> None:
        line = child(self.box, AskLine)
        line.setText(text)
        QTest.keyClick(line, Qt.Key.Key_Return)

    def say(self, text: str) -> None:
        self.service.on_engine_event(Token(self.engine.last.request_id, text))

    def finish(self, reason: FinishReason = FinishReason.COMPLETE) -> None:
        self.service.on_engine_event(Finished(self.engine.last.request_id, reason, STATS))

    def status(self) -> str:
        return self.box.status_words

    def shown_buttons(self) -> list[str]:
        buttons = cast("list[QPushButton]", self.box.findChildren(QPushButton))
        return [button.text().replace("&", "") for button in buttons if button.isVisible()]

    def press(self, text: str) -> None:
        buttons = cast("list[QPushButton]", self.box.findChildren(QPushButton))
        next(button for button in buttons if button.text().replace("&", "") == text).click()


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(qtbot)
    yield made
    made.presenter.hide()


def test_nothing_is_made_before_it_is_opened(bench: Bench) -> None:
    assert bench.presenter.box is None
    bench.presenter.on_activity(Activity(ActivityKind.WAKING), 1)
    bench.presenter.on_model_ready()
    bench.presenter.hide()
    assert bench.presenter.waiting_question == ""
    assert bench.presenter.box is None


def test_opening_and_closing_are_said(bench: Bench) -> None:
    heard: list[str] = []
    bench.presenter.opened.connect(lambda: heard.append("opened"))
    bench.presenter.composing.connect(heard.append)
    bench.presenter.closed.connect(lambda: heard.append("closed"))
    bench.open()
    child(bench.box, AskLine).setText("W")
    bench.presenter.hide()
    assert heard == ["opened", "W", "", "closed"]


def test_an_answer_streams_with_its_state_and_figures(bench: Bench) -> None:
    bench.open()
    bench.ask("Capital of France?")
    bench.presenter.on_activity(Activity(ActivityKind.WAKING, fraction=0.4), 1)
    assert "40" in bench.status()
    bench.presenter.on_activity(Activity(ActivityKind.WAKING, fraction=0.9), 77)
    assert "90" not in bench.status(), "that is somebody else's request"
    bench.say("Par")
    bench.say("is")
    assert bench.box.answer == "Paris"
    bench.finish()
    assert "about one word in 4 s" in bench.status()
    assert not bench.box.is_busy


def test_a_stopped_answer_says_so(bench: Bench) -> None:
    bench.open()
    bench.ask("Capital of France?")
    bench.say("Par")
    bench.press("Stop")
    assert bench.engine.cancelled == [1]
    bench.finish(FinishReason.STOPPED)
    assert bench.status().startswith("Stopped")


def test_a_failure_is_said_and_the_question_stays(bench: Bench) -> None:
    bench.open()
    bench.ask("Capital of France?")
    bench.service.on_engine_event(Failed(1, UserFacingError("It is broken."), Stats()))
    assert "It is broken." in child(bench.box, WarningLabel).text()
    assert bench.box.text == "Capital of France?"
    bench.ask("Capital of France?")
    assert len(bench.engine.requests) == 2


def test_a_question_that_was_too_long_is_said_to_be_so_until_it_is_another(bench: Bench) -> None:
    bench.open()
    bench.ask("cat " * 400)
    bench.service.on_engine_event(Failed(1, MessageTooLongError(810, 452), Stats()))
    error = child(bench.box, WarningLabel)
    assert "810 tokens" in error.text() and bench.box.text.startswith("cat cat")
    # WHEN it is written anew THEN nothing is said of the one before
    line = child(bench.box, AskLine)
    line.selectAll()
    QTest.keyClicks(line, "W")
    assert error.text() == "" and not error.isVisible()
    # AND what is written while a shorter one is answered changes nothing
    bench.ask("What is a cat?")
    line.setText("And")
    assert bench.box.is_busy


def test_a_box_opened_anew_knows_nothing_of_the_answer_before(bench: Bench) -> None:
    bench.open()
    bench.ask("One")
    bench.say("1")
    bench.box.hide()
    bench.open()
    bench.finish(FinishReason.STOPPED)
    assert bench.box.answer == ""
    assert bench.engine.forgotten == ["quick-ask"]


def test_a_question_waits_for_a_model_as_it_stands_in_the_line(bench: Bench) -> None:
    bench.model_is_there = False
    bench.open()
    bench.ask("Capital of Frnce?")
    assert bench.needed == ["Capital of Frnce?"]
    child(bench.box, AskLine).setText("Capital of France?")
    assert bench.presenter.waiting_question == "Capital of France?"
    bench.model_is_there = True
    bench.presenter.on_model_ready()
    assert bench.engine.last.messages[-1].text == "Capital of France?"
    bench.presenter.on_model_ready()
    assert len(bench.engine.requests) == 1


def test_closing_the_box_takes_the_waiting_question_back(bench: Bench) -> None:
    bench.model_is_there = False
    bench.open()
    bench.ask("Capital of France?")
    bench.presenter.hide()
    bench.model_is_there = True
    bench.presenter.on_model_ready()
    assert bench.engine.requests == []


def test_an_exchange_is_continued_and_the_box_goes(bench: Bench) -> None:
    bench.open()
    bench.ask("Capital of France?")
    bench.say("Paris")
    bench.finish()
    bench.press("Continue in chat")
    assert bench.continued == [QuickExchange("Capital of France?", "Paris", "", STATS)]
    assert not bench.box.isVisible()


def test_an_exchange_that_cannot_be_taken_over_stays_with_the_reason(bench: Bench) -> None:
    bench.open()
    bench.ask("Capital of France?")
    bench.say("Paris")
    bench.finish()
    bench.refuse = UserFacingError("The disk is full.")
    bench.press("Continue in chat")
    assert bench.box.isVisible()
    assert bench.box.answer == "Paris"
    assert "The disk is full." in child(bench.box, WarningLabel).text()
    # WHEN there is room again
    bench.refuse = None
    bench.press("Continue in chat")
    assert [exchange.answer for exchange in bench.continued] == ["Paris"]
    assert not bench.box.isVisible()


def test_a_death_offers_its_ways_out_until_something_else_is_asked(bench: Bench) -> None:
    # GIVEN an answer over which the engine has died
    taken: list[object] = []
    bench.presenter.wayOutChosen.connect(lambda way, about: taken.append((way, about)))
    bench.open()
    bench.ask("Capital of France?")
    bench.say("Par")
    QApplication.processEvents()  # the box has the size of the answer
    ways = (WayOut.ANOTHER_MODEL, WayOut.SMALLER_CONTEXT, WayOut.REPORT)
    error = EngineDiedError("The engine has died.", "{0}.", "Ask again.", values=("tiny.gguf",), ways=ways)
    bench.service.on_engine_event(Failed(1, error, STATS))
    # THEN the box says what may help, and each button leads there
    assert "tiny.gguf" in child(bench.box, WarningLabel).text()
    assert bench.box.answer == "Par"
    for name in ("Another model…", "Smaller context…", "Report…"):
        bench.press(name)
    assert taken == [(way, error) for way in ways]
    assert bench.box.isVisible()
    # AND all of it has room
    QApplication.processEvents()
    layout = bench.box.layout()
    assert layout is not None and bench.box.height() == layout.totalHeightForWidth(bench.box.width())
    # WHEN it is asked again THEN they are gone with the error
    bench.ask("Capital of France?")
    assert not any("…" in text for text in bench.shown_buttons())


def test_an_engine_that_does_not_move_is_said_in_the_box_where_it_can_be_stopped(bench: Bench) -> None:
    bench.open()
    bench.ask("Capital of France?")
    bench.presenter.on_activity(Activity(ActivityKind.STALLED, still_for=60), 1)
    assert "has not moved for 1 min" in bench.status()
    assert "Stop" in bench.shown_buttons()


def test_a_sum_is_shown_at_once_without_a_model(bench: Bench) -> None:
    # GIVEN nothing that could answer
    bench.model_is_there = False
    bench.open()
    # WHEN a sum is asked
    bench.ask("17 % of 2,340")
    # THEN its result is there, called what it is, and nobody is sent for a model
    assert (bench.box.answer, bench.box.is_busy) == ("17 % of 2,340 = 397.8", False)
    assert bench.status() == "Calculated"
    assert (bench.needed, bench.engine.requests) == ([], [])
    # WHEN the model is wanted anyway THEN it is sent for, and asked as soon as it is there
    bench.press("Ask the model anyway")
    assert bench.needed == ["17 % of 2,340"]
    bench.model_is_there = True
    bench.presenter.on_model_ready()
    assert bench.engine.last.messages[-1].text == "17 % of 2,340"
    # AND its answer takes the place of the other, with nothing left of that
    bench.say("About 400")
    bench.finish()
    assert bench.box.answer == "About 400"
    assert bench.shown_buttons() == ["Copy", "Continue in chat"]


def test_a_computed_answer_is_copied_and_continued(bench: Bench) -> None:
    bench.open()
    bench.ask("25摄氏度是多少华氏度")
    bench.press("Copy")
    assert QApplication.clipboard().text() == "25摄氏度 = 77华氏度"
    bench.press("Continue in chat")
    assert [(each.answer, each.calculated) for each in bench.continued] == [("25摄氏度 = 77华氏度", True)]
