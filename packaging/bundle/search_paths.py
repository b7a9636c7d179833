"""Where the libraries of a bundle look for others: beside themselves, and nowhere on the machine that made the bundle.

A Python of one's own (pyenv) leaves its folder in all of its libraries, to be searched on every machine that the bundle
runs on; whoever can write there has foreign code run in it. The entry is taken out as chrpath does it, which needs no
tool: those after it move up by one.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# elf(5), for 64 bits and little-endian, which all machines are that llama.cpp is built for here.
_IDENT = b"\x7fELF\x02\x01"
_PT_LOAD, _PT_DYNAMIC = 1, 2
_DT_NULL, _DT_STRTAB, _DT_RPATH, _DT_RUNPATH = 0, 5, 15, 29
_PROGRAM_HEADER = struct.Struct("<IIQQQQQQ")
_ENTRY = struct.Struct("<QQ")
_OWN = "$ORIGIN"


@dataclass(frozen=True)
class _Entry:
    """A line of the table for the dynamic linker.

    Attributes:
        at: Offset in the file.
    """

    at: int
    tag: int
    value: int


def foreign_search_paths(path: Path) -> tuple[str, ...]:
    """Returns the folders outside of its own that a library or program has searched; none for other files."""
    content = path.read_bytes()
    return tuple(folder for _, folders in _search_entries(content) for folder in folders if not _is_own(folder))


def drop_foreign_search_paths(path: Path) -> bool:
    """Takes the entries with such folders out of a file; returns whether there were any."""
    content = bytearray(path.read_bytes())
    dropped = [entry.at for entry, folders in _search_entries(bytes(content)) if not all(map(_is_own, folders))]
    for at in reversed(dropped):
        end = max(entry.at for entry in _dynamic(bytes(content)))
        content[at : end + _ENTRY.size] = content[at + _ENTRY.size : end + _ENTRY.size] + bytes(_ENTRY.size)
    if not dropped:
        return False
    mode = path.stat().st_mode
    scratch = path.with_name(f"{path.name}.new")
    scratch.write_bytes(content)
    os.utime(scratch, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    scratch.chmod(mode)
    scratch.replace(path)
    return True


def _is_own(folder: str) -> bool:
    return folder == _OWN or folder.startswith(f"{_OWN}/")


def _search_entries(content: bytes) -> Iterator[tuple[_Entry, list[str]]]:
    entries = list(_dynamic(content))
    texts = next((_offset(content, entry.value) for entry in entries if entry.tag == _DT_STRTAB), None)
    for entry in entries:
        if entry.tag in (_DT_RPATH, _DT_RUNPATH) and texts is not None:
            start = texts + entry.value
            yield entry, content[start : content.index(b"\0", start)].decode().split(":")


def _dynamic(content: bytes) -> Iterator[_Entry]:
    """Yields the table, with the entry that ends it."""
    for kind, offset, _, size in _segments(content):
        if kind == _PT_DYNAMIC:
            for at in range(offset, offset + size, _ENTRY.size):
                tag, value = _ENTRY.unpack_from(content, at)
                yield _Entry(at, tag, value)
                if tag == _DT_NULL:
                    return


def _segments(content: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Yields kind, offset, address and size in the file of each segment."""
    if not content.startswith(_IDENT):
        return
    (start,) = struct.unpack_from("<Q", content, 0x20)
    size, count = struct.unpack_from("<HH", content, 0x36)
    for number in range(count):
        kind, _, offset, address, _, in_file, _, _ = _PROGRAM_HEADER.unpack_from(content, start + number * size)
        yield kind, offset, address, in_file


def _offset(content: bytes, address: int) -> int | None:
    for kind, offset, begin, size in _segments(content):
        if kind == _PT_LOAD and begin <= address < begin + size:
            return offset + address - begin
    return None
