"""Reads the header of a GGUF file: what model it is, what it needs, whether the file is whole.

Every length in the file is checked against what is left of it before anything is allocated, so a truncated or hostile
file costs an error message and not the machine's memory. Layout: docs/gguf.md of ggml. Standard library only.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.gguf.other_formats import MAGIC, not_gguf
from desktop.gguf.reader import Damaged, EndOfFile, MetadataScalar, Reader
from desktop.gguf.tables import FILE_TYPES, REMOVED_TENSOR_TYPES, TENSOR_TYPES

MetadataValue = MetadataScalar | tuple[MetadataScalar, ...]

_VERSIONS = (2, 3)
_ARRAY_KEPT = 512  # entries: per-layer arrays are shorter, vocabularies longer
_STRING_KEPT = 1 << 20  # bytes: chat templates take some 20 kB
_KEY_LIMIT = 65535  # bytes; the format's own limit
_NAME_LIMIT = 64  # bytes of a tensor's name, GGML_MAX_NAME
_DIMENSIONS = 4  # GGML_MAX_DIMS
_PLAUSIBLE_SIZE = 1 << 44  # bytes; a file that claims more is not incomplete but wrong
_ALIGNMENT = 32  # GGUF_DEFAULT_ALIGNMENT

_STRING = 8
_ARRAY = 9
_SCALARS: Mapping[int, str] = MappingProxyType(
    {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
)


@dataclass(frozen=True)
class TensorInfo:
    """A tensor of the file.

    Attributes:
        shape: Elements in each dimension, the fastest one first.
        type: Name of the number format, such as "Q4_K".
        offset: Bytes from the start of the data section.
        size: Bytes.
    """

    name: str
    shape: tuple[int, ...]
    type: str
    offset: int
    size: int


@dataclass(frozen=True)
class GgufHeader:
    """What a GGUF file says about itself.

    Attributes:
        version: Version of the format.
        architecture: ``general.architecture``, such as "qwen2"; empty when the file does not say.
        name: ``general.name``, or the file's name without its ending.
        metadata: All values, without arrays of more than 512 entries and texts of more than 1 MiB.
        lengths: Entries of every array, kept or not, and bytes of every text that was left out.
        data_offset: Bytes from the start of the file to the data section.
        expected_size: Bytes that the file must have at the least.
        file_size: Bytes that it has.
    """

    version: int
    architecture: str
    name: str
    metadata: Mapping[str, MetadataValue]
    lengths: Mapping[str, int]
    data_offset: int
    tensors: tuple[TensorInfo, ...]
    expected_size: int
    file_size: int

    @property
    def tensor_count(self) -> int:
        return len(self.tensors)

    @property
    def chat_template(self) -> str | None:
        """The Jinja source that lays a conversation out, if the file has one."""
        return self._text("tokenizer.chat_template") or None

    @property
    def n_layers(self) -> int:
        """``block_count``; 0 when unknown, as with the other numbers here."""
        return self._number("block_count")

    @property
    def n_embd(self) -> int:
        """Width of the model: ``embedding_length``."""
        return self._number("embedding_length")

    @property
    def n_head(self) -> int:
        """Attention heads; of the layer with the most where layers differ."""
        value = self._per_layer("attention.head_count")
        return max(value, default=0) if isinstance(value, tuple) else value

    @property
    def n_head_kv(self) -> int | tuple[int, ...]:
        """Heads of the KV cache: one number, or one for each layer where they differ (0: a layer without attention)."""
        return self._per_layer("attention.head_count_kv") or self.n_head

    @property
    def head_dim(self) -> int:
        """Width of one attention head: ``attention.key_length``, else the model's width shared among the heads."""
        return self._number("attention.key_length") or (self.n_embd // self.n_head if self.n_head else 0)

    @property
    def context_trained(self) -> int:
        """Longest context in tokens that the model was trained for."""
        return self._number("context_length")

    @property
    def quantisation(self) -> str:
        """Label such as "Q4_K_M", from ``general.file_type``, else the number format that takes the most bytes."""
        kind = self.metadata.get("general.file_type")
        if isinstance(kind, int) and kind in FILE_TYPES:
            return FILE_TYPES[kind]
        totals: dict[str, int] = {}
        for tensor in self.tensors:
            totals[tensor.type] = totals.get(tensor.type, 0) + tensor.size
        return max(totals, key=totals.__getitem__, default="")

    @property
    def parameters(self) -> int:
        """Numbers in all tensors together."""
        total = 0
        for tensor in self.tensors:
            total += _elements(tensor.shape)
        return total

    def _text(self, key: str) -> str:
        value = self.metadata.get(key)
        return value if isinstance(value, str) else ""

    def _number(self, key: str) -> int:
        value = self.metadata.get(f"{self.architecture}.{key}")
        return value if isinstance(value, int) else 0

    def _per_layer(self, key: str) -> int | tuple[int, ...]:
        value = self.metadata.get(f"{self.architecture}.{key}")
        if isinstance(value, tuple):
            return tuple(entry if isinstance(entry, int) else 0 for entry in value)
        return value if isinstance(value, int) else 0


def read_header_if_possible(path: Path) -> GgufHeader | None:
    """Returns what :func:`read_header` does; None where it would raise."""
    try:
        return read_header(path)
    except UserFacingError:
        return None


def read_header(path: Path) -> GgufHeader:
    """Reads the header of ``path``; some 50 ms for a vocabulary of 150,000 tokens, so not on the GUI thread.

    Raises:
        UserFacingError: The file cannot be read, is empty, no GGUF file, incomplete, damaged, or of a version or byte
            order that the engine does not take.
    """
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(0)
            return _parse(path, stream, size)
    except OSError as problem:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The model file cannot be read."),
            f"{path}: {problem.strerror or problem}.",
            QT_TRANSLATE_NOOP("Errors", "Check that it is still there and that you may open it."),
        ) from problem
    except EndOfFile as problem:
        if problem.needed > _PLAUSIBLE_SIZE:
            raise _damaged(path, f"{format_bytes(problem.needed)} announced") from None
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The model file is incomplete."),
            f"{path}: {format_bytes(problem.size)} of {format_bytes(problem.needed)}.",
            QT_TRANSLATE_NOOP("Errors", "Download it again."),
        ) from None
    except Damaged as problem:
        raise _damaged(path, str(problem)) from None


