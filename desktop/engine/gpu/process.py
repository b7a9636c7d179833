"""The process that tries a graphics processor, from its beginning to its end; Catnap starts it with a verb of its own.

It looks for devices, and where it is given a model it loads that twice: for the processor alone, and for both together.
It compares what they compute, measures how fast they do, says so, and ends. Whatever a driver does to it, it does
there.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Final

from desktop.common.errors import UserFacingError
from desktop.engine.cage import gpu_devices
from desktop.engine.cage.walls import gpu_files, shut_in, with_gpu_room
from desktop.engine.footprint import predict
from desktop.engine.gpu.comparison import agreement
from desktop.engine.gpu.fitting import fewer, layers_that_fit, room_on
from desktop.engine.gpu.messages import FROM_PROCESS, LIMIT, Found, FromProcess, Speeds, Tried, Try
from desktop.engine.llama import bindings
from desktop.engine.llama.bindings import Native
from desktop.engine.llama.gpu import Gpu, best_of, free_memory, load_gpus
from desktop.engine.llama.gpu_probe import Probe
from desktop.engine.process.channel import Sender
from desktop.engine.process.errand import take_errand
from desktop.engine.process.messages import Refused
from desktop.engine.types import EngineConfig, GpuUse, Stats
from desktop.gguf.header import read_header
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
    alone = Probe(native, replace(order.config, gpu=None), order.threads, None)
    expected = alone.logits()
    together, layers = _load_together(native, order, gpu, alone.layers)
    found = together.logits()  # and the device's programs are compiled
    of_alone, of_both = _measure(alone, together)
    agrees = agreement(expected, found)
    memory = max(0, gpu.device.memory_free - free_memory(native, gpu))
    of_layers = alone.layers
    for probe in (together, alone):
        probe.close()
    return Tried(gpu.device, layers, of_layers, agrees, of_alone, of_both, memory)


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
    assert config.model_path is not None
    header = read_header(config.model_path)
    footprint = predict(
        header, n_ctx=config.n_ctx, n_batch=config.n_batch, kv_type=config.kv_type, repack=False
    )  # fmt: skip
    room = room_on(gpu.device, MemoryReader().read().machine_available)
    return layers_that_fit(header.n_layers, header.file_size, footprint.kv_bytes if kv else 0, room)


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
