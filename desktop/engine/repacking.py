"""Which weights "Faster answers" rewrites, and what it has been found to bring. Pure arithmetic; any thread.

ggml computes some number formats faster when rows are interleaved. Which, and on which processors, stands in
``ggml_repack_get_optimal_repack_type`` (ggml/src/ggml-cpu/repack.cpp) and ``qtype_has_amx_kernels``
(ggml/src/ggml-cpu/amx/common.h) of the llama.cpp that llama-cpp-python 0.3.36 is built from. Whether it pays on a given
machine is another question: :mod:`desktop.engine.process.measure` answers that.
"""

from __future__ import annotations

import platform
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from desktop.gguf.header import GgufHeader, TensorInfo

# Types with an interleaved form, with the feature that its code needs (by the names of desktop.machine.cpu) and the
# rows that are put together.
_X86: Mapping[str, tuple[str, int]] = MappingProxyType(
    {
        "Q4_0": ("avx2", 8),
        "Q4_K": ("avx2", 8),
        "IQ4_NL": ("avx2", 8),
        "MXFP4": ("avx2", 8),
        "Q2_K": ("avx512f", 8),
    }
)
_ARM: Mapping[str, tuple[str, int]] = MappingProxyType(
    {
        "Q1_0": ("asimddp", 4),
        "Q4_0": ("asimddp", 4),
        "Q8_0": ("asimddp", 4),
        "IQ4_NL": ("asimddp", 4),
        "MXFP4": ("asimddp", 4),
        "Q4_K": ("asimddp", 8),
        "Q5_K": ("asimddp", 8),
        "Q6_K": ("asimddp", 8),
    }
)
# Servers of 2023 and later have a unit for matrices, and another form for it.
_AMX = frozenset({"Q4_0", "Q4_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K", "IQ4_XS"})
_AMX_FEATURE, _AMX_ROWS = "amx_int8", 32
# Rows are looked up in it, which the interleaved form cannot.
_LOOKED_UP = "token_embd.weight"

# Memory is no price for what nobody notices, nor is reading that takes half as long again: with Qwen2.5 1.5B as Q4_K_M
# answers come 15 to 20 % faster, but reading takes 1.4 times as long. With 0.5B as Q4_0 both come 30 to 40 % faster.
_LEAST_GENERATION, _LEAST_READING = 1.10, 0.90


@dataclass(frozen=True)
class RepackGain:
    """What rewriting the weights of a model brings on this machine.

    Attributes:
        reading: Tokens read in a time, as a multiple of those with mapped weights.
        generation: The same for tokens of an answer.
        memory: Bytes more that the system cannot take back.
        backend: The code that computed, by :attr:`desktop.engine.backends.Backend.name`; empty: nothing was computed,
            since there is nothing to rewrite.
    """

    reading: float = 1.0
    generation: float = 1.0
    memory: int = 0
    backend: str = ""

    @property
    def pays(self) -> bool:
        """Whether it is worth its memory: answers at least 10 % faster, reading at most 10 % slower."""
        return self.generation >= _LEAST_GENERATION and self.reading >= _LEAST_READING


def repacked_bytes(header: GgufHeader, features: Collection[str] = ()) -> int:
    """Returns the bytes of the weights that would be rewritten.

    Args:
        header: Header of the file.
        features: What the processor has, see :func:`desktop.machine.cpu.read_features`; empty: not known, so all that
            any processor of this machine's kind has a form for counts.
    """
    forms = _ARM if platform.machine().lower() in ("arm64", "aarch64") else _X86
    return sum(tensor.size for tensor in header.tensors if _has_form(tensor, forms, features))


def _has_form(tensor: TensorInfo, forms: Mapping[str, tuple[str, int]], features: Collection[str]) -> bool:
    # Three dimensions: the experts of a mixture.
    if len(tensor.shape) not in (2, 3) or tensor.name == _LOOKED_UP:
        return False
    if _AMX_FEATURE in features and tensor.type in _AMX and tensor.shape[1] % _AMX_ROWS == 0:
        return True
    needed, rows = forms.get(tensor.type, ("", 0))
    return rows > 0 and tensor.shape[1] % rows == 0 and (not features or needed in features)