def _damaged(path: Path, why: str) -> UserFacingError:
    title = QT_TRANSLATE_NOOP("Errors", "The model file is damaged.")
    return UserFacingError(title, f"{path}: {why}.", QT_TRANSLATE_NOOP("Errors", "Download it again."))


def _parse(path: Path, stream: BinaryIO, size: int) -> GgufHeader:
    head = stream.read(256)
    if not head.startswith(MAGIC):
        raise not_gguf(head, f"{path}.")
    reader = Reader(stream, size)
    reader.skip(len(MAGIC))
    version = _version(reader.number("I"), path)
    tensor_count, value_count = reader.number("Q"), reader.number("Q")
    # The least a tensor and a value take in the file: a lie about their count ends here and not in a long loop.
    if tensor_count * 24 + value_count * 13 > size:
        raise EndOfFile(size, tensor_count * 24 + value_count * 13)
    metadata: dict[str, MetadataValue] = {}
    lengths: dict[str, int] = {}
    for _ in range(value_count):
        _read_value(reader, metadata, lengths)
    tensors = tuple(_read_tensor(reader, path) for _ in range(tensor_count))
    alignment = metadata.get("general.alignment", _ALIGNMENT)
    if not isinstance(alignment, int) or alignment <= 0 or alignment & (alignment - 1):
        raise Damaged(f"alignment {alignment!r}")
    data_offset = reader.position + (-reader.position % alignment if tensors else 0)
    expected = max((data_offset + tensor.offset + tensor.size for tensor in tensors), default=data_offset)
    if size < expected:
        raise EndOfFile(size, expected)
    architecture, name = metadata.get("general.architecture"), metadata.get("general.name")
    return GgufHeader(
        version=version,
        architecture=architecture if isinstance(architecture, str) else "",
        name=name if isinstance(name, str) and name.strip() else path.stem,
        metadata=MappingProxyType(metadata),
        lengths=MappingProxyType(lengths),
        data_offset=data_offset,
        tensors=tensors,
        expected_size=expected,
        file_size=size,
    )


