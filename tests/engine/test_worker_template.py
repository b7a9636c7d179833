"""Models whose chat template goes too far: they answer with a common one, and a person is told once."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.engine.types import Asleep, Dozing, FinishReason, TemplateReplaced
from tests.support.engine_harness import Harness, assistant, config_for, user
from tests.support.hostile_templates import HOSTILE_TEMPLATES, LATE_TEMPLATES, HostileTemplate
from tests.support.parrot import PARROT_TEXT, make_parrot

TALK = (user("hello"), assistant("hi"), user("more"))
# One of each way to take all there is.
NAMES = (
    "time: nested loops",
    "repeats: a text times a number",
    "output: 20 MB written",
    "recursion: a macro that calls itself twice",
    "source: a megabyte of text",
)


@pytest.mark.parametrize(
    "hostile", [each for each in HOSTILE_TEMPLATES if each.name in NAMES], ids=lambda each: each.name
)
def test_a_model_with_a_hostile_template_answers_and_a_person_is_told_once(
    tmp_path: Path, hostile: HostileTemplate
) -> None:
    # GIVEN a model whose template would never end
    path = make_parrot(tmp_path / "parrot.gguf", chat_template=hostile.source)
    with Harness(config_for(path)) as engine:
        # WHEN it is asked, twice
        first, second = engine.ask(user("hello")), engine.ask(*TALK)
        told = engine.of(TemplateReplaced)

    # THEN it answers both times, and its name was said once, before the first answer ended
    assert first.reason is second.reason is FinishReason.COMPLETE
    assert engine.text(first.request_id) == engine.text(second.request_id) == PARROT_TEXT
    assert told == [TemplateReplaced("parrot")]
    assert engine.events.index(told[0]) < engine.events.index(first)


def test_it_is_told_when_the_model_is_only_prepared_and_not_again_after_a_doze(tmp_path: Path) -> None:
    path = make_parrot(tmp_path / "parrot.gguf", chat_template=HOSTILE_TEMPLATES[0].source)
    with Harness(config_for(path, idle_seconds=0.0)) as engine:
        engine.end_of(engine.prepare())
        engine.wait(Dozing)
        engine.ask(user("hello"))
        assert len(engine.of(TemplateReplaced)) == 1

        # WHEN it is loaded anew THEN it is told anew
        engine.worker.sleep()
        engine.wait(Asleep)
        engine.ask(user("hello"))
    assert len(engine.of(TemplateReplaced)) == 2


@pytest.mark.parametrize("hostile", LATE_TEMPLATES, ids=lambda each: each.name)
def test_it_is_told_in_the_answer_in_which_the_template_goes_too_far(tmp_path: Path, hostile: HostileTemplate) -> None:
    path = make_parrot(tmp_path / "parrot.gguf", chat_template=hostile.source)
    with Harness(config_for(path)) as engine:
        engine.ask(user("hello"))
        assert not engine.of(TemplateReplaced)
        end = engine.ask(*TALK)
        engine.ask(*TALK)

    assert engine.text(end.request_id) == PARROT_TEXT
    told = engine.of(TemplateReplaced)
    assert len(told) == 1
    assert engine.events.index(told[0]) < engine.events.index(end)


def test_a_template_that_merely_fails_is_replaced_without_a_word(tmp_path: Path) -> None:
    path = make_parrot(tmp_path / "parrot.gguf", chat_template="{{ raise_exception('no') }}")
    with Harness(config_for(path)) as engine:
        engine.ask(user("hello"))
    assert not engine.of(TemplateReplaced)
