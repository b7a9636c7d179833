"""Writes a file so that it is whole or as it was."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_NAME_PART = 40  # characters, at most 160 bytes


def write_atomically(file: Path, content: bytes, *, mode: int | None = None, durable: bool = True) -> None:
    """Replaces ``file``, whose folder must be there; a crash leaves the old or the new content, never half of one.

    Args:
        file: The file.
        content: All of it.
        mode: Its permissions; None: only the user may read and write it (what ``mkstemp`` gives).
        durable: Have it on the disk before the old one goes. What can be made again needs no such wait.

    Raises:
        OSError: It cannot be written; the old file is untouched.
    """
    with replaced_atomically(file, mode=mode, durable=durable) as stream:
        stream.write(content)


@contextmanager
def replaced_atomically(file: Path, *, mode: int | None = None, durable: bool = True) -> Iterator[BinaryIO]:
    """Gives a stream for what shall replace ``file``, where the content is too much to be held; see above.

    Args:
        file: The file. It is replaced when the block is left, and stays as it was where the block raises.
        mode: See :func:`write_atomically`.
        durable: See :func:`write_atomically`.

    Raises:
        OSError: It cannot be written; the old file is untouched.
    """
    # Of the name only its beginning: with all of it a long one would be too long.
    handle, scratch = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name[:_NAME_PART]}-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        if mode is not None:
            Path(scratch).chmod(mode)
        Path(scratch).replace(file)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise


# What other programs give their files there.
_MODE = 0o644


def write_shared(file: Path, content: bytes) -> None:
    """Replaces ``file``, following a link to where it really lies; makes its folder.

    Raises:
        OSError: It cannot be written; the file is as it was.
    """
    file = file.resolve()
    file.parent.mkdir(parents=True, exist_ok=True)
    mode = file.stat().st_mode & 0o777 if file.exists() else _MODE
    write_atomically(file, content, mode=mode)
