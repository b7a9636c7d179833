"""Answers that are computed: stored like others, and no model is asked."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from desktop.chat.events import AnswerBegan, AnswerStored, MessageStored
from desktop.chat.service import ChatService
from desktop.common.errors import UserFacingError
from desktop.engine.types import Role
from desktop.functions.calculator import Calculator
from desktop.history.choices import ConversationChoices
from desktop.history.records import CALCULATED, MessageState
from desktop.settings.options import Settings
from tests.chat.bench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.history.close()


def calculating(bench: Bench) -> None:
    """Has the service compute what the real calculator can."""
    bench.chat = ChatService(
        bench.engine, bench.history, Settings, lambda: "tiny", bench.events.append, itertools.count(50),
        calculate=Calculator(lambda: date(2026, 11, 29)).calculate,
    )  # fmt: skip


def test_what_can_be_computed_is_stored_as_calculated_and_wakes_nobody(bench: Bench) -> None:
    # GIVEN a service that can compute
    calculating(bench)
    # WHEN a sum is sent
    assert bench.chat.calculated.can_answer(" 17 % of 2,340 ", None)
    conversation = bench.chat.send(None, "17 % of 2,340")
    # THEN question and answer are in the history, marked, and shown as an answer; the engine was asked nothing
    question, answer = bench.history.transcript(conversation).messages
    assert (question.text, answer.text, answer.model) == ("17 % of 2,340", "17 % of 2,340 = 397.8", CALCULATED)
    assert answer.is_calculated
    assert (answer.state, answer.stats, answer.parent) == (MessageState.COMPLETE, None, question.id)
    assert bench.engine.requests == []
    assert bench.of(MessageStored) == [MessageStored(question)]
    assert bench.of(AnswerBegan) == [AnswerBegan(conversation)]
    assert bench.of(AnswerStored) == [AnswerStored(answer)]
    assert not bench.chat.answers.is_busy(conversation)


def test_a_tutor_who_asks_back_is_asked_a_sum_as_well(bench: Bench) -> None:
    # GIVEN a service that can compute, and a persona that gives no solutions
    bench.chat = ChatService(
        bench.engine, bench.history, Settings, lambda: "tiny", bench.events.append, itertools.count(50),
        calculate=Calculator().calculate, calculates=lambda choices: choices.persona != "homework",
    )  # fmt: skip
    bench.chat.choices.choose(None, ConversationChoices(persona="homework"))
    # WHEN a sum is sent, and edited THEN the persona answers
    assert not bench.chat.calculated.can_answer("15 % of 80", None)
    conversation = bench.chat.send(None, "15 % of 80")
    assert len(bench.engine.requests) == 1
    bench.answer("Hint: what is 10 % of it?")
    assert not bench.chat.calculated.can_answer("15 % of 80", conversation)
    bench.chat.edit(conversation, bench.history.transcript(conversation).messages[0].id, "15 % of 90")
    assert len(bench.engine.requests) == 2
    # AND elsewhere it is computed as ever
    assert bench.chat.calculated.can_answer("15 % of 80", bench.history.create("Another").id)


def test_the_model_is_told_afterwards_what_was_computed(bench: Bench) -> None:
    calculating(bench)
    conversation = bench.chat.send(None, "3 * 12.5 / 4")
    bench.chat.send(conversation, "And why is that?")
    said = [(message.role, message.text) for message in bench.engine.last.messages]
    assert said == [
        (Role.USER, "3 * 12.5 / 4"),
        (Role.ASSISTANT, "3 × 12.5 ÷ 4 = 9.375"),
        (Role.USER, "And why is that?"),
    ]


def test_the_model_can_be_asked_anyway(bench: Bench) -> None:
    # GIVEN a computed answer
    calculating(bench)
    conversation = bench.chat.send(None, "2 + 2")
    # WHEN it is answered once more
    bench.chat.regenerate(conversation)
    bench.answer("5")
    # THEN by the model, as one more version
    answer = bench.history.transcript(conversation).messages[-1]
    assert (answer.text, answer.model, answer.versions) == ("5", "tiny", 2)
    assert not answer.is_calculated


def test_an_edited_question_is_computed_as_well(bench: Bench) -> None:
    calculating(bench)
    conversation = bench.chat.send(None, "Who are you?")
    bench.answer("A cat.")
    asked = len(bench.engine.requests)
    bench.chat.edit(conversation, bench.history.transcript(conversation).messages[0].id, "25摄氏度是多少华氏度")
    question, answer = bench.history.transcript(conversation).messages
    assert (question.versions, answer.text, answer.is_calculated) == (2, "25摄氏度 = 77华氏度", True)
    assert len(bench.engine.requests) == asked


def test_a_computed_answer_that_cannot_be_stored_takes_its_question_back(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a disk that fails between question and answer
    calculating(bench)

    def fail(*_arguments: object, **_keywords: object) -> None:
        raise UserFacingError("The disk is full.")

    monkeypatch.setattr(bench.history, "add_answer", fail)
    # WHEN a sum is sent THEN it is as if it had not been, and who sent it learns why
    with pytest.raises(UserFacingError, match="disk is full"):
        bench.chat.send(None, "2 + 2")
    assert len(bench.history.conversations()) == 0
    assert bench.events == []


def test_a_computed_quick_answer_stays_one_in_the_chat(bench: Bench) -> None:
    conversation = bench.chat.adopt("2 + 2", "2 + 2 = 4", "", None, calculated=True)
    assert bench.history.transcript(conversation).messages[-1].is_calculated
