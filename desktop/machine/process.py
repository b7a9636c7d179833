"""What a process can do for others: give memory back, step back where both want the processor."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

_MADV_DONTNEED = 4  # asm-generic/mman-common.h
_M_ARENA_MAX = -8  # glibc's malloc.h


def reclaim_memory() -> None:
    """Asks the C library to return what it keeps of freed memory; without this 46 of 94 MB stay (docs/ARCHITECTURE.md).

    May be called from any thread; takes some milliseconds. Does nothing where the C library has no such call.
    """
    if sys.platform == "win32":
        return  # the heap returns large blocks by itself
    libc = ctypes.CDLL(None)
    if hasattr(libc, "malloc_trim"):  # glibc
        libc.malloc_trim(0)
    elif hasattr(libc, "malloc_zone_pressure_relief"):  # macOS
        libc.malloc_zone_pressure_relief(None, 0)


def share_heap() -> None:
    """Has all threads to come take memory from one heap, where glibc would make up to 8 for each processor.

    What one thread frees in a heap of its own is of no use to the others: in an app that starts some threads for each
    engine process, the heaps fill with holes. To be called before there are other threads; takes microseconds.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        if hasattr(libc, "mallopt"):  # glibc
            libc.mallopt(_M_ARENA_MAX, 1)


def release_mapped_pages(inode: int) -> None:
    """Takes the pages of a file that is mapped for reading out of this process's memory; they come back when touched.

    On Linux those of that file (madvise(2), MADV_DONTNEED), on Windows all that can be fetched again. macOS does not
    tell where a file is mapped; there the system takes such pages by itself when it needs room.

    Args:
        inode: Number of a file that this process has mapped shared and read-only. Of others nothing happens.
    """
    if sys.platform == "linux":
        madvise = ctypes.CDLL(None).madvise
        madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
        for start, end in _mappings(inode):
            madvise(start, end - start, _MADV_DONTNEED)
    elif sys.platform == "win32":
        kernel32 = ctypes.WinDLL("kernel32")
        kernel32.GetCurrentProcess.restype = ctypes.c_void_p
        kernel32.K32EmptyWorkingSet(ctypes.c_void_p(kernel32.GetCurrentProcess()))


def release_pages(start: int, size: int) -> None:
    """Takes pages of zeros out of this process's memory; whoever reads them finds zeros again (madvise(2)). Linux.

    Args:
        start: Address of memory that is this process's own.
        size: Bytes; pages that are only partly within stay.
    """
    if sys.platform == "linux":
        page = os.sysconf("SC_PAGE_SIZE")
        first, last = -(-start // page) * page, (start + size) // page * page
        if last > first:
            madvise = ctypes.CDLL(None).madvise
            madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
            madvise(first, last - first, _MADV_DONTNEED)


def _mappings(inode: int) -> Iterator[tuple[int, int]]:
    """Yields where a file is mapped shared and without a right to write, as proc_pid_maps(5) lists it."""
    # The device is not compared: btrfs shows another one there. Pages of a wrong file would only be fetched again.
    for line in Path("/proc/self/maps").read_text(errors="replace").splitlines():
        addresses, rights, _offset, _device, number = line.split(maxsplit=5)[:5]
        if rights.startswith("r-") and rights.endswith("s") and number == str(inode):
            start, end = addresses.split("-")
            yield int(start, 16), int(end, 16)


_log = logging.getLogger(__name__)

# A third of the processor time of a normal program when both want the same core; all of it when nobody else wants it.
_NICE = 5
_BELOW_NORMAL_PRIORITY_CLASS = 0x4000  # winbase.h
_QOS_CLASS_UTILITY = 0x11  # sys/qos.h: long work that the user waits for with a progress bar
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def lower_priority() -> bool:
    """Lowers this process, threads included that it starts from now on. Returns whether it worked.

    To be called on the main thread, before there are others.
    """
    try:
        if sys.platform == "win32":
            kernel32 = ctypes.WinDLL("kernel32")
            kernel32.GetCurrentProcess.restype = ctypes.c_void_p
            process = ctypes.c_void_p(kernel32.GetCurrentProcess())
            return bool(kernel32.SetPriorityClass(process, _BELOW_NORMAL_PRIORITY_CLASS))
        if sys.platform == "darwin":
            return bool(ctypes.CDLL(None).pthread_set_qos_class_self_np(_QOS_CLASS_UTILITY, 0) == 0)
        os.nice(_NICE)
    except (OSError, AttributeError) as problem:
        _log.info("the engine keeps its normal priority: %s", problem)
        return False
    return True


def address_space() -> int:
    """Returns the bytes of addresses that this process has mapped or reserved; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        return 0


def is_alive(pid: int) -> bool:
    """Tells whether there is a process of that number, also where it is another user's."""
    import psutil

    return psutil.pid_exists(pid)


def die_with_parent() -> None:
    """Has the system end this process, stopped or not, when the thread that started it ends (Linux; else nothing)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, *map(ctypes.c_ulong, (signal.SIGKILL, 0, 0, 0)))
