"""Copies a GGUF file with other values in its header, and with parts of some of its tensors. Standard library only.

What a file says is checked by :func:`desktop.gguf.header.read_header` before anything of it is copied; every length is
checked here again, by the same reader.
"""

from __future__ import annotations

import math
import struct
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from desktop.common.atomic_file import replaced_atomically
from desktop.common.regular_file import open_regular
from desktop.gguf.header import GgufHeader, TensorInfo, read_header
from desktop.gguf.reader import Damaged, Reader, check_count
from desktop.gguf.tables import TENSOR_TYPES, TensorType

_MAGIC: Final = b"GGUF"
_VERSION: Final = 3
_ALIGNMENT: Final = 32
_MOST_ENTRIES: Final = 1 << 21
_MOST_TEXT: Final = 64 << 20
_HEADER_LIMIT: Final = 128 << 20
_CHUNK: Final = 1 << 20
_TEXT, _ARRAY = 8, 9
_SIZES: Final = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
# Of values that are set, see the format's description.
UINT32: Final = 4
_FLOAT32: Final = 6
_ALIGNED: Final = "general.alignment"


@dataclass(frozen=True)
class RawValue:
    """A value of a header, as it lies there.

    Attributes:
        kind: Number of its type.
        entries: Number of the type of an array's entries; None: it is no array.
        data: Its bytes; of an array of texts nothing.
        texts: Of an array of texts.
        count: Entries of an array.
    """

    kind: int
    entries: int | None = None
    data: bytes = b""
    texts: tuple[bytes, ...] = ()
    count: int = 0

    def picked(self, places: Sequence[int]) -> RawValue:
        """Returns an array of some of the entries."""
        if self.entries == _TEXT:
            return RawValue(_ARRAY, _TEXT, texts=tuple(self.texts[place] for place in places), count=len(places))
        size = _SIZES[self.entries or 0]
        data = b"".join(self.data[place * size : (place + 1) * size] for place in places)
        return RawValue(_ARRAY, self.entries, data, count=len(places))


@dataclass(frozen=True)
class Cut:
    """What stays of a tensor.

    Attributes:
        rows: Those that stay; None: all.
        columns: Numbers of each row that stay; of a tensor of one dimension its numbers. None: all.
        factor: What stays is multiplied by it; only numbers of 32 bits can be.
    """

    rows: Sequence[int] | None = None
    columns: Sequence[int] | None = None
    factor: float = 1.0

    def keeps_blocks(self, tensor: TensorInfo) -> bool:
        """Whether the tensor can be cut so in its own number format, whose numbers come in blocks."""
        size = _kind(tensor).block_values
        if self.columns is None or size == 1:
            return self.factor == 1.0 or tensor.type == "F32"
        return all(
            [*self.columns[place : place + size]] == [*range(first, first + size)] and first % size == 0
            for place, first in enumerate(self.columns)
            if place % size == 0
        )


def texts_value(texts: Sequence[bytes]) -> RawValue:
    """Returns an array of texts."""
    return RawValue(_ARRAY, _TEXT, texts=tuple(texts), count=len(texts))


def number_value(number: int) -> RawValue:
    """Returns a whole number of 32 bits."""
    return RawValue(UINT32, data=struct.pack("<I", number))


def text_value(text: str) -> RawValue:
    """Returns a text."""
    return RawValue(_TEXT, data=text.encode())


def fraction_value(number: float) -> RawValue:
    """Returns a number of 32 bits with a fraction."""
    return RawValue(_FLOAT32, data=struct.pack("<f", number))


def read_values(path: Path) -> dict[str, RawValue]:
    """Returns all values of a header, vocabularies included: 20 MB of memory for one of 150,000 tokens.

    Raises:
        UserFacingError: See :func:`desktop.gguf.header.read_header`.
        OSError: The file cannot be read.
    """
    read_header(path)
    with open_regular(path) as stream:
        size = stream.seek(0, 2)
        stream.seek(0)
        reader = Reader(stream, size, _HEADER_LIMIT)
        reader.skip(16)  # what it is, its version, the number of tensors
        return dict(_value(reader) for _ in range(reader.number("Q")))


def copy_with(
    source: Path,
    target: Path,
    values: Mapping[str, RawValue],
    cuts: Mapping[str, Cut],
    unpacked: Path | None = None,
) -> None:
    """Writes a file anew; it is whole or not there.

    Args:
        source: A GGUF file that is in one part.
        target: The new file, replaced.
        values: All values of the new header.
        cuts: What stays of some tensors of one or two dimensions.
        unpacked: The same model in numbers that come in no blocks, for what cannot be cut in those of ``source``; None:
            all can.

    Raises:
        UserFacingError: See :func:`desktop.gguf.header.read_header`.
        OSError: One of them cannot be read, or the target not be written.
    """
    header = read_header(source)
    other = header if unpacked is None else read_header(unpacked)
    others = {tensor.name: tensor for tensor in other.tensors}
    values = {key: value for key, value in values.items() if key != _ALIGNED}
    with (
        open_regular(source) as stream,
        open_regular(source if unpacked is None else unpacked) as other_stream,
        replaced_atomically(target, durable=False) as out,
    ):
        infos, taken, offset = [], [], 0
        for tensor in header.tensors:
            cut = cuts.get(tensor.name, Cut())
            place = (stream, header)
            if not cut.keeps_blocks(tensor):
                tensor, place = others[tensor.name], (other_stream, other)
            infos.append(_tensor(tensor, shape := _shape(tensor, cut), offset))
            taken.append((place, tensor, cut))
            size = _bytes(tensor, shape)
            offset += size + -size % _ALIGNMENT
        head = _MAGIC + struct.pack("<IQQ", _VERSION, len(infos), len(values))
        head += b"".join(_text(key.encode()) + _packed(value) for key, value in values.items()) + b"".join(infos)
        out.write(head + bytes(-len(head) % _ALIGNMENT))
        for place, tensor, cut in taken:
            written = 0
            for piece in _pieces(*place, tensor, cut):
                out.write(piece)
                written += len(piece)
            out.write(bytes(-written % _ALIGNMENT))


