"""Gives a file that will not do another name beside its own, so that nothing is written over or lost. Any thread.

All of them are kept, however many there are: what somebody wrote may be in any. There are two kinds of names:

- ``settings.broken-20260131-120000.json`` says when it was, and keeps its ending, so that a program for such files
  opens it;
- ``model.gguf.bad-1`` loses its ending, for what lies in a folder that is searched by endings.

Devices stay where they are: a whole system may need them.
"""

from __future__ import annotations

import errno
import itertools
import logging
import os
import stat
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from desktop.common.atomic_file import is_device

_log = logging.getLogger(__name__)


def set_aside(file: Path, why: str) -> Path | None:
    """Moves whatever lies there out of the way; returns where it lies now, None where that is not possible (logged).

    Args:
        file: The file, folder, pipe or link.
        why: A word for the new name, which keeps its ending.
    """
    try:
        return rename_aside(file, why)
    except OSError as problem:
        _log.warning("cannot set %s aside: %s", file.name, problem.strerror or problem)
        return None


def keep_aside(file: Path, why: str) -> Path | None:
    """Does the same with what is replaced in a moment: until then it lies where it did as well, where the disk can.

    Who is killed between the two finds the old file at the next start, and not none.
    """
    try:
        if stat.S_ISREG(file.lstat().st_mode):
            target = free_name(file, _mark(why))
            os.link(file, target)
            return target
    except OSError:  # no file system has to know links
        pass
    return set_aside(file, why)


def rename_aside(file: Path, why: str, companions: Iterable[str] = ()) -> Path:
    """Does the same, and raises where it is not possible.

    Args:
        file: See :func:`set_aside`.
        why: See :func:`set_aside`.
        companions: What is appended to the file's name for others that belong to it; those that are there follow it.

    Raises:
        OSError: It cannot be renamed.
    """
    target = free_name(file, _mark(why))
    rename_away(file, target)
    for ending in companions:
        companion = file.with_name(file.name + ending)
        with suppress(FileNotFoundError):  # whoever had the file open may take its log away
            companion.rename(target.with_name(target.name + ending))
    return target


def rename_bad(file: Path, name: str = "") -> Path:
    """Gives a file the first free ``<name>.bad-<n>`` in its folder and returns that.

    Args:
        file: What is no good.
        name: What it was meant to become; empty: its own name.

    Raises:
        OSError: It cannot be renamed.
    """
    numbered = (file.with_name(f"{name or file.name}.bad-{number}") for number in itertools.count(1))
    target = _first_free(numbered)
    rename_away(file, target)
    return target


def _mark(why: str) -> str:
    return f"{why}-{time.strftime('%Y%m%d-%H%M%S')}"


def free_name(file: Path, mark: str) -> Path:
    """Returns a path beside ``file`` where nothing lies, with the mark before the ending: ``catnap.v1.db``."""
    numbers = itertools.chain([""], (f"-{number}" for number in itertools.count(2)))
    return _first_free(file.with_name(f"{file.stem}.{mark}{number}{file.suffix}") for number in numbers)


def _first_free(paths: Iterable[Path]) -> Path:
    return next(path for path in paths if not os.path.lexists(path))


def rename_away(file: Path, target: Path) -> None:
    """Renames a file, but no device.

    Raises:
        OSError: It cannot be renamed.
    """
    if is_device(file):
        raise OSError(errno.EPERM, "it is a device", str(file))
    file.rename(target)
