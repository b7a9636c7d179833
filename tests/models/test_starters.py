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

MUSEUM, TEACHER, BAKER = SPOKEN
# Two of the five that `python -m tests.bench --part starters` judges: a busy machine needs ten seconds for one.
SOME_SEEDS = (12, 14)


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
    ("question", "answer"),
    [
        (TEACHER, ""),
        (TEACHER, "A teacher."),
        (TEACHER, "A teacher is a person who teaches students, often in"),
        (TEACHER, "I'd be happy to help with that answer! A teacher is a person who provides guidance."),
        (TEACHER, "A teacher is a person who teaches students. People called Pilgrims took a piece of cloth."),
        (TEACHER, "People called Pilgrims took a piece of cloth and taught their students to make it blue."),
        (TEACHER, "A teacher is a person who paints houses and repairs cars for those who live nearby."),
        (TEACHER, "A teacher is a person who helps students, isn't it?"),
        (BAKER, "A baker works tirelessly to create delicious treats using what comes from local markets."),
        (BAKER, "A baker is a person who cuts hair and sells bread."),
        (MUSEUM, "A museum is a vast place in the heart of the city."),
    ],
)
def test_the_judge_tells_what_is_wrong(question: str, answer: str) -> None:
    assert not SPOKEN[question].is_met(answer)
