"""From the settings to what the engine takes: the one place where both are known. Pure functions; any thread."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from desktop.common.paths import Paths
from desktop.engine.backends import GpuUse
from desktop.engine.types import EngineConfig, FlashAttention, KvType, Sampling
from desktop.settings.options import Settings

_MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Conditions:
    """What the machine is like now, as far as the configuration follows it.

    Attributes:
        context: Tokens that an automatic context has, see :class:`desktop.lifecycle.context_size.ContextSize`.
        unplugged: It lives on its battery.
        battery_low: Which is nearly empty.
        physical_cores: Of its processors.
        reads_weights: The model lies where a file must not be mapped, see :mod:`desktop.machine.file_systems`.
        repacking_pays: Rewriting the weights of the model in use is worth its memory here, as far as was measured.
        memory: Bytes that it has, which no model may go beyond, however little is known of that; None: nobody knows.
        gpu: The graphics processor, as far as it was found to compute rightly with the model in use; None: none was.
    """

    context: int = 2048
    unplugged: bool = False
    battery_low: bool = False
    physical_cores: int = 1
    reads_weights: bool = False
    repacking_pays: bool = True
    memory: int | None = None
    gpu: GpuUse | None = None


def engine_config(settings: Settings, model_path: Path | None, paths: Paths, conditions: Conditions) -> EngineConfig:
    """Returns the configuration that the settings ask for.

    Args:
        settings: The settings in force; 0 minutes there means "never", 0 tokens of context "automatic".
        model_path: The file of the model in use; None: there is none.
        paths: Where conversation states are kept.
        conditions: What the machine is like now.
    """
    kv_type = KvType(settings.kv_type)
    flash_attention = FlashAttention(settings.flash_attention)
    if kv_type is not KvType.F16 and flash_attention is FlashAttention.OFF:
        # llama.cpp refuses a quantised V cache without flash attention (llama-context.cpp).
        flash_attention = FlashAttention.AUTO
    sparing = settings.spare_battery and conditions.unplugged
    dozes, sleeps = (
        minutes * 60 / (2 if sparing else 1) or None for minutes in (settings.idle_minutes, settings.sleep_minutes)
    )
    if settings.spare_battery and conditions.battery_low and dozes is not None:
        sleeps = min(dozes, sleeps or dozes)  # a process that only waits still wakes the processor now and then
    return EngineConfig(
        model_path=model_path,
        n_ctx=settings.n_ctx or conditions.context,
        n_batch=settings.n_batch,
        threads=settings.threads,
        threads_limit=max(1, conditions.physical_cores // 2) if sparing else 0,
        idle_seconds=dozes,
        sleep_seconds=sleeps,
        use_mmap=not conditions.reads_weights,
        repack=settings.faster_answers and conditions.repacking_pays,
        kv_type=kv_type,
        flash_attention=flash_attention,
        memory_limit=conditions.memory,
        snapshots_dir=paths.snapshots_dir,
        snapshots_budget=settings.states_budget * _MEGABYTE if settings.keep_states else 0,
        gpu=conditions.gpu,
    )


def sampling_of(settings: Settings) -> Sampling:
    """Returns the sampling values of the settings; -1 and 0 stand for "random" and "no limit" there."""
    return Sampling(
        temperature=settings.temperature,
        top_k=settings.top_k,
        top_p=settings.top_p,
        min_p=settings.min_p,
        repeat_penalty=settings.repeat_penalty,
        seed=settings.seed if settings.seed >= 0 else None,
        max_tokens=settings.max_tokens or None,
        stop_loops=settings.stop_loops,
    )
