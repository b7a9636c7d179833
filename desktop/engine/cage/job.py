"""The job of Windows that an engine's process lives in: it ends with the app, is alone, and takes no more than it may.

The app makes the job and keeps its handle, the only one: when that is closed, which the system does however the app
ends, the process is ended. Jobs within jobs, into which a terminal or an IDE may have put the app, work since Windows
8. After winnt.h and jobapi2.h; ctypes makes the calls, since Python has no names for them.
"""

from __future__ import annotations

import ctypes
import logging
import sys
from collections.abc import Callable
from typing import Any, Final, Protocol

_log = logging.getLogger(__name__)

# Bytes of committed memory beyond the prediction: stacks, the interpreter, and a prediction that is wrong.
_ROOM: Final = 512 * 1024 * 1024
_EXTENDED_LIMITS, _UI_RESTRICTIONS = 9, 4  # JOBOBJECTINFOCLASS
_LIMIT_ACTIVE_PROCESS, _LIMIT_PROCESS_MEMORY, _LIMIT_JOB_MEMORY = 0x8, 0x100, 0x200
_DIE_ON_UNHANDLED_EXCEPTION = 0x400  # instead of a window that says so
_KILL_ON_JOB_CLOSE = 0x2000
_PROCESS_TERMINATE, _PROCESS_SET_QUOTA = 0x1, 0x100
# Windows of other programs, the clipboard both ways, settings of the system and the display, the table of names that
# programs share, desktops, the end of the session.
_ALL_UI: Final = 0xFF


class _BasicLimits(ctypes.Structure):
    """``JOBOBJECT_BASIC_LIMIT_INFORMATION``."""

    _fields_ = (
        ("process_time", ctypes.c_int64),
        ("job_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("least_working_set", ctypes.c_size_t),
        ("most_working_set", ctypes.c_size_t),
        ("active_processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority_class", ctypes.c_uint32),
        ("scheduling_class", ctypes.c_uint32),
    )


class _IoCounters(ctypes.Structure):
    """``IO_COUNTERS``."""

    _fields_ = tuple((name, ctypes.c_uint64) for name in ("reads", "writes", "others", "read", "written", "other"))


class _ExtendedLimits(ctypes.Structure):
    """``JOBOBJECT_EXTENDED_LIMIT_INFORMATION``."""

    _fields_ = (
        ("basic", _BasicLimits),
        ("io", _IoCounters),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process_memory", ctypes.c_size_t),
        ("peak_job_memory", ctypes.c_size_t),
    )


class Kernel32(Protocol):
    """The calls of kernel32.dll that a job needs. 0 says that a call failed."""

    def CreateJobObjectW(self, attributes: None, name: None, /) -> int: ...  # noqa: N802 (as Windows names it)
    def OpenProcess(self, access: int, inherit: int, pid: int, /) -> int: ...  # noqa: N802
    def AssignProcessToJobObject(self, job: int, process: int, /) -> int: ...  # noqa: N802
    def SetInformationJobObject(self, job: int, kind: int, information: Any, size: int, /) -> int: ...  # noqa: N802
    def CloseHandle(self, handle: int, /) -> int: ...  # noqa: N802


class Job:
    """A job with one process in it, which ends with :meth:`close`. One thread at a time."""

    def __init__(self, kernel32: Kernel32, last_error: Callable[[], int], pid: int) -> None:
        """
        Args:
            kernel32: Makes the calls.
            last_error: Returns why the last one failed.
            pid: The process; it is in no job of its own yet, and has started no other process.

        Raises:
            OSError: Windows refused.
        """
        self._kernel32 = kernel32
        self._last_error = last_error
        self._handle = self._checked("CreateJobObject", kernel32.CreateJobObjectW(None, None))
        try:
            self._limit(None)
            process = self._checked(
                "OpenProcess", kernel32.OpenProcess(_PROCESS_SET_QUOTA | _PROCESS_TERMINATE, 0, pid)
            )
            try:
                self._checked("AssignProcessToJobObject", kernel32.AssignProcessToJobObject(self._handle, process))
            finally:
                kernel32.CloseHandle(process)
        except OSError:
            self.close()
            raise
        # Last, since a process that is in a job already cannot be put into one that has such limits.
        restrictions = ctypes.c_uint32(_ALL_UI)
        if not self._set(_UI_RESTRICTIONS, restrictions):
            _log.info("the engine's process may use the clipboard: error %d", last_error())

    def limit_memory(self, predicted: int, room: int = _ROOM) -> None:
        """Has allocations fail beyond what was predicted, with room.

        Args:
            predicted: Bytes that the work may take.
            room: Bytes beyond that.

        Raises:
            OSError: Windows refused.
        """
        self._limit(predicted + room)

    def close(self) -> None:
        """Ends the process, if it has not ended. Idempotent."""
        handle, self._handle = self._handle, 0
        if handle:
            self._kernel32.CloseHandle(handle)

    def _limit(self, memory: int | None) -> None:
        limits = _ExtendedLimits()
        limits.basic.flags = _KILL_ON_JOB_CLOSE | _DIE_ON_UNHANDLED_EXCEPTION | _LIMIT_ACTIVE_PROCESS
        limits.basic.active_processes = 1
        if memory is not None:
            limits.basic.flags |= _LIMIT_PROCESS_MEMORY | _LIMIT_JOB_MEMORY
            limits.process_memory = limits.job_memory = memory
        self._checked("SetInformationJobObject", self._set(_EXTENDED_LIMITS, limits))

    def _set(self, kind: int, information: ctypes.Structure | ctypes.c_uint32) -> int:
        size = ctypes.sizeof(information)
        return self._kernel32.SetInformationJobObject(self._handle, kind, ctypes.byref(information), size)

    def _checked(self, call: str, result: int) -> int:
        if not result:
            raise OSError(f"{call}: error {self._last_error()}")
        return result


def confine(pid: int) -> Job | None:
    """Puts a process that was just started into a job of its own; None: not on this system, or it was refused.

    A refusal is logged: the process then ends with the app because its pipe does.

    Args:
        pid: The process.
    """
    if sys.platform != "win32":
        return None
    try:
        return Job(_kernel32(), ctypes.get_last_error, pid)
    except OSError as problem:
        _log.warning("no job for the engine's process: %s", problem)
        return None


def _kernel32() -> Kernel32:
    if sys.platform != "win32":
        raise OSError("no Windows")
    # With ctypes' own copy of the last error: the interpreter makes calls in between.
    library = ctypes.WinDLL("kernel32", use_last_error=True)
    handle, number, flag = ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int
    for name, result, arguments in (
        ("CreateJobObjectW", handle, (ctypes.c_void_p, ctypes.c_wchar_p)),
        ("OpenProcess", handle, (number, flag, number)),
        ("AssignProcessToJobObject", flag, (handle, handle)),
        ("SetInformationJobObject", flag, (handle, flag, ctypes.c_void_p, number)),
        ("CloseHandle", flag, (handle,)),
    ):
        call = getattr(library, name)
        call.restype, call.argtypes = result, arguments
    return library
