"""Cuts a model file into parts, as ``llama-gguf-split --split`` does (tools/gguf-split of llama.cpp)."""

from __future__ import annotations

from pathlib import Path

import gguf
from gguf.constants import GGUFValueType


def split_model(source: Path, folder: Path, parts: int = 3, prefix: str = "") -> tuple[Path, ...]:
    """Writes the parts of a model and returns them, the first one in front.

    Args:
        source: A whole model.
        folder: Where the parts go; made if need be.
        parts: How many; there must be as many tensors.
        prefix: What their names begin with; empty: the source's name without its ending.
    """
    folder.mkdir(parents=True, exist_ok=True)
    reader = gguf.GGUFReader(source)
    tensors = list(reader.tensors)
    share = -(-len(tensors) // parts)
    names = [folder / f"{prefix or source.stem}-{number + 1:05}-of-{parts:05}.gguf" for number in range(parts)]
    for number, path in enumerate(names):
        architecture = reader.get_field("general.architecture")
        assert architecture is not None
        writer = gguf.GGUFWriter(path, architecture.contents())
        if number == 0:
            _copy_values(reader, writer)
        else:
            writer.kv_data[0].clear()  # later parts do not even say their architecture
        writer.add_uint16("split.no", number)
        writer.add_uint16("split.count", parts)
        writer.add_int32("split.tensors.count", len(tensors))
        for tensor in tensors[number * share : (number + 1) * share]:
            writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
    return tuple(names)


def _copy_values(reader: gguf.GGUFReader, writer: gguf.GGUFWriter) -> None:
    for name, field in reader.fields.items():
        if name.startswith("GGUF.") or name == "general.architecture":
            continue
        kind, inner = field.types[0], field.types[-1]
        # As bytes: the parrot's vocabulary has pieces that end in the middle of a character.
        value = [field.parts[at].tobytes() for at in field.data] if inner is GGUFValueType.STRING else field.contents()
        if kind is GGUFValueType.ARRAY:
            writer.add_key_value(name, value, kind, inner)
        else:
            writer.add_key_value(name, value[0] if inner is GGUFValueType.STRING else value, kind)
