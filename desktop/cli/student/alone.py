"""Keeps two processes from training one student: one that was left alone may still write its checkpoint."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.file_lock import LOCK_ERRORS, lock

# A step of many seconds beside a busy program, and gigabytes on a slow disk.
_SECONDS: Final = 300.0
_LOOK_SECONDS: Final = 0.2


@contextlib.contextmanager
def alone_in(folder: Path, seconds: float = _SECONDS) -> Iterator[BinaryIO]:
    """Waits until nobody works in a folder any more, and keeps others out of it; yields the file that is locked.

    Args:
        folder: May not be there yet; the lock lies beside it.
        seconds: At the most.

    Raises:
        UserFacingError: It takes longer.
        OSError: The lock cannot be written.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    over = time.monotonic() + seconds
    with folder.with_name(f"{folder.name}.lock").open("ab") as held:
        while True:
            try:
                lock(held)
                break
            except LOCK_ERRORS as problem:
                if time.monotonic() > over:
                    raise UserFacingError(
                        QT_TRANSLATE_NOOP("Errors", "This student is being trained already."),
                        f"{folder}.",
                        QT_TRANSLATE_NOOP("Errors", "Wait until the other training has ended, or stop it."),
                    ) from problem
            time.sleep(_LOOK_SECONDS)
        yield held
