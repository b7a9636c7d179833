"""Gives freed memory back to the system."""

from __future__ import annotations

import ctypes
import logging
import os
import sys
import threading

# malloc.h
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
# Bytes. A window's pixels (3 MB) stay below: mapping waits while the engine maps or unmaps a model, and the GUI thread
# must not.
_LARGE_BLOCK = 8 * 1024 * 1024
_TRIM = 512 * 1024


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


def return_large_blocks() -> None:
    """Has the C library take large blocks from the system one by one, so that each goes back the moment it is freed.

    By itself glibc raises the size from which it does so to that of the largest block freed so far, up to 32 MB
    (mallopt(3), M_MMAP_THRESHOLD). Later caches of that size then come from the heap of the engine's thread, and of
    such a heap neither free() nor malloc_trim() gives the end back while it is smaller than twice that: a nap kept 12
    to 22 MB.

    To be called once, from any thread, before the first model is loaded. Does nothing without glibc.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    if hasattr(libc, "gnu_get_libc_version"):
        libc.mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)
        libc.mallopt(_M_TRIM_THRESHOLD, _TRIM)


_log = logging.getLogger(__name__)

# A third of the processor time of a normal program when both want the same core; all of it when nobody else wants it.
_NICE = 5
_THREAD_PRIORITY_BELOW_NORMAL = -1  # winbase.h
_QOS_CLASS_UTILITY = 0x11  # sys/qos.h: long work that the user waits for with a progress bar


def lower_thread_priority() -> bool:
    """Lowers the calling thread; on Linux and macOS the threads it starts inherit that. Returns whether it worked."""
    try:
        if sys.platform == "win32":
            kernel32 = ctypes.WinDLL("kernel32")
            kernel32.GetCurrentThread.restype = ctypes.c_void_p
            thread = ctypes.c_void_p(kernel32.GetCurrentThread())
            return bool(kernel32.SetThreadPriority(thread, _THREAD_PRIORITY_BELOW_NORMAL))
        if sys.platform == "darwin":
            return bool(ctypes.CDLL(None).pthread_set_qos_class_self_np(_QOS_CLASS_UTILITY, 0) == 0)
        # On Linux "process" means the thread with that id.
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
    except (OSError, AttributeError) as problem:
        _log.info("the engine keeps its normal priority: %s", problem)
        return False
    return True
