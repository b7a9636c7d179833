"""Whether a device has room for what a model puts there, asked just before it is loaded. Engine process."""

from __future__ import annotations

from desktop.engine.backends import GpuKind
from desktop.engine.footprint import Footprint, predict
from desktop.engine.gpu import errors
from desktop.engine.gpu.fitting import on_device
from desktop.engine.llama.bindings import Native
from desktop.engine.llama.gpu.devices import Gpu, free_memory
from desktop.engine.types import EngineConfig
from desktop.gguf.header import GgufHeader, read_header


def check_room(native: Native, gpu: Gpu, config: EngineConfig) -> None:
    """Makes sure that the layers of a model have room in a device's own memory.

    Some drivers move to the computer's memory what theirs has no room for, without a word, and compute on from there
    slower than the processor. The memory that a device shares with the computer is reckoned as the computer's.

    Args:
        native: The library.
        gpu: The device.
        config: Names the model, and what of it lies there.

    Raises:
        UserFacingError: There is less left, by the driver's word, than the model takes.
    """
    use = config.gpu
    if use is None or gpu.device.kind is not GpuKind.OWN_MEMORY:
        return
    header, alone = predicted(config)
    needed, free = on_device(alone, use, header.n_layers), free_memory(native, gpu)
    if 0 < free < needed:  # a driver that does not say tells 0
        raise errors.device_full(gpu.device.description, needed, free)


def predicted(config: EngineConfig) -> tuple[GgufHeader, Footprint]:
    """Returns the header of the model that a configuration names, and what it takes with the processor alone.

    Raises:
        UserFacingError: The file cannot be read.
    """
    assert config.model_path is not None
    header = read_header(config.model_path)
    kv_type, n_ctx, n_batch = config.kv_type, config.n_ctx, config.n_batch
    return header, predict(header, n_ctx=n_ctx, n_batch=n_batch, kv_type=kv_type, repack=False)
