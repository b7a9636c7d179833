"""Keeps others out of a file, or from changing it, as long as it lasts: other threads and other programs."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

LOCK_ERRORS: Final = (BlockingIOError, PermissionError)

_LOOK_SECONDS: Final = 0.005
# The change of a small file waits for the disk once or twice. Whoever takes longer will not end by himself.
_PATIENCE_SECONDS: Final = 10.0
# On Windows only, where no folder can be opened; elsewhere no file is left behind.
_BESIDE: Final = ".changes.lock"


def lock(stream: BinaryIO) -> None:
    """Locks an open file until it is closed; also a second handle of the same process is kept out.

    Raises:
        OSError: One of ``LOCK_ERRORS`` where somebody else holds the lock.
    """
    _lock(stream.fileno())


@contextlib.contextmanager
def changing_alone(file: Path, seconds: float = _PATIENCE_SECONDS) -> Iterator[None]:
    """Keeps others from changing ``file`` from before it is read until it is written: what they add would be lost.

    Whoever only reads is not kept out, and need not be: a file is replaced as a whole. What is locked is its folder,
    and the system takes the lock back when a process ends, however it does. Where there are no locks, as on some
    network disks, it goes without. Any thread; never one within another.

    Args:
        file: To be changed. Where its folder is missing, nobody is kept out.
        seconds: To wait at the most.

    Raises:
        OSError: Somebody else has been at it for so long.
    """
    handle = _open(file.parent)
    try:
        if handle is not None:
            _wait(handle, file, time.monotonic() + seconds)
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _open(folder: Path) -> int | None:
    """Opens what is locked; None: it cannot be, and whoever writes there will be told why."""
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            return os.open(folder / _BESIDE, os.O_RDWR | os.O_CREAT)
        return os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    return None


def _wait(handle: int, file: Path, over: float) -> None:
    while True:
        try:
            _lock(handle)
        except LOCK_ERRORS as problem:
            if time.monotonic() > over:
                raise OSError(errno.EBUSY, "another program is changing it", str(file)) from problem
            time.sleep(_LOOK_SECONDS)
        except OSError:
            return
        else:
            return


def _lock(handle: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        # Locks on Windows keep others from the bytes themselves, so a byte far behind any model is locked.
        position = os.lseek(handle, 0, os.SEEK_CUR)
        os.lseek(handle, 1 << 46, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        finally:
            os.lseek(handle, position, os.SEEK_SET)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
