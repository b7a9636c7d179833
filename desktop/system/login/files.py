"""Writing a small file that other programs read too."""

from __future__ import annotations

from pathlib import Path

from desktop.common.atomic_file import write_whole

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
    write_whole(file, content, mode=mode)
