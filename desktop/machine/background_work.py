"""A process that works in the background, with all that it has started: slowed, stopped, gone on with, ended.

On Linux and macOS it is the first of a process group, which one call reaches at once. What has a group of its own, such
as a training, and on Windows all of it, is looked for among its children. What is gone already is passed over. Any
thread.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

# The lowest; beside a program that wants the processor it gets a seventieth of it (sched(7)).
_NICEST: Final = 19
_STOP, _GO_ON, _KILL = (getattr(signal, name, 0) for name in ("SIGSTOP", "SIGCONT", "SIGKILL"))
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
    _send(pid, _STOP)
    for process in _tree(pid):
        with _gone():
            process.suspend()


def resume(pid: int) -> None:
    """Goes on with it where it was stopped."""
    for process in _tree(pid):
        with _gone():
            process.resume()
    _send(pid, _GO_ON)


def interrupt(pid: int) -> None:
    """Has it come to an end by itself, as Ctrl+C does, also where it is stopped; on Windows it is ended."""
    if sys.platform == "win32":
        end(pid)
        return
    _send(pid, signal.SIGINT)
    resume(pid)


def end(pid: int) -> None:
    """Ends it at once, stopped or not."""
    tree = list(_tree(pid))
    _send(pid, _KILL)
    for process in tree:
        with _gone():
            process.kill()


def _send(group: int, number: int) -> None:
    """Sends a signal to the group; Windows has none."""
    if sys.platform != "win32":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)


def _gone() -> contextlib.AbstractContextManager[None]:
    import psutil

    return contextlib.suppress(psutil.Error, OSError)


def _tree(pid: int) -> Iterator[Any]:
    """Yields the process and what it has started, the first one first, so that it starts no others meanwhile."""
    import psutil

    found = [pid]
    with contextlib.suppress(psutil.Error, OSError):
        yield psutil.Process(pid)
        while found:
            for child in _children(found.pop()):
                found.append(child)
                with _gone():
                    yield psutil.Process(child)


def _children(pid: int) -> list[int]:
    import psutil

    if sys.platform == "linux":
        # Without looking at every process of the machine, which takes some ten milliseconds.
        with contextlib.suppress(OSError):
            tasks = Path(f"/proc/{pid}/task").iterdir()
            return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    with contextlib.suppress(psutil.Error, OSError):
        return [child.pid for child in psutil.Process(pid).children()]
    return []
