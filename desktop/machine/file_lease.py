"""Read leases on files: whoever wants to write to such a file waits until the one who reads it lets it go. Linux only.

After fcntl(2), "Leases". The kernel has the writer's open(2) or truncate(2) wait, tells the holder by a signal, and
breaks the lease by itself after ``/proc/sys/fs/lease-break-time`` (45 s). Readers, renaming and deleting disturb
nobody. The file must belong to the user, and its file system must have leases: those of a network have none.
"""

from __future__ import annotations

import errno
import os
import signal
import sys

if sys.platform == "linux":
    import fcntl


def hold_back_signal() -> None:
    """Has the signal of leases wait for :func:`wait_for_signal`: else it would end this process.

    To be called on the main thread before there are others, which inherit it.
    """
    if sys.platform == "linux":
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGIO,))


def wait_for_signal() -> None:
    """Returns when the kernel says that something has happened to a lease of this process; costs nothing meanwhile.

    To be called on a thread of its own, of which there must be one at the most.
    """
    if sys.platform == "linux":
        signal.sigwait((signal.SIGIO,))


class ReadLease:
    """A lease in force. Any thread; it ends when its file is closed."""

    def __init__(self, handle: int) -> None:
        """
        Args:
            handle: A file that is open for reading only; it stays the caller's.

        Raises:
            BlockingIOError: Somebody has it open for writing, or waits to.
            OSError: There are no leases on this system or file system, or the file is somebody else's.
        """
        self._handle = handle
        if sys.platform == "linux":
            fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        else:
            raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))

    @property
    def is_in_force(self) -> bool:
        """Whether nobody has written to the file, or waits to: else it is to be closed soon."""
        if sys.platform == "linux":
            # While a lease is being broken the kernel gives what it is to become.
            return fcntl.fcntl(self._handle, fcntl.F_GETLEASE) == fcntl.F_RDLCK
        return False
