"""Which model to offer for this machine: pure arithmetic, no measuring."""

from __future__ import annotations

from collections.abc import Collection

from desktop.models.types import Catalog, ModelSpec

# Bytes beside the weights and the KV cache: compute buffers (some 120 MB for Qwen2.5 0.5B with a context of 2,048:
# 543 MB resident after an answer, 398 MB of them the file and 25 MB KV cache), the interface (some 75 MB), and air.
MARGIN = 250_000_000

# Weights are mapped from the file, so a model larger than this still runs; but then other programs are pushed out of
# memory and each answer reads the disk again, which on an old laptop is not comfortable.
_SHARE_OF_TOTAL = 0.4


def memory_needed(spec: ModelSpec, n_ctx: int) -> int:
    """Returns the bytes that ``spec`` takes while it answers, with a context of ``n_ctx`` tokens in f16."""
    return spec.size + spec.kv_bytes_per_token * min(n_ctx, spec.context_trained) + MARGIN


def fits(spec: ModelSpec, memory_available: int, memory_total: int, n_ctx: int) -> bool:
    """True when the model leaves the machine usable.

    Args:
        spec: The model.
        memory_available: Bytes that programs can take now without swapping.
        memory_total: Bytes of RAM in the machine.
        n_ctx: Context in tokens.
    """
    needed = memory_needed(spec, n_ctx)
    return needed <= memory_available and needed <= memory_total * _SHARE_OF_TOTAL


def recommend(
    catalog: Catalog,
    memory_available: int,
    memory_total: int,
    n_ctx: int,
    languages: Collection[str] = ("en", "zh"),
) -> ModelSpec | None:
    """Returns the best model for this machine; None for an empty catalogue.

    The best by quality that fits, speaks all of ``languages`` and may be used without agreeing to terms first. Where
    none does: the best that fits at all; where none fits, the one that needs the least memory.
    """
    fitting = [spec for spec in catalog.models if fits(spec, memory_available, memory_total, n_ctx)]
    suitable = [spec for spec in fitting if set(languages) <= set(spec.languages) and not spec.licence_must_be_shown]
    if candidates := suitable or fitting:
        return max(candidates, key=lambda spec: spec.quality)
    return min(catalog.models, key=lambda spec: memory_needed(spec, n_ctx), default=None)
