"""The process that tries a graphics processor, from its beginning to its end; Catnap starts it with a verb of its own.

It looks for devices, and where it is given a model it loads that twice: for the processor alone, and for both together.
It compares what they compute, measures how fast they do, says so, and ends. Whatever a driver does to it, it does
there.
"""

from __future__ import annotations

import os
import time
from array import array
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Final

from desktop.common.errors import UserFacingError
from desktop.engine.backends import GpuUse
from desktop.engine.cage import gpu_devices
from desktop.engine.cage.walls import gpu_files, shut_in, with_gpu_room
from desktop.engine.gpu.comparison import agreement, largest_difference
from desktop.engine.gpu.fitting import fewer, layers_that_fit, room_on, share_of
from desktop.engine.gpu.messages import FROM_PROCESS, LIMIT, Found, FromProcess, Speeds, Tried, Try
from desktop.engine.llama import bindings
from desktop.engine.llama.bindings import Native
from desktop.engine.llama.gpu.devices import Gpu, best_of, free_memory, load_gpus
from desktop.engine.llama.gpu.probe import Probe
from desktop.engine.llama.gpu.room import predicted
from desktop.engine.process.channel import Sender
from desktop.engine.process.errand import take_errand
from desktop.engine.process.messages import Refused
from desktop.engine.types import EngineConfig, FlashAttention, KvType, Stats
from desktop.gguf.parts import part_paths
from desktop.machine.memory import MemoryReader

_FAILED: Final = 1
# Rounds that take turns: no more, and no further one once so many seconds have passed.
_ROUNDS, _SECONDS = 3, 20.0


def main() -> int:
    """Runs the process; returns its exit code, or ends without returning."""
    taken = take_errand(Try, LIMIT, "The process that tries graphics processors")
    if taken is None:
        return 2
    order, results = taken
    sender = Sender(results, FROM_PROCESS)
    try:
        _run(order, sender.send)
    except UserFacingError as problem:
        sender.send(Refused.of(0, problem, Stats()))
    except MemoryError as problem:
        sender.send(Refused.of(0, UserFacingError("There is not enough memory.", str(problem)), Stats()))
    # Nothing is left to be tidied up, and drivers trip over the interpreter's own end.
    os._exit(0)


def _run(order: Try, send: Callable[[FromProcess], None]) -> None:
    native = bindings.load()
    model = order.config.model_path
    walls = shut_in(
        "its model, the graphics processor",
        (*(part_paths(order.weights_of_gpu) if order.weights_of_gpu else ()), *_readable(order, model)),
        (Path(os.devnull),),
        None if order.memory is None else with_gpu_room(order.memory),
        devices=gpu_devices.device_files(),
    )
    found = load_gpus(native, order.library)
    send(Found(tuple(gpu.device for gpu in found), walls))
    if model is not None:
        send(_try(native, order, best_of(found)))


def _readable(order: Try, model: Path | None) -> tuple[Path, ...]:
    return (*(part_paths(model) if model is not None else ()), *gpu_files(order.library.path))


def _try(native: Native, order: Try, gpu: Gpu) -> Tried:
    config = replace(order.config, gpu=None)
    alone = Probe(native, config, order.threads, None)
    expected, products = alone.logits(), alone.products()
    logits, values = _in_another_order(native, config, order.threads)
    rounding, size_rounding = agreement(expected, logits).mean, largest_difference(products, values).off
    together, layers = _load_together(native, order, gpu, alone.layers)
    found = together.logits()  # and the device's programs are compiled
    differs = largest_difference(products, together.products())
    of_alone, of_both = _measure(alone, together)
    agrees = agreement(expected, found)
    of_layers = alone.layers
    # Lavapipe always says the same.
    memory = gpu.device.memory_free - free_memory(native, gpu)
    if memory <= 0:
        _, footprint = predicted(config)
        memory = footprint.on_gpu(share_of(layers, of_layers), kv=order.kv).device_bytes
    for probe in (together, alone):
        probe.close()
    return Tried(gpu.device, layers, of_layers, agrees, rounding, of_alone, of_both, differs, size_rounding, memory)


def _in_another_order(
    native: Native, config: EngineConfig, threads: int
) -> tuple[list[list[float]], dict[str, array[float]]]:
    """Returns what the processor comes to where the same sums are made otherwise: what differs is rounding.

    Logits, and products.
    """
    has_flash = config.flash_attention is not FlashAttention.OFF
    if config.kv_type is not KvType.F16:  # which takes flash attention
        config = replace(config, kv_type=KvType.F16)
    else:
        config = replace(config, flash_attention=FlashAttention.OFF if has_flash else FlashAttention.ON)
    probe = Probe(native, config, threads, None)
    try:
        return probe.logits(), probe.products()
    finally:
        probe.close()


def _load_together(native: Native, order: Try, gpu: Gpu, of_model: int) -> tuple[Probe, int]:
    """Returns the model with as many layers on the device as are wanted or fit, and their number.

    Raises:
        UserFacingError: Not even few of them can be loaded.
    """
    layers = order.layers if order.layers >= 0 else _first_guess(order.config, gpu, kv=order.kv)
    layers = -1 if layers > of_model else layers
    while True:
        use = GpuUse(order.library, gpu.device.name, gpu.device.driver, layers, order.kv)
        config = replace(order.config, gpu=use, model_path=order.weights_of_gpu or order.config.model_path)
        try:
            return Probe(native, config, order.threads, gpu.pointer), layers
        except UserFacingError:
            if order.layers >= 0 or not (layers := fewer(layers, of_model)):
                raise


def _first_guess(config: EngineConfig, gpu: Gpu, *, kv: bool) -> int:
    header, footprint = predicted(config)
    room = room_on(gpu.device, MemoryReader().read().machine_available)
    return layers_that_fit(header.n_layers, footprint.file_bytes, footprint.kv_bytes if kv else 0, room)


def _measure(alone: Probe, together: Probe) -> tuple[Speeds, Speeds]:
    """Lets both do the same work in turns, so that a machine with other work slows down both."""
    measured: tuple[list[tuple[float, float]], ...] = ([], [])
    began = time.monotonic()
    while len(measured[0]) < _ROUNDS and (not measured[0] or time.monotonic() - began < _SECONDS):
        for probe, speeds in zip((alone, together), measured, strict=True):
            speeds.append(probe.speeds())
    first, second = (
        Speeds(median(read for read, _ in speeds), median(written for _, written in speeds)) for speeds in measured
    )
    return first, second
