"""A session without the engine around it, for tests that look at the KV cache itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from desktop.engine.llama.bindings import AbortFlag, Native
from desktop.engine.llama.session import Session
from desktop.engine.loading.loader import load_model, open_session
from desktop.engine.types import EngineConfig, FlashAttention, KvType


@contextmanager
def opened(
    native: Native,
    path: Path,
    *,
    n_ctx: int = 1024,
    threads: int = 1,
    kv_type: KvType = KvType.F16,
    flash: FlashAttention = FlashAttention.AUTO,
    n_batch: int = 512,
) -> Iterator[Session]:
    """Loads a model; frees session and model at the end."""
    config = EngineConfig(path, n_ctx=n_ctx, n_batch=n_batch, kv_type=kv_type, flash_attention=flash)
    model = load_model(native, config, progress=lambda fraction: None, abort=AbortFlag())
    try:
        session = open_session(model, config, threads)
        try:
            yield session
        finally:
            session.close()
    finally:
        model.close()


def read(session: Session, prompt: list[int], movable: int = 0, abort: AbortFlag | None = None) -> int:
    """Brings the cache to hold ``prompt``; returns how many of its tokens were found in it."""
    return session.read(prompt, abort or AbortFlag(), lambda done, total: None, lambda cut_off: 0.0, movable)


def logits(session: Session) -> list[float]:
    """What the session thinks comes next."""
    row = session._api.llama_get_logits_ith(session._context, -1)
    return list(row[: session.model.tokenizer.size])


def distance(one: list[float], other: list[float]) -> float:
    """The largest difference in proportion to the largest logit."""
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) / max(abs(a) for a in one)
