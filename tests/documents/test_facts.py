"""A real model asked about texts; all questions are asked by ``make bench ARGS="--part facts"``."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.bench.facts_figures import answer_of, as_catnap_asks
from tests.support.engine_harness import Harness, config_for
from tests.support.text_questions.questions import TextQuestion, sentences, text_questions
from tests.support.weights import smollm2


def test_a_small_model_answers_most_questions_about_a_text_cleanly() -> None:
    questions = [each for each in text_questions("en") if not each.is_held and each.is_told][:9]
    with Harness(replace(config_for(smollm2()), snapshots_dir=None)) as engine:
        answers = {each.ask: answer_of(engine, as_catnap_asks, each) for each in questions}
    assert sum(each.is_clean(answers[each.ask]) for each in questions) >= 7, answers


@pytest.mark.parametrize(
    ("answer", "is_clean"),
    [
        ("It closes at 6 in the evening.", True),
        ("It does not close at 6.", False),
        ("The text does not say it, but it closes at 6.", False),
        ("It closes at 6:30.", False),
        ("It closes at 6, which is 0.9 of a day.", False),
        ("It closes at 6. It is small. It is old.", False),
        ("It closes early.", False),
        ("", False),
    ],
)
def test_what_a_clean_answer_is(answer: str, is_clean: bool) -> None:
    question = TextQuestion("It opens at 9 and closes at 6.", "When does it close?", r"\b6\b", r"\b9\b", False)
    assert question.is_clean(answer) is is_clean


@pytest.mark.parametrize(
    ("answer", "is_clean"), [("2350", True), ("2,350", True), ("2,350.00", True), ("2,350, or 23.50", False)]
)
def test_a_figure_may_be_written_otherwise(answer: str, is_clean: bool) -> None:
    question = TextQuestion("It costs 2,350 dollars.", "How much?", "2,?350", "free", False)
    assert question.is_clean(answer) is is_clean


def test_what_a_text_does_not_tell() -> None:
    question = TextQuestion("It opens at 9.", "What does it cost?", "none", "free", False)
    assert question.is_clean("The text does not mention it.")
    assert question.is_clean("文中没有提到。")
    assert not question.is_clean("It costs 12 euros.")
    assert sentences("At 9 a.m. Mr. Brandt comes. He goes.") == 2


def test_there_are_fifty_and_half_of_them_are_held_back() -> None:
    questions = text_questions("en")
    assert (len(questions), sum(each.is_held for each in questions)) == (50, 25)
    assert len(text_questions("zh")) == 20
    more = (*text_questions("en_more"), *text_questions("zh_more"))
    assert (len(more), sum(each.is_held for each in more)) == (54, 27)
