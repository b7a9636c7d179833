"""How busy this computer is with other programs: what its processors have done so far, looked at twice."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class ProcessorTimes:
    """Seconds of all processors together, since some time in the past.

    Attributes:
        total: Of them all, whatever they did.
        idle: In which they had nothing to do, or waited for a disk.
        own: In which they worked for the processes asked for.
    """

    total: float
    idle: float
    own: float


def read_times(processes: Iterable[int]) -> ProcessorTimes:
    """Returns the times so far; a millisecond.

    Args:
        processes: Ids of our own processes; one that is gone counts nothing.
    """
    import psutil

    machine = psutil.cpu_times()
    # Time that a virtual machine's host took is nobody's here; guests are counted within "user" already.
    counted = {name: value for name, value in machine._asdict().items() if not name.startswith("guest")}
    own = 0.0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            times = psutil.Process(process).cpu_times()
            own += times.user + times.system
    return ProcessorTimes(sum(counted.values()), machine.idle + getattr(machine, "iowait", 0.0), own)


def share_of_others(before: ProcessorTimes, after: ProcessorTimes) -> float:
    """Returns what other programs took of all processors between two looks, 0 to 1."""
    total = after.total - before.total
    if total <= 0:
        return 0.0
    busy = total - (after.idle - before.idle) - (after.own - before.own)
    return min(1.0, max(0.0, busy / total))
