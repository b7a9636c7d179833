"""Reads rows out of a damaged SQLite file, page by page, without SQLite.

SQLite follows pointers from the header through the schema and the inner pages down to the leaves, and one of them being
wrong hides all below it. The leaves hold the rows, each page for itself, so here every page of the file is looked at.
What was deleted is not found again: SQLite overwrites it with zeros (``secure_delete``).

https://www.sqlite.org/fileformat2.html names everything that is read here.
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop.common.sqlite import companion

_log = logging.getLogger(__name__)

Value = None | int | float | str | bytes

_HEADER = 100  # bytes at the start of the first page
_LEAF = 0x0D  # the first byte of a page with rows of a table
_PAGE_SIZES = (4096, 1024, 2048, 8192, 16384, 32768, 65536, 512)  # what SQLite makes today comes first
_WAL_MAGIC: Final = {0x377F0682: "<", 0x377F0683: ">"}  # and the byte order of its checksums
_WAL_HEADER, _FRAME_HEADER = 32, 24
_GUESS_BYTES = 8 << 20  # from the start of the file: enough to guess the size of its pages
_COLUMNS = 64  # more than any table of ours has
_INTEGERS: Final = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}  # serial type: bytes


@dataclass(frozen=True)
class Row:
    """A row of some table.

    Attributes:
        values: As stored: the integer primary key is None there, and is the row number.
        whole: Nothing of it is seen to be cut off or garbled.
    """

    number: int
    values: tuple[Value, ...]
    whole: bool


class DamagedFile:
    """The pages of a database file with what the log beside it has changed."""

    def __init__(self, file: Path) -> None:
        """
        Args:
            file: The database; a file ``-wal`` beside it belongs to it.

        Raises:
            OSError: It cannot be read.
        """
        self._stream = file.open("rb")
        try:
            self._size = file.stat().st_size
            log = companion(file, "-wal")
            self._log = log.read_bytes() if log.is_file() else b""
            self._page_size = self._find_page_size()
            self._changed = dict(self._logged())
        except BaseException:
            self._stream.close()
            raise

    def close(self) -> None:
        """Closes the file."""
        self._stream.close()

    def rows(self) -> Iterator[Row]:
        """Yields all rows of all tables that can be read, in no order."""
        last = max(-(-self._size // self._page_size), max(self._changed, default=0))
        for number in range(1, last + 1):
            page = self._page(number)
            if page is not None and page[0] == _LEAF:
                yield from self._leaf(page)

    def _find_page_size(self) -> int:
        stated = [int.from_bytes(self._head(0, _HEADER)[16:18], "big")]
        if int.from_bytes(self._log[:4], "big") in _WAL_MAGIC:
            stated.append(int.from_bytes(self._log[8:12], "big"))
        stated = [65536 if size == 1 else size for size in stated]
        # What the header says counts where two are as likely: it may be damaged too.
        likely = [*(size for size in stated if size in _PAGE_SIZES), *_PAGE_SIZES]
        return max(likely, key=lambda size: (self._leaves(size), -likely.index(size)))

    def _leaves(self, size: int) -> int:
        """Counts places where a page of this size would be a leaf with cells that lie within it."""
        count = 0
        for number in range(min(self._size, _GUESS_BYTES) // size):
            head = self._head(number * size, 8)
            cells, content = struct.unpack(">HH", head[3:7]) if len(head) == 8 else (0, 0)
            if head[:1] == bytes([_LEAF]) and 0 < cells < size // 4 and 8 + 2 * cells <= content < size:
                # The bytes of a row may look like that; where the cells begin tells.
                places = struct.unpack(f">{cells}H", self._head(number * size + 8, 2 * cells).ljust(2 * cells, b"\0"))
                count += content <= min(places) and max(places) < size
        return count

    def _head(self, at: int, length: int) -> bytes:
        self._stream.seek(at)
        return self._stream.read(length)

    def _page(self, number: int) -> bytes | None:
        if number in self._changed:
            return self._changed[number]
        if not 0 < number <= -(-self._size // self._page_size):
            return None
        page = self._head((number - 1) * self._page_size, self._page_size)
        return page.ljust(self._page_size, b"\0") if page else None

    def _logged(self) -> Iterator[tuple[int, bytes]]:
        """Yields the pages of the log, the newest of each last: those that follow on each other with right sums."""
        order = _WAL_MAGIC.get(int.from_bytes(self._log[:4], "big"))
        if order is None or len(self._log) < _WAL_HEADER:
            return
        salts, sums = self._log[16:24], struct.unpack(">II", self._log[24:32])
        if _checksum(self._log[:24], (0, 0), order) != sums:
            return
        waiting: list[tuple[int, bytes]] = []
        for at in range(_WAL_HEADER, len(self._log) - _FRAME_HEADER, _FRAME_HEADER + self._page_size):
            frame = self._log[at : at + _FRAME_HEADER]
            page = self._log[at + _FRAME_HEADER : at + _FRAME_HEADER + self._page_size]
            if frame[8:16] != salts or len(page) < self._page_size:
                return
            sums = _checksum(page, _checksum(frame[:8], sums, order), order)
            if sums != struct.unpack(">II", frame[16:24]):
                return
            number, committed = struct.unpack(">II", frame[:8])
            waiting.append((number, page))
            if committed:  # the end of a transaction; what comes after the last one never happened
                yield from waiting
                waiting.clear()

    def _leaf(self, page: bytes) -> Iterator[Row]:
        cells = int.from_bytes(page[3:5], "big")
        for at in range(8, 8 + 2 * cells, 2):
            start = int.from_bytes(page[at : at + 2], "big")
            try:
                row = self._cell(page, start) if 8 <= start < len(page) else None
            except (IndexError, ValueError, struct.error):
                continue  # no cell at all
            if row is not None:
                yield row

    def _cell(self, page: bytes, start: int) -> Row | None:
        length, at = _varint(page, start)
        number, at = _varint(page, at)
        if not 0 < length <= self._size + len(self._log):
            return None
        usable = self._page_size
        most, least = usable - 35, (usable - 12) * 32 // 255 - 23
        if length <= most:
            payload = page[at : at + length]
        else:
            local = least + (length - least) % (usable - 4)
            local = local if local <= most else least
            payload = page[at : at + local] + self._overflow(page[at + local : at + local + 4], length - local)
        values, clean = _record(payload)
        signed = number - (1 << 64) if number >= 1 << 63 else number
        return Row(signed, values, clean and len(payload) == length) if values else None

    def _overflow(self, pointer: bytes, length: int) -> bytes:
        """Returns the rest of a row, as far as its chain of pages can be followed."""
        parts: list[bytes] = []
        seen: set[int] = set()
        left = length
        while left > 0:
            number = int.from_bytes(pointer, "big")
            page = None if number in seen else self._page(number)
            if page is None:
                break
            seen.add(number)
            if not any(page):  # wiped out; no text is
                break
            parts.append(page[4 : 4 + left])
            left -= len(parts[-1])
            pointer = page[:4]
        return b"".join(parts)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for step in range(9):
        byte = data[at + step]
        if step == 8:
            return (value << 8) | byte, at + 9
        value = (value << 7) | (byte & 0x7F)
        if byte < 0x80:
            return value, at + step + 1
    raise AssertionError("unreachable")


def _record(payload: bytes) -> tuple[tuple[Value, ...], bool]:
    """Returns the values of a record, and whether all texts are such.

    Values behind its end are left out, and a text that it ends in is cut off.
    """
    head, at = _varint(payload, 0)
    types: list[int] = []
    while at < head and len(types) < _COLUMNS:
        kind, at = _varint(payload, at)
        types.append(kind)
    values: list[Value] = []
    clean = True
    at = head
    for kind in types:
        if kind in (0, 8, 9):
            values.append(None if kind == 0 else kind - 8)
            continue
        if kind in (10, 11):  # reserved: garbage
            return (), False
        size = 8 if kind == 7 else _INTEGERS[kind] if kind < 7 else (kind - 12) // 2
        piece = payload[at : at + size]
        if len(piece) < size and (kind < 12 or not piece):
            break
        if kind == 7:
            values.append(struct.unpack(">d", piece)[0])
        elif kind < 7:
            values.append(int.from_bytes(piece, "big", signed=True))
        else:
            text = piece.decode("utf-8", "replace")
            clean = clean and not (kind % 2 and "\ufffd" in text and text.encode() != piece)
            values.append(text if kind % 2 else piece)
        at += size
    return tuple(values), clean


def _checksum(data: bytes, start: tuple[int, ...], order: str) -> tuple[int, int]:
    first, second = start
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for at in range(0, len(words), 2):
        first = (first + words[at] + second) & 0xFFFFFFFF
        second = (second + words[at + 1] + first) & 0xFFFFFFFF
    return first, second
