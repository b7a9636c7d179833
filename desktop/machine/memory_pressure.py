"""Is the system short of memory? Readers for Linux, Windows and macOS behind one protocol.

A reading costs less than a millisecond and is taken only while a model is in memory: what is asleep has nothing to give
back. On Linux the counter of stalls is read rather than a trigger registered: the difference between two readings says
as much, needs no permission, and no kernel thread wakes up for it. May be called from any one thread. No Qt.
"""

from __future__ import annotations

import ctypes
import re
import sys
import time
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Protocol

from desktop.machine.memory import MemoryReader

_ROOT = Path("/")
# /proc/pressure/memory (Documentation/accounting/psi.rst): microseconds in which some task waited for memory.
_STALLED = re.compile(r"^some .*\btotal=(\d+)", re.MULTILINE)

# Of the machine's memory, still available. At 5 % (200 MB of 4 GB) the next program that is opened gets into swap; at
# 2.5 % every program does. Short lasts until there is clearly more, so that it does not come and go.
_SHORT_SHARE = 0.05
_CRITICAL_SHARE = 0.025
_RELAXED_SHARE = 0.08
# Of the time, in which some program waited for memory. Only beside little available memory: a container that hits its
# own limit makes the figure grow on a machine with plenty.
_STALL_SHARE = 0.1
_STALL_COUNTS_BELOW = 0.2


class Pressure(Enum):
    """How the system is off for memory."""

    NONE = "none"
    SHORT = "short"
    CRITICAL = "critical"


class PressureReader(Protocol):
    """Tells how the system is off for memory."""

    def read(self) -> Pressure:
        """Returns the present state."""


class LinuxPressure:
    """From what is available (that of the control group, where one confines the program) and from stalls (PSI)."""

    def __init__(self, memory: MemoryReader, root: Path = _ROOT, clock: Callable[[], float] = time.monotonic) -> None:
        """
        Args:
            memory: Reads what is available.
            root: Folder that holds ``proc``; another one in tests only. Kernels without PSI lack the file.
            clock: Seconds, monotonic.
        """
        self._memory = memory
        self._file = root / "proc/pressure/memory"
        self._clock = clock
        self._stalls: tuple[float, int] | None = None
        self._short = False

    def read(self) -> Pressure:
        """Returns the state since the reading before; the first one goes by what is available alone."""
        machine = self._memory.read()
        share = machine.machine_available / machine.machine_total if machine.machine_total else 1.0
        stalled = self._stall_share()
        if share < _CRITICAL_SHARE:
            self._short = True
            return Pressure.CRITICAL
        enough = _RELAXED_SHARE if self._short else _SHORT_SHARE
        self._short = share < enough or (stalled >= _STALL_SHARE and share < _STALL_COUNTS_BELOW)
        return Pressure.SHORT if self._short else Pressure.NONE

    def _stall_share(self) -> float:
        """Returns the share of the time since the last call in which some task waited for memory."""
        try:
            found = _STALLED.search(self._file.read_text(encoding="ascii", errors="replace"))
        except OSError:  # no PSI in this kernel, or switched off (EOPNOTSUPP)
            found = None
        if found is None:
            return 0.0
        before, now = self._stalls, (self._clock(), int(found[1]))
        self._stalls = now
        if before is None or now[0] <= before[0]:
            return 0.0
        return (now[1] - before[1]) / 1e6 / (now[0] - before[0])


class WindowsPressure:
    """From the system's own low-memory notification."""

    def __init__(self, is_low: Callable[[], bool]) -> None:
        """
        Args:
            is_low: Asks it.
        """
        self._is_low = is_low

    def read(self) -> Pressure:
        """Returns SHORT while Windows says that memory is low; it knows no finer steps."""
        return Pressure.SHORT if self._is_low() else Pressure.NONE


class MacPressure:
    """From the kernel's pressure level."""

    def __init__(self, level: Callable[[], int]) -> None:
        """
        Args:
            level: Returns ``kern.memorystatus_vm_pressure_level``: 1 normal, 2 warning, 4 critical (as XNU reports it
                to dispatch sources); 0 where it is not known.
        """
        self._level = level

    def read(self) -> Pressure:
        """Returns the kernel's own judgement."""
        level = self._level()
        return Pressure.CRITICAL if level >= 4 else Pressure.SHORT if level >= 2 else Pressure.NONE


def make_pressure_reader(memory: MemoryReader) -> PressureReader:
    """Returns the reader for this system.

    Args:
        memory: Reads what is available, where the system itself has no opinion.
    """
    if sys.platform == "win32":
        return WindowsPressure(_low_memory_notification())
    elif sys.platform == "darwin":  # noqa: RET505 (mypy takes what follows an `if` on the platform for unreachable)
        return MacPressure(_pressure_level())
    else:
        return LinuxPressure(memory)


if sys.platform == "win32":

    def _low_memory_notification() -> Callable[[], bool]:
        """Returns a function that tells whether memory is low; without the notification it never is.

        The handle lives as long as the program, like what it tells about.
        """
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        create, query = kernel.CreateMemoryResourceNotification, kernel.QueryMemoryResourceNotification
        create.argtypes, create.restype = [ctypes.c_int], ctypes.c_void_p
        query.argtypes, query.restype = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_int)], ctypes.c_int
        handle = create(0)  # LowMemoryResourceNotification

        def is_low() -> bool:
            state = ctypes.c_int(0)
            return bool(handle and query(handle, ctypes.byref(state)) and state.value)

        return is_low


def _pressure_level() -> Callable[[], int]:
    """Returns a function that reads the level of macOS; 0 where there is no such figure."""
    libc = ctypes.CDLL(None)
    name = b"kern.memorystatus_vm_pressure_level"

    def level() -> int:
        value, size = ctypes.c_int(0), ctypes.c_size_t(ctypes.sizeof(ctypes.c_int))
        failed = libc.sysctlbyname(name, ctypes.byref(value), ctypes.byref(size), None, ctypes.c_size_t(0))
        return 0 if failed else value.value

    return level
