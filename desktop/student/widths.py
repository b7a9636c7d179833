"""Makes a model narrower: which channels, heads and columns of its feed-forward networks stay, and the file of it.

What counts is what is seen while it reads some of the collected answers: a head or a column by the square of what it
gives to the next step, a channel by what the norms make of it, summed over all layers. No training, no PyTorch.

Where channels go the norms divide by less than before. Their weights are multiplied so that what stays has on average
the size that it had; where the channels that go are always zero the model computes what it did.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import add
from pathlib import Path
from typing import Final

from desktop.engine.distillation.client import AskedModel, rewrite_model
from desktop.engine.distillation.messages import Rewrite
from desktop.gguf.copying import Cut, RawValue, copy_with, fraction_value, number_value, read_numbers, read_values
from desktop.gguf.copying import text_value as text
from desktop.gguf.header import GgufHeader, read_header
from desktop.gguf.tables import FILE_TYPES
from desktop.student.sequences import TaughtSequence
from desktop.student.shapes import Axis, Shape, axes_of

# What a format without blocks is called, and its number among those of files.
_UNPACKED: Final = "F16"
# Weights whose input is what a norm gives, by the norm.
_READERS: Final = {"attn_norm": "attn_q", "ffn_norm": "ffn_gate"}


@dataclass(frozen=True)
class Stays:
    """What of a model stays, by numbers in their order.

    Attributes:
        width: Channels.
        heads: Of each layer.
        kv_heads: Heads of keys and values of each layer.
        ffn: Columns of each layer.
        norms: By what the weights of each norm are multiplied.
    """

    width: tuple[int, ...]
    heads: tuple[tuple[int, ...], ...]
    kv_heads: tuple[tuple[int, ...], ...]
    ffn: tuple[tuple[int, ...], ...]
    norms: Mapping[str, float]

    def cut(self, axis: Axis, layer: int | None, head_size: int) -> Sequence[int] | None:
        """Returns the rows or columns of a tensor that stay; None: all.

        Args:
            axis: What they stand for.
            layer: Of the tensor.
            head_size: Dimensions of a head.
        """
        if axis is Axis.WIDTH:
            return self.width
        if layer is None or axis is Axis.NONE:
            return None
        if axis is Axis.FFN:
            return self.ffn[layer]
        heads = self.heads[layer] if axis is Axis.QUERIES else self.kv_heads[layer]
        return [head * head_size + place for head in heads for place in range(head_size)]


def choose(path: Path, wanted: Shape, sequences: Sequence[TaughtSequence], n_ctx: int, threads: int) -> Stays:
    """Looks at a model while it reads, and returns what of it stays in a narrower shape.

    Args:
        path: The model.
        wanted: The shape.
        sequences: Answers that it reads: of those that are learnt from.
        n_ctx: Tokens that one may have.
        threads: That compute.

    Raises:
        UserFacingError: The model cannot be asked, or made narrower.
    """
    header = read_header(path)
    with AskedModel(path, n_ctx, threads) as model:
        squares = {
            name.removesuffix(".weight"): array("f", data)
            for name, data in model.watch([each.tokens for each in sequences], importance=True)[1].items()
        }
    there, layers = Shape.of(header), range(header.n_layers)
    found = [_heads(squares[f"blk.{layer}.attn_output"], there, wanted) for layer in layers]
    width = _best(_channels(squares, there.width), wanted.width)
    return Stays(
        width,
        tuple(heads for heads, _ in found),
        tuple(kv_heads for _, kv_heads in found),
        tuple(_best(squares[f"blk.{layer}.ffn_down"], wanted.ffn) for layer in layers),
        _norms(path, header, squares, width, there.width) if wanted.width < there.width else {},
    )


def write_narrower(source: Path, target: Path, wanted: Shape, stays: Stays, name: str, threads: int) -> None:
    """Writes a narrower model: in the format of ``source`` what can be cut so, the rest in 16 bits.

    Args:
        source: A GGUF file.
        target: The new one, replaced.
        wanted: Its shape.
        stays: What of it stays.
        name: What it calls itself.
        threads: That compute.

    Raises:
        UserFacingError: The library refuses.
        OSError: It cannot be written; for a while another file of 2 bytes for each weight lies beside it.
    """
    header = read_header(source)
    there = Shape.of(header)
    cuts = {}
    for tensor in header.tensors:
        found = axes_of(tensor)
        assert found is not None
        layer, *axes = found
        rows, columns = (
            stays.cut(axis, layer, there.head_size) if there.size_of(axis) != wanted.size_of(axis) else None
            for axis in axes
        )
        if len(tensor.shape) == 1:
            rows, columns = None, rows
        cuts[tensor.name] = Cut(rows, columns, stays.norms.get(tensor.name, 1.0))
    packed = [tensor for tensor in header.tensors if not cuts[tensor.name].keeps_blocks(tensor)]
    unpacked = target.with_name(f".{target.name}.unpacked") if packed else None
    values = _values(header, read_values(source), there, wanted, name)
    if len(packed) == sum(len(tensor.shape) > 1 for tensor in header.tensors):
        values["general.file_type"] = number_value(next(n for n, kind in FILE_TYPES.items() if kind == _UNPACKED))
    try:
        if unpacked is not None:
            rewrite_model(Rewrite(source, unpacked, _UNPACKED, 0, threads=threads))
        copy_with(source, target, values, cuts, unpacked)
    finally:
        if unpacked is not None:
            unpacked.unlink(missing_ok=True)


def _values(
    header: GgufHeader, values: dict[str, RawValue], there: Shape, wanted: Shape, name: str
) -> dict[str, RawValue]:
    kind = header.architecture
    values["general.name"] = text(name)
    values[f"{kind}.embedding_length"] = number_value(wanted.width)
    values[f"{kind}.feed_forward_length"] = number_value(wanted.ffn)
    values[f"{kind}.attention.head_count"] = number_value(wanted.heads)
    values[f"{kind}.attention.head_count_kv"] = number_value(wanted.kv_heads)
    if wanted.heads * wanted.head_size != wanted.width:
        # Else the library takes the width by the number of heads for the size of one.
        for key in ("attention.key_length", "attention.value_length", "rope.dimension_count"):
            values[f"{kind}.{key}"] = number_value(wanted.head_size)
    key = f"{kind}.attention.layer_norm_rms_epsilon"
    epsilon = header.metadata.get(key)
    if isinstance(epsilon, float) and wanted.width < there.width:
        values[key] = fraction_value(epsilon * there.width / wanted.width)
    return values


def _channels(squares: Mapping[str, Iterable[float]], width: int) -> list[float]:
    """Returns how much each channel counts: the square of what the norms give of it, over all layers."""
    total = [0.0] * width
    for name, row in squares.items():
        if name.rpartition(".")[2] in _READERS.values() or name == "output":
            total = list(map(add, total, row))
    return total


def _heads(squares: Sequence[float], there: Shape, wanted: Shape) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Returns the heads of a layer that stay, and those of keys and values."""
    size = there.head_size
    heads = [math.fsum(squares[head * size : (head + 1) * size]) for head in range(there.heads)]
    groups = [range(kv * there.group, (kv + 1) * there.group) for kv in range(there.kv_heads)]
    best = [sorted(sorted(group, key=lambda head: -heads[head])[: wanted.group]) for group in groups]
    kv_heads = _best([math.fsum(heads[head] for head in group) for group in best], wanted.kv_heads)
    return tuple(head for kv in kv_heads for head in best[kv]), kv_heads


