"""Opens files of people's own choosing: what is no file is refused at once, and never waited for.

A name says nothing about what is behind it: a pipe that nobody writes to would be waited for in ``open()`` for ever, a
device may do anything. So it is opened without waiting, and then the open handle is asked, which nobody can exchange.

A database that SQLite has open is refused as well. Its locks belong to the whole process, and the system drops all of
them when this process closes any handle of the file: another program would then write into the middle of our changes
(https://www.sqlite.org/howtocorrupt.html, "Posix advisory locks canceled by a separate thread doing close()").
"""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path
from typing import Final

# What open() says of a socket, and of a device without a driver (open(2)); macOS has its own word for sockets.
_NO_FILE: Final = frozenset((errno.ENXIO, errno.ENODEV, errno.EOPNOTSUPP))
# In place of what the system would say, which is about an argument or an address.
_NO_REGULAR_FILE: Final = "it is a folder, a pipe or a device"
# Missing on Windows, where the first is needed instead: it must not translate line ends.
_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)
# What SQLite has beside a database that is open, each named after it.
_LOGS: Final = ("-wal", "-shm", "-journal")


class NotAFileError(OSError):
    """There is something, but no regular file: a folder, a pipe, a socket or a device."""


class OpenDatabaseError(NotAFileError):
    """It is a database, or a log of one, that SQLite may have open in this process."""


def is_open_database(path: Path) -> bool:
    """Tells whether a file is a database that SQLite may have open, or the log of one: by the names beside it.

    Such a file is neither opened nor replaced by anybody but SQLite. It is a question of names, since to open the file
    for an answer would do the harm.
    """
    name = os.path.realpath(path)
    return is_log(path) or any(os.path.lexists(name + log) for log in _LOGS)


def is_log(path: Path) -> bool:
    """Tells whether a file is the log of a database, or the index of one: not even SQLite may open it as such."""
    name = os.path.realpath(path)
    return any(name.endswith(log) and os.path.lexists(name.removesuffix(log)) for log in _LOGS)


def open_regular(path: Path) -> BufferedReader:
    """Opens a regular file for reading; symbolic links are followed. Any thread.

    On a network drive that is gone it may never return, see :mod:`desktop.common.detached`.

    Raises:
        NotAFileError: It is something else, or an open database.
        OSError: There is nothing, or it may not be read.
    """
    if is_open_database(path):
        raise OpenDatabaseError(errno.EBUSY, os.strerror(errno.EBUSY), str(path))
    try:
        handle = os.open(path, _FLAGS)
    except OSError as problem:
        if problem.errno in _NO_FILE:
            raise NotAFileError(problem.errno, _NO_REGULAR_FILE, str(path)) from problem
        raise
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise NotAFileError(errno.EINVAL, _NO_REGULAR_FILE, str(path))
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise
