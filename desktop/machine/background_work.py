"""A process that works in the background, with all that it has started: slowed, stopped, gone on with, ended.

On Linux and macOS it is the first of a process group, which one call reaches at once; on Windows its children are
looked for. What is gone already is passed over. Any thread.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any, Final

# The lowest; beside a program that wants the processor it gets a seventieth of it (sched(7)).
_NICEST: Final = 19
_CREATE_NO_WINDOW, _IDLE_PRIORITY_CLASS = 0x08000000, 0x40  # winbase.h


def start_options() -> dict[str, Any]:
    """Returns what ``subprocess.Popen`` needs for such a process.

    Its group is one of our session: where this program ends without a word, the system wakes a group that is stopped
    and hangs up on it (setpgid(2), "orphaned process group").
    """
    if sys.platform == "win32":
        return {"creationflags": _CREATE_NO_WINDOW | _IDLE_PRIORITY_CLASS}
    return {"process_group": 0}


def step_back(pid: int) -> None:
    """Lets every other program go before it, at the processor and, where the system can, at the disk."""
    import psutil

    with contextlib.suppress(psutil.Error, OSError, AttributeError):
        process = psutil.Process(pid)
        if sys.platform != "win32":  # there it was started so
            process.nice(_NICEST)
        if sys.platform == "linux":
            process.ionice(psutil.IOPRIO_CLASS_IDLE)


def suspend(pid: int) -> None:
    """Stops it where it is; its memory stays."""
    if sys.platform == "win32":
        _each(pid, lambda process: process.suspend())
    else:
        _send(pid, signal.SIGSTOP)


def resume(pid: int) -> None:
    """Goes on with it where it was stopped."""
    if sys.platform == "win32":
        _each(pid, lambda process: process.resume())
    else:
        _send(pid, signal.SIGCONT)


def interrupt(pid: int) -> None:
    """Has it come to an end by itself, as Ctrl+C does, also where it is stopped; on Windows it is ended."""
    if sys.platform == "win32":
        end(pid)
    else:
        _send(pid, signal.SIGINT)
        _send(pid, signal.SIGCONT)


def end(pid: int) -> None:
    """Ends it at once, stopped or not."""
    if sys.platform == "win32":
        _each(pid, lambda process: process.kill())
    else:
        _send(pid, signal.SIGKILL)


def _send(group: int, number: int) -> None:
    if sys.platform != "win32":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)


def _each(pid: int, do: Callable[[Any], None]) -> None:
    import psutil

    for process in _tree(pid):
        with contextlib.suppress(psutil.Error, OSError):
            do(process)


def _tree(pid: int) -> Iterator[Any]:
    import psutil

    with contextlib.suppress(psutil.Error):
        first = psutil.Process(pid)
        yield first  # before its children, so that it starts no others
        yield from first.children(recursive=True)
