"""Which file a path leads to, so that what was learnt about a file is forgotten when another takes its place."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class FileIdentity:
    """A file as it was at one moment; two are equal only where nobody wrote to or replaced the file in between.

    Attributes:
        device: Number of the file system.
        inode: Number of the file in it; on Windows the file index.
        size: Bytes.
        mtime_ns: When its content last changed, in nanoseconds since 1970.
    """

    device: int
    inode: int
    size: int
    mtime_ns: int

    @classmethod
    def of(cls, path: Path) -> FileIdentity:
        """Identifies the file that a path leads to, behind symbolic links.

        Raises:
            OSError: There is nothing, or it may not be looked at.
        """
        return cls._from_status(path.stat())

    @classmethod
    def of_all(cls, paths: Sequence[Path]) -> FileIdentity:
        """Identifies several files that are one thing; of a single one it is what :meth:`of` returns.

        The size is that of all; of several the other numbers are hashes, which only say whether anything has changed.

        Raises:
            OSError: One of them is not there, or may not be looked at.
        """
        found = [cls.of(path) for path in paths]
        if len(found) == 1:
            return found[0]
        return cls(
            found[0].device,
            _number((each.device, each.inode) for each in found),
            sum(each.size for each in found),
            _number((each.size, each.mtime_ns) for each in found),
        )

    @classmethod
    def of_handle(cls, handle: int) -> FileIdentity:
        """Identifies an open file by its descriptor: what is read from it belongs to this identity.

        Raises:
            OSError: The descriptor is not open.
        """
        return cls._from_status(os.fstat(handle))

    @classmethod
    def _from_status(cls, status: os.stat_result) -> FileIdentity:
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def _number(facts: Iterable[tuple[int, int]]) -> int:
    """Returns a number of 63 bits, which every database and wire takes, that stands for the facts."""
    import hashlib  # with a library of several megabytes, which the app does not need before it names a model

    digest = hashlib.sha256(repr(tuple(facts)).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1
