"""Layers that look back over a sliding window (Gemma 3): what has left the window is not always there any more.

llama.cpp puts new tokens in its place after a shift, and leaves it out of a saved state. Going back behind the gap must
read again; everything else must not.
"""

from __future__ import annotations

import logging
import random
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.engine.footprint import predict
from desktop.engine.llama import bindings
from desktop.engine.llama.bindings import Native, load
from desktop.engine.types import Asleep, Finished, KvType, Message, Role
from desktop.gguf.header import read_header
from tests.engine.llama.test_context_shift import long_talk
from tests.engine.test_footprint import reported
from tests.support.engine_harness import GREEDY, Harness, assistant, config_for, user
from tests.support.opened_session import distance, logits, opened, read
from tests.support.tiny import make_tiny

WINDOW = 32
SHORT = replace(GREEDY, max_tokens=24)
SYSTEM = Message(Role.SYSTEM, "You are the cat of this house. Be brief and kind, and never wake anybody up at night.")
QUESTIONS = ("What do you do all day?", "And at night?", "Do you like fish, or rather the warm keyboard?")
KV = random.Random(1).choices(range(256), k=600)
CUT = [*KV[:20], *KV[220:], 7, 8, 9]  # 200 tokens dropped, three new ones
# What evaluating the same tokens in other batches may change; wrong neighbours change more than half.
NOISE = 0.01


@pytest.fixture(scope="module")
def native() -> Native:
    return bindings.load()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("m") / "gemma.gguf"
    return make_tiny(path, architecture="gemma3", window=WINDOW, ascii_only=True)


def fresh(native: Native, model: Path, prompt: list[int]) -> list[float]:
    with opened(native, model) as session:
        read(session, prompt)
        return logits(session)


def test_the_window_matters(native: Native, tmp_path: Path) -> None:
    """The tests below could not fail with a model whose layers all see everything."""
    narrow = make_tiny(tmp_path / "narrow.gguf", architecture="gemma3", window=WINDOW)
    wide = make_tiny(tmp_path / "wide.gguf", architecture="gemma3", window=4096)
    assert distance(fresh(native, narrow, KV), fresh(native, wide, KV)) > 0.1


@pytest.mark.parametrize("length", [WINDOW - 1, WINDOW, WINDOW + 1, 300, 598, 599])
def test_going_back_after_a_restored_state_is_right(native: Native, model: Path, tmp_path: Path, length: int) -> None:
    """GIVEN a state from disk WHEN the conversation is edited ``length`` tokens deep THEN what comes next is right."""
    edited = [*KV[:length], 5, 6, 7]
    right = fresh(native, model, edited)
    with opened(native, model) as session:
        read(session, KV)
        assert session.save_state(tmp_path / "state", session.tokens)
        assert session.load_state(tmp_path / "state", tuple(KV))
        found = session.reusable(edited, 0)
        reused = read(session, edited)
        assert reused == found == (length if length >= len(KV) - 1 else 0)
        assert session.tokens == tuple(edited)
        assert distance(right, logits(session)) < NOISE


@pytest.mark.parametrize("length", [20, 300, 599])
def test_going_back_in_memory_reads_nothing_again(native: Native, model: Path, length: int) -> None:
    edited = [*KV[:length], 5, 6, 7]
    right = fresh(native, model, edited)
    with opened(native, model) as session:
        read(session, KV)
        assert read(session, edited) == length
        assert distance(right, logits(session)) < NOISE


def test_a_state_shorter_than_the_window_is_whole(native: Native, tmp_path: Path) -> None:
    model = make_tiny(tmp_path / "gemma.gguf", architecture="gemma3", window=512)
    start, edited = KV[:200], [*KV[:100], 5, 6, 7]
    right = fresh(native, model, edited)
    with opened(native, model) as session:
        read(session, start)
        session.save_state(tmp_path / "state", session.tokens)
        session.clear()
        assert session.reusable(edited, 0, start) == 100
        assert session.load_state(tmp_path / "state", tuple(start))
        assert read(session, edited) == 100
        assert distance(right, logits(session)) < NOISE


