"""Landlock: a process of Linux gives up what it may do with files and the network, for good. No privileges are needed.

After landlock(7) and ``linux/landlock.h``. There is no library for it that is older than the feature's own revisions,
and it is three calls; glibc has no names for them.
"""

from __future__ import annotations

import ctypes
import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

# The numbers are the same on every architecture (asm-generic/unistd.h).
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_CREATE_RULESET_VERSION = 1
_RULE_PATH_BENEATH = 1

_EXECUTE = 1 << 0
_WRITE_FILE = 1 << 1
_READ_FILE = 1 << 2
_READ_DIR = 1 << 3
_REMOVE_FILE = 1 << 5
_MAKE_REG = 1 << 8
_TRUNCATE = 1 << 14
_IOCTL = 1 << 15
# What may be granted on something else than a folder.
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL
_READ = _READ_FILE | _READ_DIR
_WRITE = _READ | _WRITE_FILE | _TRUNCATE | _REMOVE_FILE | _MAKE_REG
_TALK = _READ_FILE | _WRITE_FILE | _IOCTL
# Bits of `handled_access_fs` that each revision knows: 13 at first, then "refer", "truncate", and "ioctl" on devices.
_FILE_BITS: Final = {1: 13, 2: 14, 3: 15, 5: 16}
_NET_SINCE, _NET = 4, 0b11  # bind and connect TCP
_SCOPE_SINCE, _SCOPE = 6, 0b11  # abstract UNIX sockets of others, signals to others


class _Ruleset(ctypes.Structure):
    """``struct landlock_ruleset_attr``."""

    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    """``struct landlock_path_beneath_attr``, which is packed."""

    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """Returns the revision of Landlock that the running kernel has; 0: none, or switched off."""
    if sys.platform != "linux":
        return 0
    return max(0, _call(_CREATE_RULESET, None, 0, _CREATE_RULESET_VERSION))


def confine(readable: Iterable[Path], writable: Iterable[Path], devices: Iterable[Path] = ()) -> int:
    """Leaves the calling thread, and those it starts from now on, nothing but these files; and no TCP.

    What is open already stays open. It cannot be undone. ``PR_SET_NO_NEW_PRIVS`` must be in force.

    Args:
        readable: Files and folders, with all below them, that may be read. Those that do not exist are passed over.
        writable: Folders in which files may be read, written, made and removed; of files, that they may be written.
        devices: Files of devices that may be opened, and told what to do (ioctl).

    Returns:
        The revision in force; 0: this kernel has none, and nothing has changed.

    Raises:
        OSError: The kernel refused.
    """
    revision = version()
    if not revision:
        return 0
    handled = (1 << max(bits for since, bits in _FILE_BITS.items() if since <= revision)) - 1
    attributes = _Ruleset(handled, _NET if revision >= _NET_SINCE else 0, _SCOPE if revision >= _SCOPE_SINCE else 0)
    ruleset = _checked(_CREATE_RULESET, ctypes.byref(attributes), ctypes.sizeof(attributes), 0)
    try:
        for path in readable:
            _allow(ruleset, path, _READ & handled)
        for path in writable:
            _allow(ruleset, path, _WRITE & handled)
        for path in devices:
            _allow(ruleset, path, _TALK & handled)
        _checked(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return revision


def _allow(ruleset: int, path: Path, access: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    try:
        if not stat.S_ISDIR(os.fstat(handle).st_mode):
            access &= _OF_FILES
        rule = _PathBeneath(access, handle)
        _checked(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(handle)


def _checked(number: int, *arguments: object) -> int:
    result = _call(number, *arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"Landlock: {os.strerror(code)}")
    return result


def _call(number: int, *arguments: object) -> int:
    syscall = ctypes.CDLL(None, use_errno=True).syscall
    syscall.restype = ctypes.c_long
    taken = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return int(syscall(ctypes.c_long(number), *taken))
