"""Attention as our build of llama.cpp computes it (`packaging/setup/native`), beside llama.cpp without flash attention.

The two share no code: without flash attention K*Q, softmax and V are three operations of ggml. What both find for the
token that comes next must be the same, however many tokens are read at once and however many threads take part.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.engine.llama import bindings
from desktop.engine.llama.bindings import AbortFlag, Native
from desktop.engine.types import FlashAttention, KvType
from tests.support.opened_session import distance, logits, opened, read
from tests.support.tiny import make_tiny
from tests.support.weights import smollm2

# Without flash attention queries and shares are rounded to F16; a wrong head or token is a hundred times as far away.
_SAME = 0.01
Logits = tuple[list[float], list[float]]
PROMPT = [number * 7 % 200 + 3 for number in range(300)]


@pytest.fixture(scope="module")
def native() -> Native:
    return bindings.load()


def after(
    native: Native,
    path: Path,
    flash: FlashAttention,
    *,
    kv_type: KvType = KvType.F16,
    n_batch: int = 512,
    threads: int = 1,
) -> Logits:
    """What comes next after the prompt, and after one token more, which is computed alone as those of an answer are."""
    with opened(native, path, n_ctx=512, n_batch=n_batch, flash=flash, kv_type=kv_type, threads=threads) as session:
        read(session, PROMPT)
        first = logits(session)
        session.accept(PROMPT[0], AbortFlag())
        return first, logits(session)


@pytest.fixture(scope="module")
def right(native: Native, tiny_model: Path) -> Logits:
    """What tiny thinks without flash attention."""
    return after(native, tiny_model, FlashAttention.OFF)


def are_near(one: Logits, other: Logits, most: float) -> bool:
    return all(distance(a, b) < most for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("n_batch", [1, 2, 7, 8, 63, 64, 100, 512])
def test_as_many_tokens_as_one_likes_are_read_at_once(
    native: Native, tiny_model: Path, right: Logits, n_batch: int
) -> None:
    assert are_near(right, after(native, tiny_model, FlashAttention.ON, n_batch=n_batch), _SAME)


@pytest.mark.parametrize("threads", [2, 3, 5])
@pytest.mark.parametrize("n_batch", [60, 512])
def test_as_many_threads_as_one_likes_take_part(
    native: Native, tiny_model: Path, right: Logits, threads: int, n_batch: int
) -> None:
    # The prompt in few pieces: more threads than processors wait for each other at every step.
    found = after(native, tiny_model, FlashAttention.ON, n_batch=n_batch, threads=threads)
    assert are_near(right, found, _SAME)


@pytest.mark.parametrize("kv_type", [KvType.Q8_0, KvType.Q4_0])
def test_a_quantised_cache_costs_what_its_precision_costs(
    native: Native, tiny_model: Path, right: Logits, kv_type: KvType
) -> None:
    one_by_one = after(native, tiny_model, FlashAttention.ON, kv_type=kv_type, n_batch=1)
    # Random weights make much of small differences: 0.023 and 0.29 were measured.
    assert are_near(right, one_by_one, {KvType.Q8_0: 0.05, KvType.Q4_0: 0.5}[kv_type])
    for n_batch in (8, 512):
        assert are_near(
            one_by_one, after(native, tiny_model, FlashAttention.ON, kv_type=kv_type, n_batch=n_batch), 0.01
        )


@pytest.mark.parametrize("heads", [1, 4, 16])
@pytest.mark.parametrize("architecture", ["qwen2", "gemma3"])
def test_however_many_heads_share_keys_and_however_far_they_look_back(
    native: Native, tmp_path: Path, heads: int, architecture: str
) -> None:
    path = make_tiny(tmp_path / "heads.gguf", architecture=architecture, heads=heads)
    right = after(native, path, FlashAttention.OFF)
    for n_batch in (8, 512):
        assert are_near(right, after(native, path, FlashAttention.ON, n_batch=n_batch), _SAME)


def test_a_real_model_thinks_the_same(native: Native) -> None:
    right = after(native, smollm2(), FlashAttention.OFF, threads=2)
    for n_batch in (8, 512):
        found = after(native, smollm2(), FlashAttention.ON, n_batch=n_batch, threads=2)
        assert are_near(right, found, 0.03)
