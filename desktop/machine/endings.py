"""What the system says about the end of a process of ours: whether it ended it itself, since something ran short.

A process that was killed cannot say by whom, and the signal is the same. But the kernel counts whom it ends for want of
memory, and knows how much time of the processor a process may take: whoever looked before and looks again knows more.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import Final

from desktop.machine.cgroups import groups_of, read_kernel_file

_ROOT: Final = Path("/")
# In /proc/vmstat of the whole machine, since Linux 4.13; in memory.events of a control group (version 2), where those
# below it count as well; in memory.oom_control of version 1. Raised before the signal is sent (mm/oom_kill.c).
_OOM_KILLS: Final = re.compile(r"^oom_kill (\d+)$", re.MULTILINE)
_GROUP_FILES: Final = ("memory.events", "memory.oom_control")
# By number: Windows has neither.
_SIGKILL: Final = -9
_SIGXCPU: Final = -int(getattr(signal, "SIGXCPU", 24))
# The kernel counts in ticks, a hundredth of a second each, and looks now and then.
_CPU_SLACK_SECONDS: Final = 1.0


class Limit(Enum):
    """What the system ends a process for."""

    MEMORY = "memory"
    PROCESSOR_TIME = "processor time"


class SystemAccount:
    """What the system had counted before a process began. One object for each process, made before it is started."""

    def __init__(
        self, root: Path = _ROOT, children_seconds: Callable[[], float] | None = None, cpu_limit: float | None = None
    ) -> None:
        """
        Args:
            root: Folder that holds ``proc`` and ``sys``; another one in tests only.
            children_seconds: Returns the processor time of all processes of ours that have ended so far; None: the
                system's figure.
            cpu_limit: Seconds of processor time that a process may take; None: the system's figure.
        """
        self._root = root
        self._kills = _count_kills(root)
        self._children_seconds = children_seconds or _children_seconds
        self._cpu_limit = _cpu_limit() if cpu_limit is None else cpu_limit
        self._seconds_before = 0.0

    def before_wait(self) -> None:
        """To be called just before the process is waited for: from then on its time is counted among the ended."""
        self._seconds_before = self._children_seconds()

    def limit_behind(self, code: int) -> Limit | None:
        """Returns what the system ended the process for; None: it does not say that it did.

        Args:
            code: Exit code of the process, which is gone; negative: the number of a signal.
        """
        if code == _SIGXCPU:
            return Limit.PROCESSOR_TIME
        if code != _SIGKILL:
            return None
        kills = _count_kills(self._root)
        # The counter closest to the process is right; that of the machine moves for other containers' sake, too.
        nearest = next((where for where in kills if where in self._kills), None)
        if nearest is not None and kills[nearest] > self._kills[nearest]:
            return Limit.MEMORY
        if self._children_seconds() - self._seconds_before >= self._cpu_limit - _CPU_SLACK_SECONDS:
            return Limit.PROCESSOR_TIME  # the signal of a limit that has no softer one before it
        return None


def _count_kills(root: Path) -> Mapping[str, int]:
    """Returns how many processes the kernel has ended for want of memory, by who counts them, the closest first."""
    if sys.platform != "linux":
        return {}  # macOS and Windows do not tell
    counted: dict[str, int] = {}
    for group in groups_of(root, "memory"):
        for name in _GROUP_FILES:
            if found := _OOM_KILLS.search(read_kernel_file(group / name)):
                counted[str(group / name)] = int(found[1])
        if counted:
            break
    if found := _OOM_KILLS.search(read_kernel_file(root / "proc/vmstat")):
        counted["vmstat"] = int(found[1])
    return counted


def _children_seconds() -> float:
    times = os.times()
    return times.children_user + times.children_system


def _cpu_limit() -> float:
    if sys.platform == "win32":
        return float("inf")
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    limits = [float(each) for each in (soft, hard) if each != resource.RLIM_INFINITY]
    return min(limits, default=float("inf"))