def test_after_a_cut_the_rest_moves(native: Native, model: Path) -> None:
    """The moved tokens keep a memory of those dropped, which is what a shift means; in another order they differ."""
    right = fresh(native, model, CUT)
    with opened(native, model) as session:
        read(session, KV)
        assert read(session, CUT, movable=len(CUT) - 3) == len(CUT) - 3
        assert session.tokens == tuple(CUT)
        moved = distance(right, logits(session))
    assert moved < 0.1
    assert distance(right, fresh(native, model, [*CUT[:20], *reversed(CUT[20:-3]), *CUT[-3:]])) > 5 * moved


def test_a_restored_state_can_be_cut_too(native: Native, model: Path, tmp_path: Path) -> None:
    with opened(native, model) as session:
        read(session, KV)
        session.save_state(tmp_path / "state", session.tokens)
        read(session, CUT, movable=len(CUT) - 3)
        right = logits(session)
        session.clear()
        assert session.reusable(CUT, len(CUT) - 3, KV) == len(CUT) - 3
        session.load_state(tmp_path / "state", tuple(KV))
        assert read(session, CUT, movable=len(CUT) - 3) == len(CUT) - 3
        assert distance(right, logits(session)) < NOISE


@pytest.mark.parametrize("back", [2, 100, 395])
def test_going_back_after_a_cut_is_right(native: Native, model: Path, back: int) -> None:
    """GIVEN a cut after which new tokens took the place of the oldest THEN only going back behind those reads again."""
    after = [*CUT, *KV[:40]]
    edited = [*after[:-back], 5, 6, 7]
    deep = len(after) - back < 20 + 3 + 40 + WINDOW - 1  # 43 new tokens are in the place of the first 43
    with opened(native, model) as session:
        read(session, KV)
        read(session, CUT, movable=len(CUT) - 3)
        if not deep:
            read(session, edited, movable=len(CUT) - 3)
            right = logits(session)
            session.clear()
            read(session, KV)
            read(session, CUT, movable=len(CUT) - 3)
        else:
            right = fresh(native, model, edited)
        read(session, after)
        assert read(session, edited) == (0 if deep else len(edited) - 3)
        assert session.tokens == tuple(edited)
        assert distance(right, logits(session)) < NOISE


def test_an_edit_after_a_nap_and_a_preparation_is_right(model: Path, tmp_path: Path) -> None:
    """The way it went wrong: typing restored the state, then an old message was edited."""
    with Harness(replace(config_for(model), snapshots_dir=tmp_path)) as engine:
        messages = [SYSTEM]
        for question in QUESTIONS:
            messages.append(user(question))
            end = engine.ask(*messages, sampling=SHORT)
            messages.append(assistant(engine.text(end.request_id)))
        engine.worker.sleep()
        engine.wait(Asleep)
        ahead = engine.end_of(engine.prepare(*messages))
        assert isinstance(ahead, Finished) and ahead.stats.reused_tokens > 200
        edited = engine.ask(*messages[:3], user("And in the morning?"), sampling=SHORT)
        said = engine.text(edited.request_id)
    with Harness(config_for(model)) as engine:
        right = engine.ask(*messages[:3], user("And in the morning?"), sampling=SHORT)
        assert said == engine.text(right.request_id)


def test_many_turns_read_what_is_new_only_also_at_a_cut_and_over_naps(model: Path, tmp_path: Path) -> None:
    awake = list(long_talk(model, 20, n_ctx=512))
    napping = list(long_talk(model, 20, n_ctx=512, states=tmp_path / "states"))

    assert len([turn for turn in awake if turn.cut]) >= 2
    assert all(turn.unread <= turn.new for turn in (*awake[1:], *napping[1:]))
    assert [turn.cut for turn in napping] == [turn.cut for turn in awake]


@pytest.mark.parametrize("kv", [KvType.F16, KvType.Q8_0])
def test_its_cache_is_as_large_as_predicted(model: Path, kv: KvType, caplog: pytest.LogCaptureFixture) -> None:
    footprint = predict(read_header(model), n_ctx=1024, n_batch=256, kv_type=kv, repack=False)
    with caplog.at_level(logging.DEBUG, logger="desktop.engine.native"), opened(load(), model, n_batch=256, kv_type=kv):
        pass
    assert footprint.kv_bytes == pytest.approx(reported("KV buffer", caplog.text), rel=0.1)
    buffer = reported("compute buffer", caplog.text)
    assert 0.9 * buffer <= footprint.compute_bytes <= 1.25 * buffer
