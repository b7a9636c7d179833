"""Writes a file so that it is whole or as it was, and removes what writers that were killed have left."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from desktop.common.errors import name_file

_PIECE: Final = 1 << 16
# Of a scratch file's name, so that with its end it stays below the 255 bytes that a name may have.
_NAME_BYTES: Final = 200
# The writer stands in the name, so that others can tell whether it lives. The second form is that of tempfile, which
# wrote these files until 0.9.
_SCRATCH: Final = re.compile(r"\.(?P<file>.+?)-(?:(?P<writer>[0-9]{1,10})-[0-9a-f]{8}|[a-z0-9_]{8})\.tmp", re.DOTALL)
# No write of a small file takes longer, and no clock that is put right by a time server jumps so far.
_OLD_SECONDS: Final = 60.0
# Of a writer that seems to live: by then its number belongs to another program.
_VERY_OLD_SECONDS: Final = 3600.0


def write_atomically(
    file: Path,
    content: bytes,
    *,
    mode: int | None = None,
    durable: bool = True,
    make_way: Callable[[], object] = lambda: None,
    unnamed: bool = False,
) -> None:
    """Replaces ``file``, whose folder must be there; a crash leaves the old or the new content, never half of one.

    Args:
        file: The file.
        content: All of it.
        mode: Its permissions; None: only the user may read and write it.
        durable: Have it on the disk before the old one goes. What can be made again needs no such wait.
        make_way: Called when the new one is written and the old one is to go: what must be kept of it can be set aside
            then, and is not where there is no room for the new one.
        unnamed: See :func:`replaced_atomically`.

    Raises:
        OSError: It cannot be written; the old file is untouched.
    """
    with replaced_atomically(file, mode=mode, durable=durable, make_way=make_way, unnamed=unnamed) as stream:
        stream.write(content)


@contextlib.contextmanager
def replaced_atomically(
    file: Path,
    *,
    mode: int | None = None,
    durable: bool = True,
    make_way: Callable[[], object] = lambda: None,
    unnamed: bool = False,
) -> Iterator[BinaryIO]:
    """Gives a stream for what shall replace ``file``, where the content is too much to be held; see above.

    Args:
        file: The file. It is replaced when the block is left, and stays as it was where the block raises.
        mode: See :func:`write_atomically`.
        durable: See :func:`write_atomically`.
        make_way: See :func:`write_atomically`.
        unnamed: Where the system can, what is written has no name before it is whole. For folders of people, where
            nobody looks for what a program that was killed has left; a link there stays one, and leads to the new file.

    Raises:
        OSError: It cannot be written; the old file is untouched.
    """
    if unnamed:
        file = file.resolve()
    if is_device(file):
        raise OSError(errno.EINVAL, "it is a device", str(file))
    scratch: Path | None = None
    handle = _open_unnamed(file.parent) if unnamed else None
    if handle is None:
        handle, scratch = _open_scratch(file)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
            if scratch is None:
                stream.flush()
                scratch = _name(stream.fileno(), file)
        if mode is not None:
            scratch.chmod(mode)
        make_way()
        scratch.replace(file)
    except BaseException as problem:
        if isinstance(problem, OSError):
            name_file(problem, file)
        with contextlib.suppress(OSError):  # of a disk that has turned read-only: what was wrong first is said
            if scratch is not None:
                scratch.unlink(missing_ok=True)
        raise


def append_whole(file: Path, content: bytes, *, head: bytes = b"", durable: bool = True) -> None:
    """Appends lines to ``file``, all of them or none; makes it, for the user alone, where it is not there.

    A line that was not written to its end, since whoever wrote it was killed, is taken away before.

    Args:
        file: Of lines; its folder must be there.
        content: Whole lines.
        head: The line that comes first, where there is none yet.
        durable: Have them on the disk before this returns.

    Raises:
        OSError: They cannot be written; the file is as it was.
    """
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    handle = os.open(file, flags | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(handle, "r+b", buffering=0) as stream:
        end = _end_of_lines(stream)
        stream.truncate(end)
        stream.seek(end)
        try:
            left = memoryview(content if end else head + content)
            while left:
                left = left[stream.write(left) :]
            if durable:
                os.fsync(stream.fileno())
        except BaseException:
            with contextlib.suppress(OSError):
                stream.truncate(end)
            raise


def _end_of_lines(stream: io.RawIOBase) -> int:
    """Returns how many bytes the whole lines of a file have."""
    place = stream.seek(0, os.SEEK_END)
    while place:
        start = max(0, place - _PIECE)
        stream.seek(start)
        at = (stream.read(place - start) or b"").rfind(b"\n")
        if at >= 0:
            return start + at + 1
        place = start
    return 0


def is_device(path: Path) -> bool:
    """Whether a device lies there, such as /dev/null, which no file may replace; links are not followed."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return False
    return stat.S_ISCHR(mode) or stat.S_ISBLK(mode)


