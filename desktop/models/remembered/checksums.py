"""Whether a file is the one that was published: sha256, and the note beside a file that it was found right.

The note of ``model.gguf`` is ``.model.gguf.verified``: ``{"version": 1, "sha256", "size", "mtime_ns"}``. It lies beside
the file, so that it moves with the model folder, and stops counting as soon as the file changes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from desktop.common.errors import Cancelled
from desktop.common.json_file import read_json, write_json
from desktop.common.regular_file import open_regular

_VERSION = 1
# Bytes of a note.
_MOST = 10_000
_BLOCK = 1 << 20
# Bytes between two reports; a tenth of a second of hashing on a slow machine.
_REPORT = 16 << 20
# FAT keeps times in steps of two seconds, so a file moved to a memory stick comes back a little older or younger.
_MTIME_TOLERANCE_NS = 2_000_000_000


def hash_file(
    path: Path,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> str:
    """Returns the sha256 of ``path`` in lower-case hex. Takes seconds: call it in a worker thread.

    Args:
        path: The file.
        progress: Called with bytes done and bytes in all, in the calling thread.
        cancelled: Asked after every block.

    Raises:
        Cancelled: ``cancelled`` said so.
        OSError: The file cannot be read.
    """
    import hashlib

    with open_regular(path) as stream:
        total = os.fstat(stream.fileno()).st_size
        digest, done, reported = hashlib.sha256(), 0, 0
        while block := stream.read(_BLOCK):
            digest.update(block)
            done += len(block)
            if cancelled is not None and cancelled():
                raise Cancelled
            if progress is not None and (done - reported >= _REPORT or done >= total):
                progress(done, total)
                reported = done
    return digest.hexdigest()


def note_path(path: Path) -> Path:
    """Returns where the note about ``path`` lies."""
    return path.with_name(f".{path.name}.verified")


def write_note(path: Path, sha256: str) -> None:
    """Notes that ``path`` was found to have ``sha256``.

    Raises:
        OSError: The folder cannot be written to.
    """
    status = path.stat()
    write_json(
        note_path(path),
        {"version": _VERSION, "sha256": sha256, "size": status.st_size, "mtime_ns": status.st_mtime_ns},
    )


def is_noted(path: Path, sha256: str) -> bool:
    """True when ``path`` was found to have ``sha256`` and has not changed since; reads no more than the note."""
    try:
        status = path.stat()
        note: Any = read_json(note_path(path), _MOST)
        return bool(
            note["version"] == _VERSION
            and note["sha256"] == sha256
            and note["size"] == status.st_size
            and abs(note["mtime_ns"] - status.st_mtime_ns) <= _MTIME_TOLERANCE_NS
        )
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return False  # no note, or not one of ours: the file is hashed again
