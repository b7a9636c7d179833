"""A GGUF file in its raw parts, so that it can be put together again wrongly. Layout: docs/gguf.md of ggml.

Unlike the ``gguf`` package it checks nothing while writing: counts, lengths, types and offsets are what one says.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from types import MappingProxyType
from typing import Final

_MAGIC = b"GGUF"
_ALIGNMENT = 32


class Kind(IntEnum):
    """Types of values (gguf.h, enum gguf_type)."""

    U8, I8, U16, I16, U32, I32, F32, BOOL, STRING, ARRAY, U64, I64, F64 = range(13)


# By number of the type; the struct module's letter.
_CODES: Final[Mapping[int, str]] = MappingProxyType(
    {int(kind): letter for kind, letter in zip(Kind, "BbHhIif?--Qqd", strict=True) if letter != "-"}
)


@dataclass(frozen=True)
class Value:
    """A key with its value.

    Attributes:
        kind: Number of the type; need not be one of :class:`Kind`.
        data: What follows the type in the file.
    """

    key: bytes
    kind: int
    data: bytes

    @property
    def number(self) -> float:
        """The value of a scalar."""
        found: float = struct.unpack("<" + _CODES[self.kind], self.data)[0]
        return found

    @property
    def is_scalar(self) -> bool:
        return self.kind in _CODES

    @property
    def texts(self) -> list[bytes]:
        """The entries of an array of texts."""
        (count,) = struct.unpack_from("<Q", self.data, 4)
        found, at = [], 12
        for _ in range(count):
            (length,) = struct.unpack_from("<Q", self.data, at)
            found.append(self.data[at + 8 : at + 8 + length])
            at += 8 + length
        return found

    @property
    def numbers(self) -> list[float]:
        """The entries of an array of numbers."""
        kind, count = struct.unpack_from("<IQ", self.data)
        return list(struct.unpack_from(f"<{count}{_CODES[kind]}", self.data, 12))


@dataclass(frozen=True)
class Entry:
    """A tensor's line in the header.

    Attributes:
        kind: Number of its format (ggml.h, enum ggml_type).
        offset: Bytes from the start of the data.
        dimensions: Announced number of them; None: as many as ``shape`` has.
    """

    name: bytes
    shape: tuple[int, ...]
    kind: int
    offset: int
    dimensions: int | None = None


@dataclass(frozen=True)
class Document:
    """A whole file.

    Attributes:
        data: Everything behind the header and its padding.
        tensor_count: Announced number of tensors; None: the right one.
        value_count: Announced number of values; None: the right one.
        alignment: To which the header is padded, whatever it says itself.
    """

    values: tuple[Value, ...]
    tensors: tuple[Entry, ...]
    data: bytes
    version: int = 3
    tensor_count: int | None = None
    value_count: int | None = None
    alignment: int = _ALIGNMENT

    def get(self, key: str) -> Value:
        """Returns the value of a key; KeyError where there is none."""
        for value in self.values:
            if value.key == key.encode():
                return value
        raise KeyError(key)

    def has(self, key: str) -> bool:
        return any(value.key == key.encode() for value in self.values)

    @property
    def architecture(self) -> str:
        return self.get("general.architecture").data[8:].decode()

    def with_value(self, new: Value) -> Document:
        """Returns a copy in which a key has another value; it is added where it was not there."""
        if not self.has(new.key.decode("utf-8", "replace")):
            return replace(self, values=(*self.values, new))
        return replace(self, values=tuple(new if value.key == new.key else value for value in self.values))

    def without(self, key: str) -> Document:
        return replace(self, values=tuple(value for value in self.values if value.key != key.encode()))

    def with_tensor(self, index: int, new: Entry) -> Document:
        """Returns a copy with another line for a tensor."""
        return replace(self, tensors=(*self.tensors[:index], new, *self.tensors[index + 1 :]))

    def header(self) -> bytes:
        """Returns the header with its padding."""
        parts = [_MAGIC, struct.pack("<I", self.version & 0xFFFFFFFF)]
        parts.append(_u64(len(self.tensors) if self.tensor_count is None else self.tensor_count))
        parts.append(_u64(len(self.values) if self.value_count is None else self.value_count))
        for value in self.values:
            parts += [_text(value.key), struct.pack("<I", value.kind & 0xFFFFFFFF), value.data]
        for tensor in self.tensors:
            count = len(tensor.shape) if tensor.dimensions is None else tensor.dimensions
            parts += [_text(tensor.name), struct.pack("<I", count & 0xFFFFFFFF), *map(_u64, tensor.shape)]
            parts += [struct.pack("<I", tensor.kind & 0xFFFFFFFF), _u64(tensor.offset)]
        written = b"".join(parts)
        return written + bytes(-len(written) % max(self.alignment, 1))

    def write(self) -> bytes:
        """Returns the file."""
        return self.header() + self.data


def read(content: bytes) -> Document:
    """Takes a healthy file apart."""
    cursor = _Cursor(content)
    cursor.take(len(_MAGIC))
    version, tensor_count, value_count = cursor.number("I"), cursor.number("Q"), cursor.number("Q")
    values = tuple(_value(cursor) for _ in range(value_count))
    tensors = tuple(_entry(cursor) for _ in range(tensor_count))
    cursor.at += -cursor.at % _ALIGNMENT
    return Document(values, tensors, content[cursor.at :], version)


def scalar(key: str, kind: Kind, number: float) -> Value:
    """Returns a value of one number; one that its type cannot hold loses its upper bits."""
    code = _CODES[kind]
    if code in "fd":
        return Value(key.encode(), kind, struct.pack("<" + code, number))
    size = struct.calcsize(code)
    whole = int(number) & ((1 << 8 * size) - 1)
    return Value(key.encode(), kind, whole.to_bytes(size, "little"))


def text(key: str, content: bytes) -> Value:
    """Returns a value that is a text, in UTF-8 or not."""
    return Value(key.encode(), Kind.STRING, _text(content))


def texts(key: str, entries: Sequence[bytes]) -> Value:
    """Returns an array of texts."""
    data = struct.pack("<IQ", Kind.STRING, len(entries)) + b"".join(map(_text, entries))
    return Value(key.encode(), Kind.ARRAY, data)


def numbers(key: str, kind: Kind, entries: Sequence[float]) -> Value:
    """Returns an array of numbers."""
    data = struct.pack(f"<IQ{len(entries)}{_CODES[kind]}", kind, len(entries), *entries)
    return Value(key.encode(), Kind.ARRAY, data)


def spans(document: Document) -> Iterator[tuple[int, int]]:
    """Yields where in the file the parts of the header are that say something: all but the long arrays' entries."""
    at = 4 + 4 + 8 + 8
    yield 0, at
    for value in document.values:
        length = 8 + len(value.key) + 4 + len(value.data)
        yield at, at + min(length, 8 + len(value.key) + 4 + 64)
        at += length
    yield at, len(document.header())


