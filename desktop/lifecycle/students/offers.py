"""What smaller models can be made of one: how many layers stay, and how large the file will be. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Final

from desktop.gguf.header import GgufHeader, TensorInfo
from desktop.gguf.tables import TENSOR_TYPES
from desktop.lifecycle.expected_speed import SpeedRange

# Of a quarter and of a third fewer, these stay.
_SHARES: Final = (3 / 4, 2 / 3)
# With fewer there is nothing to leave out that would pay.
_LEAST_LAYERS: Final = 6
_BYTES: Final[Mapping[str, float]] = {each.name: each.block_bytes / each.block_values for each in TENSOR_TYPES.values()}
_LAYER: Final = "blk."
# As `catnap student export` writes a student: four bits, and eight where they matter (desktop/student/exporting.py).
_EIGHT_BITS: Final = ("token_embd.", "output.", ".ffn_down.", ".attn_v.")


# Tokens that the teacher answers the prompts of Catnap with, and what one of them costs beside a plain one, since what it
# thought is written down.
_ANSWERED: Final = 24_000
_COLLECTING: Final = 1.4
# Tries for each layer that goes, and what each takes: 240 tokens are read, and a file is written.
_TRIES, _TRYING = 8, 90
# Reading held-out answers by some seven models, and the texts that all answer questions about.
_CHECKING: Final = 45_000
# Tokens that are learnt from, those that come again counted again, and what one of them takes where the processor
# multiplies numbers of 16 bits, and where it does not.
_LEARNT: Final = 200_000
_LEARNING: Final = (1.2, 4.0)
# Bytes for each weight while it learns: itself, what it has learnt of late, and what it is about to.
_TRAINING_BYTES: Final = 24
# Files of the teacher's size that are there at once; the answers that are kept.
_FILES: Final = 6
_ANSWERS_BYTES: Final = 40_000_000
# Of a model that is asked, beside its file.
_ASKING_SHARE, _ASKING_BYTES = 1.2, 250_000_000


@dataclass(frozen=True)
class Offer:
    """A size to choose.

    Attributes:
        layers: That stay.
        of_layers: That the teacher has.
        size: Bytes that the file will have, about.
        is_smallest: It is the smallest of those that are offered.
    """

    layers: int
    of_layers: int
    size: int
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


def offers_of(header: GgufHeader) -> tuple[Offer, ...]:
    """Returns the sizes that can be made of a model, the larger first; empty: it has too few layers."""
    layers = header.n_layers
    if layers < _LEAST_LAYERS:
        return ()
    by_layers = {round(layers * share): share for share in _SHARES}
    return tuple(
        Offer(stay, layers, _size(header, stay), is_smallest=share == min(_SHARES)) for stay, share in by_layers.items()
    )


def cost_of(header: GgufHeader, offer: Offer, speed: SpeedRange, *, trains: bool) -> Cost:
    """Returns about what it takes to make a student of a model, before anything was tried here.

    All is counted in the time in which the teacher makes one token, so that it carries over to other computers:
    docs/adr/033 says what was measured.

    Args:
        header: Of the teacher.
        offer: The size.
        speed: Tokens a second that the teacher makes with one thread; equal: it was measured.
        trains: It shall learn.
    """
    gone = offer.of_layers - offer.layers
    least = _ANSWERED * _COLLECTING + gone * _TRIES * _TRYING + _CHECKING
    most = least
    if trains:
        least, most = least + _LEARNT * _LEARNING[0], most + _LEARNT * _LEARNING[1]
    share = offer.layers / offer.of_layers
    trained = header.parameters * share * (_TRAINING_BYTES if trains else 0)
    return Cost(
        least / speed.most,
        most / speed.least,
        round(_FILES * header.file_size + _ANSWERS_BYTES + trained / 2),
        round(max(trained, _ASKING_SHARE * header.file_size + _ASKING_BYTES)),
    )


def _size(header: GgufHeader, layers: int) -> int:
    """Returns the bytes of a student with so many layers, as if all layers were alike."""
    in_layers = sum(_written(each) for each in header.tensors if each.name.startswith(_LAYER))
    others = sum(_written(each) for each in header.tensors if not each.name.startswith(_LAYER))
    return round(header.data_offset + others + in_layers * layers / max(1, header.n_layers))


def _written(tensor: TensorInfo) -> float:
    if len(tensor.shape) < 2:  # those stay as they are
        return float(tensor.size)
    kind = "Q8_0" if any(part in tensor.name for part in _EIGHT_BITS) else "Q4_0"
    return prod(tensor.shape) * _BYTES[kind]
