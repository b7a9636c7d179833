"""``parrot``: a model that says one fixed text, so that tests expect exact words through the whole program.

One layer whose attention and feed-forward weights are zero leaves of the network only "embed, normalise, look up". The
text is cut into pieces, each a token; the output row of a piece is the embedding of the token before it, so that each
piece leads to the next. Every other token (bytes, control tokens) leads to the first piece: whatever the chat template
ends with, the answer starts at its beginning.

A piece occurs only once in the text, so the text is tokenised into the very pieces it was cut into: an earlier answer
in a conversation is found again in the KV cache, as with real models.
"""

from __future__ import annotations

import random
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
    zeros_q4_0,
)

PARROT_TEXT = "Hello from the parrot! 你好,我是一只会说话的鹦鹉 🦜, and 2 + 2 = 4."

_LONG_SENTENCES = (
    "The cat sleeps on the warm keyboard until somebody asks a question. 猫在温暖的键盘上睡觉,直到有人提问。",
    "Then it stretches, yawns 🐱 and wakes up in less than a second. 然后它伸个懒腰,不到一秒钟就醒了。",
    "It reads every word of the long conversation, thinks about it quietly, and answers.",
    "Old laptops are slow but patient; they have seen many winters ❄️ and a few spilled cups of tea 🍵.",
    "旧电脑虽然慢,却很有耐心。它们见过许多冬天,也见过几杯打翻的茶。",
    "When nobody speaks for five minutes the cat gives all the memory back, curls up, and dreams of fish 🐟.",
    "没有人说话的时候,它把内存还给系统,蜷成一团,梦见了鱼。",
    "A paw on the mouse, a tail around the cable, and one green eye half open: this is how a good friend waits.",
    "下雨的夜晚,小猫听着窗外的雨声,慢慢写下一首短诗,然后又睡着了 🌧️。",
    "Numbers such as 3.14159 or 1,024 and code like print('meow') come out as they were written.",
    "Nothing is lost: tomorrow it will remember exactly where we stopped. 明天它仍然记得我们说到了哪里。",
)
LONG_TEXT = "\n\n".join(_LONG_SENTENCES)

_EMBEDDING = 128
_HEAD = 64  # rows of the KV cache must be a multiple of 32 for its quantised types
_FEED_FORWARD = 32
_PIECE_BYTES = range(3, 17)
_CHOICE = 6  # of the possible lengths the shortest ones, one of which is drawn
# Logit of the right token. Its rivals stay below two thirds of it, a repeat penalty takes a tenth or a third off, a
# temperature of 2 halves the rest: a distance of thousands remains, and exp(-88) is already 0 in 32 bits.
_PEAK = 60_000.0
_MOST_ALIKE = 0.5


def make_parrot(
    path: Path,
    text: str = PARROT_TEXT,
    *,
    endless: bool = False,
    speechless: bool = False,
    layers: int = 1,
    architecture: str = "qwen2",
    chat_template: str = CHATML_TEMPLATE,
    control: Control = CHATML,
    n_ctx_train: int = 32768,
    seed: int = 1,
) -> Path:
    """Writes a model that answers every prompt with ``text`` and then ends its turn, at any temperature.

    Args:
        path: The file, overwritten.
        text: What it says; at least 24 bytes in UTF-8.
        endless: Start again instead of ending: only the context, ``max_tokens`` or a cancellation stops it.
        speechless: Say a control token instead, again and again, which stands for nothing that is shown.
        layers: More layers of zeros make it slower, about 36 KB each; 1 to 500.
        architecture: "qwen2" or "llama".
        chat_template: ``tokenizer.chat_template``.
        control: Control tokens; they should be those of the template.
        n_ctx_train: Context the model claims to be trained for, in tokens.
        seed: Of the cuts and of the embeddings.

    Returns:
        ``path``.

    Raises:
        ValueError: The text repeats itself so much that it cannot be cut into pieces which occur once.
    """
    pieces = cut_into_pieces(text.encode(), seed)
    n_vocab = vocabulary_size(control, pieces)
    first = n_vocab - len(pieces)
    eos = 256 + control.tokens.index(control.eos)
    embedding, output = _weights(n_vocab, first, eos, endless, seed)
    if speechless:
        _silence(embedding, output, first, 256 + control.tokens.index("<|im_start|>"))
    writer = open_writer(path, architecture, "parrot", chat_template=chat_template, control=control, pieces=pieces)
    add_shape(
        writer,
        n_ctx_train=n_ctx_train,
        width=_EMBEDDING,
        layers=layers,
        feed_forward=_FEED_FORWARD,
        heads=_EMBEDDING // _HEAD,
        kv_heads=1,
        n_vocab=n_vocab,
        file_type=gguf.LlamaFileType.MOSTLY_F16,
    )
    finish(writer, _tensors(embedding, output, layers))
    return path


