"""The engine with a real model: what small models with random weights cannot show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.engine.types import Asleep, EngineConfig, Finished, FinishReason, Message, Reading, Role
from desktop.personas.builtin import builtin_personas
from desktop.personas.persona import Persona
from tests.support.engine_harness import GREEDY, Harness, assistant, config_for, user
from tests.support.weights import smollm2

# Of "Write one sentence about cats.", with the end of its turn and the head of the answer.
QUESTION_TOKENS = 12
QUESTIONS = ("What is the opposite of hot?", "And of large?", "Write one sentence about cats.")
SHORT = replace(GREEDY, max_tokens=60)


def config(folder: Path) -> EngineConfig:
    return replace(config_for(smollm2(), n_ctx=1024), snapshots_dir=folder)


def talk(engine: Harness, *, nap: bool) -> Iterator[tuple[str, Finished]]:
    """Asks all questions in one conversation and yields each answer with its end."""
    messages: list[Message] = []
    for question in QUESTIONS:
        messages.append(user(question))
        end = engine.ask(*messages, sampling=SHORT)
        answer = engine.text(end.request_id)
        messages.append(assistant(answer))
        yield answer, end
        engine.rest()
        if nap:
            engine.worker.sleep()
            engine.wait(Asleep)


def test_it_answers_and_ends_its_answers(tmp_path: Path) -> None:
    with Harness(config(tmp_path)) as engine:
        opposite, _, cats = talk(engine, nap=False)
    assert "cold" in opposite[0]
    assert any(word in cats[0].lower() for word in ("cat", "feline"))  # by the rounding of the processor
    assert cats[1].reason is FinishReason.COMPLETE


def test_a_conversation_over_naps_is_the_same_and_is_not_read_again(tmp_path: Path) -> None:
    with Harness(config(tmp_path / "awake")) as engine:
        awake = list(talk(engine, nap=False))
    with Harness(config(tmp_path / "napping")) as engine:
        napping = list(talk(engine, nap=True))
    assert [answer for answer, _ in napping] == [answer for answer, _ in awake]
    assert [_unread(end) for _, end in napping] == [_unread(end) for _, end in awake]
    assert all(end.stats.load_s > 0 for _, end in napping)


@pytest.mark.parametrize("persona", builtin_personas("en")[:3], ids=lambda persona: persona.id)
def test_a_new_conversation_with_a_persona_reads_its_question_only(tmp_path: Path, persona: Persona) -> None:
    # GIVEN a persona that somebody has talked with, and a program that was started again since
    prompt = (Message(Role.SYSTEM, persona.prompt),) if persona.prompt else ()
    one, other = user("What is the opposite of hot?"), user("Write one sentence about cats.")
    with Harness(config(tmp_path)) as engine:
        first = engine.ask(*prompt, one, sampling=SHORT, conversation="one", prefix=persona.prefix_id)
    # WHEN another conversation with it begins, and when one does with nothing kept
    with Harness(config(tmp_path)) as engine:
        kept = engine.ask(*prompt, other, sampling=SHORT, conversation="two", prefix=persona.prefix_id)
        answer = engine.text(kept.request_id)
        reading = {event.total for event in engine.of(Reading) if event.request_id == kept.request_id}
    with Harness(config(tmp_path / "nothing")) as engine:
        whole = engine.ask(*prompt, other, sampling=SHORT, conversation="two")
        plain = engine.text(whole.request_id)
    # THEN what was read is the question with what the template puts behind it, and nothing else
    assert _unread(first) == first.stats.prompt_tokens
    assert _unread(kept) == QUESTION_TOKENS
    assert reading == {QUESTION_TOKENS}
    assert kept.stats.prompt_tokens == whole.stats.prompt_tokens == _unread(whole)
    # AND the answer is the same as without
    assert answer == plain


def _unread(end: Finished) -> int:
    return end.stats.prompt_tokens - end.stats.reused_tokens
