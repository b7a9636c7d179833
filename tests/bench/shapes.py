"""Models of the exact shape and quantisation of real ones, with random weights: for speed and memory, not for sense.

They need no download: shapes are public, the real vocabulary lies in llama.cpp's source. Made once, into the build
cache.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gguf
import numpy as np

from tests.bench.llama_build import build_cache, llama_source
from tests.support.quantise import quantise

_VOCABULARY = Path("models", "ggml-vocab-qwen2.gguf")
_SEED = 1
# Small enough for activations to stay far inside f16, like trained weights.
_SPREAD = 0.02
_ROWS = 4096  # made at once, so that the largest matrix is in memory only once and as f16
# Raised when the maker changes, so that an older file is not taken for a new one.
_REVISION = 1
_USUAL = "Q4_K_M"


@dataclass(frozen=True)
class Shape:
    """A transformer of the qwen2 architecture, from its config.json.

    Attributes:
        real_bytes: Size of the real model's Q4_K_M file; the random one must come close.
    """

    name: str
    title: str
    layers: int
    embedding: int
    feed_forward: int
    heads: int
    kv_heads: int
    real_bytes: int


SHAPES = (
    # huggingface.co/Qwen/Qwen2.5-0.5B-Instruct and -1.5B-Instruct, config.json; embeddings tied.
    Shape("q05", "Qwen2.5-0.5B Q4_K_M", 24, 896, 4864, 14, 2, 398_000_000),
    Shape("q15", "Qwen2.5-1.5B Q4_K_M", 28, 1536, 8960, 12, 2, 986_000_000),
)


def shape_named(name: str) -> Shape:
    """Returns a shape; StopIteration for an unknown name (a bug of the caller)."""
    return next(shape for shape in SHAPES if shape.name == name)


def ensure_model(shape: Shape) -> Path:
    """Returns the file of a shape, making it first where there is none: one to three minutes, once.

    Raises:
        subprocess.CalledProcessError: The source with the vocabulary cannot be fetched.
        RuntimeError: The quantised file has not the size of the real one: the shape is wrong.
    """
    return ensure_quantised(shape, (_USUAL,))[_USUAL]


def ensure_quantised(shape: Shape, names: Sequence[str]) -> dict[str, Path]:
    """Returns the files of a shape in several quantisations, making those first that are not there.

    Args:
        shape: The shape.
        names: Such as "Q4_0"; see :func:`tests.support.quantise.quantise`.

    Raises:
        subprocess.CalledProcessError: The source with the vocabulary cannot be fetched.
        RuntimeError: A file has not the size of the real one: the shape is wrong.
    """
    folder = build_cache() / "shapes"
    targets = {name: folder / _file_name(shape, name) for name in names}
    missing = [name for name in names if not targets[name].is_file()]
    if not missing:
        return targets
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = llama_source() / _VOCABULARY
    print(f"making {shape.title} with random weights as {', '.join(missing)}, once", file=sys.stderr, flush=True)
    full, quantised = (folder / f".{shape.name}-{os.getpid()}.{kind}" for kind in ("f16", "quantised"))
    try:
        _write_f16(full, shape, vocabulary)
        for name in missing:
            quantise(full, quantised, name)
            _check_size(shape, name, quantised)
            quantised.replace(targets[name])
    finally:
        full.unlink(missing_ok=True)
        quantised.unlink(missing_ok=True)
    return targets


def _file_name(shape: Shape, name: str) -> str:
    kind = "" if name == _USUAL else f"-{name.lower()}"
    return f"{shape.name}{kind}-r{_REVISION}.gguf"


def _check_size(shape: Shape, name: str, file: Path) -> None:
    size = file.stat().st_size
    if name == _USUAL and abs(size - shape.real_bytes) > 0.01 * shape.real_bytes:
        raise RuntimeError(f"{shape.title} came out as {size:,} bytes instead of {shape.real_bytes:,}")


def _write_f16(path: Path, shape: Shape, vocabulary: Path) -> None:
    """Writes matrices as f16 and vectors as f32, one tensor in memory at a time."""
    writer = gguf.GGUFWriter(path, "qwen2")
    writer.add_name(f"{shape.title}, random weights")
    writer.add_context_length(32768)
    writer.add_embedding_length(shape.embedding)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(1_000_000.0)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    n_vocab = _copy_vocabulary(writer, vocabulary)
    for name, dimensions in _tensors(shape, n_vocab):
        kind = np.float16 if len(dimensions) == 2 else np.float32
        count = int(np.prod(dimensions))
        writer.add_tensor_info(name, dimensions, np.dtype(kind), count * np.dtype(kind).itemsize)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    random = np.random.default_rng(_SEED)
    for name, dimensions in _tensors(shape, n_vocab):
        if name.endswith("norm.weight"):
            writer.write_tensor_data(np.ones(dimensions, dtype=np.float32))
            continue
        values = np.empty(dimensions, np.float16 if len(dimensions) == 2 else np.float32)
        for start in range(0, dimensions[0], _ROWS):
            part = values[start : start + _ROWS]
            part[:] = random.standard_normal(part.shape, dtype=np.float32) * np.float32(_SPREAD)
        writer.write_tensor_data(values)
    writer.close()


def _copy_vocabulary(writer: gguf.GGUFWriter, vocabulary: Path) -> int:
    """Copies tokens, merges and chat template; returns the number of tokens."""
    reader = gguf.GGUFReader(vocabulary)
    n_vocab = 0
    for key, field in reader.fields.items():
        if not key.startswith("tokenizer."):
            continue
        value: Any = field.contents()
        writer.add_key_value(key, value, field.types[0], field.types[-1] if len(field.types) > 1 else None)
        if key == gguf.Keys.Tokenizer.LIST:
            n_vocab = len(value)
    return n_vocab


def _tensors(shape: Shape, n_vocab: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yields name and dimensions (rows first) in the order of the file."""
    kv_width = shape.embedding // shape.heads * shape.kv_heads
    yield "token_embd.weight", (n_vocab, shape.embedding)
    for layer in range(shape.layers):
        for name, dimensions in (
            ("attn_norm.weight", (shape.embedding,)),
            ("attn_q.weight", (shape.embedding, shape.embedding)),
            ("attn_q.bias", (shape.embedding,)),
            ("attn_k.weight", (kv_width, shape.embedding)),
            ("attn_k.bias", (kv_width,)),
            ("attn_v.weight", (kv_width, shape.embedding)),
            ("attn_v.bias", (kv_width,)),
            ("attn_output.weight", (shape.embedding, shape.embedding)),
            ("ffn_norm.weight", (shape.embedding,)),
            ("ffn_gate.weight", (shape.feed_forward, shape.embedding)),
            ("ffn_up.weight", (shape.feed_forward, shape.embedding)),
            ("ffn_down.weight", (shape.embedding, shape.feed_forward)),
        ):
            yield f"blk.{layer}.{name}", dimensions
    yield "output_norm.weight", (shape.embedding,)


def main() -> int:
    """``python -m tests.bench.shapes NAME``: prints the path of a shape, making it first if need be."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("name", choices=[shape.name for shape in SHAPES])
    print(ensure_model(shape_named(parser.parse_args().name)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
