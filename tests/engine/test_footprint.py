"""What a model will take, against the shapes of real models and against llama.cpp's own buffers."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest

from desktop.engine.footprint import Fit, Footprint, fits, predict, predict_for
from desktop.engine.llama.bindings import load
from desktop.engine.types import FlashAttention, KvType
from desktop.gguf.header import GgufHeader, TensorInfo, read_header
from desktop.machine.memory import MemoryReading
from tests.support.opened_session import opened

GIGABYTE = 1_000_000_000


def header(
    architecture: str,
    size: int,
    *,
    layers: int,
    embedding: int,
    feed_forward: int,
    heads: int,
    heads_kv: int | tuple[int, ...],
    tokens: int = 151_936,
    merges: int = 151_387,
    tensors: tuple[TensorInfo, ...] = (),
    **more: int,
) -> GgufHeader:
    values = {
        "block_count": layers,
        "embedding_length": embedding,
        "feed_forward_length": feed_forward,
        "attention.head_count": heads,
        "attention.head_count_kv": heads_kv,
        "context_length": 32_768,
        **{name.replace("__", "."): value for name, value in more.items()},
    }
    return GgufHeader(
        version=3,
        architecture=architecture,
        name="",
        metadata={f"{architecture}.{key}": value for key, value in values.items()},
        lengths={"tokenizer.ggml.tokens": tokens, "tokenizer.ggml.merges": merges},
        data_offset=0,
        tensors=tensors,
        expected_size=size,
        file_size=size,
    )


Q05 = header("qwen2", 398_000_000, layers=24, embedding=896, feed_forward=4864, heads=14, heads_kv=2)
Q15 = header("qwen2", 986_000_000, layers=28, embedding=1536, feed_forward=8960, heads=12, heads_kv=2)
L1B = header("llama", 840_000_000, layers=16, embedding=2048, feed_forward=8192, heads=32, heads_kv=8)
G1B = header(
    "gemma3", 670_000_000, layers=26, embedding=1152, feed_forward=6912, heads=4, heads_kv=1,
    attention__key_length=256, attention__value_length=256, attention__sliding_window=512,
)  # fmt: skip
QWEN35 = header(
    "qwen35", 530_000_000, layers=24, embedding=1024, feed_forward=3584, heads=8, heads_kv=2,
    attention__key_length=256, attention__value_length=256, full_attention_interval=4,
    ssm__inner_size=2048, ssm__state_size=128, ssm__group_count=16, ssm__conv_kernel=4,
)  # fmt: skip
LFM2 = header(
    "lfm2", 230_000_000, layers=16, embedding=1024, feed_forward=6656, heads=16,
    heads_kv=(0, 0, 8, 0, 0, 8, 0, 0, 8, 0, 8, 0, 8, 0, 8, 0), shortconv__l_cache=3,
)  # fmt: skip


MEASURED_UBATCH = 512  # as it was when the figures below were measured


def predicted(model: GgufHeader, n_ctx: int = 2048, n_batch: int = 512, kv: KvType = KvType.F16) -> Footprint:
    return predict(model, n_ctx=n_ctx, n_batch=n_batch, kv_type=kv, repack=False, n_ubatch=MEASURED_UBATCH)


@pytest.mark.parametrize(
    ("model", "bytes_per_token"), [(Q05, 12_288), (Q15, 28_672), (L1B, 32_768), (G1B, 26_624), (LFM2, 12_288)]
)
def test_the_kv_cache_of_known_models(model: GgufHeader, bytes_per_token: int) -> None:
    state = 10 * 2 * 1024 * 4 if model is LFM2 else 0  # ten layers of convolution, two positions each
    assert predicted(model).kv_bytes == bytes_per_token * 2048 + state


def test_layers_without_attention_have_a_state_instead_of_a_cache() -> None:
    state = 18 * 4 * (2048 * 128 + 3 * (2048 + 2 * 16 * 128))
    assert predicted(QWEN35).kv_bytes == 12_288 * 2048 + state
    assert predicted(QWEN35, n_ctx=4096).kv_bytes == 12_288 * 4096 + state


# Measured on Linux x86-64: anonymous memory of the process after reading a batch, above what it was before the load.
@pytest.mark.parametrize(
    ("model", "n_ctx", "n_batch", "kv", "megabytes"),
    [
        (Q05, 2048, 512, KvType.F16, 118.1),
        (Q05, 8192, 512, KvType.F16, 193.6),
        (Q05, 2048, 128, KvType.F16, 87.9),
        (Q05, 2048, 512, KvType.Q8_0, 104.6),
        (Q15, 2048, 512, KvType.F16, 182.2),
        (L1B, 8192, 128, KvType.F16, 337.9),
        (G1B, 2048, 512, KvType.F16, 163.9),
    ],
)
def test_anonymous_memory_as_measured(
    model: GgufHeader, n_ctx: int, n_batch: int, kv: KvType, megabytes: float
) -> None:
    footprint = predicted(model, n_ctx, n_batch, kv)
    assert footprint.anonymous == pytest.approx(megabytes * 1e6, rel=0.05)
    assert footprint.rss == footprint.anonymous + model.file_size
    per_token = predicted(model, 256).kv_bytes // 256
    if kv is KvType.F16:
        estimate = predict_for(
            model.file_size, per_token, n_ctx, n_batch=n_batch, context_trained=32_768, n_ubatch=MEASURED_UBATCH
        )
        assert estimate.anonymous == pytest.approx(megabytes * 1e6, rel=0.1)


@pytest.mark.parametrize("flash", [FlashAttention.AUTO, FlashAttention.OFF])
@pytest.mark.parametrize(
    ("n_ctx", "n_batch", "kv"),
    [(512, 128, KvType.F16), (300, 32, KvType.F16), (512, 512, KvType.Q8_0), (512, 128, KvType.Q4_0)],
)
def test_llama_cpp_allocates_what_was_predicted(
    tiny_model: Path, n_ctx: int, n_batch: int, kv: KvType, flash: FlashAttention, caplog: pytest.LogCaptureFixture
) -> None:
    if kv is not KvType.F16 and flash is FlashAttention.OFF:
        flash = FlashAttention.ON  # a quantised V cache needs it
    # GIVEN a prediction for the tiny model
    model = read_header(tiny_model)
    footprint = predict(model, n_ctx=n_ctx, n_batch=n_batch, kv_type=kv, repack=False, flash_attention=flash)
    # WHEN it is loaded
    caplog.set_level(logging.DEBUG, logger="desktop.engine.native")
    with opened(load(), tiny_model, n_ctx=n_ctx, n_batch=n_batch, kv_type=kv, flash=flash):
        pass
    # THEN the buffers that llama.cpp reports are those
    assert footprint.kv_bytes == pytest.approx(reported("KV buffer", caplog.text), rel=0.02, abs=6000)
    # and its allocator finds room to re-use in so small a graph that wide models' do not have
    buffer = reported("compute buffer", caplog.text)
    assert 0.95 * buffer <= footprint.compute_bytes <= 1.25 * buffer


def reported(buffer: str, log: str) -> float:
    sizes = re.findall(rf"{buffer} size\s*=\s*([\d.]+) MiB", log)
    assert sizes, f"llama.cpp did not report its {buffer}"
    return sum(float(size) for size in sizes) * 1024 * 1024


def test_a_context_beyond_the_training_costs_nothing() -> None:
    assert predicted(Q05, 100_000) == predicted(Q05, 32_768)
    estimate = predict_for(398_000_000, 12_288, 100_000, context_trained=32_768)
    assert estimate.kv_bytes == 12_288 * 32_768


def test_a_file_that_claims_billions_of_layers_is_judged_at_once_and_within_64_bits() -> None:
    most = 2**31 - 1
    claimed = header("llama", 10**9, layers=most, embedding=most, feed_forward=most, heads=1, heads_kv=most)
    footprint = predict(claimed, n_ctx=most, n_batch=512, kv_type=KvType.F16, repack=False)
    assert 2**60 <= footprint.rss < 2**62


def test_repacked_weights_are_anonymous() -> None:
    matrix = TensorInfo("blk.0.ffn_up.weight", (896, 4864), "Q4_K", 0, 2_400_000)
    tensors = (
        matrix,
        TensorInfo("token_embd.weight", (896, 151_936), "Q4_K", 0, 70_000_000),  # rows are looked up in it
        TensorInfo("blk.0.attn_norm.weight", (896,), "F32", 0, 3584),
        TensorInfo("blk.0.odd.weight", (896, 13), "Q4_K", 0, 6000),
    )
    model = header(
        "qwen2", 398_000_000, layers=24, embedding=896, feed_forward=4864, heads=14, heads_kv=2, tensors=tensors
    )
    saver = predicted(model)
    faster = predict(model, n_ctx=2048, n_batch=512, kv_type=KvType.F16, repack=True, n_ubatch=MEASURED_UBATCH)
    assert faster.anonymous - saver.anonymous == matrix.size
    assert faster.rss - saver.rss == matrix.size
    assert predict_for(986_000_000, 28_672, 2048, repack=True, n_ubatch=MEASURED_UBATCH).anonymous == pytest.approx(
        807.7e6, rel=0.05
    )


def test_weights_that_are_read_cannot_be_taken_back() -> None:
    mapped = predicted(Q05)
    read = mapped.with_weights_read()
    assert (read.file_bytes, read.rss) == (0, mapped.rss)
    assert read.anonymous == mapped.anonymous + Q05.file_size == read.rss


def test_without_flash_attention_a_long_context_costs_much_more() -> None:
    on = predicted(Q05, 8192).compute_bytes
    off = predict(
        Q05,
        n_ctx=8192,
        n_batch=512,
        kv_type=KvType.F16,
        repack=False,
        flash_attention=FlashAttention.OFF,
        n_ubatch=MEASURED_UBATCH,
    ).compute_bytes
    assert off > 4 * on


@pytest.mark.parametrize(
    ("total", "available", "expected"),
    [
        (4.0, 3.0, Fit.COMFORTABLE),
        (4.0, 1.1, Fit.TIGHT),  # others would have to go
        (1.9, 1.8, Fit.TIGHT),  # most of the machine
        (4.0, 0.1, Fit.TOO_BIG),  # no room for what cannot be read again
        (1.2, 1.15, Fit.TOO_BIG),
    ],
)
def test_a_model_on_machines(total: float, available: float, expected: Fit) -> None:
    machine = MemoryReading(0, 0, int(total * GIGABYTE), int(available * GIGABYTE))
    assert fits(predicted(Q15), machine) is expected
