"""Copies a GGUF file with other values in its header, and other rows in some of its tensors. Standard library only.

What a file says is checked by :func:`desktop.gguf.header.read_header` before anything of it is copied; every length is
checked here again, by the same reader.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from desktop.common.atomic_file import replaced_atomically
from desktop.common.regular_file import open_regular
from desktop.gguf.header import GgufHeader, TensorInfo, read_header
from desktop.gguf.reader import Damaged, Reader, check_count
from desktop.gguf.tables import TENSOR_TYPES

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


def texts_value(texts: Sequence[bytes]) -> RawValue:
    """Returns an array of texts."""
    return RawValue(_ARRAY, _TEXT, texts=tuple(texts), count=len(texts))


def number_value(number: int) -> RawValue:
    """Returns a whole number of 32 bits."""
    return RawValue(UINT32, data=struct.pack("<I", number))


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


def copy_with(source: Path, target: Path, values: Mapping[str, RawValue], rows: Mapping[str, Sequence[int]]) -> None:
    """Writes a file anew; it is whole or not there.

    Args:
        source: A GGUF file that is in one part.
        target: The new file, replaced.
        values: All values of the new header.
        rows: For some tensors of two dimensions which rows stay.

    Raises:
        UserFacingError: See :func:`desktop.gguf.header.read_header`.
        OSError: The one cannot be read, or the other not be written.
    """
    header = read_header(source)
    with open_regular(source) as stream, replaced_atomically(target, durable=False) as out:
        infos, offset = [], 0
        for tensor in header.tensors:
            shape = (tensor.shape[0], len(rows[tensor.name])) if tensor.name in rows else tensor.shape
            size = tensor.size // tensor.shape[1] * shape[1] if tensor.name in rows else tensor.size
            infos.append(_tensor(tensor, shape, offset))
            offset += size + -size % _ALIGNMENT
        head = _MAGIC + struct.pack("<IQQ", _VERSION, len(infos), len(values))
        head += b"".join(_text(key.encode()) + _packed(value) for key, value in values.items()) + b"".join(infos)
        out.write(head + bytes(-len(head) % _ALIGNMENT))
        for tensor in header.tensors:
            written = 0
            for piece in _pieces(stream, header, tensor, rows.get(tensor.name)):
                out.write(piece)
                written += len(piece)
            out.write(bytes(-written % _ALIGNMENT))


def _pieces(stream: BinaryIO, header: GgufHeader, tensor: TensorInfo, rows: Sequence[int] | None) -> Iterator[bytes]:
    begin = header.data_offset + tensor.offset
    if rows is None:
        stream.seek(begin)
        left = tensor.size
        while left:
            piece = stream.read(min(left, _CHUNK))
            if not piece:
                raise OSError(f"{tensor.name} ends too early")
            left -= len(piece)
            yield piece
        return
    size = tensor.size // tensor.shape[1]
    for row in rows:
        stream.seek(begin + row * size)
        yield stream.read(size)


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
