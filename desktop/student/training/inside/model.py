"""The arithmetic of a transformer whose tensors are named and laid out as in a GGUF file: Llama, Qwen2, Qwen3.

Texts are packed end to end, without padding, and what all of them begin with (a chat template's first words) is
computed once: each text attends to it and to itself. Llama's rotary embedding turns neighbouring numbers, Qwen's those
that lie half a head apart, as llama.cpp has it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor
from torch.nn import functional

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.gguf.header import GgufHeader
from desktop.student.training.inside.output import best_tokens, token_logs
from desktop.student.training.settings import ARCHITECTURES

# Of a layer, the queries, keys and values of the tokens: what each head makes of what it sees.
Attention: TypeAlias = Callable[[int, Tensor, Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Shape:
    """What a model's header says of its arithmetic.

    Attributes:
        layers: Blocks.
        heads: Of attention.
        kv_heads: Of keys and values.
        head: Numbers of a head.
        rope_base: Of the rotary embedding.
        epsilon: Of the norms.
        neighbours: The rotary embedding turns neighbouring numbers.
    """

    layers: int
    heads: int
    kv_heads: int
    head: int
    rope_base: float
    epsilon: float
    neighbours: bool

    @classmethod
    def of(cls, header: GgufHeader) -> Shape:
        """Reads it.

        Raises:
            UserFacingError: The model is of another family, or does something that is not built here.
        """
        name, said = header.architecture, header.metadata
        if name not in ARCHITECTURES or header.parts > 1 or f"{name}.expert_count" in said:
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "Models of this family cannot be trained here."),
                f"{header.name}: {name}.",
                QT_TRANSLATE_NOOP("Errors", "Llama, Qwen2 and Qwen3 can, in one file, without experts."),
            )
        if said.get(f"{name}.rope.scaling.type", "none") not in ("none", ""):
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "Models of this family cannot be trained here."),
                f"{header.name}: rope.scaling.type {said[f'{name}.rope.scaling.type']}.",
            )

        def number(key: str, otherwise: float) -> float:
            value = said.get(f"{name}.{key}", otherwise)
            return float(value) if isinstance(value, int | float) else otherwise

        heads = int(number("attention.head_count", 0))
        width = int(number("embedding_length", 0))
        return cls(
            layers=int(number("block_count", 0)),
            heads=heads,
            kv_heads=int(number("attention.head_count_kv", heads)),
            head=int(number("attention.key_length", width // max(heads, 1))),
            rope_base=number("rope.freq_base", 10_000.0),
            epsilon=number("attention.layer_norm_rms_epsilon", 1e-5),
            neighbours=name == "llama",
        )


@dataclass(frozen=True)
class Packed:
    """Texts end to end.

    Attributes:
        tokens: The shared beginning, and then what each text has of its own.
        positions: Of each token in its text.
        shared: Tokens of the beginning.
        spans: Where the own part of each text begins and ends.
    """

    tokens: Tensor
    positions: Tensor
    shared: int
    spans: tuple[tuple[int, int], ...]


def pack(texts: Sequence[Sequence[int]], device: torch.device) -> Packed:
    """Returns texts end to end; the last token of each stays its own."""
    shortest = min(len(text) for text in texts) - 1
    first = texts[0]
    shared = next((at for at in range(shortest) if any(text[at] != first[at] for text in texts)), shortest)
    tokens, positions, spans = [*first[:shared]], [*range(shared)], []
    for text in texts:
        spans.append((len(tokens), len(tokens) + len(text) - shared))
        tokens += text[shared:]
        positions += range(shared, len(text))
    return Packed(
        torch.tensor(tokens, dtype=torch.long, device=device),
        torch.tensor(positions, dtype=torch.float32, device=device),
        shared,
        tuple(spans),
    )


@dataclass(frozen=True)
class Read:
    """What a model made of texts, at the places that were asked for.

    Attributes:
        last: What comes out of the last norm.
        output: The last matrix.
        hidden: Behind each layer that was asked for, at the same places.
    """

    last: Tensor
    output: Tensor
    hidden: tuple[Tensor, ...]

    def logs(self, ids: Tensor, temperature: float = 1.0) -> Tensor:
        """Returns the logarithm of what the model gives to some tokens at each place."""
        return token_logs(self.last, self.output, ids, temperature)

    def best(self) -> Tensor:
        """Returns the token that the model thinks best at each place."""
        return best_tokens(self.last, self.output)


def read(
    weights: Mapping[str, Tensor],
    shape: Shape,
    texts: Packed,
    places: Tensor,
    *,
    layers: Sequence[int] = (),
    dropout: float = 0.0,
) -> Read:
    """Has a model read texts.

    Args:
        weights: By their names in the file.
        shape: Of the model.
        texts: What is read.
        places: Tokens behind which something is wanted.
        layers: Behind which hidden states are wanted too.
        dropout: Share of what each part of a layer adds that is left out.
    """
    attention = PackedAttention(texts)
    return run(weights, shape, texts.tokens, texts.positions, attention, places, layers=layers, dropout=dropout)


def run(
    weights: Mapping[str, Tensor],
    shape: Shape,
    tokens: Tensor,
    positions: Tensor,
    attention: Attention,
    places: Tensor,
    *,
    layers: Sequence[int] = (),
    dropout: float = 0.0,
) -> Read:
    """Computes a model for tokens in a row, whatever each of them may see.

    Args:
        weights: By their names in the file.
        shape: Of the model.
        tokens: What is read.
        positions: Of each in its text.
        attention: What each token sees.
        places: See :func:`read`.
        layers: See :func:`read`.
        dropout: See :func:`read`.
    """
    turns = _turns(weights, shape, positions)
    stream = functional.embedding(tokens, weights["token_embd.weight"]).float()
    found: dict[int, Tensor] = {}
    for layer in range(shape.layers):
        part = {
            name.removeprefix(f"blk.{layer}."): each
            for name, each in weights.items()
            if name.startswith(f"blk.{layer}.")
        }
        query, key, value = _asked(part, shape, _norm(stream, part["attn_norm.weight"], shape.epsilon), turns)
        seen = attention(layer, query, key, value).flatten(1)
        heard = functional.linear(seen, part["attn_output.weight"], part.get("attn_output.bias"))
        stream = stream + functional.dropout(heard, dropout)
        inner = _norm(stream, part["ffn_norm.weight"], shape.epsilon)
        gate = functional.silu(functional.linear(inner, part["ffn_gate.weight"]))
        thought = functional.linear(gate * functional.linear(inner, part["ffn_up.weight"]), part["ffn_down.weight"])
        stream = stream + functional.dropout(thought, dropout)
        if layer in layers:
            found[layer] = stream[places]
    last = _norm(stream[places], weights["output_norm.weight"], shape.epsilon)
    output = weights.get("output.weight", weights["token_embd.weight"])
    kind = torch.bfloat16 if torch.is_autocast_enabled(last.device.type) else torch.float32
    return Read(last.to(kind), output.to(kind), tuple(found[layer] for layer in layers))


def _asked(
    part: Mapping[str, Tensor], shape: Shape, inner: Tensor, turns: tuple[Tensor, Tensor]
) -> tuple[Tensor, Tensor, Tensor]:
    """Returns the queries, keys and values of a layer, for each token and head."""
    query, key, value = (
        functional.linear(inner, part[f"attn_{each}.weight"], part.get(f"attn_{each}.bias")).view(
            len(inner), -1, shape.head
        )
        for each in ("q", "k", "v")
    )
    if "attn_q_norm.weight" in part:
        query = _norm(query, part["attn_q_norm.weight"], shape.epsilon)
        key = _norm(key, part["attn_k_norm.weight"], shape.epsilon)
    query, key = (_turned(each.float(), turns, neighbours=shape.neighbours).to(value.dtype) for each in (query, key))
    return query, key, value


class PackedAttention:
    """Each token sees what came before it in its text, the beginning that all texts share included."""

    def __init__(self, texts: Packed) -> None:
        """
        Args:
            texts: What is read.
        """
        self._texts = texts
        spans = [(0, texts.shared, 0), *((begin, end, texts.shared) for begin, end in texts.spans)]
        self._masks = [_mask(begin, end, shared, texts.tokens.device) for begin, end, shared in spans]

    def __call__(self, _layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Returns what each head makes of what it sees; the same for each layer."""
        repeats = query.shape[1] // key.shape[1]
        # Heads first; each head of keys serves several of queries.
        query = query.transpose(0, 1)
        key, value = (each.repeat_interleave(repeats, dim=1).transpose(0, 1) for each in (key, value))
        shared = self._texts.shared
        heard = []
        if shared:
            heard.append(_heard(query[:, :shared], key[:, :shared], value[:, :shared], self._masks[0]))
        for (begin, end), mask in zip(self._texts.spans, self._masks[1:], strict=True):
            keys, values = (torch.cat((each[:, :shared], each[:, begin:end]), dim=1) for each in (key, value))
            heard.append(_heard(query[:, begin:end], keys, values, mask))
        return torch.cat(heard, dim=1).transpose(0, 1)


