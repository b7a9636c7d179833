"""Writes small GGUF models for tests: a byte-level vocabulary, metadata and tensors.

Uses the ``gguf`` package, a development dependency; the program itself never writes models.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import numpy.typing as npt

CHATML_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)

# llama.h, enum llama_token_type.
_NORMAL = 1
_CONTROL = 3
_USER_DEFINED = 4


@dataclass(frozen=True)
class Control:
    """The control tokens of a test vocabulary.

    Attributes:
        tokens: Their texts, all different.
        eos: The one that ends a turn.
        bos: The one that starts a text and is put in front of every prompt; None: there is none, as with Qwen.
    """

    tokens: tuple[str, ...]
    eos: str
    bos: str | None = None


CHATML = Control(("<|endoftext|>", "<|im_start|>", "<|im_end|>"), eos="<|im_end|>")
LLAMA3 = Control(
    ("<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
    eos="<|eot_id|>",
    bos="<|begin_of_text|>",
)
GEMMA = Control(("<bos>", "<start_of_turn>", "<end_of_turn>"), eos="<end_of_turn>", bos="<bos>")

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Tensor:
    """A tensor to write.

    Attributes:
        data: Values, or raw bytes when ``kind`` is given.
        kind: A quantised type; ``data`` is then an array of uint8 whose rows are rows of blocks.
    """

    data: Array
    kind: gguf.GGMLQuantizationType | None = None


def byte_alphabet() -> list[str]:
    """Returns the character that stands for each byte in a GPT-2 style vocabulary (llama.cpp, unicode.cpp)."""
    printable = {*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAC + 1), *range(0xAE, 0xFF + 1)}
    alphabet = []
    extra = 0
    for byte in range(256):
        if byte in printable:
            alphabet.append(chr(byte))
        else:
            alphabet.append(chr(256 + extra))
            extra += 1
    return alphabet


def vocabulary_size(control: Control, pieces: Sequence[bytes] = ()) -> int:
    """Returns the number of tokens: 256 bytes, the control tokens, the pieces; token ids follow this order."""
    return 256 + len(control.tokens) + len(pieces)


def open_writer(
    path: Path,
    architecture: str,
    name: str,
    *,
    chat_template: str,
    control: Control,
    pieces: Sequence[bytes] = (),
) -> gguf.GGUFWriter:
    """Starts a model file with its name and vocabulary.

    Args:
        path: The file, overwritten.
        architecture: ``general.architecture``.
        name: ``general.name``.
        chat_template: ``tokenizer.chat_template``.
        control: The control tokens.
        pieces: Tokens of several bytes, found as they stand in any text before everything else.

    Returns:
        A writer that still needs the shape and the tensors, see :func:`finish`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_name(name)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    alphabet = byte_alphabet()
    # User-defined tokens are kept as raw bytes by llama.cpp, so a piece may end in the middle of a character.
    writer.add_token_list([*(text.encode() for text in alphabet), *(text.encode() for text in control.tokens), *pieces])
    writer.add_token_types([_NORMAL] * 256 + [_CONTROL] * len(control.tokens) + [_USER_DEFINED] * len(pieces))
    # The key must exist and gguf writes no empty arrays: two NUL bytes, which no text holds, may merge into nothing.
    writer.add_token_merges([f"{alphabet[0]} {alphabet[0]}"])
    writer.add_eos_token_id(256 + control.tokens.index(control.eos))
    if control.bos is not None:
        writer.add_bos_token_id(256 + control.tokens.index(control.bos))
    writer.add_add_bos_token(control.bos is not None)
    writer.add_chat_template(chat_template)
    return writer


def add_shape(
    writer: gguf.GGUFWriter,
    *,
    n_ctx_train: int,
    width: int,
    layers: int,
    feed_forward: int,
    heads: int,
    kv_heads: int | Sequence[int],
    n_vocab: int,
    file_type: gguf.LlamaFileType,
) -> None:
    """Adds what llama.cpp wants to know of a model of attention.

    Args:
        writer: As :func:`open_writer` returns it.
        n_ctx_train: Context it claims to be trained for, in tokens.
        width: Channels between the layers.
        layers: How many.
        feed_forward: Columns of the feed-forward networks.
        heads: Of attention.
        kv_heads: Of keys and values, in each layer where there are several numbers.
        n_vocab: Tokens.
        file_type: What most of its weights are in.
    """
    writer.add_context_length(n_ctx_train)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(feed_forward)
    writer.add_head_count(heads)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(10_000.0)
    writer.add_vocab_size(n_vocab)
    writer.add_file_type(file_type)
    writer.add_head_count_kv(kv_heads)


def finish(writer: gguf.GGUFWriter, tensors: Mapping[str, Tensor]) -> None:
    """Writes metadata and tensors and closes the file."""
    for name, tensor in tensors.items():
        writer.add_tensor(name, tensor.data, raw_dtype=tensor.kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def zeros_q4_0(rows: int, columns: int) -> Tensor:
    """Returns a matrix of zeros as Q4_0: 18 bytes for each 32 values; a block whose scale is 0 is all zeros."""
    return Tensor(np.zeros((rows, columns // 32 * 18), dtype=np.uint8), gguf.GGMLQuantizationType.Q4_0)
