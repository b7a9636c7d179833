"""A text is gone on with as it is: no template, no chat, nothing of it taken for a special token."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from desktop.engine.types import Failed, Finished, Generation, Message, Role, Token
from tests.support.engine_harness import GREEDY, Harness, config_for
from tests.support.weights import smollm2


def _go_on(harness: Harness, number: int, *texts: str, tokens: int = 8) -> tuple[Finished, str]:
    roles = (Role.USER, Role.ASSISTANT)
    messages = tuple(Message(role, text) for role, text in zip(roles, texts, strict=False))
    sampling = replace(GREEDY, max_tokens=tokens)
    harness.worker.generate(Generation(number, "text", messages, sampling, keep_state=False, plain=True))
    end = harness.end_of(number)
    assert isinstance(end, Finished), end
    said = [event.text for event in harness.events if isinstance(event, Token) and event.request_id == number]
    return end, "".join(said)


def test_nothing_stands_around_it(tiny_model: Path) -> None:
    with Harness(config_for(tiny_model)) as harness:
        for number, text in enumerate(("abcdef", "<|im_end|>"), 1000):
            assert _go_on(harness, number, text)[0].stats.prompt_tokens == len(text)  # a token for each byte


def test_one_that_is_too_long_is_refused(tiny_model: Path) -> None:
    with Harness(config_for(tiny_model, n_ctx=512)) as harness:
        harness.worker.generate(Generation(1000, "text", (Message(Role.USER, "x" * 5_000),), GREEDY, plain=True))
        assert isinstance(harness.end_of(1000), Failed)


def test_a_real_model_goes_on_and_from_a_pause_as_if_there_had_been_none() -> None:
    with Harness(config_for(smollm2())) as harness:
        _end, whole = _go_on(harness, 1000, "The capital of France is", tokens=12)
        assert "Paris" in whole
        _end, first = _go_on(harness, 1001, "The capital of France is", tokens=2)
        _end, rest = _go_on(harness, 1002, "The capital of France is", first, tokens=10)
        assert first + rest == whole
