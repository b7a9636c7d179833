"""Disks that run out of room: a small one in the memory, mounted where nobody else sees it, and one that only acts so.

The small one is real, and counts in pages. The other one, a library that is loaded before all others, knows bytes and
other errors than a full disk: a share that is used up, files that may not be larger, a disk that turned read-only.
"""

from __future__ import annotations

import errno
import functools
import mmap
import os
import shutil
import struct
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_SOURCE: Final = Path(__file__).with_name("short_of_room.c")
# As a user in namespaces of its own, or as root of a system without those for users.
_WAYS: Final = (("unshare", "-rm"), ("unshare", "-m"))
_CONTROL: Final = struct.Struct("=3q")
_UNLIMITED: Final = -1
ERRORS: Final = {
    "full": errno.ENOSPC,  # the small disk
    "no room": errno.ENOSPC,
    "share used up": errno.EDQUOT,
    "file too large": errno.EFBIG,
    "read-only": errno.EROFS,
}
REAL: Final = "full"


def mounted(folder: Path, size: int) -> tuple[str, ...]:
    """Returns what goes before a command so that it, and nobody else, finds a small empty disk in a folder.

    Args:
        folder: It is there.
        size: Bytes.
    """
    script = 'mount -t tmpfs -o size=$0 none "$1" && shift && exec "$@"'
    return (*(_way() or _WAYS[0]), "sh", "-c", script, str(size), str(folder))


@functools.cache
def why_no_small_disk() -> str:
    """Returns why no small disk can be mounted here; empty: it can."""
    return "" if _way() is not None else "this user may not mount anything here, not even in a namespace of its own"


@functools.cache
def _way() -> tuple[str, ...] | None:
    for way in _WAYS:
        try:
            done = subprocess.run([*way, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False)
        except OSError:
            continue
        if done.returncode == 0:
            return way
    return None


@functools.cache
def acting_library() -> Path | None:
    """Returns the library that makes a disk act as if it had no room; None: there is no compiler for it."""
    target = Path(tempfile.mkdtemp(prefix="catnap-short-of-room-")) / "short_of_room.so"
    for compiler in ("cc", "gcc", "clang"):
        command = [compiler, "-O1", "-shared", "-fPIC", "-o", str(target), str(_SOURCE), "-ldl"]
        if shutil.which(compiler) and subprocess.run(command, capture_output=True, check=False).returncode == 0:
            return target
    shutil.rmtree(target.parent)
    return None


@dataclass(frozen=True)
class Acting:
    """What a program must be started with so that a disk acts.

    Attributes:
        folder: What lies below it is on that disk.
        control: A file that lies elsewhere.
    """

    folder: Path
    control: Path

    @property
    def environment(self) -> dict[str, str]:
        library = acting_library()
        if library is None:
            return {}
        self.control.write_bytes(_CONTROL.pack(_UNLIMITED, 0, 0))
        return {
            "LD_PRELOAD": str(library),
            "CATNAP_DISK": str(self.folder),
            "CATNAP_DISK_CONTROL": str(self.control),
        }


class Disk:
    """Takes the room of a disk and gives it back, in the program that writes or beside it.

    Attributes:
        folder: What lies below it is on the disk.
    """

    def __init__(self, folder: Path, control: Path | None) -> None:
        """
        Args:
            folder: Where the small disk is mounted, or the acting one is said to be.
            control: Of the acting one; None: there is none.
        """
        self.folder = folder
        self._filler = folder / "filler"
        self._map: mmap.mmap | None = None
        if control is not None:
            with control.open("r+b") as stream:
                self._map = mmap.mmap(stream.fileno(), _CONTROL.size)

    def limit(self, kind: str, room: int) -> None:
        """Leaves so many bytes, of :data:`ERRORS` by name what happens then; the small disk leaves whole pages."""
        if kind != REAL:
            assert self._map is not None
            self._set(room, ERRORS[kind])
            return
        self.lift()
        with self._filler.open("wb") as stream:
            more = self.free() - room
            if more > 0:
                os.posix_fallocate(stream.fileno(), 0, more)

    def lift(self) -> None:
        """Gives all the room back."""
        if self._map is not None:  # before anything is removed from a disk that is read-only
            self._set(_UNLIMITED, 0)
        self._filler.unlink(missing_ok=True)

    def free(self) -> int:
        """Returns the bytes that the small disk has left."""
        facts = os.statvfs(self.folder)
        return facts.f_bavail * facts.f_frsize

    def written(self) -> int:
        """Returns how many bytes were written so far, the acting disk only."""
        return int(_CONTROL.unpack(self._map[:])[1]) if self._map is not None else 0

    def _set(self, room: int, error: int) -> None:
        assert self._map is not None
        self._map[0:8] = struct.pack("=q", room)
        self._map[16:24] = struct.pack("=q", error)
