"""How many layers of a model to try on a graphics processor. Pure arithmetic: what a driver says is where it begins.

A driver's word is not trusted: lavapipe claims 2 GB of a computer's 24, others all of what programs and the screen
share. So this is only where the trial begins; there the memory is really taken, and fewer layers are tried where that
fails.
"""

from __future__ import annotations

from typing import Final

from desktop.engine.backends import GpuDevice, GpuKind, GpuUse
from desktop.engine.footprint import Footprint

# Of what is free by the driver's word: the screen, and other programs, want some of it too.
_SHARE: Final = 0.85
# Of the computer's own memory, where the device has none: what it takes, nobody else has.
_SHARE_OF_COMPUTER: Final = 0.5
# Intermediate results, and the driver's own.
_BESIDE: Final = 300_000_000
ALL: Final = -1


def room_on(device: GpuDevice, available: int) -> int:
    """Returns the bytes that a model may take on a device.

    Args:
        device: What its driver says of it.
        available: Bytes that the computer has left.
    """
    room = round(device.memory_free * _SHARE)
    if device.kind is not GpuKind.OWN_MEMORY:
        room = min(room, round(available * _SHARE_OF_COMPUTER))
    return max(0, room - _BESIDE)


def layers_that_fit(layers: int, weights: int, kv: int, room: int) -> int:
    """Returns how many of a model's layers fit; :data:`ALL`: all, and what comes after the last.

    Args:
        layers: That the model has.
        weights: Bytes of its file.
        kv: Bytes of the conversation's memory on the device, for all layers and the whole context; 0: none lies there.
        room: See :func:`room_on`.
    """
    if weights + kv <= room:
        return ALL
    each = (weights + kv) / (layers + 1)  # what comes after the last layer is about as large as one
    return max(0, min(layers, int(room / each)))


def share_of(layers: int, of_model: int) -> float:
    """Returns which part of a model lies on the device, from 0 to 1."""
    return 1.0 if layers == ALL or layers > of_model else layers / (of_model + 1)


def on_device(alone: Footprint, use: GpuUse, of_model: int) -> int:
    """Returns the bytes of a device's own memory that a model takes, without intermediate results.

    Args:
        alone: What it takes with the processor alone.
        use: How the device is used.
        of_model: Layers that the model has.
    """
    return alone.on_gpu(share_of(use.layers, of_model), kv=use.kv).device_bytes


def fewer(layers: int, of_model: int) -> int:
    """Returns how many layers to try after a number of them did not fit."""
    return (of_model if layers == ALL else layers) // 2
