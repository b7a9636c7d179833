"""Bounds-checked little-endian reading for :mod:`desktop.gguf.header`. Standard library only."""

from __future__ import annotations

import struct
from typing import BinaryIO

from desktop.common.byte_sizes import format_bytes

MetadataScalar = str | int | float | bool

_WINDOW = 1 << 20


class Damaged(Exception):  # noqa: N818 (read_header turns it into a sentence)
    """The file contradicts itself."""


class EndOfFile(Exception):  # noqa: N818 (read_header turns it into a sentence)
    """The file ends before something that it announces."""

    def __init__(self, size: int, needed: int) -> None:
        super().__init__()
        self.size = size
        self.needed = needed


class Excessive(Exception):  # noqa: N818 (read_header turns it into a sentence)
    """The file has more of something than any model has."""


class Reader:
    """Little-endian values from a file, through a window of 1 MiB; never reads or allocates past the file's end.

    Nor past a limit on the bytes from the file's beginning, which is above what any model needs before its tensors.
    """

    def __init__(self, stream: BinaryIO, size: int, limit: int) -> None:
        """
        Args:
            stream: The file, at its beginning.
            size: Bytes that it has.
            limit: Bytes of it that may be read or stepped over.
        """
        self._stream = stream
        self._size = size
        self._limit = limit
        self._window = b""
        self._start = 0  # of the window in the file
        self._at = 0  # in the window

    @property
    def position(self) -> int:
        return self._start + self._at

    def take(self, count: int) -> bytes:
        """Returns the next ``count`` bytes."""
        if self._at + count > len(self._window):
            self._refill(count)
        piece = self._window[self._at : self._at + count]
        self._at += count
        return piece

    def skip(self, count: int) -> None:
        self.require(count)
        self._at += count

    def require(self, count: int) -> None:
        """Makes sure that there are ``count`` bytes from here on, all of which may be read."""
        self._check(self.position + count)

    def number(self, code: str) -> int:
        value = struct.unpack("<" + code, self.take(struct.calcsize(code)))[0]
        return int(value)

    def scalar(self, code: str) -> MetadataScalar:
        value: MetadataScalar = struct.unpack("<" + code, self.take(struct.calcsize(code)))[0]
        return value

    def scalars(self, code: str, count: int) -> tuple[MetadataScalar, ...]:
        values: tuple[MetadataScalar, ...] = struct.unpack(f"<{count}{code}", self.take(count * struct.calcsize(code)))
        return values

    def text(self, limit: int, what: str) -> str:
        length = self.number("Q")
        if length > limit:
            raise Damaged(f"{what} of {length:,} bytes")
        return self.take(length).decode("utf-8", errors="replace")

    def skip_texts(self, count: int) -> None:
        """Steps over ``count`` texts: the vocabulary, so this loop is the one that has to be quick."""
        self.require(count * 8)
        unpack = struct.Struct("<Q").unpack_from
        window, at = self._window, self._at
        for _ in range(count):
            if at + 8 > len(window):
                self._at = at
                self._refill(8)
                window, at = self._window, self._at
            at += 8 + unpack(window, at)[0]
        self._at = at
        self._check(self.position)

    def _check(self, end: int) -> None:
        if end > self._size:
            raise EndOfFile(self._size, end)
        if end > self._limit:
            raise Excessive(f"a header of more than {format_bytes(self._limit)}")

    def _refill(self, count: int) -> None:
        self.require(count)
        start = self.position
        self._stream.seek(start)
        self._window = self._stream.read(max(count, _WINDOW))
        self._start, self._at = start, 0
        if len(self._window) < count:  # it shrank while we were reading
            raise EndOfFile(start + len(self._window), start + count)


def check_count(count: int, limit: int, what: str) -> None:
    """Refuses more of something than any model has.

    Raises:
        Excessive: It is more than ``limit``.
    """
    if count > limit:
        raise Excessive(f"{count:,} {what}, {limit:,} at the most")
