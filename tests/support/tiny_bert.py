"""``tiny_bert``: an embedding model of some 300 KB with seeded random weights, for tests that need no meaning.

It has a token for each byte, so what it knows of a text is which bytes stand in it: the same text has the same vector,
and texts of the same letters have similar ones.
"""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

from tests.support.gguf_build import CHATML, Array, Tensor, finish, open_writer, vocabulary_size

_WIDTH, _LAYERS, _HEADS, _FEED_FORWARD = 64, 1, 4, 128
DIMENSIONS = _WIDTH
# Small beside the embeddings of the bytes: they are what the vector is made of.
_SPREAD = 0.02


def make_tiny_bert(
    path: Path, *, name: str = "tiny-embed", pooling: int | None = gguf.PoolingType.MEAN, seed: int = 1
) -> Path:
    """Writes the model and returns ``path``.

    Args:
        path: The file, overwritten.
        name: ``general.name``.
        pooling: How the vectors of tokens become one; None: the file does not say.
        seed: Of the weights.
    """
    writer = open_writer(path, "bert", name, chat_template="", control=CHATML)
    writer.add_context_length(512)
    writer.add_embedding_length(_WIDTH)
    writer.add_feed_forward_length(_FEED_FORWARD)
    writer.add_block_count(_LAYERS)
    writer.add_head_count(_HEADS)
    writer.add_layer_norm_eps(1e-12)
    writer.add_causal_attention(False)
    writer.add_token_type_count(1)
    if pooling is not None:
        writer.add_pooling_type(gguf.PoolingType(pooling))
    random = np.random.default_rng(seed)

    def weights(*shape: int, spread: float = _SPREAD) -> Tensor:
        values: Array = random.normal(0, spread, shape).astype(np.float32)
        return Tensor(values)

    def norm(of: str) -> dict[str, Tensor]:
        ones, zeros = np.ones(_WIDTH, np.float32), np.zeros(_WIDTH, np.float32)
        return {f"{of}.weight": Tensor(ones), f"{of}.bias": Tensor(zeros)}

    tensors = {
        "token_embd.weight": weights(vocabulary_size(CHATML), _WIDTH, spread=1.0),
        "position_embd.weight": weights(512, _WIDTH),
        "token_types.weight": weights(1, _WIDTH),
        **norm("token_embd_norm"),
    }
    for layer in range(_LAYERS):
        at = f"blk.{layer}"
        for matrix, rows, columns in (
            *((f"attn_{which}", _WIDTH, _WIDTH) for which in ("q", "k", "v", "output")),
            ("ffn_up", _FEED_FORWARD, _WIDTH),
            ("ffn_down", _WIDTH, _FEED_FORWARD),
        ):
            tensors[f"{at}.{matrix}.weight"] = weights(rows, columns)
            tensors[f"{at}.{matrix}.bias"] = Tensor(np.zeros(rows, np.float32))
        tensors |= norm(f"{at}.attn_output_norm") | norm(f"{at}.layer_output_norm")
    finish(writer, tensors)
    return path
