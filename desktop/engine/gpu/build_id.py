"""Tells one build of a library from another, also where packing has stripped one of them. Standard library only."""

from __future__ import annotations

import struct
from typing import Final

_IDENT: Final = b"\x7fELF\x02\x01"  # 64 bits, little-endian
_HEADER = struct.Struct("<16x2x2x4x8xQ8x4x2xHH")  # elf(5), Elf64_Ehdr: e_phoff, e_phentsize, e_phnum
_SEGMENT = struct.Struct("<I4xQ16xQ")  # Elf64_Phdr: p_type, p_offset, p_filesz
_NOTE = struct.Struct("<III")  # Elf64_Nhdr: n_namesz, n_descsz, n_type
_PT_NOTE, _NT_GNU_BUILD_ID = 4, 3
_OWNER: Final = b"GNU\0"


def build_id(library: bytes) -> str:
    """Returns the id that the linker wrote into a library of Linux, else the hash of its content.

    The id stays when symbols are stripped from the file, as those of the bundle are.

    Args:
        library: All of the file.
    """
    import hashlib  # the program starts without it

    found = _linked_id(library) if library.startswith(_IDENT) else ""
    return found or f"sha256:{hashlib.sha256(library).hexdigest()}"


def _linked_id(library: bytes) -> str:
    try:
        offset, size, count = _HEADER.unpack_from(library)
        for number in range(count):
            kind, place, length = _SEGMENT.unpack_from(library, offset + number * size)
            if kind == _PT_NOTE and (found := _in_notes(library[place : place + length])):
                return found
    except struct.error:  # the end of the file is missing
        pass
    return ""


def _in_notes(notes: bytes) -> str:
    place = 0
    while place + _NOTE.size <= len(notes):
        name_length, length, kind = _NOTE.unpack_from(notes, place)
        name_at = place + _NOTE.size
        at = name_at + -(-name_length // 4) * 4
        if kind == _NT_GNU_BUILD_ID and notes[name_at : name_at + name_length] == _OWNER:
            return notes[at : at + length].hex()
        place = at + -(-length // 4) * 4
    return ""
