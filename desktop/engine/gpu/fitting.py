"""How many layers of a model to try on a graphics processor. Pure arithmetic: what a driver says is where it begins.

A driver's word is not trusted: lavapipe claims 2 GB of a computer's 24, others all of what programs and the screen
share. So this is only where the trial begins; there the memory is really taken, and fewer layers are tried where that
fails.
"""

from __future__ import annotations

from typing import Final

from desktop.engine.types import GpuDevice, GpuKind

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


def fewer(layers: int, of_model: int) -> int:
    """Returns how many layers to try after a number of them did not fit."""
    return (of_model if layers == ALL else layers) // 2
