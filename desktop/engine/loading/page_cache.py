"""Fetches a model file from the disk into the page cache, with progress.

llama.cpp maps the file and lets the system read all of it in one call that says nothing and cannot be stopped: several
seconds from an old laptop's disk. Reading it once beforehand takes the same time, reports how far it is, and stops when
asked; the mapping then finds everything in memory.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from desktop.common.errors import Cancelled
from desktop.common.regular_file import open_regular
from desktop.engine.llama.bindings import AbortFlag
from desktop.machine.memory import MemoryReader

_CHUNK = 4 << 20
_PAGE = 4096
# Pages looked at, spread over the file.
_SAMPLES = 64


def needs_warming(path: Path) -> bool:
    """Tells whether part of the file is known to be on the disk only, and all of it would fit into memory.

    Only Linux can tell; elsewhere the answer is always no.
    """
    no_wait: int | None = getattr(os, "RWF_NOWAIT", None)  # "fail rather than wait for the disk"
    if no_wait is None:
        return False
    try:
        with open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            if size > MemoryReader().read().machine_available:
                return False  # its beginning would be pushed out by its end, and read twice
            buffer = bytearray(_PAGE)
            for sample in range(_SAMPLES):
                os.preadv(file.fileno(), [buffer], size * sample // _SAMPLES, no_wait)
    except BlockingIOError:
        return True
    except OSError:  # the file system has no such reads
        return False
    return False


def warm(paths: Sequence[Path], progress: Callable[[float], None], abort: AbortFlag) -> None:
    """Reads files once, one after the other, and keeps nothing.

    Args:
        paths: The files.
        progress: Told the share that is read, 0 to 1.
        abort: Stops it.

    Raises:
        Cancelled: ``abort`` was set.
        OSError: The disk failed.
    """
    buffer = bytearray(_CHUNK)
    size = max(sum(path.stat().st_size for path in paths), 1)
    done = 0
    for path in paths:
        with open_regular(path) as file:
            while count := file.readinto(buffer):
                done += count
                progress(min(done / size, 1.0))
                if abort.is_set():  # after each piece, the last one too: the whole of a small file is one
                    raise Cancelled
