"""Whether another process of ours still does anything: what it has computed and read so far, looked at twice.

A slow process is told from one that hangs by what the system counts for it, not by how long it takes: reading 2 GB from
a slow stick moves bytes, computing takes time of the processor. One that was stopped, or that waits for a disk that
does not answer, has neither.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop.machine.cgroups import read_kernel_file

_PROC: Final = Path("/proc")
_BYTES = re.compile(r"^(rchar|wchar|read_bytes|write_bytes): (\d+)$", re.MULTILINE)  # proc_pid_io(5)
# By a program that only looks at the clocks of the machine now and then, in the five seconds between two looks at it,
# some 400 kB come and go. A drive that is to load a model in an hour moves five times as much.
_LOOKS_AT_CLOCKS: Final = 1 << 20
# Fields of proc_pid_stat(5) behind the name of the program, which may hold anything: state, majflt, utime, stime.
_STATE, _MAJOR_FAULTS, _USER, _SYSTEM = 0, 9, 11, 12


@dataclass(frozen=True)
class VitalSigns:
    """What a process has done since its start.

    Attributes:
        computed: Seconds of the processor, of all threads that are still there.
        moved: Bytes and pages that it has read or written.
        held: Threads that wait for a disk and cannot be woken, each with its ticks of the processor; empty where the
            system does not tell.
        fetched: Bytes and pages of ``moved`` that a disk had to be asked for, as far as the system tells them apart.
    """

    computed: float
    moved: int
    held: frozenset[tuple[int, int]] = frozenset()
    fetched: int = 0

    def has_moved_since(self, before: VitalSigns) -> bool:
        """Tells whether the process has done anything since it was looked at before.

        Time of the processor is no sign while one thread has been held by a disk all along: the others may wait for it
        in a loop, as those of ggml do.
        """
        if self.moved != before.moved:
            return True
        return self.computed != before.computed and not self.held & before.held

    def has_only_computed_since(self, before: VitalSigns) -> bool:
        """Tells whether all that the process has done since is computing: no disk had a part in how long it took."""
        if self.computed == before.computed or self.held & before.held:
            return False
        return self.fetched == before.fetched and self.moved - before.moved < _LOOKS_AT_CLOCKS


def read_signs(pid: int, proc: Path = _PROC) -> VitalSigns | None:
    """Returns what a process has done so far; None: it is gone, or the system does not tell. Takes some 0.2 ms.

    Args:
        pid: A process of ours.
        proc: Where Linux tells about processes; another folder in tests only.
    """
    if sys.platform == "linux":
        return _read_linux(proc / str(pid))
    else:  # noqa: RET505 (mypy takes what follows an `if` on the platform for unreachable)
        return _read_elsewhere(pid)


def _read_linux(process: Path) -> VitalSigns | None:
    computed = 0  # in ticks
    held = set()
    threads = list(_threads(process))
    for number, fields in threads:
        own = int(fields[_USER]) + int(fields[_SYSTEM])
        computed += own
        if fields[_STATE] == "D":
            held.add((number, own))
    whole = _fields(process)
    if not threads or not whole:
        return None
    moved = fetched = int(whole[_MAJOR_FAULTS])
    for name, count in _BYTES.findall(read_kernel_file(process / "io")):
        moved += int(count)
        fetched += int(count) if name.endswith("_bytes") else 0
    return VitalSigns(computed / os.sysconf("SC_CLK_TCK"), moved, frozenset(held), fetched)


def _threads(process: Path) -> Iterator[tuple[int, list[str]]]:
    with contextlib.suppress(OSError):  # the process has ended meanwhile
        for thread in (process / "task").iterdir():
            if fields := _fields(thread):
                yield int(thread.name), fields


def _fields(folder: Path) -> list[str]:
    fields = read_kernel_file(folder / "stat").rpartition(")")[2].split()
    return fields if len(fields) > _SYSTEM else []


def _read_elsewhere(pid: int) -> VitalSigns | None:
    import psutil

    try:
        process = psutil.Process(pid)
        with process.oneshot():
            times, memory = process.cpu_times(), process.memory_info()
            counters = process.io_counters() if hasattr(process, "io_counters") else None  # macOS has none
    except psutil.Error:
        return None
    # Pages that had to come from the disk: by the names of macOS and of Windows, whose counter has the others as well.
    moved = getattr(memory, "pageins", 0) + getattr(memory, "num_page_faults", 0)
    if counters is not None:
        moved += counters.read_bytes + counters.write_bytes + getattr(counters, "other_bytes", 0)
    return VitalSigns(times.user + times.system, moved, fetched=moved)
