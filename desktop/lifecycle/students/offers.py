"""What smaller models can be made of one: how many layers stay, and how large the file will be. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Final

from desktop.gguf.header import GgufHeader, TensorInfo
from desktop.gguf.tables import TENSOR_TYPES

# Of a quarter and of a third fewer, these stay.
_SHARES: Final = (3 / 4, 2 / 3)
# With fewer there is nothing to leave out that would pay.
_LEAST_LAYERS: Final = 6
_BYTES: Final[Mapping[str, float]] = {each.name: each.block_bytes / each.block_values for each in TENSOR_TYPES.values()}
_LAYER: Final = "blk."
# As `catnap student export` writes a student: four bits, and eight where they matter (desktop/student/exporting.py).
# As many bytes both, and about as fast.
_FOUR_BITS: Final = ("Q4_0", "IQ4_NL")
_EIGHT_BITS: Final = frozenset({"token_embd", "output", "ffn_down", "attn_v"})
# Minutes that a student may learn: to see how it goes, and for a night.
LEARNING_MINUTES: Final = (60, 300)


@dataclass(frozen=True)
class Offer:
    """A size to choose.

    Attributes:
        layers: That stay.
        of_layers: That the teacher has.
        size: Bytes that the file will have, about.
        kind: Number format that it will be written in.
        is_smallest: It is the smallest of those that are offered.
    """

    layers: int
    of_layers: int
    size: int
    kind: str = "Q4_0"
    is_smallest: bool = False


@dataclass(frozen=True)
class Cost:
    """What it takes to make one.

    Attributes:
        least_seconds: Of computing, by one thread that nobody disturbs.
        most_seconds: The same on a slower computer of this kind; equal: it was measured.
        disk: Bytes meanwhile.
        memory: Bytes that its hungriest step takes.
    """

    least_seconds: float
    most_seconds: float
    disk: int
    memory: int


@dataclass(frozen=True)
class Offered:
    """A size with what it takes.

    Attributes:
        costs: By the minutes that the student learns; 0: it does not.
    """

    offer: Offer
    costs: Mapping[int, Cost]


def offers_of(header: GgufHeader) -> tuple[Offer, ...]:
    """Returns the sizes that can be made of a model, the larger first; empty: it has too few layers."""
    layers = header.n_layers
    if layers < _LEAST_LAYERS:
        return ()
    # What has learnt is not written in the format that its teacher came in, see desktop/student/exporting.py.
    kind = _FOUR_BITS[any(tensor.type == _FOUR_BITS[0] for tensor in header.tensors)]
    by_layers = {round(layers * share): share for share in _SHARES}
    return tuple(
        Offer(stay, layers, _size(header, stay), kind, is_smallest=share == min(_SHARES))
        for stay, share in by_layers.items()
    )


def _size(header: GgufHeader, layers: int) -> int:
    """Returns the bytes of a student with so many layers, as if all layers were alike."""
    in_layers = sum(_written(each) for each in header.tensors if each.name.startswith(_LAYER))
    others = sum(_written(each) for each in header.tensors if not each.name.startswith(_LAYER))
    return round(header.data_offset + others + in_layers * layers / max(1, header.n_layers))


def _written(tensor: TensorInfo) -> float:
    if len(tensor.shape) < 2:  # those stay as they are
        return float(tensor.size)
    bits = "Q8_0" if _EIGHT_BITS.intersection(tensor.name.split(".")) else _FOUR_BITS[0]
    return prod(tensor.shape) * _BYTES[bits]
