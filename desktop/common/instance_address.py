"""Where later starts reach the running program: names of its socket, the best first.

Beside the other files of the program where the path is short enough for a socket. Else in a folder that is this user's
alone: what lies openly in /tmp may be another user's before we come, and whoever owns the socket hears what is asked.
"""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

# sun_path holds 108 bytes on Linux and 104 on macOS (unix(7)); the margin leaves room for Qt's suffix while it is made.
_MOST_BYTES: Final = 90
# Names in the folder for scratch files, where the first ones may be somebody else's.
_NAMES: Final = 4


def addresses(data: Path, runtime: Path) -> Iterator[str]:
    """Yields the names that the socket may have: paths on Unix, one pipe name on Windows. Makes nothing.

    Whoever asks tries all of them: the running program may have been started with another environment.

    Args:
        data: Makes the names differ: one program for each data folder.
        runtime: Where the socket lies best.
    """
    if sys.platform == "win32":
        yield f"catnap-{_digest(data)}"
        return
    beside = runtime / "catnap.sock"
    if _fits(beside):
        yield str(beside)
    name = f"catnap-{_digest(data)}.sock"
    for folder in dict.fromkeys(_folders()):
        if _fits(folder / name):
            yield str(folder / name)


def prepare_folder(address: str) -> bool:
    """Makes the folder of an address that is to be listened on; returns whether it is this user's alone."""
    if sys.platform == "win32":
        return True
    folder = Path(address).parent
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.name == f"catnap-{os.getuid()}" and _is_own(folder):
            folder.chmod(0o700)
    except OSError:
        return False
    return True


def _folders() -> Iterator[Path]:
    """Yields folders that are this user's alone, or would be if they were made."""
    if sys.platform == "win32":
        return
    user = os.getuid()
    for text in (os.environ.get("XDG_RUNTIME_DIR", ""), f"/run/user/{user}"):
        if text.startswith("/") and _is_private(Path(text)):
            yield Path(text)
    try:
        usual = tempfile.gettempdir()
    except OSError:  # no folder for scratch files, not even the working directory
        usual = "/tmp"
    for root in dict.fromkeys((usual, "/tmp")):
        for number in range(1, _NAMES + 1):
            folder = Path(root) / (f"catnap-{user}" if number == 1 else f"catnap-{user}-{number}")
            if not os.path.lexists(folder) or _is_own(folder):
                yield folder
                break


def _is_own(folder: Path) -> bool:
    try:
        status = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and sys.platform != "win32" and status.st_uid == os.getuid()


def _is_private(folder: Path) -> bool:
    try:
        status = folder.stat()
    except OSError:
        return False
    own = sys.platform != "win32" and status.st_uid == os.getuid()
    return stat.S_ISDIR(status.st_mode) and own and not status.st_mode & 0o077


def _fits(path: Path) -> bool:
    return len(os.fsencode(path)) <= _MOST_BYTES and is_text(path)


def is_text(path: Path) -> bool:
    """Tells whether a path is Unicode: Linux takes any bytes, and Qt would look for another file."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def _digest(data: Path) -> str:
    import hashlib  # brings OpenSSL along, which nothing else needs before the tray icon is there

    return hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
