"""The zip files that most documents are: read member by member, never unpacked onto the disk, and counted.

What a zip says of itself is not believed: sizes are counted while they come, names are only looked up in its own list.
"""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final

from desktop.documents.formats.sink import Sink
from desktop.documents.problems import Reason, RefusedError

_CHUNK: Final = 64 * 1024
_TOLD_EVERY: Final = 1024 * 1024
# Python makes an object of 500 bytes for each member; the largest documents have some thousands.
_MOST_MEMBERS: Final = 20_000
# The end of a zip: a signature, 8 bytes, the number of members, the size of their list (APPNOTE.TXT 4.3.16); the
# comment behind it has 65,535 bytes at the most.
_END: Final = b"PK\x05\x06"
_END_SIZE: Final = 22
_LIST_LIMIT: Final = 8 * 1024 * 1024
_UNKNOWN_SIZE: Final = 0xFFFFFFFF  # in an archive of zip64, which says it elsewhere
_IS_ENCRYPTED: Final = 1


class Archive:
    """A zip file that is open."""

    def __init__(self, file: BinaryIO, sink: Sink) -> None:
        """
        Args:
            file: Stays open.
            sink: Is told about progress, and knows the limits.

        Raises:
            RefusedError: It is damaged, or has too many members.
        """
        self._sink = sink
        self._unpacked = self._told = 0
        _check_list(file)
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, EOFError) as problem:
            raise RefusedError(Reason.DAMAGED) from problem
        if len(self._zip.filelist) > _MOST_MEMBERS:
            raise RefusedError(Reason.UNUSUAL)

    def names(self) -> list[str]:
        """Returns the names of all members."""
        return self._zip.namelist()

    def has(self, name: str) -> bool:
        """Tells whether there is a member of that name."""
        return name in self._zip.NameToInfo

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yields a member, unpacked, in pieces of bounded size.

        Raises:
            RefusedError: There is none, it is damaged or encrypted, or more was unpacked than is read.
        """
        info = self._zip.NameToInfo.get(name)
        if info is None:
            raise RefusedError(Reason.DAMAGED)
        if info.flag_bits & _IS_ENCRYPTED:
            raise RefusedError(Reason.PASSWORD)
        # Other ways of packing make a piece of any size out of one that was read, and no document is packed by them.
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise RefusedError(Reason.UNUSUAL)
        try:
            with self._zip.open(info) as member:
                while chunk := member.read(_CHUNK):
                    self._unpacked += len(chunk)
                    if self._unpacked > self._sink.limits.file_bytes:
                        raise RefusedError(Reason.UNPACKED)
                    self._tell()
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, OSError) as problem:
            raise RefusedError(Reason.DAMAGED) from problem

    def read(self, name: str, limit: int = 32 * 1024 * 1024) -> bytes:
        """Returns a member as a whole.

        Args:
            name: Of the member.
            limit: Bytes at the most.

        Raises:
            RefusedError: As for :meth:`chunks`, or it is longer.
        """
        content = bytearray()
        for chunk in self.chunks(name):
            content += chunk
            if len(content) > limit:
                raise RefusedError(Reason.UNPACKED)
        return bytes(content)

    def check_all(self) -> None:
        """Unpacks everything once and keeps nothing, for a library that will do so without counting.

        Raises:
            RefusedError: As for :meth:`chunks`.
        """
        for name in self.names():
            for _ in self.chunks(name):
                pass

    def _tell(self) -> None:
        """Shows a sign that it gets any further."""
        if self._unpacked - self._told > _TOLD_EVERY:
            self._told = self._unpacked
            self._sink.advance(0, 0)


def resolve(base: str, target: str) -> str:
    """Returns the name of the member that a reference in another one means; it may lie nowhere.

    Args:
        base: The member with the reference.
        target: The reference; from the root of the archive if it begins with a slash.
    """
    joined = target if target.startswith("/") else posixpath.join(posixpath.dirname(base), target)
    return posixpath.normpath(joined).lstrip("/")


def _check_list(file: BinaryIO) -> None:
    """Looks at how long the list of members is before anybody reads it."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_SIZE - 0xFFFF))
    tail = file.read()
    place = tail.rfind(_END)
    if place >= 0 and len(tail) >= place + _END_SIZE:
        length = int.from_bytes(tail[place + 12 : place + 16], "little")
        if length > _LIST_LIMIT and length != _UNKNOWN_SIZE:
            raise RefusedError(Reason.UNUSUAL)
    file.seek(0)
