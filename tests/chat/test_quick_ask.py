"""The quick ask on a fake engine."""

from __future__ import annotations

import itertools
from dataclasses import replace

from desktop.chat.quick_ask import (
    QUICK_CONVERSATION,
    QuickAskService,
    QuickCalculated,
    QuickEnded,
    QuickEvent,
    QuickExchange,
    QuickFailed,
    QuickGrew,
)
from desktop.common.errors import UserFacingError
from desktop.engine.types import Failed, Finished, FinishReason, Stats, Token
from desktop.functions.calculator import Calculator
from desktop.settings.options import Settings
from tests.support.fake_engine import FakeEngine


def make() -> tuple[QuickAskService, FakeEngine, list[QuickEvent]]:
    engine, events = FakeEngine(), list[QuickEvent]()
    return QuickAskService(engine, engine.forget, Settings, events.append, itertools.count(7)), engine, events


def test_an_answer_streams_and_can_be_continued() -> None:
    quick, engine, events = make()
    quick.ask("Capital of France?")
    assert quick.owns(7)
    assert engine.last.conversation_id == QUICK_CONVERSATION
    assert quick.exchange() is None
    quick.on_engine_event(Token(7, "Par"))
    quick.on_engine_event(Token(7, "is"))
    quick.on_engine_event(Finished(7, FinishReason.COMPLETE, Stats()))
    assert events == [QuickGrew("Par", ""), QuickGrew("is", ""), QuickEnded("Paris", False, Stats())]
    exchange = quick.exchange()
    assert exchange is not None
    assert (exchange.question, exchange.answer) == ("Capital of France?", "Paris")
    assert quick._running is None


def test_a_new_question_replaces_the_running_one() -> None:
    quick, engine, events = make()
    quick.ask("One")
    quick.ask("Two")
    assert engine.cancelled == [7]
    quick.on_engine_event(Token(7, "late"))
    assert events == []
    quick.on_engine_event(Token(8, "2"))
    assert events == [QuickGrew("2", "")]


def test_a_failure_gives_the_question_back() -> None:
    quick, _, events = make()
    quick.ask("One")
    error = UserFacingError("No model.")
    quick.on_engine_event(Failed(7, error, Stats()))
    assert events == [QuickFailed(error, "One")]


def test_clear_forgets_in_the_engine_too() -> None:
    quick, engine, _ = make()
    quick.ask("One")
    quick.on_engine_event(Token(7, "1"))
    quick.clear()
    assert quick.exchange() is None
    assert engine.forgotten == [QUICK_CONVERSATION]


def test_what_was_cleared_says_nothing_more() -> None:
    # GIVEN a box that was closed in the middle of an answer and opened again
    quick, engine, events = make()
    quick.ask("One")
    quick.clear()
    assert engine.cancelled == [7]
    assert quick._running is None
    # WHEN the engine has stopped THEN the fresh box hears nothing of it
    quick.on_engine_event(Finished(7, FinishReason.STOPPED, Stats()))
    assert events == []


def test_what_is_known_before_the_question_is_how_its_prompt_begins() -> None:
    engine = FakeEngine()
    settings = replace(Settings(), system_prompt=" Be brief. ")
    quick = QuickAskService(engine, engine.forget, lambda: settings, lambda _event: None, itertools.count(7))
    known = quick.preparation()
    assert [message.text for message in known.messages] == ["Be brief."]
    quick.ask("Capital of France?")
    assert [message.text for message in engine.last.messages] == ["Be brief.", "Capital of France?"]
    assert engine.last.request_id != known.request_id
    assert not (known.keep_state or engine.last.keep_state), "a quick question leaves no trace"


def test_what_can_be_computed_is_answered_at_once_and_nobody_is_woken() -> None:
    # GIVEN a quick ask that can compute, in the middle of another answer
    engine, events = FakeEngine(), list[QuickEvent]()
    calculate = Calculator().calculate
    quick = QuickAskService(engine, engine.forget, Settings, events.append, itertools.count(7), calculate=calculate)
    quick.ask("Who are you?")
    # WHEN a sum is asked
    assert quick.computes("2340的17%")
    quick.ask("2340的17%")
    # THEN the answer is there, can be continued in the chat as what it is, and the one before is dropped
    assert events == [QuickCalculated("2340的17% = 397.8", "2340的17%")]
    assert engine.cancelled == [7]
    assert len(engine.requests) == 1
    assert quick.exchange() == QuickExchange("2340的17%", "2340的17% = 397.8", "", None, calculated=True)
    quick.on_engine_event(Token(7, "late"))
    assert len(events) == 1
    # WHEN the model is asked anyway THEN it is
    quick.ask("2340的17%", anyway=True)
    quick.on_engine_event(Token(engine.last.request_id, "400"))
    assert events[1:] == [QuickGrew("400", "")]
    exchange = quick.exchange()
    assert exchange is not None
    assert not exchange.calculated
