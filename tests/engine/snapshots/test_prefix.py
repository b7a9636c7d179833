"""What many conversations begin with is read once, on the real binding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.engine.snapshots.store import Identity, SnapshotStore
from desktop.engine.types import Asleep, EngineConfig, Finished, Message, Reading, Role
from tests.support.engine_harness import GREEDY, Harness, config_for, user
from tests.support.tiny import make_tiny

SHORT = replace(GREEDY, max_tokens=12)
CAT = Message(Role.SYSTEM, "You are the cat of this house. Be brief and kind, and never wake anybody up at night.")
DOG = Message(Role.SYSTEM, "You are the dog of this house. Bark at the postman, fetch every stick, and smell of rain.")
QUESTION, OTHER = user("What do you do all day?"), user("Do you like fish?")
ARCHITECTURES = ("qwen2", "qwen3", "llama", "gemma3", "lfm2")
PERSONA = "persona:cat"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    return {name: make_tiny(folder / f"{name}.gguf", architecture=name, ascii_only=True) for name in ARCHITECTURES}


@pytest.fixture
def config(models: dict[str, Path], tmp_path: Path) -> EngineConfig:
    return with_states(models["qwen2"], tmp_path)


def with_states(model: Path, tmp_path: Path) -> EngineConfig:
    return replace(config_for(model), snapshots_dir=tmp_path / "states")


def nap(engine: Harness) -> None:
    engine.rest()
    engine.worker.sleep()
    engine.wait(Asleep)


def unread(end: Finished) -> int:
    return end.stats.prompt_tokens - end.stats.reused_tokens


def begin(engine: Harness, conversation: str, question: Message, system: Message = CAT) -> Finished:
    return engine.ask(system, question, sampling=SHORT, conversation=conversation, prefix=PERSONA)


def stored(config: EngineConfig) -> Iterator[Path]:
    assert config.snapshots_dir is not None
    yield from config.snapshots_dir.glob("*.state")


@pytest.mark.parametrize("model", ARCHITECTURES)
def test_a_new_conversation_reads_its_question_only(models: dict[str, Path], tmp_path: Path, model: str) -> None:
    # GIVEN what the question alone takes, and an answer to it without anything kept
    with Harness(config_for(models[model])) as engine:
        whole = begin(engine, "plain", OTHER)
        text = engine.text(whole.request_id)
    # WHEN one conversation has been begun with a persona, and after a sleep another one begins with it
    with Harness(with_states(models[model], tmp_path)) as engine:
        first = begin(engine, "one", QUESTION)
        nap(engine)
        second = begin(engine, "two", OTHER)
        answer = engine.text(second.request_id)
    # THEN the second has read what follows the persona's words, and answers what it would have answered
    assert unread(first) == first.stats.prompt_tokens
    prefix = second.stats.reused_tokens
    assert prefix > 80  # the persona's words are that long, in bytes
    assert second.stats.prompt_tokens == whole.stats.prompt_tokens
    shared = first.stats.prompt_tokens - second.stats.prompt_tokens
    assert shared == len(QUESTION.text) - len(OTHER.text)  # a byte is a token: the rest of both prompts is the same
    assert unread(second) < len(OTHER.text) + 40  # the question, and what the template puts around it
    assert answer == text


def test_the_prefix_ends_where_the_question_begins(config: EngineConfig) -> None:
    # GIVEN two questions that begin alike, and like the words with which the place is found
    with Harness(config) as engine:
        begin(engine, "one", user("xylophones are what?"))
        nap(engine)
        one = begin(engine, "two", user("xylophones, who plays them?"))
        nap(engine)
        other = begin(engine, "three", user("who?"))
    # THEN the same tokens were kept for both: nobody's question is in them
    assert one.stats.reused_tokens == other.stats.reused_tokens


@pytest.mark.parametrize("model", ["qwen2", "lfm2"])
def test_examples_belong_to_what_is_read_once(models: dict[str, Path], tmp_path: Path, model: str) -> None:
    # GIVEN a persona that shows how to answer
    shown = (CAT, user("Are you hungry?"), Message(Role.ASSISTANT, "Always, and so are you."))
    with Harness(with_states(models[model], tmp_path)) as engine:
        engine.ask(*shown, QUESTION, sampling=SHORT, conversation="one", prefix=PERSONA, examples=2)
        nap(engine)
        second = engine.ask(*shown, OTHER, sampling=SHORT, conversation="two", prefix=PERSONA, examples=2)
        nap(engine)
        plain = begin(engine, "three", OTHER)
    # THEN the second conversation reads its question only
    assert unread(second) < len(OTHER.text) + 40
    assert second.stats.reused_tokens > 140
    # AND without the examples it is another prefix
    assert plain.stats.reused_tokens < second.stats.reused_tokens


def test_reading_is_reported_as_one(config: EngineConfig) -> None:
    with Harness(config) as engine:
        end = begin(engine, "one", QUESTION)
    steps = [event for event in engine.of(Reading) if event.request_id == end.request_id]
    assert {step.total for step in steps} == {end.stats.prompt_tokens}
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert steps[-1].done == end.stats.prompt_tokens


def test_other_words_take_the_place_of_those_before(config: EngineConfig) -> None:
    # GIVEN a persona whose words are kept
    with Harness(config) as engine:
        begin(engine, "one", QUESTION)
        nap(engine)
        # WHEN its words are changed
        changed = begin(engine, "two", QUESTION, DOG)
        nap(engine)
        again = begin(engine, "three", QUESTION, DOG)
        nap(engine)
        back = begin(engine, "four", QUESTION)
    # THEN only what the old ones have in common with them is not read, and the new ones are kept instead
    assert changed.stats.reused_tokens < 40
    assert again.stats.reused_tokens > 80
    assert back.stats.reused_tokens < 40


def test_it_is_forgotten_by_its_name(config: EngineConfig) -> None:
    with Harness(config) as engine:
        begin(engine, "one", QUESTION)
        nap(engine)
        assert len(list(stored(config))) == 2  # the persona's, the conversation's
        engine.worker.forget(PERSONA)
        engine.worker.forget("one")
        second = begin(engine, "two", OTHER)
    assert second.stats.reused_tokens == 0


def test_what_leaves_no_trace_begins_at_once_as_well(config: EngineConfig) -> None:
    # GIVEN a quick ask, whose words are never written
    with Harness(config) as engine:
        engine.ask(CAT, QUESTION, sampling=SHORT, conversation="quick", keep_state=False, prefix=PERSONA)
        nap(engine)
        assert len(list(stored(config))) == 1  # the persona's, which are no words of a question
        second = engine.ask(CAT, OTHER, sampling=SHORT, conversation="quick", keep_state=False, prefix=PERSONA)
    assert second.stats.reused_tokens > 80


def test_a_draft_that_was_read_is_not_read_again(config: EngineConfig) -> None:
    # GIVEN a conversation that is not begun yet: its first message is read while it is being written
    with Harness(config) as engine:
        prepared = engine.prepare(CAT, QUESTION, conversation="not-begun", keep_state=False, prefix=PERSONA)
        engine.end_of(prepared)
        # WHEN it is sent, and the conversation has its own name from then on
        end = begin(engine, "one", QUESTION)
        nap(engine)
        second = begin(engine, "two", OTHER)
    # THEN one token is left to be read, and the persona's words are kept without those of the draft
    assert unread(end) == 1
    assert second.stats.reused_tokens > 80
    assert unread(second) < len(OTHER.text) + 40


def test_nothing_is_written_where_nothing_may_be(config: EngineConfig) -> None:
    with Harness(replace(config, snapshots_budget=0)) as engine:
        begin(engine, "one", QUESTION)
        nap(engine)
        second = begin(engine, "two", OTHER)
    assert second.stats.reused_tokens == 0
    assert not list(stored(config))


def test_a_damaged_state_is_read_again(config: EngineConfig) -> None:
    with Harness(config) as engine:
        begin(engine, "one", QUESTION)
        nap(engine)
        for state in stored(config):
            state.write_bytes(state.read_bytes()[:-1] + b"?")
        second = begin(engine, "two", OTHER)
        nap(engine)
        third = begin(engine, "three", OTHER)
    assert second.stats.reused_tokens == 0
    assert third.stats.reused_tokens > 80


def test_a_conversation_of_more_than_one_question_keeps_nothing_new(config: EngineConfig) -> None:
    # GIVEN a running conversation whose persona changes
    answer = Message(Role.ASSISTANT, "Sleep.")
    with Harness(config) as engine:
        engine.ask(CAT, QUESTION, answer, OTHER, sampling=SHORT, prefix=PERSONA)
        nap(engine)
        # THEN its reading is not held up: nothing but its own state is written
        assert len(list(stored(config))) == 1


def test_a_prefix_counts_for_the_disk_budget(tmp_path: Path) -> None:
    folder = tmp_path / "states"
    store = SnapshotStore(folder, 250)
    identity = Identity("m:1:2", "b", 2048, "f16", "auto", "t")
    for name in ("persona:a", "one", "persona:b"):
        assert store.save(name, identity, range(70), lambda path, _tokens: bool(path.write_bytes(bytes(100))))
    assert store.peek("persona:a", identity) is None
    assert store.peek("persona:b", identity) is not None
