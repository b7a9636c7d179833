"""The processors that the system grants to this process."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from desktop.machine.cgroups import groups_of, read_kernel_file


@dataclass(frozen=True)
class Processors:
    """The processors this process may use.

    Attributes:
        logical: Logical processors, hyper-threads included.
        physical: Cores; hyper-threads of one core count once.
        quota: Processor time granted by the container, in processors; infinite where there is no limit.
    """

    logical: int
    physical: int
    quota: float = math.inf


def read_processors(root: Path = Path("/")) -> Processors:
    """Reads what the system grants: CPU affinity, topology, control group. Takes about a millisecond; any thread.

    Args:
        root: Where ``/sys`` and ``/proc`` are found.
    """
    usable = _affinity()
    physical = _cores(usable, root) or _physical_elsewhere() or len(usable)
    return Processors(logical=len(usable), physical=min(physical, len(usable)), quota=_quota(root))


def _affinity() -> frozenset[int]:
    affinity: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)  # Linux only
    return frozenset(affinity(0) if affinity else range(os.cpu_count() or 1))


def _cores(usable: Iterable[int], root: Path) -> int:
    """Counts the cores that hold the usable logical processors; 0 where the kernel does not tell."""
    cores = set()
    for number in usable:
        siblings = read_kernel_file(root / f"sys/devices/system/cpu/cpu{number}/topology/thread_siblings_list")
        if not siblings:
            return 0
        cores.add(siblings)
    return len(cores)


def _physical_elsewhere() -> int:
    import psutil

    return psutil.cpu_count(logical=False) or 0


def _quota(root: Path) -> float:
    """Returns the tightest CPU quota of this process's control groups, in processors."""
    return min((_group_quota(group) for group in groups_of(root, "cpu")), default=math.inf)


def _group_quota(group: Path) -> float:
    maximum = read_kernel_file(group / "cpu.max").split()  # version 2: "200000 100000" or "max 100000"
    if not maximum:
        maximum = [
            read_kernel_file(group / "cpu.cfs_quota_us"),
            read_kernel_file(group / "cpu.cfs_period_us"),
        ]  # version 1: -1 is "none"
    try:
        quota, period = (int(part) for part in maximum)
    except ValueError:
        return math.inf
    return quota / period if quota > 0 and period > 0 else math.inf
