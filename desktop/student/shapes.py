"""The shape of a model's layers, and the narrower ones that its architecture allows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.gguf.header import GgufHeader, TensorInfo

# Rows of fewer numbers, or of others than multiples of these, suit no format of few bits.
_BLOCK: Final = 32
# Whether the heads together may be as wide as they like; else they must be exactly as wide as the model (llama.cpp).
_FREE_HEADS: Final[Mapping[str, bool]] = MappingProxyType({"llama": True, "qwen2": False, "qwen3": True})
_LAYER: Final = re.compile(r"blk\.([0-9]{1,4})\.(.+)")


class Axis(Enum):
    """What the rows or columns of a tensor stand for."""

    NONE = "none"
    WIDTH = "width"
    QUERIES = "queries"
    KEYS = "keys"
    FFN = "ffn"


# Rows and columns of each tensor that a layer, or a model, may have; of one dimension the first says what it is.
_OF_LAYER: Final[Mapping[str, tuple[Axis, Axis]]] = MappingProxyType(
    {
        "attn_norm.weight": (Axis.WIDTH, Axis.NONE),
        "attn_q.weight": (Axis.QUERIES, Axis.WIDTH),
        "attn_q.bias": (Axis.QUERIES, Axis.NONE),
        "attn_k.weight": (Axis.KEYS, Axis.WIDTH),
        "attn_k.bias": (Axis.KEYS, Axis.NONE),
        "attn_v.weight": (Axis.KEYS, Axis.WIDTH),
        "attn_v.bias": (Axis.KEYS, Axis.NONE),
        "attn_output.weight": (Axis.WIDTH, Axis.QUERIES),
        "attn_output.bias": (Axis.WIDTH, Axis.NONE),
        "attn_q_norm.weight": (Axis.NONE, Axis.NONE),
        "attn_k_norm.weight": (Axis.NONE, Axis.NONE),
        "ffn_norm.weight": (Axis.WIDTH, Axis.NONE),
        "ffn_gate.weight": (Axis.FFN, Axis.WIDTH),
        "ffn_gate.bias": (Axis.FFN, Axis.NONE),
        "ffn_up.weight": (Axis.FFN, Axis.WIDTH),
        "ffn_up.bias": (Axis.FFN, Axis.NONE),
        "ffn_down.weight": (Axis.WIDTH, Axis.FFN),
        "ffn_down.bias": (Axis.WIDTH, Axis.NONE),
    }
)
_OF_MODEL: Final[Mapping[str, tuple[Axis, Axis]]] = MappingProxyType(
    {
        "token_embd.weight": (Axis.NONE, Axis.WIDTH),
        "output.weight": (Axis.NONE, Axis.WIDTH),
        "output.bias": (Axis.NONE, Axis.NONE),
        "output_norm.weight": (Axis.WIDTH, Axis.NONE),
        "rope_freqs.weight": (Axis.NONE, Axis.NONE),
    }
)


def axes_of(tensor: TensorInfo) -> tuple[int | None, Axis, Axis] | None:
    """Returns the layer of a tensor and what its rows and columns are; None: it is unknown."""
    match = _LAYER.fullmatch(tensor.name)
    axes = _OF_MODEL.get(tensor.name) if match is None else _OF_LAYER.get(match[2])
    return None if axes is None else (None if match is None else int(match[1]), *axes)


@dataclass(frozen=True)
class Shape:
    """How wide a model is; the same in all of its layers.

    Attributes:
        width: Channels of what goes from layer to layer.
        ffn: Columns between the two steps of a feed-forward network.
        heads: Of attention.
        kv_heads: Heads of keys and values, each for as many of the others.
        head_size: Dimensions of a head.
        free_heads: The heads together need not be as wide as the model.
    """

    width: int
    ffn: int
    heads: int
    kv_heads: int
    head_size: int
    free_heads: bool

    @classmethod
    def of(cls, header: GgufHeader) -> Shape:
        """Returns the shape of a model.

        Raises:
            UserFacingError: Its architecture is none that can be made narrower.
        """
        architecture = header.architecture
        ffn = header.metadata.get(f"{architecture}.feed_forward_length")
        kv_heads, size = header.n_head_kv, header.head_dim
        strange = next((tensor.name for tensor in header.tensors if axes_of(tensor) is None), "")
        values = header.metadata.get(f"{architecture}.attention.value_length", size)
        is_known = architecture in _FREE_HEADS and isinstance(ffn, int) and size > 0
        is_known = is_known and isinstance(kv_heads, int) and kv_heads > 0 and header.n_head % kv_heads == 0
        if not is_known or strange or values != size or header.number_of("expert_count") or header.parts > 1:
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "The layers of this model cannot be made narrower."),
                f"{architecture or header.name}{f', {strange}' if strange else ''}.",
                QT_TRANSLATE_NOOP(
                    "Errors",
                    "Models of the families llama (SmolLM2), qwen2 and qwen3 can, whole files without experts.",
                ),
            )
        assert isinstance(ffn, int) and isinstance(kv_heads, int)
        shape = cls(header.n_embd, ffn, header.n_head, kv_heads, size, _FREE_HEADS[architecture])
        shape._check_tensors(header)
        return shape

    def __str__(self) -> str:
        heads = f"{self.heads} heads" if self.heads == self.kv_heads else f"{self.heads} heads on {self.kv_heads}"
        return f"width {self.width:,}, {heads}, feed-forward {self.ffn:,}"

    @property
    def group(self) -> int:
        """Heads that share keys and values."""
        return self.heads // self.kv_heads

    def size_of(self, axis: Axis) -> int | None:
        """Returns how many rows or columns stand for something; None: it is never cut."""
        return {
            Axis.NONE: None,
            Axis.WIDTH: self.width,
            Axis.FFN: self.ffn,
            Axis.QUERIES: self.heads * self.head_size,
            Axis.KEYS: self.kv_heads * self.head_size,
        }[axis]

    def narrowed(
        self, *, width: int | None = None, ffn: int | None = None, heads: int | None = None, kv_heads: int | None = None
    ) -> Shape:
        """Returns a narrower shape.

        Args:
            width: Channels; None: as many as there are, here as with the others.
            ffn: Columns of the feed-forward networks.
            heads: Of attention.
            kv_heads: Heads of keys and values; None: whole groups go where that can be, else heads of every group.

        Raises:
            UserFacingError: There can be no such shape.
        """
        for wanted, there, what in (
            (width, self.width, "--width"),
            (ffn, self.ffn, "--ffn"),
            (heads, self.heads, "--heads"),
            (kv_heads, self.kv_heads, "--kv-heads"),
        ):
            if wanted is not None and not 0 < wanted <= there:
                raise _impossible(f"{what} {wanted:,}: it has {there:,}.")
            if wanted not in (None, there) and what in ("--width", "--ffn") and wanted % _BLOCK:
                near = max(_BLOCK, round(wanted / _BLOCK) * _BLOCK)
                raise _impossible(f"{what} {wanted:,}: multiples of {_BLOCK}, such as {near:,}.")
        heads = heads or self.heads
        if kv_heads is None:
            kv_heads = heads // self.group if heads % self.group == 0 else self.kv_heads
        if heads % kv_heads or heads // kv_heads > self.group:
            raise _impossible(
                f"{heads} heads with {kv_heads} of keys and values: it has {self.heads} with {self.kv_heads}, "
                f"so multiples of {self.group} or of {self.kv_heads}."
            )
        shape = Shape(width or self.width, ffn or self.ffn, heads, kv_heads, self.head_size, self.free_heads)
        if not self.free_heads and heads * self.head_size != shape.width:
            raise _impossible(
                f"The heads of this family are as wide as the model: {heads} of {self.head_size} make "
                f"{heads * self.head_size:,}, and the width is {shape.width:,}."
            )
        if shape == self:
            raise _impossible("It is that wide already.")
        return shape

    def _check_tensors(self, header: GgufHeader) -> None:
        """Makes sure that the tensors are what the shape says, since they are cut by it."""
        for tensor in header.tensors:
            found = axes_of(tensor)
            assert found is not None
            wanted = (found[2], found[1]) if len(tensor.shape) > 1 else (found[1],)
            sizes = [self.size_of(axis) for axis in wanted]
            if len(tensor.shape) > 2 or any(
                size not in (None, extent) for size, extent in zip(sizes, tensor.shape, strict=True)
            ):
                raise UserFacingError(
                    QT_TRANSLATE_NOOP("Errors", "The model file is damaged."), f"{tensor.name}: {tensor.shape}."
                )


def _impossible(why: str) -> UserFacingError:
    return UserFacingError(QT_TRANSLATE_NOOP("Errors", "There can be no such narrower model."), why)
