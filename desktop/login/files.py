"""Writing a small file so that it is whole or as it was."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

# What other programs give their files there.
_MODE = 0o644


def write_whole(file: Path, content: bytes) -> None:
    """Replaces ``file``, following a link to where it really lies; makes its folder.

    Raises:
        OSError: It cannot be written; the file is as it was.
    """
    file = file.resolve()
    file.parent.mkdir(parents=True, exist_ok=True)
    mode = file.stat().st_mode & 0o777 if file.exists() else _MODE
    handle, scratch = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(scratch).chmod(mode)
        Path(scratch).replace(file)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise
