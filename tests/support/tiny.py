"""``tiny``: a model of some 500 KB with seeded random weights, for tests on the real binding without a download."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

from tests.support.gguf_build import (
    CHATML,
    CHATML_TEMPLATE,
    Array,
    Control,
    Tensor,
    finish,
    open_writer,
    vocabulary_size,
)

_EMBEDDING = 64
_KV_HEADS = 1
_PRINTABLE = range(32, 127)
_FEED_FORWARD = 128
_CONVOLUTION = 3  # taps of the recurrent layers of lfm2
_WINDOW_EVERY = 2  # gemma3: every second layer looks back without a limit, as every sixth does in the real ones
# Large enough for the logits of different tokens to lie apart by far more than the noise of another instruction set.
_SPREAD = 0.25


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

    Returns:
        ``path``.
    """
    writer = open_writer(path, architecture, name, chat_template=chat_template, control=control)
    writer.add_context_length(n_ctx_train)
    writer.add_embedding_length(_EMBEDDING)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(_FEED_FORWARD)
    writer.add_head_count(heads)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(10_000.0)
    writer.add_vocab_size(vocabulary_size(control))
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    if architecture == "lfm2":
        writer.add_head_count_kv([0] + [_KV_HEADS] * (layers - 1))  # no KV heads means recurrent
        writer.add_shortconv_l_cache(_CONVOLUTION)
    else:
        writer.add_head_count_kv(_KV_HEADS)
    if architecture == "gemma3":
        writer.add_key_length(_EMBEDDING // heads)
        writer.add_value_length(_EMBEDDING // heads)
        writer.add_sliding_window(window)
        writer.add_sliding_window_pattern(_WINDOW_EVERY)
    tensors = _tensors(architecture, vocabulary_size(control), layers, _EMBEDDING // heads, np.random.default_rng(seed))
    if ascii_only:
        silent = [byte for byte in range(256) if byte not in _PRINTABLE]
        tensors["output.weight"].data[silent] = 0
    finish(writer, tensors)
    return path


def _tensors(architecture: str, n_vocab: int, layers: int, head: int, random: np.random.Generator) -> dict[str, Tensor]:
    def matrix(rows: int, columns: int) -> Tensor:
        return Tensor((random.standard_normal((rows, columns)) * _SPREAD).astype(np.float32))

    ones: Array = np.ones(_EMBEDDING, dtype=np.float32)
    final_norm = "token_embd_norm.weight" if architecture == "lfm2" else "output_norm.weight"
    tensors = {
        "token_embd.weight": matrix(n_vocab, _EMBEDDING),
        final_norm: Tensor(ones),
        "output.weight": matrix(n_vocab, _EMBEDDING),
    }
    # A logit of 0 is the middle one of all: control tokens, the end of a turn among them, are never a likely choice.
    tensors["output.weight"].data[256:] = 0
    for layer in range(layers):
        prefix = f"blk.{layer}."
        tensors[prefix + "attn_norm.weight"] = Tensor(ones)
        tensors[prefix + "ffn_norm.weight"] = Tensor(ones)
        tensors[prefix + "ffn_gate.weight"] = matrix(_FEED_FORWARD, _EMBEDDING)
        tensors[prefix + "ffn_up.weight"] = matrix(_FEED_FORWARD, _EMBEDDING)
        tensors[prefix + "ffn_down.weight"] = matrix(_EMBEDDING, _FEED_FORWARD)
        if architecture == "lfm2" and layer == 0:
            tensors[prefix + "shortconv.conv.weight"] = matrix(_EMBEDDING, _CONVOLUTION)
            tensors[prefix + "shortconv.in_proj.weight"] = matrix(3 * _EMBEDDING, _EMBEDDING)
            tensors[prefix + "shortconv.out_proj.weight"] = matrix(_EMBEDDING, _EMBEDDING)
            continue
        tensors[prefix + "attn_q.weight"] = matrix(_EMBEDDING, _EMBEDDING)
        tensors[prefix + "attn_k.weight"] = matrix(_KV_HEADS * head, _EMBEDDING)
        tensors[prefix + "attn_v.weight"] = matrix(_KV_HEADS * head, _EMBEDDING)
        tensors[prefix + "attn_output.weight"] = matrix(_EMBEDDING, _EMBEDDING)
        if architecture == "gemma3":
            tensors[prefix + "post_attention_norm.weight"] = Tensor(ones)
            tensors[prefix + "post_ffw_norm.weight"] = Tensor(ones)
        if architecture in ("qwen3", "lfm2", "gemma3"):
            tensors[prefix + "attn_q_norm.weight"] = Tensor(ones[:head])
            tensors[prefix + "attn_k_norm.weight"] = Tensor(ones[:head])
    return tensors