def read_numbers(path: Path, header: GgufHeader, tensor: TensorInfo) -> array[float]:
    """Returns the numbers of a small tensor, such as a norm's.

    Args:
        path: The file.
        header: Of it.
        tensor: In numbers of 32 bits.

    Raises:
        ValueError: Its numbers are others.
        OSError: The file cannot be read.
    """
    if tensor.type != "F32":
        raise ValueError(f"{tensor.name} is of {tensor.type}")
    with open_regular(path) as stream:
        return array("f", b"".join(_pieces(stream, header, tensor, Cut())))


def _shape(tensor: TensorInfo, cut: Cut) -> tuple[int, ...]:
    columns = tensor.shape[0] if cut.columns is None else len(cut.columns)
    return (columns, *(tensor.shape[1:] if cut.rows is None else (len(cut.rows),)))


def _bytes(tensor: TensorInfo, shape: Sequence[int]) -> int:
    kind = _kind(tensor)
    return math.prod(shape) // kind.block_values * kind.block_bytes


def _kind(tensor: TensorInfo) -> TensorType:
    return next(kind for kind in TENSOR_TYPES.values() if kind.name == tensor.type)


def _pieces(stream: BinaryIO, header: GgufHeader, tensor: TensorInfo, cut: Cut) -> Iterator[bytes]:
    begin = header.data_offset + tensor.offset
    if cut.rows is None and cut.columns is None:
        stream.seek(begin)
        left = tensor.size
        while left:
            piece = stream.read(min(left, _CHUNK))
            if not piece:
                raise OSError(f"{tensor.name} ends too early")
            left -= len(piece)
            yield _times(piece, cut.factor)
        return
    count = math.prod(tensor.shape[1:])
    size = tensor.size // count
    slices = [slice(0, size)] if cut.columns is None else [*_slices(tensor, cut.columns)]
    place = -1
    for row in range(count) if cut.rows is None else cut.rows:
        if begin + row * size != place:
            stream.seek(begin + row * size)
        data = stream.read(size)
        if len(data) != size:
            raise OSError(f"{tensor.name} ends too early")
        place = begin + (row + 1) * size
        yield _times(b"".join([data[each] for each in slices]), cut.factor)


def _slices(tensor: TensorInfo, columns: Sequence[int]) -> Iterator[slice]:
    """Yields the bytes of a row that hold some of its numbers: whole blocks, as few pieces as can be."""
    kind = _kind(tensor)
    begin = end = 0
    for column in columns[:: kind.block_values]:
        block = column // kind.block_values
        if block != end:
            if end > begin:
                yield slice(begin * kind.block_bytes, end * kind.block_bytes)
            begin = block
        end = block + 1
    yield slice(begin * kind.block_bytes, end * kind.block_bytes)


def _times(data: bytes, factor: float) -> bytes:
    return data if factor == 1.0 else array("f", (factor * number for number in array("f", data))).tobytes()


def _value(reader: Reader) -> tuple[str, RawValue]:
    key = reader.text(65_535, "a key")
    kind = reader.number("I")
    if kind == _TEXT:
        return key, RawValue(kind, data=_taken(reader))
    if kind != _ARRAY:
        return key, RawValue(kind, data=reader.take(_size(kind)))
    entries, count = reader.number("I"), reader.number("Q")
    check_count(count, _MOST_ENTRIES, "entries")
    if entries == _TEXT:
        return key, RawValue(kind, entries, texts=tuple(_taken(reader) for _ in range(count)), count=count)
    return key, RawValue(kind, entries, reader.take(count * _size(entries)), count=count)


def _size(kind: int) -> int:
    if kind not in _SIZES:
        raise Damaged(f"a value of unknown type {kind}")
    return _SIZES[kind]


def _taken(reader: Reader) -> bytes:
    length = reader.number("Q")
    check_count(length, _MOST_TEXT, "bytes of a text")
    return reader.take(length)


def _packed(value: RawValue) -> bytes:
    head = struct.pack("<I", value.kind)
    if value.kind == _TEXT:
        return head + _text(value.data)
    if value.kind != _ARRAY:
        return head + value.data
    head += struct.pack("<IQ", value.entries or 0, value.count)
    return head + (b"".join(map(_text, value.texts)) if value.entries == _TEXT else value.data)


def _text(data: bytes) -> bytes:
    return struct.pack("<Q", len(data)) + data


def _tensor(tensor: TensorInfo, shape: Sequence[int], offset: int) -> bytes:
    number = next(number for number, kind in TENSOR_TYPES.items() if kind.name == tensor.type)
    return (
        _text(tensor.name.encode())
        + struct.pack("<I", len(shape))
        + struct.pack(f"<{len(shape)}Q", *shape)
        + struct.pack("<IQ", number, offset)
    )