@dataclass
class _Cursor:
    content: bytes
    at: int = field(default=0)

    def take(self, count: int) -> bytes:
        self.at += count
        return self.content[self.at - count : self.at]

    def number(self, code: str) -> int:
        found: int = struct.unpack("<" + code, self.take(struct.calcsize("<" + code)))[0]
        return found

    def text(self) -> bytes:
        return self.take(self.number("Q"))


def _value(cursor: _Cursor) -> Value:
    key, kind = cursor.text(), cursor.number("I")
    start = cursor.at
    if kind == Kind.STRING:
        cursor.text()
    elif kind == Kind.ARRAY:
        of, count = cursor.number("I"), cursor.number("Q")
        if of == Kind.STRING:
            for _ in range(count):
                cursor.text()
        else:
            cursor.take(count * struct.calcsize(_CODES[of]))
    else:
        cursor.take(struct.calcsize(_CODES[kind]))
    return Value(key, kind, cursor.content[start : cursor.at])


def _entry(cursor: _Cursor) -> Entry:
    name, dimensions = cursor.text(), cursor.number("I")
    shape = tuple(cursor.number("Q") for _ in range(dimensions))
    return Entry(name, shape, cursor.number("I"), cursor.number("Q"))


def _u64(number: int) -> bytes:
    return struct.pack("<Q", number & 0xFFFFFFFFFFFFFFFF)


def _text(content: bytes) -> bytes:
    return _u64(len(content)) + content
