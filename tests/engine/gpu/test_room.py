"""Whether a device has room for a model, asked just before it is loaded."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from desktop.common.errors import UserFacingError
from desktop.engine.backends import GpuKind
from desktop.engine.llama.gpu.devices import Gpu
from desktop.engine.llama.gpu.room import check_room, predicted
from desktop.engine.types import EngineConfig
from tests.support.engine_harness import config_for
from tests.support.gpu import DEVICE, USE


class _Driver:
    """What a driver says of its memory, in place of the library."""

    def __init__(self, free: int) -> None:
        self._free = free

    def function(self, name: str, *_types: object) -> Callable[..., None]:
        assert name == "ggml_backend_dev_memory"

        def tell(_pointer: int, free: Any, total: Any) -> None:
            ctypes.cast(free, ctypes.POINTER(ctypes.c_size_t))[0] = self._free
            ctypes.cast(total, ctypes.POINTER(ctypes.c_size_t))[0] = 8_000_000_000

        return tell


def _check(config: EngineConfig, free: int, kind: GpuKind = GpuKind.OWN_MEMORY) -> None:
    check_room(_Driver(free), Gpu(replace(DEVICE, kind=kind), 1), config)  # type: ignore[arg-type]


@pytest.fixture
def config(tiny_model: Path) -> EngineConfig:
    return replace(config_for(tiny_model), gpu=USE)


def test_what_has_no_room_on_the_device_is_not_put_there(config: EngineConfig) -> None:
    header, alone = predicted(config)
    whole = alone.file_bytes + alone.kv_bytes
    _check(config, whole)
    with pytest.raises(UserFacingError, match="too little memory left") as refusal:
        _check(config, whole - 1)
    assert DEVICE.description in refusal.value.detail
    # AND fewer layers, or the conversation elsewhere, have room
    assert config.gpu is not None
    _check(replace(config, gpu=replace(config.gpu, kv=False)), alone.file_bytes)
    assert header.n_layers > 0
    _check(replace(config, gpu=replace(config.gpu, layers=0)), 1)


@pytest.mark.parametrize("kind", [GpuKind.INTEGRATED, GpuKind.SOFTWARE])
def test_memory_that_is_the_computers_is_not_the_devices_to_refuse(config: EngineConfig, kind: GpuKind) -> None:
    _check(config, 1, kind)


def test_a_driver_that_does_not_say_is_tried(config: EngineConfig) -> None:
    _check(config, 0)
