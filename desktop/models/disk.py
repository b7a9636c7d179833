"""What differs between disks and systems: room, flushing, and what the failures mean."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError, is_disk_full

# Writes some or all of the bytes and returns how many, like RawIOBase.write; tests fill the disk with another one.
Write = Callable[[BinaryIO, memoryview], int]

# Bytes that stay free: a disk filled to the last byte hurts other programs.
SPARE = 64_000_000


def room(folder: Path) -> int | None:
    """Returns the bytes free where ``folder`` is or will be made; None: the system does not tell."""
    for candidate in (folder, *folder.parents):
        if os.path.isdir(candidate):  # noqa: PTH112 (one that may not be looked into is none, and no error)
            try:
                return shutil.disk_usage(candidate).free
            except OSError:
                return None
    return None


def write_raw(stream: BinaryIO, data: memoryview) -> int:
    """The ``Write`` for real use."""
    return stream.write(data)


def disk_error(path: Path, problem: OSError) -> UserFacingError:
    """Returns the sentence for a failure of the disk at ``path``."""
    detail = f"{path}: {problem.strerror or problem}."
    if is_disk_full(problem):
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The disk is full."),
            detail,
            QT_TRANSLATE_NOOP("Errors", "Free some space; the download goes on where it stopped."),
        )
    if problem.errno == errno.EFBIG:
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The disk of the model folder cannot hold a file this large."),
            detail,
            QT_TRANSLATE_NOOP("Errors", "Choose a folder on another disk in the settings, or a smaller model."),
        )
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The download cannot be written to the model folder."),
        detail,
        QT_TRANSLATE_NOOP("Errors", "Make the folder writable, or choose another one in the settings."),
    )


def sync_folder(folder: Path) -> None:
    """Brings a rename to the disk; Windows does that by itself."""
    if sys.platform != "win32":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
