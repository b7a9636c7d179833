"""Bounds-checked little-endian reading for :mod:`desktop.gguf.header`. Standard library only."""

from __future__ import annotations

import struct
from typing import BinaryIO

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


class Reader:
    """Little-endian values from a file, through a window of 1 MiB; never reads or allocates past the file's end."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream = stream
        self._size = size
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
        if self.position + count > self._size:
            raise EndOfFile(self._size, self.position + count)
        self._at += count

    def number(self, code: str) -> int:
        value = struct.unpack("<" + code, self.take(struct.calcsize(code)))[0]
        return int(value)

    def scalar(self, code: str) -> MetadataScalar:
        value: MetadataScalar = struct.unpack("<" + code, self.take(struct.calcsize(code)))[0]
        return value

    def text(self, limit: int, what: str) -> str:
        length = self.number("Q")
        if length > limit:
            raise Damaged(f"{what} of {length:,} bytes")
        return self.take(length).decode("utf-8", errors="replace")

    def skip_texts(self, count: int) -> None:
        """Steps over ``count`` texts: the vocabulary, so this loop is the one that has to be quick."""
        if self.position + count * 8 > self._size:
            raise EndOfFile(self._size, self.position + count * 8)
        unpack = struct.Struct("<Q").unpack_from
        window, at = self._window, self._at
        for _ in range(count):
            if at + 8 > len(window):
                self._at = at
                self._refill(8)
                window, at = self._window, self._at
            at += 8 + unpack(window, at)[0]
        self._at = at
        if self.position > self._size:
            raise EndOfFile(self._size, self.position)

    def _refill(self, count: int) -> None:
        start = self.position
        if start + count > self._size:
            raise EndOfFile(self._size, start + count)
        self._stream.seek(start)
        self._window = self._stream.read(max(count, _WINDOW))
        self._start, self._at = start, 0
        if len(self._window) < count:  # it shrank while we were reading
            raise EndOfFile(start + len(self._window), start + count)
