"""Reads the header of a GGUF file: what model it is, what it needs, whether the file is whole.

Every length in the file is checked against what is left of it before anything is allocated, and every count against
what real models have, so a truncated or hostile file costs an error message and neither the machine's memory nor
minutes. Layout: docs/gguf.md of ggml. Standard library only.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.printable import one_line
from desktop.common.regular_file import NotAFileError, OpenDatabaseError, open_regular
from desktop.gguf.other_formats import MAGIC, not_gguf
from desktop.gguf.parts import foreign_parts, missing_parts, part_name
from desktop.gguf.reader import Damaged, EndOfFile, Excessive, Reader, check_count
from desktop.gguf.tables import FILE_TYPES, REMOVED_TENSOR_TYPES, TENSOR_TYPES
from desktop.gguf.values import MetadataValue, Values

_VERSIONS = (2, 3)
_SHOWN_NAME = 200  # characters of a model's name
_NAME_LIMIT = 64  # bytes of a tensor's name, GGML_MAX_NAME
_DIMENSIONS = 4  # GGML_MAX_DIMS
_PLAUSIBLE_SIZE = 1 << 44  # bytes; a file that claims more is not incomplete but wrong
_ALIGNMENT = 32  # GGUF_DEFAULT_ALIGNMENT
# Of a number that describes a model; the library reads them into 32 bits.
_NUMBER_LIMIT = 1 << 31

# Above all that real models have, so that whatever a file claims is read in a second or two of an old processor.
# 512 layers, LLAMA_MAX_LAYERS of llama.cpp, of 32 tensors each. Llama 3.1 405B has 1,138, DeepSeek V3 1,025; Mixtral
# 8x22B, when each expert had tensors of its own, some 1,900.
_TENSOR_LIMIT = 512 * 32
# Values with a name. Gemma 4 has 42, the vocabularies that come with llama.cpp 16 to 42.
_VALUE_LIMIT = 1024
# Bytes before the tensors' data. Gemma 4: 16 MB, and up to 35 MB where a file carries its tokenizer.json as well.
_HEADER_LIMIT = 128 << 20


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
        files: Files that the model lies in; of several, sizes and tensors are those of all of them.
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
    files: int = 1

    @property
    def tensor_count(self) -> int:
        return len(self.tensors)

    @property
    def chat_template(self) -> str | None:
        """The Jinja source that lays a conversation out, if the file has one."""
        return self._text("tokenizer.chat_template") or None

    @property
    def parts(self) -> int:
        """Files that the model was cut into, ``split.count``; 1: it is whole."""
        return max(1, _plausible(self.metadata.get("split.count")))

    @property
    def part(self) -> int:
        """Which of them this file is, from 1 on."""
        return _plausible(self.metadata.get("split.no")) + 1

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
        return self.number_of("attention.head_count")

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

    def number_of(self, key: str) -> int:
        """Returns a number of the architecture; the largest where layers differ, 0 where the file says none."""
        value = self._per_layer(key)
        return max(value, default=0) if isinstance(value, tuple) else value

    def _number(self, key: str) -> int:
        return _plausible(self.metadata.get(f"{self.architecture}.{key}"))

    def _per_layer(self, key: str) -> int | tuple[int, ...]:
        value = self.metadata.get(f"{self.architecture}.{key}")
        if isinstance(value, tuple):
            return tuple(_plausible(entry) for entry in value)
        return _plausible(value)


def _plausible(value: MetadataValue | None) -> int:
    """Returns a number that may describe a model; 0 for everything else, since others calculate with it."""
    return value if isinstance(value, int) and 0 <= value < _NUMBER_LIMIT else 0


def read_header_if_possible(path: Path) -> GgufHeader | None:
    """Returns what :func:`read_header` does; None where it would raise."""
    try:
        return read_header(path)
    except UserFacingError:
        return None


def read_header(path: Path) -> GgufHeader:
    """Reads the header of ``path``; some 50 ms for a vocabulary of 150,000 tokens, so not on the GUI thread.

    Of the first part of a model that was cut into several the others are read too, and counted in. A network drive that
    is gone may keep it for ever; everything else takes a few seconds at the most.

    Raises:
        UserFacingError: The file cannot be read, is none, is empty, no GGUF file, incomplete, damaged, larger than any
            model's, of a version or byte order that the engine does not take, or a part of a model whose other parts
            are missing or belong to another.
    """
    header = _read_file(path)
    return header if header.parts == 1 else _joined(header, path)


def _joined(first: GgufHeader, path: Path) -> GgufHeader:
    """Adds the other parts to the header of the first one."""
    named = part_name(path.name)
    if named is None or named.count != first.parts or named.number != first.part:
        # The library finds the others by their names only (llama_split_prefix).
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "This file is only one part of a model, and its name does not say which."),
            QT_TRANSLATE_NOOP("Errors", "{0}: part {1} of {2}."),
            QT_TRANSLATE_NOOP("Errors", "Give all parts the names they were published under, in one folder."),
            values=(str(path), str(first.part), str(first.parts)),
        )
    missing = [name for name in named.all() if not path.with_name(name).exists()]
    if missing:
        raise missing_parts(missing, str(path.parent))
    if first.part != 1:
        return read_header(path.with_name(named.sibling(1)))
    tensors, size, expected = list(first.tensors), first.file_size, first.expected_size
    for number in range(2, first.parts + 1):
        other_path = path.with_name(named.sibling(number))
        other = _read_file(other_path)
        if (other.part, other.parts) != (number, first.parts):
            raise foreign_parts(other_path)
        tensors += other.tensors
        if len(tensors) > _TENSOR_LIMIT:
            raise _excessive(path, f"{len(tensors):,} tensors, {_TENSOR_LIMIT:,} at the most")
        size, expected = size + other.file_size, expected + other.expected_size
    total = _plausible(first.metadata.get("split.tensors.count"))
    if total and total != len(tensors):
        raise foreign_parts(path)
    return replace(first, tensors=tuple(tensors), file_size=size, expected_size=expected, files=first.parts)


def _read_file(path: Path) -> GgufHeader:
    """Reads the header of one file, which may be a part."""
    try:
        with open_regular(path) as stream:
            size = stream.seek(0, 2)
            stream.seek(0)
            return parse_header(stream, size, path)
    except OpenDatabaseError as problem:
        raise not_gguf(b"SQLite", f"{path}.") from problem
    except NotAFileError as problem:
        raise not_a_file(path) from problem
    except OSError as problem:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The model file cannot be read."),
            f"{path}: {problem.strerror or problem}.",
            QT_TRANSLATE_NOOP("Errors", "Check that it is still there and that you may open it."),
        ) from problem


def not_a_file(path: Path) -> UserFacingError:
    """Returns the error for a folder, a pipe, a socket or a device in the place of a model."""
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "This is not a file."),
        f"{path}.",
        QT_TRANSLATE_NOOP("Errors", "Choose a file that ends in .gguf; folders, pipes and devices are no models."),
    )


def parse_header(stream: BinaryIO, size: int, path: Path) -> GgufHeader:
    """Reads the header out of an open file.

    Args:
        stream: The file, at its beginning.
        size: Bytes that it has.
        path: Its name, for sentences and for a model that has none.

    Raises:
        UserFacingError: See :func:`read_header`.
        OSError: It cannot be read.
    """
    try:
        return _parse(path, stream, size)
    except EndOfFile as problem:
        if problem.needed > _PLAUSIBLE_SIZE:
            raise _damaged(path, f"{format_bytes(problem.needed)} announced") from None
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The model file is incomplete."),
            f"{path}: {format_bytes(problem.size)} of {format_bytes(problem.needed)}.",
            QT_TRANSLATE_NOOP("Errors", "Download it again."),
        ) from None
    except Excessive as problem:
        raise _excessive(path, str(problem)) from None
    except Damaged as problem:
        raise _damaged(path, str(problem)) from None


def _excessive(path: Path, what: str) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "This file claims to have more in it than any model has."),
        f"{path}: {what}.",
        QT_TRANSLATE_NOOP("Errors", "Choose another file of the same model."),
    )


def read_beginning(data: bytes, size: int, path: Path) -> tuple[GgufHeader, bool]:
    """Reads what the first bytes of a file say, of which no more is there; tensors are left out.

    Args:
        data: The first bytes, up to the tensors or not.
        size: Bytes that the whole file has.
        path: Its name, for sentences and for a model that has none.

    Returns:
        The header as far as it goes, and whether it has all its values: others, such as the chat template, may follow.

    Raises:
        UserFacingError: It is no GGUF file, damaged, larger than any model's, or of another version.
    """
    reader = Reader(io.BytesIO(data), len(data), _HEADER_LIMIT)
    try:
        version, _, value_count = _preamble(data[:256], reader, path, size)
        values = Values(reader)
        is_whole = False
        with contextlib.suppress(EndOfFile):
            for _ in range(value_count):
                values.read_next()
            is_whole = True
    except EndOfFile as problem:
        raise _damaged(path, f"{format_bytes(problem.needed)} announced") from None
    except Excessive as problem:
        raise _excessive(path, str(problem)) from None
    except Damaged as problem:
        raise _damaged(path, str(problem)) from None
    return _header(version, values, (), reader.position, size, size, path), is_whole


def _damaged(path: Path, why: str) -> UserFacingError:
    title = QT_TRANSLATE_NOOP("Errors", "The model file is damaged.")
    return UserFacingError(title, f"{path}: {why}.", QT_TRANSLATE_NOOP("Errors", "Download it again."))


def _parse(path: Path, stream: BinaryIO, size: int) -> GgufHeader:
    reader = Reader(stream, size, _HEADER_LIMIT)
    version, tensor_count, value_count = _preamble(stream.read(256), reader, path, size)
    values = Values(reader)
    for _ in range(value_count):
        values.read_next()
    tensors = tuple(_read_tensor(reader, path) for _ in range(tensor_count))
    alignment = values.kept.get("general.alignment", _ALIGNMENT)
    if not isinstance(alignment, int) or alignment <= 0 or alignment & (alignment - 1):
        raise Damaged(f"alignment {alignment!r}")
    data_offset = reader.position + (-reader.position % alignment if tensors else 0)
    expected = max((data_offset + tensor.offset + tensor.size for tensor in tensors), default=data_offset)
    if size < expected:
        raise EndOfFile(size, expected)
    return _header(version, values, tensors, data_offset, expected, size, path)


def _preamble(head: bytes, reader: Reader, path: Path, size: int) -> tuple[int, int, int]:
    """Returns the version and how many tensors and values are announced."""
    if not head.startswith(MAGIC):
        raise not_gguf(head, f"{path}.")
    reader.skip(len(MAGIC))
    version = _version(reader.number("I"), path)
    tensor_count, value_count = reader.number("Q"), reader.number("Q")
    # The least a tensor and a value take in the file: a lie about their count ends here and not in a long loop.
    if tensor_count * 24 + value_count * 13 > size:
        raise EndOfFile(size, tensor_count * 24 + value_count * 13)
    check_count(tensor_count, _TENSOR_LIMIT, "tensors")
    check_count(value_count, _VALUE_LIMIT, "values")
    return version, tensor_count, value_count


def _header(
    version: int,
    values: Values,
    tensors: tuple[TensorInfo, ...],
    data_offset: int,
    expected: int,
    size: int,
    path: Path,
) -> GgufHeader:
    architecture, name = values.kept.get("general.architecture"), values.kept.get("general.name")
    return GgufHeader(
        version=version,
        architecture=architecture if isinstance(architecture, str) else "",
        name=one_line(name)[:_SHOWN_NAME] if isinstance(name, str) and name.strip() else one_line(path.stem),
        metadata=MappingProxyType(values.kept),
        lengths=MappingProxyType(values.lengths),
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
