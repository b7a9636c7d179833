"""Loads the code for graphics processors, which is a file of its own, and tells which devices it finds.

Called in the engine's process behind its walls, after the CPU backend and before a model is touched. What is loaded is
the very file whose content was compared: it is opened once, and on Linux loaded through that handle.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from desktop.common.regular_file import open_regular
from desktop.engine.backends import GpuDevice, GpuKind, GpuLibrary, GpuUse
from desktop.engine.gpu import errors
from desktop.engine.gpu.manifest import is_genuine
from desktop.engine.llama.bindings import Native
from desktop.engine.llama.gpu.vulkan_driver import drivers

# enum ggml_backend_dev_type (ggml-backend.h): a device with memory of its own, or one of Vulkan that is a program.
_OWN_MEMORY: Final = 1
# VkPhysicalDeviceType of a program that computes on the processor: lavapipe, SwiftShader.
_TYPE_CPU: Final = 4
# Devices that are looked at, and characters of their names.
_MOST_DEVICES, _NAME = 16, 200


@dataclass(frozen=True)
class Gpu:
    """A device, and what ggml knows it by.

    Attributes:
        device: What its driver says of it.
        pointer: ``ggml_backend_dev_t``; valid as long as the process lives.
    """

    device: GpuDevice
    pointer: int = field(repr=False)


def load_gpus(native: Native, library: GpuLibrary) -> tuple[Gpu, ...]:
    """Loads the library and returns the devices that it finds; some 0.1 s, to be called once in a process.

    Args:
        native: llama.cpp, with a CPU backend.
        library: The file, and what it must be.

    Raises:
        UserFacingError: It is not that file, cannot be loaded, or finds no device.
    """
    load = native.function("ggml_backend_load", ctypes.c_void_p, ctypes.c_char_p)
    native.log.take_errors()
    try:
        with open_regular(library.path) as file:
            if not is_genuine(file, library):
                raise errors.not_genuine(library.path)
            name = f"/proc/self/fd/{file.fileno()}" if sys.platform == "linux" else os.fspath(library.path)
            registry = load(os.fsencode(name))
    except OSError as problem:
        raise errors.unreadable(library.path, problem) from problem
    if not registry:
        raise errors.not_loaded(library.path, native.log.take_errors())
    found = _devices(native, registry)
    if not found:
        raise errors.no_device()
    return found


def find_gpu(found: Sequence[Gpu], use: GpuUse) -> Gpu:
    """Returns the device that was chosen.

    Raises:
        UserFacingError: It is gone, or is driven by another driver than the one that was tried.
    """
    for gpu in found:
        if gpu.device.name == use.device:
            if gpu.device.driver != use.driver:
                raise errors.driver_changed(gpu.device.description)
            return gpu
    raise errors.no_device()


def best_of(found: Sequence[Gpu]) -> Gpu:
    """Returns the device to use: one with memory of its own before one without, the one with the most of it."""
    order = (GpuKind.SOFTWARE, GpuKind.INTEGRATED, GpuKind.OWN_MEMORY)
    return max(found, key=lambda gpu: (order.index(gpu.device.kind), gpu.device.memory_total))


def free_memory(native: Native, gpu: Gpu) -> int:
    """Returns the bytes that a device has left, by its driver's word."""
    return _memory(native, gpu.pointer)[0]


def device_list(pointer: int | None) -> Any:
    """Returns what ``llama_model_params.devices`` points to: these devices and no other; None: the processor alone.

    It must outlive the loading.
    """
    return (ctypes.c_void_p * 2)(pointer, None)


def _devices(native: Native, registry: int) -> tuple[Gpu, ...]:
    count = native.function("ggml_backend_reg_dev_count", ctypes.c_size_t, ctypes.c_void_p)(registry)
    get = native.function("ggml_backend_reg_dev_get", ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
    pointers = [get(registry, number) for number in range(min(count, _MOST_DEVICES))]
    known = drivers()
    return tuple(Gpu(_describe(native, pointer, known), pointer) for pointer in pointers)


def _describe(native: Native, pointer: int, known: dict[str, tuple[int, str]]) -> GpuDevice:
    name, description = (
        native.function(f"ggml_backend_dev_{what}", ctypes.c_char_p, ctypes.c_void_p)(pointer) or b""
        for what in ("name", "description")
    )
    free, total = _memory(native, pointer)
    kind = native.function("ggml_backend_dev_type", ctypes.c_int, ctypes.c_void_p)(pointer)
    words = _text(description)
    type_of_device, driver = known.get(words, (0, ""))
    return GpuDevice(
        name=_text(name),
        description=words,
        kind=_kind(kind, type_of_device),
        memory_total=total,
        memory_free=min(free, total),
        driver=driver,
    )


def _memory(native: Native, pointer: int) -> tuple[int, int]:
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    size = ctypes.POINTER(ctypes.c_size_t)
    ask = native.function("ggml_backend_dev_memory", None, ctypes.c_void_p, size, size)
    ask(pointer, ctypes.byref(free), ctypes.byref(total))
    return free.value, total.value


def _kind(ggml: int, vulkan: int) -> GpuKind:
    if vulkan == _TYPE_CPU:
        return GpuKind.SOFTWARE
    return GpuKind.OWN_MEMORY if ggml == _OWN_MEMORY else GpuKind.INTEGRATED


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")[:_NAME]
