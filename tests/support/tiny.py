"""``tiny``: a model of some 500 KB with seeded random weights, for tests on the real binding without a download."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np

from tests.support.gguf_build import (
    CHATML,
    CHATML_TEMPLATE,
    Array,
    Control,
    Tensor,
    add_shape,
    finish,
    open_writer,
    vocabulary_size,
)

_PRINTABLE = range(32, 127)
_CONVOLUTION = 3  # taps of the recurrent layers of lfm2
_WINDOW_EVERY = 2  # gemma3: every second layer looks back without a limit, as every sixth does in the real ones
# Large enough for the logits of different tokens to lie apart by far more than the noise of another instruction set.
_SPREAD = 0.25


@dataclass(frozen=True)
class Dimensions:
    """How wide a model is.

    Attributes:
        width: Channels between the layers.
        feed_forward: Columns of the feed-forward networks.
        heads: Of attention.
        kv_heads: Of keys and values.
        biases: Queries, keys and values have some, as Qwen2's do.
        is_tied: The output is the embedding.
    """

    width: int = 64
    feed_forward: int = 128
    heads: int = 2
    kv_heads: int = 1
    biases: bool = False
    is_tied: bool = False

    @property
    def head(self) -> int:
        """Dimensions of a head."""
        return self.width // self.heads


def make_tiny(
    path: Path,
    *,
    architecture: str = "qwen2",
    name: str = "tiny",
    chat_template: str = CHATML_TEMPLATE,
    control: Control = CHATML,
    n_ctx_train: int = 4096,
    layers: int = 2,
    heads: int = 2,
    window: int = 32,
    ascii_only: bool = False,
    seed: int = 1,
    dimensions: Dimensions | None = None,
    edit: Callable[[dict[str, Tensor]], None] | None = None,
) -> Path:
    """Writes the model.

    It says nonsense: bytes that are rarely valid UTF-8. Greedy or with a top-k of up to 100 it never ends its turn.
    The same file, prompt and seed of the sampler give the same tokens.

    Args:
        path: The file, overwritten.
        architecture: "qwen2", "qwen3" and "llama" are attention only; "gemma3" too, but every other layer, the first
            one among them, looks back over a sliding window; "lfm2" has a recurrent layer, whose state cannot drop a
            suffix; any other name makes a file that llama.cpp refuses as unknown.
        name: ``general.name``.
        chat_template: ``tokenizer.chat_template``.
        control: Control tokens; they should be those of the template.
        n_ctx_train: Context the model claims to be trained for, in tokens.
        layers: With a single layer of attention what the KV cache holds of a token depends on nothing but the token
            and its place.
        heads: Of 64 dimensions together; quantised keys can only be shifted with one head of 64.
        window: Tokens that a layer with a sliding window looks back over, itself included.
        ascii_only: It says printable characters only, so that its answer gives the same tokens when it is read.
        seed: Of the weights.
        dimensions: Other ones than 64 channels; ``heads`` is not looked at then.
        edit: Changes the tensors before they are written.

    Returns:
        ``path``.
    """
    wide = dimensions or Dimensions(heads=heads)
    writer = open_writer(path, architecture, name, chat_template=chat_template, control=control)
    n_vocab = vocabulary_size(control)
    # No KV heads means recurrent.
    kv_heads = [0] + [wide.kv_heads] * (layers - 1) if architecture == "lfm2" else wide.kv_heads
    add_shape(
        writer,
        n_ctx_train=n_ctx_train,
        width=wide.width,
        layers=layers,
        feed_forward=wide.feed_forward,
        heads=wide.heads,
        kv_heads=kv_heads,
        n_vocab=n_vocab,
        file_type=gguf.LlamaFileType.ALL_F32,
    )
    _add_specialities(writer, architecture, wide, window)
    tensors = _tensors(architecture, n_vocab, layers, wide, np.random.default_rng(seed))
    if ascii_only:
        silent = [byte for byte in range(256) if byte not in _PRINTABLE]
        tensors["output.weight"].data[silent] = 0
    if edit is not None:
        edit(tensors)
    finish(writer, tensors)
    return path


def _add_specialities(writer: gguf.GGUFWriter, architecture: str, wide: Dimensions, window: int) -> None:
    """Adds what only some architectures have."""
    if architecture == "lfm2":
        writer.add_shortconv_l_cache(_CONVOLUTION)
    if architecture == "gemma3":
        writer.add_key_length(wide.head)
        writer.add_value_length(wide.head)
        writer.add_sliding_window(window)
        writer.add_sliding_window_pattern(_WINDOW_EVERY)


def _tensors(
    architecture: str, n_vocab: int, layers: int, wide: Dimensions, random: np.random.Generator
) -> dict[str, Tensor]:
    width, head, keys = wide.width, wide.head, wide.kv_heads * wide.head

    def matrix(rows: int, columns: int) -> Tensor:
        return Tensor((random.standard_normal((rows, columns)) * _SPREAD).astype(np.float32))

    ones: Array = np.ones(width, dtype=np.float32)
    final_norm = "token_embd_norm.weight" if architecture == "lfm2" else "output_norm.weight"
    tensors = {
        "token_embd.weight": matrix(n_vocab, width),
        final_norm: Tensor(ones),
        "output.weight": matrix(n_vocab, width),
    }
    # A logit of 0 is the middle one of all: control tokens, the end of a turn among them, are never a likely choice.
    tensors["output.weight"].data[256:] = 0
    if wide.is_tied:
        del tensors["output.weight"]
    for layer in range(layers):
        prefix = f"blk.{layer}."
        tensors[prefix + "attn_norm.weight"] = Tensor(ones)
        tensors[prefix + "ffn_norm.weight"] = Tensor(ones)
        tensors[prefix + "ffn_gate.weight"] = matrix(wide.feed_forward, width)
        tensors[prefix + "ffn_up.weight"] = matrix(wide.feed_forward, width)
        tensors[prefix + "ffn_down.weight"] = matrix(width, wide.feed_forward)
        if architecture == "lfm2" and layer == 0:
            tensors[prefix + "shortconv.conv.weight"] = matrix(width, _CONVOLUTION)
            tensors[prefix + "shortconv.in_proj.weight"] = matrix(3 * width, width)
            tensors[prefix + "shortconv.out_proj.weight"] = matrix(width, width)
            continue
        tensors[prefix + "attn_q.weight"] = matrix(width, width)
        tensors[prefix + "attn_k.weight"] = matrix(keys, width)
        tensors[prefix + "attn_v.weight"] = matrix(keys, width)
        tensors[prefix + "attn_output.weight"] = matrix(width, width)
        if wide.biases:
            for name, size in (("q", width), ("k", keys), ("v", keys)):
                tensors[f"{prefix}attn_{name}.bias"] = Tensor(matrix(1, size).data[0])
        if architecture == "gemma3":
            tensors[prefix + "post_attention_norm.weight"] = Tensor(ones)
            tensors[prefix + "post_ffw_norm.weight"] = Tensor(ones)
        if architecture in ("qwen3", "lfm2", "gemma3"):
            tensors[prefix + "attn_q_norm.weight"] = Tensor(ones[:head])
            tensors[prefix + "attn_k_norm.weight"] = Tensor(ones[:head])
    return tensors
