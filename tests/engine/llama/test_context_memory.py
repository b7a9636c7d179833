"""A context that stays while the model dozes, and gives its memory back."""

from __future__ import annotations

import ctypes
import mmap
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.engine.llama import bindings
from desktop.engine.llama.bindings import AbortFlag, Native
from desktop.engine.llama.context_memory import ContextMemory
from desktop.engine.llama.session import Session
from desktop.engine.loading.loader import ModelLoader
from desktop.engine.types import EngineConfig, FlashAttention, KvType
from tests.support.engine_harness import GREEDY
from tests.support.opened_session import logits, opened, read
from tests.support.tiny import make_tiny

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the context is closed for a doze")

PROMPT = [number % 200 for number in range(3, 303)]
_N_CTX = 4096
_MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def native() -> Native:
    return bindings.load()


@pytest.fixture(scope="module")
def wide_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose full cache takes 33 MB, which nobody can take for noise."""
    return make_tiny(tmp_path_factory.mktemp("wide") / "wide.gguf", layers=32, heads=1)


@pytest.mark.parametrize(
    ("kv_type", "flash"),
    [(KvType.F16, FlashAttention.AUTO), (KvType.F16, FlashAttention.OFF), (KvType.Q8_0, FlashAttention.ON)],
)
def test_an_empty_cache_takes_no_memory_and_a_rest_gives_back_what_it_took(
    native: Native, wide_model: Path, kv_type: KvType, flash: FlashAttention
) -> None:
    with opened(native, wide_model, n_ctx=_N_CTX, kv_type=kv_type, flash=flash) as session:
        read(session, PROMPT)  # what is only made once
        session.rest()
        empty = _anonymous()
        read(session, PROMPT)
        filled = _anonymous() - empty
        assert _MEGABYTE < filled < 25 * _MEGABYTE  # a thirteenth of the cache, and what is computed in
        session.rest()
        assert _anonymous() - empty < 0.1 * filled


def test_after_a_rest_it_computes_what_a_new_context_computes(native: Native, wide_model: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    with opened(native, wide_model, n_ctx=_N_CTX) as session:
        read(session, PROMPT)
        first = logits(session)
        tokens = session.tokens
        assert session.save_state(state, tokens)
        session.rest()
        # WHEN it is read again
        assert session.tokens == ()
        assert read(session, PROMPT) == 0
        assert logits(session) == first
        # AND brought back from the disk
        session.rest()
        assert session.load_state(state, tokens)
        assert read(session, [*PROMPT, 7]) == len(PROMPT)
        went_on = logits(session)
    with opened(native, wide_model, n_ctx=_N_CTX) as fresh:
        read(fresh, PROMPT)
        read(fresh, [*PROMPT, 7])
        assert went_on == logits(fresh)


def test_a_cleared_cache_holds_no_byte_of_a_conversation(native: Native, wide_model: Path) -> None:
    with opened(native, wide_model, n_ctx=_N_CTX) as session:
        read(session, PROMPT)
        assert any(any(mapping) for mapping in _cache_of(session._buffers))
        session.clear()
        assert not any(any(mapping) for mapping in _cache_of(session._buffers))


def test_what_reading_computed_in_is_given_back_and_the_answer_is_the_same(
    native: Native, wide_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(session: Session) -> list[int]:
        read(session, PROMPT)
        tokens = []
        with session.sampler(GREEDY) as sampler:
            for _ in range(12):
                tokens.append(session.pick(sampler))
                session.accept(tokens[-1], AbortFlag())
        return tokens

    with opened(native, wide_model, n_ctx=_N_CTX) as session:
        first = answer(session)
        session.clear()
        read(session, PROMPT)
        assert not any(any(mapping) for mapping in _scratch_of(session._buffers))
    monkeypatch.setattr(ContextMemory, "release_scratch", lambda _self: None)
    with opened(native, wide_model, n_ctx=_N_CTX) as session:
        assert answer(session) == first
        session.clear()
        read(session, PROMPT)
        assert any(any(mapping) for mapping in _scratch_of(session._buffers))


def test_a_doze_keeps_the_context_and_another_configuration_makes_another(native: Native, wide_model: Path) -> None:
    config = EngineConfig(wide_model, n_ctx=1024, snapshots_budget=0)
    loader = ModelLoader(config, native)

    def load(wanted: EngineConfig) -> Session:
        return loader.load(wanted, 1, lambda _fraction: None, AbortFlag())

    try:
        first = load(config)
        loader.doze()
        assert loader.session is None
        assert loader.has_model
        assert load(replace(config, idle_seconds=1.0)) is first
        loader.doze()
        wider = load(replace(config, n_ctx=2048))
        assert wider is not first
        assert wider.n_ctx == 2048
        loader.doze()
    finally:
        loader.unload(keep_state=False)
    assert not loader.has_model


def test_without_memory_for_a_mapping_llama_cpp_allocates_and_the_context_is_closed_for_a_doze(
    native: Native, wide_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ContextMemory, "_allocate", _refused)
    config = EngineConfig(wide_model, n_ctx=1024, snapshots_budget=0)
    loader = ModelLoader(config, native)
    try:
        first = loader.load(config, 1, lambda _fraction: None, AbortFlag())
        assert not first.can_rest
        read(first, PROMPT)
        expected = logits(first)
        loader.doze()
        second = loader.load(config, 1, lambda _fraction: None, AbortFlag())
        assert second is not first
        read(second, PROMPT)
        assert logits(second) == expected
    finally:
        loader.unload(keep_state=False)


def test_a_kernel_without_large_pages_is_no_obstacle(
    native: Native, wide_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MADV_HUGEPAGE", "MADV_NOHUGEPAGE"):
        monkeypatch.setattr(mmap, name, 9_999)  # which no kernel knows
    with opened(native, wide_model, n_ctx=_N_CTX) as session:
        assert session.can_rest
        read(session, PROMPT)


def test_other_buffers_are_allocated_as_ever_once_a_context_is_made(native: Native, wide_model: Path) -> None:
    kind = native.function("ggml_backend_cpu_buffer_type", ctypes.c_void_p)()
    allocate = native.function("ggml_backend_buft_alloc_buffer", ctypes.c_void_p, *[ctypes.c_void_p] * 2)
    free = native.function("ggml_backend_buffer_free", None, ctypes.c_void_p)
    with opened(native, wide_model, n_ctx=_N_CTX) as session:
        taken = len(session._buffers._mappings)
        buffer = allocate(kind, 4096)
        assert buffer
        free(buffer)
        assert len(session._buffers._mappings) == taken
        with opened(native, wide_model, n_ctx=_N_CTX) as beside:  # two contexts do not share their memory
            read(session, PROMPT)
            beside.rest()
            read(beside, PROMPT)
            assert logits(beside) == logits(session)


def _refused(self: ContextMemory, _size: int) -> int:
    self._is_whole = False
    return 0


def _cache_of(buffers: ContextMemory) -> list[bytes]:
    return [mapping[:] for mapping, buffer in buffers._mappings if buffers._usage(buffer) != 2]


def _scratch_of(buffers: ContextMemory) -> list[bytes]:
    return [mapping[:] for mapping, buffer in buffers._mappings if buffers._usage(buffer) == 2]


def _anonymous() -> int:
    """Returns the bytes of this process that no file holds, see proc_pid_status(5)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon:"))
