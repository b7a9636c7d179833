"""From the settings to the engine's configuration: the one place where both are known."""

from __future__ import annotations

from pathlib import Path

from desktop.engine.types import EngineConfig, FlashAttention, KvType
from desktop.paths import Paths
from desktop.settings import Settings


def engine_config(settings: Settings, model_path: Path | None, paths: Paths) -> EngineConfig:
    """Returns the configuration that the settings ask for.

    Args:
        settings: The settings in force; 0 minutes there means "never nap".
        model_path: The file of the model in use; None: there is none.
        paths: Where conversation states are kept.
    """
    kv_type = KvType(settings.kv_type)
    flash_attention = FlashAttention(settings.flash_attention)
    if kv_type is not KvType.F16 and flash_attention is FlashAttention.OFF:
        # llama.cpp refuses a quantised V cache without flash attention (llama-context.cpp).
        flash_attention = FlashAttention.AUTO
    return EngineConfig(
        model_path=model_path,
        n_ctx=settings.n_ctx,
        n_batch=settings.n_batch,
        threads=settings.threads,
        idle_seconds=settings.idle_minutes * 60 or None,
        repack=settings.faster_answers,
        kv_type=kv_type,
        flash_attention=flash_attention,
        snapshots_dir=paths.snapshots_dir,
    )