def _heard(query: Tensor, key: Tensor, value: Tensor, mask: Tensor) -> Tensor:
    """Returns what each head makes of what it sees.

    Written out: PyTorch's own function takes four times as long for short texts on a processor.
    """
    scores = torch.baddbmm(mask.to(query.dtype), query, key.transpose(1, 2), alpha=query.shape[-1] ** -0.5)
    return torch.bmm(torch.softmax(scores.float(), -1).to(value.dtype), value)


def _mask(begin: int, end: int, shared: int, device: torch.device) -> Tensor:
    """Returns what is added to the scores of a text: all of the beginning is seen, and of itself what came before."""
    length = end - begin
    later = torch.full((length, length), float("-inf"), device=device).triu(1)
    return torch.cat((torch.zeros(length, shared, device=device), later), dim=1)[None]


def _turns(weights: Mapping[str, Tensor], shape: Shape, positions: Tensor) -> tuple[Tensor, Tensor]:
    exponents = torch.arange(0, shape.head, 2, dtype=torch.float32, device=positions.device) / shape.head
    speeds = shape.rope_base**-exponents
    if "rope_freqs.weight" in weights:
        speeds = speeds / weights["rope_freqs.weight"].float()
    angles = positions[:, None] * speeds[None, :]
    return angles.cos()[:, None, :], angles.sin()[:, None, :]


def _turned(each: Tensor, turns: tuple[Tensor, Tensor], *, neighbours: bool) -> Tensor:
    cos, sin = turns
    if neighbours:
        one, other = each[..., 0::2], each[..., 1::2]
        return torch.stack((one * cos - other * sin, one * sin + other * cos), dim=-1).flatten(-2)
    one, other = each.chunk(2, dim=-1)
    return torch.cat((one * cos - other * sin, one * sin + other * cos), dim=-1)


def _norm(each: Tensor, weight: Tensor, epsilon: float) -> Tensor:
    return functional.rms_norm(each.float(), (each.shape[-1],), weight, epsilon)
