"""An answer that was cut off goes on where it stopped, in the same turn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from desktop.engine.chat_template.stops import TurnEnd
from desktop.engine.chat_template.template import ChatTemplate, Segment
from desktop.engine.chat_template.thinking.splitter import ThoughtSplitter
from desktop.engine.continuation import prime
from desktop.engine.types import Asleep, BegunAnswer, Failed, Finished, FinishReason
from tests.support.engine_harness import GREEDY, Harness, assistant, config_for, user
from tests.support.gguf_build import CHATML_TEMPLATE
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


@pytest.mark.parametrize(
    ("parts", "held", "following", "comes"),
    [
        (["Some words"], "", " and more", " and more"),
        (["In code: `<"], "", "b>", "b>"),
        (["A sentence. <"], "<", "b> it is", "<b> it is"),
        (["<think>\n", "Hm.", "\n</think>\n\n", "It is"], "", " done", " done"),
        (["<think>\n", "Hm."], "", " So.</think>\n\nDone", "Done"),
        (["Yes.\n"], "\n", "No.", "\nNo."),
    ],
)
def test_what_tells_thoughts_and_turns_apart_goes_on_where_it_was(
    parts: list[str], held: str, following: str, comes: str
) -> None:
    splitter, turn = ThoughtSplitter(opened=False), TurnEnd(("\nUser:",))
    assert prime(splitter, turn, parts) == held
    pieces = [*splitter.feed(turn.feed(following)), *splitter.feed(turn.flush()), *splitter.flush()]
    assert "".join(text for text, is_thought in pieces if not is_thought) == comes


def test_thoughts_are_put_before_the_answer_in_the_tags_of_the_model() -> None:
    plain = ChatTemplate(CHATML_TEMPLATE, "", "<|im_end|>", "qwen2")
    assert plain.begun("It is", "", thinking=False) == (Segment("It is", special=False),)
    assert [(part.text, part.special) for part in plain.begun("<|im_end|> is", "Hm.", thinking=False)] == [
        ("<think>\n", True),
        ("Hm.", False),
        ("\n</think>\n\n", True),
        ("<|im_end|> is", False),
    ]
    opens = ChatTemplate(CHATML_TEMPLATE.replace("assistant\\n", "assistant\\n<think>\\n"), "", "<|im_end|>", "qwen2")
    assert opens.render([user("x")], thinking=False).endswith("<think>\n")
    assert [part.text for part in opens.begun("", "Hm", thinking=False)] == ["Hm"]


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
