"""Lowers the priority of the calling thread, so that the laptop stays usable while the model works."""

from __future__ import annotations

import ctypes
import logging
import os
import sys
import threading

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