def _norms(
    path: Path, header: GgufHeader, squares: Mapping[str, Sequence[float]], width: Sequence[int], before: int
) -> dict[str, float]:
    """Returns by what each norm's weights are multiplied, so that what stays is as large as it was.

    A norm divides by the root of the mean square over all channels. What it gives, divided by its weights, tells which
    share of the squares the channels have that stay.
    """
    found = {}
    for tensor in header.tensors:
        axes = axes_of(tensor)
        if axes is None or axes[1:] != (Axis.WIDTH, Axis.NONE) or not tensor.name.endswith("norm.weight"):
            continue
        place, _, norm = tensor.name.removesuffix(".weight").rpartition(".")
        row = squares[f"{place}.{_READERS[norm]}" if place else "output"]
        weights = read_numbers(path, header, tensor)
        shares = [square / weight**2 if weight else 0.0 for square, weight in zip(row, weights, strict=True)]
        share = math.fsum(shares[channel] for channel in width) / (math.fsum(shares) or 1.0)
        found[tensor.name] = math.sqrt(share * before / len(width)) or 1.0
    return found


def _best(numbers: Sequence[float], count: int) -> tuple[int, ...]:
    """Returns the places of the largest numbers, in their order; of equal ones the earlier."""
    return tuple(sorted(sorted(range(len(numbers)), key=lambda place: -numbers[place])[:count]))