def cut_into_pieces(data: bytes, seed: int) -> list[bytes]:
    """Cuts bytes at random places, characters included, into pieces that each occur exactly once in ``data``.

    Raises:
        ValueError: There is no such cut.
    """
    draw = random.Random(seed)
    # From the end backwards: where a cut may be, so that the rest can still be cut up as well.
    good_cuts = {len(data)}
    for at in reversed(range(len(data))):
        if any(at + length in good_cuts and _is_usable(data, at, length) for length in _PIECE_BYTES):
            good_cuts.add(at)
    pieces: list[bytes] = []
    at = 0
    while at < len(data):
        lengths = [n for n in _PIECE_BYTES if at + n in good_cuts and _is_usable(data, at, n)]
        if not lengths:
            raise ValueError("the text repeats itself: it cannot be cut into pieces that occur once")
        # Short ones first in the draw: the shorter the pieces, the more characters are cut apart.
        length = draw.choice(lengths[:_CHOICE])
        pieces.append(data[at : at + length])
        at += length
    return pieces


def _is_usable(data: bytes, at: int, length: int) -> bool:
    """Tells whether these bytes occur once and leave the line break after "assistant" in the prompt alone."""
    piece = data[at : at + length]
    is_last = at + length == len(data)
    return (is_last or not piece.endswith(b"\n")) and _occurs_once(piece, data)


def _occurs_once(piece: bytes, data: bytes) -> bool:
    first = data.find(piece)
    return first >= 0 and data.find(piece, first + 1) < 0


def _weights(n_vocab: int, first: int, eos: int, endless: bool, seed: int) -> tuple[Array, Array]:
    """Returns embedding and output matrix; rows are tokens, those from ``first`` on are the pieces."""
    n_pieces = n_vocab - first
    codes = _distinct_codes(n_pieces + 1, seed)
    embedding = np.empty((n_vocab, _EMBEDDING), dtype=np.float32)
    embedding[:first] = codes[0]
    embedding[first:] = codes[1:]
    output = np.zeros((n_vocab, _EMBEDDING), dtype=np.float32)
    # RMS norm leaves a vector of +1 and -1 as it is, so its product with itself is the number of dimensions.
    scale = _PEAK / _EMBEDDING
    output[first:] = codes[:-1] * scale
    output[first if endless else eos] += codes[-1] * scale
    return embedding, output


def _silence(embedding: Array, output: Array, first: int, control_token: int) -> None:
    """Has it say a control token instead of its pieces, those from ``first`` on."""
    output[first:] = 0
    output[control_token] = embedding[0] * (_PEAK / _EMBEDDING)


def _distinct_codes(count: int, seed: int) -> Array:
    """Returns ``count`` vectors of +1 and -1 of which no two are alike by more than ``_MOST_ALIKE`` (their cosine)."""
    draw = np.random.default_rng(seed)
    codes: Array = np.empty((0, _EMBEDDING), dtype=np.float32)
    for _ in range(1000 * count):
        code = draw.choice(np.array([-1.0, 1.0], dtype=np.float32), size=(1, _EMBEDDING))
        if not codes.size or float(np.abs(codes @ code.T).max()) <= _MOST_ALIKE * _EMBEDDING:
            codes = np.concatenate([codes, code])
            if len(codes) == count:
                return codes
    raise ValueError(f"{count} pieces are too many for {_EMBEDDING} dimensions")


def _tensors(embedding: Array, output: Array, layers: int) -> dict[str, Tensor]:
    tensors = {
        "token_embd.weight": Tensor(embedding.astype(np.float16)),
        "output_norm.weight": Tensor(np.ones(_EMBEDDING, dtype=np.float32)),
        "output.weight": Tensor(output.astype(np.float16)),
    }
    for layer in range(layers):
        tensors.update(_idle_layer(f"blk.{layer}."))
    return tensors


def _idle_layer(prefix: str) -> dict[str, Tensor]:
    ones = Tensor(np.ones(_EMBEDDING, dtype=np.float32))
    return {
        prefix + "attn_norm.weight": ones,
        prefix + "attn_q.weight": zeros_q4_0(_EMBEDDING, _EMBEDDING),
        prefix + "attn_k.weight": zeros_q4_0(_HEAD, _EMBEDDING),
        prefix + "attn_v.weight": zeros_q4_0(_HEAD, _EMBEDDING),
        prefix + "attn_output.weight": zeros_q4_0(_EMBEDDING, _EMBEDDING),
        prefix + "ffn_norm.weight": ones,
        prefix + "ffn_gate.weight": zeros_q4_0(_FEED_FORWARD, _EMBEDDING),
        prefix + "ffn_up.weight": zeros_q4_0(_FEED_FORWARD, _EMBEDDING),
        prefix + "ffn_down.weight": zeros_q4_0(_EMBEDDING, _FEED_FORWARD),
    }
