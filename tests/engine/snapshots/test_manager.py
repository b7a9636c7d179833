"""Conversations over naps, on the real binding: nothing is lost and nothing is read twice."""

from __future__ import annotations

import json
import logging
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.engine.types import (
    Asleep,
    EngineConfig,
    Finished,
    FlashAttention,
    KvType,
    Message,
    Role,
    SleepReason,
    Token,
)
from tests.support.engine_harness import GREEDY, Harness, assistant, config_for, user
from tests.support.hosted_here import HostedHere
from tests.support.parrot import LONG_TEXT, make_parrot
from tests.support.tiny import make_tiny

SHORT = replace(GREEDY, max_tokens=24)
SYSTEM = Message(Role.SYSTEM, "You are the cat of this house. Be brief and kind, and never wake anybody up at night.")
QUESTIONS = ("What do you do all day?", "And at night?", "Do you like fish, or rather the warm keyboard?")
MODELS = ("qwen2", "qwen3", "llama", "gemma3", "lfm2", "parrot")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    found = {
        name: make_tiny(folder / f"{name}.gguf", architecture=name, ascii_only=True)
        for name in MODELS
        if name != "parrot"
    }
    return {**found, "parrot": make_parrot(folder / "parrot.gguf", LONG_TEXT)}


@pytest.fixture
def config(models: dict[str, Path], tmp_path: Path) -> EngineConfig:
    return with_states(models["qwen2"], tmp_path)


def with_states(model: Path, tmp_path: Path) -> EngineConfig:
    return replace(config_for(model), snapshots_dir=tmp_path / "states")


def states(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "states").glob("*"))


def nap(engine: Harness) -> None:
    engine.worker.sleep()
    engine.wait(Asleep)


def talk(
    engine: Harness,
    between: Callable[[], None] = lambda: None,
    conversation: str = "c",
    turns: int = 3,
    system: Message = SYSTEM,
) -> Iterator[tuple[list[str], Finished]]:
    """Asks the questions one after the other; yields the tokens of each answer and its end."""
    messages = [system]
    for number, question in enumerate(QUESTIONS[:turns]):
        if number:
            between()
        messages.append(user(question))
        end = engine.ask(*messages, sampling=SHORT, conversation=conversation)
        engine.rest()
        pieces = [event.text for event in engine.of(Token) if event.request_id == end.request_id]
        messages.append(assistant("".join(pieces)))
        yield pieces, end


def unread(end: Finished) -> int:
    return end.stats.prompt_tokens - end.stats.reused_tokens


@pytest.mark.parametrize("model", MODELS)
def test_greedy_is_the_same_with_and_without_naps(models: dict[str, Path], tmp_path: Path, model: str) -> None:
    with Harness(config_for(models[model])) as engine:
        awake = list(talk(engine))
    with Harness(with_states(models[model], tmp_path)) as engine:
        napping = list(talk(engine, between=lambda: nap(engine)))

    assert [pieces for pieces, _ in napping] == [pieces for pieces, _ in awake]
    assert [unread(end) for _, end in napping] == [unread(end) for _, end in awake]
    assert all(end.stats.load_s > 0 and unread(end) < 90 for _, end in napping[1:])
    assert all(end.stats.reused_tokens > 100 for _, end in napping[1:])


@pytest.mark.parametrize("model", MODELS)
def test_the_state_survives_the_program(models: dict[str, Path], tmp_path: Path, model: str) -> None:
    with Harness(config_for(models[model])) as engine:
        awake = list(talk(engine))
    messages = [SYSTEM]
    for question, (pieces, end) in zip(QUESTIONS, awake, strict=True):
        messages.append(user(question))
        with Harness(with_states(models[model], tmp_path)) as engine:  # a new program for each question
            woken = engine.ask(*messages, sampling=SHORT)
            engine.rest()
            assert engine.text(woken.request_id) == "".join(pieces)
            assert woken.stats.reused_tokens == end.stats.reused_tokens
        messages.append(assistant("".join(pieces)))


@pytest.mark.parametrize("kv_type", [KvType.Q8_0, KvType.Q4_0])
def test_a_quantised_cache_survives_too(config: EngineConfig, kv_type: KvType) -> None:
    config = replace(config, kv_type=kv_type)
    with Harness(replace(config, snapshots_dir=None)) as engine:
        awake = list(talk(engine))
    with Harness(config) as engine:
        napping = list(talk(engine, between=lambda: nap(engine)))

    assert [pieces for pieces, _ in napping] == [pieces for pieces, _ in awake]
    assert [unread(end) for _, end in napping] == [unread(end) for _, end in awake]


def test_it_says_what_it_did(config: EngineConfig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "desktop.engine")
    with Harness(config) as engine:
        list(talk(engine, between=lambda: nap(engine), turns=2))

    lines = [record.getMessage() for record in caplog.records]
    assert any(line.startswith("state saved (") and " MB, " in line for line in lines)
    assert any(line.startswith("restored ") and "tokens of the conversation in " in line for line in lines)


