"""Keeps two commands from doing the same at once: they would write the same files.

A process that was left alone, as a training is whose program was killed, may still write its checkpoint.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from desktop.cli import common
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.file_lock import LOCK_ERRORS, lock
from desktop.student.project import Project

# A step of many seconds beside a busy program, and gigabytes on a slow disk.
PROCESS_SECONDS: Final = 300.0
_COMMAND_SECONDS: Final = 5.0
_LOOK_SECONDS: Final = 0.2


@contextlib.contextmanager
def alone_in(folder: Path, seconds: float = PROCESS_SECONDS) -> Iterator[BinaryIO]:
    """Waits until nobody trains in a folder any more, and keeps others out of it; yields the file that is locked.

    Args:
        folder: May not be there yet; the lock lies beside it.
        seconds: At the most.

    Raises:
        UserFacingError: It takes longer.
        OSError: The lock cannot be written.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    refusal = UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "This student is being trained already."),
        f"{folder}.",
        QT_TRANSLATE_NOOP("Errors", "Wait until the other training has ended, or stop it."),
    )
    with _locked(folder.with_name(f"{folder.name}.lock"), seconds, refusal) as held:
        yield held


@contextlib.contextmanager
def alone_at(project: Project, step: str, seconds: float = _COMMAND_SECONDS) -> Iterator[BinaryIO]:
    """Waits until no other command does a step of a project any more, and keeps others from it.

    Args:
        project: Whose step it is.
        step: Such as "collect".
        seconds: At the most.

    Raises:
        UserFacingError: It takes longer.
        OSError: The lock cannot be written.
    """
    refusal = UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "Another command is at this step of the project."),
        f"{project.folder}: {step}.",
        QT_TRANSLATE_NOOP("Errors", "Wait until the other one has ended, or stop it."),
    )
    with _locked(project.folder / f".{step}.lock", seconds, refusal) as held:
        yield held


def done_alone(project: Project, step: str, do: Callable[[], int]) -> int:
    """Does a step while no other command does it; see :func:`alone_at`."""
    with alone_at(project, step):
        return do()


@contextlib.contextmanager
def _locked(file: Path, seconds: float, refusal: UserFacingError) -> Iterator[BinaryIO]:
    over = time.monotonic() + seconds
    is_told = False
    with file.open("ab") as held:
        while True:
            try:
                lock(held)
                break
            except LOCK_ERRORS as problem:
                if time.monotonic() > over:
                    raise refusal from problem
            if not is_told:
                is_told = True
                common.warn("another command is at this already; waits for it")
            time.sleep(_LOOK_SECONDS)
        yield held
