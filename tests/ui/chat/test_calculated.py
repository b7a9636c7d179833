"""Sums in the chat: shown at once as calculated, without a model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.functions.calculator import Calculator
from tests.rigs.chat import Bench


@pytest.fixture(params=[False, True], ids=["at once", "in pieces"])
def bench(qtbot: QtBot, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Bench]:
    made = Bench(qtbot, tmp_path, in_pieces=request.param, calculate=Calculator().calculate)
    yield made
    made.history.close()


def test_a_sum_is_answered_where_there_is_no_model(bench: Bench) -> None:
    # GIVEN no model
    bench.model_is_there = False
    # WHEN a sum is sent
    bench.send("17 % of 2,340")
    # THEN the page shows its result as calculated, nobody was sent for a model, and the next message can be written
    assert "17 % of 2,340 = 397.8" in bench.page()
    assert "Calculated" in bench.page()
    assert "Ask the model anyway" in bench.page()
    assert "Regenerate" not in bench.page()
    assert not bench.busy()
    assert (bench.needed, bench.engine.requests, bench.draft()) == ([], [], "")
    # WHEN something else is asked THEN a model is needed, as ever
    bench.send("Who are you?")
    assert bench.needed == ["Who are you?"]


def test_the_conversation_looks_the_same_when_it_is_opened_again(bench: Bench) -> None:
    bench.send("25摄氏度是多少华氏度")
    before = bench.page()
    conversation = bench.presenter.current
    bench.presenter.open(None)
    bench.presenter.open(conversation)
    assert bench.page() == before
    assert "25摄氏度 = 77华氏度" in before


def test_the_model_is_asked_anyway(bench: Bench) -> None:
    # GIVEN a computed answer
    bench.send("2 + 2")
    conversation = bench.presenter.current
    assert conversation is not None
    # WHEN the model is asked
    bench.presenter.asking.regenerate()
    bench.say("Five.")
    bench.finish()
    # THEN its answer is shown, and is called nothing that it is not
    bench.qtbot.waitUntil(lambda: "Five." in bench.page())
    assert "Calculated" not in bench.page()
    assert bench.texts(conversation) == ["2 + 2", "Five."]


def test_money_is_no_formula(bench: Bench) -> None:
    # GIVEN an answer with two signs of money, between which Markdown could see mathematics
    bench.send("$12.50 * 3")
    assert "$12.50 × 3 = $37.50" in bench.page()


def test_a_question_that_becomes_a_sum_needs_no_model(bench: Bench) -> None:
    bench.send("Who are you?")
    bench.say("A cat.")
    bench.finish()
    bench.model_is_there = False
    bench.edit_last("3 * 12.5 / 4")
    assert "3 × 12.5 ÷ 4 = 9.375" in bench.page()
    assert bench.needed == []
