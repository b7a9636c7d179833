"""Small GGUF files for tests that need a header, not an engine."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import gguf
import numpy as np


def write_gguf(
    path: Path,
    *,
    architecture: str = "qwen2",
    name: str = "Small one",
    kind: str = "model",
    filler: int = 0,
    template: bool = True,
    extra: Mapping[str, int | bool | str] = MappingProxyType({}),
) -> Path:
    """Writes a file with a header like that of a real model and two tensors.

    Args:
        path: Where to write it.
        architecture: ``general.architecture``.
        name: ``general.name``.
        kind: ``general.type``.
        template: It has a chat template.
        extra: More keys, with 32-bit numbers for whole ones.
        filler: Bytes of a third tensor, to make the file as large as a test needs; a multiple of 32.
    """
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_name(name)
    writer.add_type(kind)
    writer.add_block_count(2)
    writer.add_embedding_length(64)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_context_length(512)
    writer.add_file_type(15)
    if template:
        writer.add_chat_template("{{ messages }}")
    for key, value in extra.items():
        if isinstance(value, bool):
            writer.add_bool(key, value)
        elif isinstance(value, int):
            writer.add_uint32(key, value)
        else:
            writer.add_string(key, value)
    writer.add_token_list([f"token {number}" for number in range(1000)])
    writer.add_tensor("token_embd.weight", np.zeros((8, 64), dtype=np.float32))
    writer.add_tensor("output_norm.weight", np.ones(64, dtype=np.float32))
    if filler:
        noise = np.random.default_rng(1).integers(0, 127, filler, dtype=np.int8)
        writer.add_tensor("filler.weight", noise)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def with_number(source: Path, target: Path, key: str, value: int) -> Path:
    """Copies a model and puts another 32-bit number at one of its keys, such as "qwen2.block_count"; returns it."""
    content = bytearray(source.read_bytes())
    name = struct.pack("<Q", len(key)) + key.encode()
    at = content.index(name) + len(name)
    assert struct.unpack_from("<I", content, at)[0] == gguf.GGUFValueType.UINT32
    struct.pack_into("<I", content, at + 4, value)
    target.write_bytes(content)
    return target
