"""What this machine is: processor and operating system, as people and bug reports name them. No Qt."""

from __future__ import annotations

import math
import os
import platform
import sys
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


# Instruction sets that decide which of ggml's backends fits, by their names in /proc/cpuinfo (x86, then ARM).
_FEATURES = frozenset(
    {
        "sse3", "ssse3", "sse4_1", "sse4_2", "avx", "f16c", "fma", "avx2", "bmi2", "avx_vnni", "avx512f", "avx512cd",
        "avx512bw", "avx512dq", "avx512vl", "avx512vbmi", "avx512_vnni", "avx512_bf16", "amx_tile", "amx_int8",
        "asimd", "asimdhp", "asimddp", "i8mm", "sve", "sve2", "sme",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Processor:
    """The processor.

    Attributes:
        name: As its maker calls it; the architecture where that is not known.
        features: Instruction sets that matter here, sorted; empty where the system does not tell.
    """

    name: str
    features: tuple[str, ...]


def read_processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> Processor:
    """Returns the processor; some milliseconds.

    Args:
        cpuinfo: Where Linux describes it.
    """
    if sys.platform == "darwin":
        return Processor(_sysctl("machdep.cpu.brand_string") or platform.machine(), _mac_features())
    if sys.platform == "win32":
        return Processor(_windows_name() or platform.processor() or platform.machine(), ())
    try:
        text = cpuinfo.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    fields: dict[str, str] = {}
    for line in text.splitlines():
        name, _, value = line.partition(":")
        fields.setdefault(name.strip().lower(), value.strip())
    name = fields.get("model name") or fields.get("hardware") or fields.get("model") or platform.machine()
    flags = (fields.get("flags") or fields.get("features") or "").split()
    return Processor(name, tuple(sorted(_FEATURES.intersection(flags))))


def read_features() -> tuple[str, ...]:
    """Returns the instruction sets that the processor is known to have, sorted; some milliseconds.

    Windows tells of a few only, so what is missing here is missing for certain elsewhere. Empty: nothing is known.
    """
    return _windows_features() if sys.platform == "win32" else read_processor().features


def read_system() -> str:
    """Returns the operating system's name and version."""
    if sys.platform == "linux":
        try:
            name = platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")
        except OSError:
            name = "Linux"
        return f"{name}, kernel {platform.release()}"
    if sys.platform == "darwin":
        return f"macOS {platform.mac_ver()[0]}"
    return platform.platform()


def _sysctl(name: str) -> str:
    import subprocess  # 10 ms of the start of every engine process

    try:
        done = subprocess.run(["/usr/sbin/sysctl", "-n", name], capture_output=True, text=True, check=False, timeout=5)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _mac_features() -> tuple[str, ...]:
    flags = f"{_sysctl('machdep.cpu.features')} {_sysctl('machdep.cpu.leaf7_features')}".lower().replace(".", "_")
    renamed = flags.replace("avx1_0", "avx").split()
    return tuple(sorted(_FEATURES.intersection(renamed)))


# winnt.h: PF_SSE4_2_INSTRUCTIONS_AVAILABLE and so on; Windows 10 of 2020 and later know them.
_WINDOWS_FEATURES = ((38, "sse4_2"), (39, "avx"), (40, "avx2"), (41, "avx512f"), (43, "asimddp"))


def _windows_features() -> tuple[str, ...]:
    if sys.platform != "win32":
        return ()
    import ctypes

    is_present = ctypes.WinDLL("kernel32").IsProcessorFeaturePresent
    return tuple(sorted(name for number, name in _WINDOWS_FEATURES if is_present(number)))


def _windows_name() -> str:
    if sys.platform != "win32":
        return ""
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"HARDWARE\DESCRIPTION\System\CentralProcessor\0") as key:
            return str(winreg.QueryValueEx(key, "ProcessorNameString")[0]).strip()
    except OSError:
        return ""
