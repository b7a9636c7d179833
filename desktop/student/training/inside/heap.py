"""How much memory the process that trains may keep of what it has freed. Standard library only."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path


def keep_within(most: int) -> bool:
    """Gives what is free back to the system, once this process has more memory than it has said that it needs.

    What a step frees is kept for the next one, which saves a third of its time (see
    :func:`desktop.student.training.launching.surroundings`). But texts are of all lengths, so that the heap fills with
    holes: 7.6 GB after half an hour, of which 3 were in use. Takes some milliseconds where it gives something back.

    Args:
        most: Bytes.

    Returns:
        Whether it has.
    """
    if sys.platform != "linux" or _resident() <= most:
        return False
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "malloc_trim"):  # not glibc, which alone was told to keep it
        return False
    libc.malloc_trim(0)
    return True


def _resident() -> int:
    """Returns the bytes of this process that are in memory, see proc_pid_statm(5)."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
