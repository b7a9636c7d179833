"""An answer that was cut off goes on where it stopped, in the same turn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from desktop.engine.types import Asleep, BegunAnswer, Failed, Finished, FinishReason
from tests.support.engine_harness import GREEDY, Harness, assistant, config_for, user
from tests.support.parrot import make_parrot
from tests.support.weights import smollm2

_QUESTION = user("Tell me about the history of the printing press, in some detail.")
_WHOLE = 60


@pytest.mark.parametrize(
    ("length", "between"),
    [
        *((length, "at once") for length in (1, 9, 10, 41)),
        (8, "after another conversation"),
        (30, "after a nap"),
    ],
)
def test_it_says_what_it_would_have_said(tmp_path: Path, length: int, between: str) -> None:
    config = replace(config_for(smollm2(), n_ctx=1024), snapshots_dir=tmp_path)
    with Harness(config) as engine:
        # GIVEN what the model says when nobody interrupts it
        whole = engine.ask(_QUESTION, sampling=replace(GREEDY, max_tokens=_WHOLE), conversation="whole")
        wanted = engine.text(whole.request_id)
        # AND the same answer, cut off
        first = engine.ask(_QUESTION, sampling=replace(GREEDY, max_tokens=length), conversation="cut")
        assert first.reason is FinishReason.LENGTH
        begun = BegunAnswer(engine.text(first.request_id))
        engine.rest()
        if between == "after another conversation":
            engine.ask(user("Hello"), sampling=replace(GREEDY, max_tokens=4), conversation="other")
        elif between == "after a nap":
            engine.worker.sleep()
            engine.wait(Asleep)
        # WHEN it goes on
        rest = replace(GREEDY, max_tokens=_WHOLE - length)
        request = engine.send(_QUESTION, sampling=rest, conversation="cut", begun=begun)
        end = engine.end_of(request)
        # THEN the whole is the same
        assert isinstance(end, Finished)
        assert begun.text + engine.text(request) == wanted
        # AND where nobody else had the engine meanwhile it goes on at once
        if between == "at once":
            assert end.stats.prompt_tokens - end.stats.reused_tokens <= 2


def test_an_answer_after_thoughts_goes_on_after_them(tmp_path: Path) -> None:
    said = "<think>First this, then that, in the end something else.</think>\n\nIt is done, and was not hard at all."
    with Harness(config_for(make_parrot(tmp_path / "thinker.gguf", said))) as engine:
        whole = engine.ask(user("Do it")).request_id
        thought, text = engine.text(whole, thinking=True), engine.text(whole)
        count = len([event for event in engine.events if getattr(event, "request_id", 0) == whole])
        assert count > 10
        for length in range(4, 30):
            # WHEN it is cut off anywhere behind the thoughts
            cut = engine.ask(user("Do it"), sampling=replace(GREEDY, max_tokens=length)).request_id
            begun = BegunAnswer(engine.text(cut), engine.text(cut, thinking=True))
            if not begun.text:
                continue
            # THEN what comes is the rest of what it was saying
            rest = engine.send(user("Do it"), begun=begun)
            assert isinstance(engine.end_of(rest), Finished)
            assert begun.thought + engine.text(rest, thinking=True) == thought, length
            assert begun.text + engine.text(rest) == text, length


def test_one_that_fills_the_context_cannot_go_on(tmp_path: Path) -> None:
    parrot = make_parrot(tmp_path / "parrot.gguf", "A few words.")
    with Harness(config_for(parrot, n_ctx=256)) as engine:
        request = engine.send(user("Hello"), begun=BegunAnswer("many words " * 200))
        end = engine.end_of(request)
        assert isinstance(end, Failed)
        assert end.error.title == "This answer cannot go on: it fills the model's context."
        assert "256" in end.error.detail


def test_earlier_turns_make_room_for_it(tmp_path: Path) -> None:
    with Harness(config_for(smollm2(), n_ctx=256)) as engine:
        messages = [user("One. " * 40), assistant("Two. " * 20), user("Go on?")]
        begun = BegunAnswer("word " * 60)
        request = engine.send(*messages, sampling=replace(GREEDY, max_tokens=4), begun=begun)
        end = engine.end_of(request)
        assert isinstance(end, Finished)
        assert end.stats.prompt_tokens < 256 - 4