def test_a_state_is_not_written_again_when_nothing_was_said(config: EngineConfig, tmp_path: Path) -> None:
    with Harness(config) as engine:
        list(talk(engine, turns=1))
        nap(engine)
        before = [file.stat().st_ino for file in states(tmp_path)]
        # WHEN it is woken and put to sleep without a word
        engine.end_of(engine.prepare())
        nap(engine)

        assert [file.stat().st_ino for file in states(tmp_path)] == before


@pytest.mark.parametrize("reason", [SleepReason.IDLE, SleepReason.ASKED, SleepReason.MEMORY, SleepReason.RELEASED])
def test_every_way_to_sleep_keeps_the_state(config: EngineConfig, tmp_path: Path, reason: SleepReason) -> None:
    with Harness(config) as engine:
        list(talk(engine, turns=1))
        if reason is SleepReason.IDLE:
            engine.worker.configure(replace(config, sleep_seconds=0.05))
        else:
            engine.worker.sleep(reason)
        assert engine.wait(Asleep).reason is reason
        assert len(states(tmp_path)) == 2


def test_a_reload_that_leaves_the_state_of_use_keeps_it(config: EngineConfig, tmp_path: Path) -> None:
    with Harness(config) as engine:
        talking = talk(engine, between=lambda: engine.worker.configure(replace(config, use_mmap=False)), turns=2)
        _, second = list(talking)[1]
        assert second.stats.load_s > 0 and unread(second) < 90
        # WHEN the context changes, the state cannot be used again
        (tmp_path / "states").rename(tmp_path / "before")
        engine.worker.configure(replace(config, n_ctx=1024))
        engine.wait(Asleep)
        assert states(tmp_path) == []


def test_two_conversations_in_turn_read_only_what_is_new(config: EngineConfig) -> None:
    dog = Message(Role.SYSTEM, "You are the dog of this house. Bark at night, and be loud all day long, please.")
    with Harness(config) as engine:
        cats = list(talk(engine, conversation="1"))
        dogs = list(talk(engine, conversation="2", system=dog))
        first, second = talk(engine, conversation="3"), talk(engine, conversation="4", system=dog)
        mixed = [next(talk_of) for _ in QUESTIONS for talk_of in (first, second)]

    for alone, in_turn in ((cats, mixed[::2]), (dogs, mixed[1::2])):
        assert [pieces for pieces, _ in in_turn] == [pieces for pieces, _ in alone]
        assert [unread(end) for _, end in in_turn[1:]] == [unread(end) for _, end in alone[1:]]


def test_what_must_leave_no_trace_leaves_none(config: EngineConfig, tmp_path: Path) -> None:
    with Harness(config) as engine:

        def quick() -> None:
            words = user("A question that is nobody's business. " * 8)
            engine.end_of(engine.send(SYSTEM, words, sampling=SHORT, conversation="quick", keep_state=False))

        quick()
        nap(engine)
        assert states(tmp_path) == []
        alone = list(talk(engine, conversation="alone"))
        broken = list(talk(engine, between=quick))

    # The chat goes on as if nobody had asked anything between.
    assert [pieces for pieces, _ in broken] == [pieces for pieces, _ in alone]
    assert [unread(end) for _, end in broken[1:]] == [unread(end) for _, end in alone[1:]]
    headers = [json.loads(file.read_text()) for file in states(tmp_path) if file.suffix == ".json"]
    assert sorted(header["conversation"] for header in headers) == ["alone", "c"]


@pytest.mark.parametrize("asleep", [False, True])
def test_forgetting_erases_it_in_memory_and_on_disk(config: EngineConfig, tmp_path: Path, asleep: bool) -> None:
    with Harness(config) as engine:
        list(talk(engine))
        nap(engine)
        assert len(states(tmp_path)) == 2
        if not asleep:
            engine.ask(SYSTEM, user(QUESTIONS[0]), sampling=SHORT)
        engine.worker.forget("c")
        nap(engine)
        assert states(tmp_path) == []
        assert engine.ask(SYSTEM, user(QUESTIONS[0]), sampling=SHORT).stats.reused_tokens == 0


def test_forgetting_works_before_any_model_was_loaded(config: EngineConfig, tmp_path: Path) -> None:
    with Harness(config) as engine:
        list(talk(engine, turns=1))
    with Harness(replace(config, model_path=None)) as engine:
        engine.worker.forget("c")
        nap(engine)
        assert states(tmp_path) == []


def test_switched_off_nothing_is_written_or_read(config: EngineConfig, tmp_path: Path) -> None:
    off = replace(config, snapshots_budget=0)
    with Harness(off) as engine:
        awake = list(talk(engine))
        nap(engine)
        engine.worker.configure(config)
        list(talk(engine, conversation="d"))
        nap(engine)
        assert len(states(tmp_path)) == 2
        # WHEN it is switched off again, what was written goes as well
        engine.worker.configure(off)
        nap(engine)
        assert states(tmp_path) == []
        again = list(talk(engine, between=lambda: nap(engine), conversation="d"))

    assert [end.stats.reused_tokens for _, end in again] == [0, 0, 0]
    assert [pieces for pieces, _ in again] == [pieces for pieces, _ in awake]
    assert states(tmp_path) == []


