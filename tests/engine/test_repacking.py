"""Which weights have another form on which processor, and when rewriting them pays."""

from __future__ import annotations

import platform
from types import MappingProxyType

import pytest

from desktop.engine.repacking import RepackGain, repacked_bytes
from desktop.gguf.header import GgufHeader, TensorInfo

X86 = platform.machine().lower() in ("x86_64", "amd64")


def header(*tensors: TensorInfo) -> GgufHeader:
    return GgufHeader(3, "qwen2", "x", MappingProxyType({}), MappingProxyType({}), 0, tensors, 0, 0)


def matrix(kind: str, rows: int = 4864, name: str = "blk.0.ffn_up.weight") -> GgufHeader:
    return header(TensorInfo(name, (896, rows), kind, 0, 1000))


@pytest.mark.skipif(not X86, reason="the table of this kind of processor")
@pytest.mark.parametrize(
    ("kind", "features", "expected"),
    [
        ("Q4_0", ("avx", "avx2"), 1000),
        ("Q4_0", ("avx",), 0),
        ("Q4_K", ("avx", "avx2"), 1000),
        ("IQ4_NL", ("avx2",), 1000),
        ("Q5_0", ("avx2", "avx512f"), 0),
        ("Q8_0", ("avx2", "avx512f"), 0),
        ("Q8_0", ("amx_int8", "avx2", "avx512f"), 1000),
        ("Q2_K", ("avx2",), 0),
        ("Q2_K", ("avx2", "avx512f"), 1000),
        ("F16", ("avx2",), 0),
        ("Q4_0", (), 1000),  # not known: it may
        ("Q8_0", (), 0),
    ],
)
def test_formats_with_another_form(kind: str, features: tuple[str, ...], expected: int) -> None:
    assert repacked_bytes(matrix(kind), features) == expected


def test_rows_that_cannot_be_put_together_and_those_that_are_looked_up_stay() -> None:
    assert repacked_bytes(matrix("Q4_0", rows=13)) == 0
    assert repacked_bytes(matrix("Q4_0", name="token_embd.weight")) == 0
    assert repacked_bytes(header(TensorInfo("blk.0.attn_norm.weight", (896,), "F32", 0, 3584))) == 0


@pytest.mark.parametrize(
    ("reading", "generation", "pays"),
    [
        (1.38, 1.27, True),  # Qwen2.5 0.5B, Q4_0
        (0.99, 1.00, False),  # the same, Q4_K_M
        (0.70, 1.19, False),  # 1.5B, Q4_K_M
        (0.95, 1.10, True),
        (1.40, 1.09, False),
    ],
)
def test_it_pays_where_answers_are_faster_and_reading_is_not_slower(
    reading: float, generation: float, pays: bool
) -> None:
    assert RepackGain(reading, generation, 300_000_000, "haswell").pays is pays