def _open_scratch(file: Path) -> tuple[int, Path]:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    while True:
        scratch = _scratch_name(file)
        with contextlib.suppress(FileExistsError):
            return os.open(scratch, flags, 0o600), scratch


def _scratch_name(file: Path) -> Path:
    start = os.fsdecode(os.fsencode(file.name)[:_NAME_BYTES])
    return file.with_name(f".{start}-{os.getpid()}-{os.urandom(4).hex()}.tmp")


def _open_unnamed(folder: Path) -> int | None:
    """Opens a file without a name (open(2), O_TMPFILE); None: neither every system nor every file system can."""
    flag = getattr(os, "O_TMPFILE", 0)
    if not flag or not Path("/proc/self/fd").exists():  # by which it gets its name
        return None
    try:
        return os.open(folder, flag | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError:
        return None


def _name(handle: int, file: Path) -> Path:
    """Gives a file without a name that of a scratch file."""
    while True:
        scratch = _scratch_name(file)
        with contextlib.suppress(FileExistsError):
            # With a folder for the source, which an absolute name does not need, the link in /proc is followed.
            os.link(f"/proc/self/fd/{handle}", scratch, src_dir_fd=handle, follow_symlinks=True)
            return scratch


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
    write_atomically(file, content, mode=mode)


def sweep_scratch(
    folder: Path,
    is_ours: Callable[[str], bool],
    is_alive: Callable[[int], bool],
    *,
    alone: Callable[[str], bool] = lambda _name: False,
) -> list[Path]:
    """Removes the scratch files of writers that were killed; returns them. What cannot be removed stays, silently.

    Args:
        folder: Where to look, not below it.
        is_ours: Whether a file of that name is one that this program writes.
        is_alive: Whether there is a process of that number.
        alone: Whether nobody but the caller may be writing a file of that name, so that all its scratch files go.
    """
    try:
        names = os.listdir(folder)  # noqa: PTH208 (a Path for each would be the larger part of the work)
    except OSError:
        return []
    swept = []
    for name in names:
        match = _SCRATCH.fullmatch(name)
        if match is None or not is_ours(match["file"]):
            continue
        path = folder / name
        try:
            status = path.lstat()
            if not stat.S_ISREG(status.st_mode):
                continue
            writer = int(match["writer"] or 0)
            # A clock that was put back makes a file come from the future: that is no less old.
            age = abs(time.time() - status.st_mtime)
            dead = age > _VERY_OLD_SECONDS or (not is_alive(writer) if writer else age > _OLD_SECONDS)
            if (dead or alone(match["file"])) and writer != os.getpid():
                path.unlink()
                swept.append(path)
        except OSError:
            continue
    return swept


def sweep_folders(place: Path, name: re.Pattern[str], is_alive: Callable[[int], bool]) -> list[Path]:
    """Removes the scratch folders of writers that were killed; returns them. What cannot be removed stays, silently.

    Args:
        place: Where they lie.
        name: What they are called; its group "writer" is the number of the process, where the name has it.
        is_alive: Whether there is a process of that number.
    """
    import shutil  # the engine's process starts without it

    swept = []
    with contextlib.suppress(OSError):
        for folder in list(place.iterdir()):
            match = name.fullmatch(folder.name)
            if match is None or folder.is_symlink() or not folder.is_dir():
                continue
            writer = int(match["writer"] or 0)
            age = abs(time.time() - folder.stat().st_mtime)
            if not is_alive(writer) if writer else age > _VERY_OLD_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
                swept.append(folder)
    return swept