def _version(version: int, path: Path) -> int:
    if version in _VERSIONS:
        return version
    if version & 0xFFFF == 0:  # a small number whose bytes are in the other order
        title = QT_TRANSLATE_NOOP("Errors", "This model file is for big-endian computers.")
        remedy = QT_TRANSLATE_NOOP("Errors", "Download the ordinary (little-endian) file of the same model.")
        raise UserFacingError(title, f"{path}.", remedy)
    if version < _VERSIONS[0]:
        title = QT_TRANSLATE_NOOP("Errors", "This model file is of an outdated version of GGUF.")
        remedy = QT_TRANSLATE_NOOP("Errors", "Download a newer file of the same model.")
    else:
        title = QT_TRANSLATE_NOOP("Errors", "This model file was written for a newer program.")
        remedy = QT_TRANSLATE_NOOP("Errors", "Update Catnap, or choose another file of the same model.")
    raise UserFacingError(title, f"{path}: GGUF version {version}.", remedy)


def _read_value(reader: Reader, metadata: dict[str, MetadataValue], lengths: dict[str, int]) -> None:
    key = reader.text(_KEY_LIMIT, "a key")
    kind = reader.number("I")
    if kind == _STRING:
        length = reader.number("Q")
        if length > _STRING_KEPT:
            lengths[key] = length
            reader.skip(length)
        else:
            metadata[key] = reader.take(length).decode("utf-8", errors="replace")
    elif kind == _ARRAY:
        kind, count = reader.number("I"), reader.number("Q")
        lengths[key] = count
        _read_array(reader, metadata, key, kind, count)
    elif kind in _SCALARS:
        metadata[key] = reader.scalar(_SCALARS[kind])
    else:
        raise Damaged(f"value {key!r} of unknown type {kind}")


def _read_array(reader: Reader, metadata: dict[str, MetadataValue], key: str, kind: int, count: int) -> None:
    if kind == _STRING:
        if count > _ARRAY_KEPT:
            reader.skip_texts(count)
        else:
            metadata[key] = tuple(reader.text(_STRING_KEPT, "a text") for _ in range(count))
    elif kind in _SCALARS:
        code = _SCALARS[kind]
        if count > _ARRAY_KEPT:
            reader.skip(count * struct.calcsize(code))
        else:
            metadata[key] = tuple(reader.scalar(code) for _ in range(count))
    else:
        raise Damaged(f"array {key!r} of unknown type {kind}")


def _read_tensor(reader: Reader, path: Path) -> TensorInfo:
    name = reader.text(_NAME_LIMIT, "a tensor's name")
    dimensions = reader.number("I")
    if dimensions > _DIMENSIONS:
        raise Damaged(f"tensor {name!r} with {dimensions} dimensions")
    shape = tuple(reader.number("Q") for _ in range(dimensions))
    number = reader.number("I")
    offset = reader.number("Q")
    kind = TENSOR_TYPES.get(number)
    if kind is None:
        raise _unknown_type(number, path)
    if shape and shape[0] % kind.block_values:
        raise Damaged(f"tensor {name!r} of {kind.name} with rows of {shape[0]}")
    return TensorInfo(name, shape, kind.name, offset, _elements(shape) // kind.block_values * kind.block_bytes)


def _elements(shape: tuple[int, ...]) -> int:
    total = 1
    for extent in shape:
        total *= extent
    return total


def _unknown_type(number: int, path: Path) -> UserFacingError:
    if number in REMOVED_TENSOR_TYPES:
        title = QT_TRANSLATE_NOOP("Errors", "This model file uses a quantisation that is no longer supported.")
        remedy = QT_TRANSLATE_NOOP("Errors", "Download a Q4_0 or Q4_K_M file of the same model.")
    else:
        title = QT_TRANSLATE_NOOP("Errors", "This model file uses a quantisation that this version does not know.")
        remedy = QT_TRANSLATE_NOOP("Errors", "Update Catnap, or choose another file of the same model.")
    return UserFacingError(title, f"{path}: type {number}.", remedy)
