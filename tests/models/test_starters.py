"""Questions to begin with: what is said to be proven is, with the weights that are here."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desktop.models.catalog import bundled_catalog_path, load_catalog
from desktop.personas.builtin import builtin_personas
from desktop.personas.persona import GENERAL, is_begun
from tests.support.engine_harness import Harness, config_for
from tests.support.proven_starters import CALCULATED, SPOKEN, calculated, spoken
from tests.support.weights import smollm2

# Two of the five that `python -m tests.bench --part starters` judges: a busy machine needs ten seconds for one.
SOME_SEEDS = (2, 4)


def test_nothing_is_called_proven_but_what_was_judged_with_the_weights_that_are_here() -> None:
    proven = [
        spec for spec in load_catalog(bundled_catalog_path()).models if spec.starters and spec.starters.proven_with
    ]
    assert [spec.id for spec in proven] == ["smollm2-135m"]
    (starters,) = [spec.starters for spec in proven]
    assert starters is not None and starters.proven_with == smollm2().name
    assert {*starters.en, *starters.zh} == {*SPOKEN, *CALCULATED}
    # It knows no Chinese: what is offered in Chinese is calculated.
    assert set(starters.zh) <= set(CALCULATED)


@pytest.mark.parametrize("question", CALCULATED)
def test_what_is_calculated_is_right(question: str) -> None:
    assert calculated(question) == CALCULATED[question]


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_what_suits_any_model_is_about_a_text_or_calculated(language: str) -> None:
    general = next(each for each in builtin_personas(language) if each.id == GENERAL)
    assert any(map(is_begun, general.starters))
    for starter in general.starters:
        assert is_begun(starter) or calculated(starter), starter


def test_the_model_answers_its_own_questions() -> None:
    with Harness(replace(config_for(smollm2(), threads=2), snapshots_dir=None)) as engine:
        for question, right in SPOKEN.items():
            answers = [spoken(engine, question, seed) for seed in SOME_SEEDS]
            assert all(map(right.is_met, answers)), answers


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "The sea.",
        "I am SmolLM, and the sea is a vast body of water.",
        "The desert is a vast sea of sand.",
        "The sea is vast. People called Pilgrims took a piece of cloth and put it in a glass to make it blue.",
        "People called Pilgrims took a piece of cloth and put it in a glass to make it blue.",
        "What do you think of the deep blue sea?",
    ],
)
def test_the_judge_tells_what_is_wrong(answer: str) -> None:
    assert not SPOKEN["Describe the sea in one sentence"].is_met(answer)