def test_the_budget_holds(config: EngineConfig, tmp_path: Path) -> None:
    with Harness(config) as engine:
        list(talk(engine, turns=1))
        nap(engine)
        size = sum(file.stat().st_size for file in states(tmp_path) if file.suffix == ".state")
        engine.worker.configure(replace(config, snapshots_budget=int(2.5 * size)))
        for name in ("d", "e", "f"):
            list(talk(engine, conversation=name, turns=1))
            nap(engine)
        assert len(states(tmp_path)) == 4


def spoil_header(file: Path, **changes: object) -> None:
    header = json.loads(file.read_text())
    for key, value in changes.items():
        part = header["identity"] if key in header["identity"] else header
        assert part[key] != value
        part[key] = value
    file.write_text(json.dumps(header))


@pytest.mark.parametrize(
    "harm",
    ["cut", "flipped", "build", "foreign", "tokens", "model", "template", "context", "kv type", "flash attention"],
)
def test_a_bad_state_is_refused_and_removed_and_the_answer_is_right(
    models: dict[str, Path], config: EngineConfig, tmp_path: Path, harm: str
) -> None:
    model = models["qwen2"]
    changed = config
    if harm == "model":
        changed = replace(config, model_path=make_tiny(tmp_path / "qwen2.gguf", ascii_only=True, seed=2))
    elif harm == "context":
        changed = replace(config, n_ctx=1024)
    elif harm == "kv type":
        changed = replace(config, kv_type=KvType.Q8_0)
    elif harm == "flash attention":
        changed = replace(config, flash_attention=FlashAttention.OFF)
    messages = (SYSTEM, user(QUESTIONS[0]), assistant("I sleep on the keyboard."), user(QUESTIONS[1]))
    with Harness(replace(changed, snapshots_dir=None)) as engine:
        right = engine.text(engine.ask(*messages, sampling=SHORT).request_id)
    with Harness(config) as engine:
        engine.ask(*messages[:2], sampling=SHORT)
    header, state = states(tmp_path)
    content = state.read_bytes()
    if harm == "cut":
        state.write_bytes(content[:-1000])
    elif harm == "flipped":
        state.write_bytes(content[:5000] + bytes([content[5000] ^ 0x10]) + content[5001:])
    elif harm == "build":
        spoil_header(header, llama_build="0.1")
    elif harm == "template":
        spoil_header(header, template="another")
    elif harm == "foreign":  # another program's file with a right checksum: the library refuses it
        state.write_bytes(b"x" * 5000)
        spoil_header(header, size=5000, crc32=zlib.crc32(b"x" * 5000))
    elif harm == "tokens":  # a state of fewer tokens than the header says
        tokens = json.loads(header.read_text())["tokens"]
        spoil_header(header, tokens=[*tokens, *tokens[:1]])

    with Harness(changed) as engine:
        end = engine.ask(*messages, sampling=SHORT)
        assert states(tmp_path) == []
        assert engine.text(end.request_id) == right
        assert end.stats.reused_tokens == 0
    assert model.exists()


def test_what_cannot_be_erased_is_no_reason_to_write_more_and_is_tried_again(
    config: EngineConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlink = Path.unlink
    locked = True

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if locked and path.suffix == ".state":
            raise PermissionError(13, "it is in use", str(path))
        unlink(path, missing_ok)

    monkeypatch.setattr("desktop.engine.snapshots.store.Path.unlink", refuse)
    with Harness(config, HostedHere) as engine:
        list(talk(engine))
        nap(engine)
        kept = states(tmp_path)
        engine.worker.configure(replace(config, snapshots_budget=0))
        list(talk(engine, conversation="d"))
        nap(engine)
        assert states(tmp_path) == [file for file in kept if file.suffix == ".state"], "all but what is in use"
        locked = False
        list(talk(engine, conversation="d"))
        assert states(tmp_path) == []


def test_what_is_left_of_an_earlier_run_is_erased_at_the_start(config: EngineConfig, tmp_path: Path) -> None:
    with Harness(config) as engine:
        list(talk(engine))
    assert states(tmp_path)
    with Harness(replace(config, snapshots_budget=0)):
        pass
    assert states(tmp_path) == []


def test_a_folder_that_cannot_be_written_costs_only_the_state(config: EngineConfig, tmp_path: Path) -> None:
    (tmp_path / "states").write_text("not a folder")
    with Harness(config) as engine:
        ends = [end for _, end in talk(engine, between=lambda: nap(engine))]
        assert [end.stats.reused_tokens for end in ends] == [0, 0, 0]
