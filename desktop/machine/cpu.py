"""What this machine is: processor and operating system, as people and bug reports name them. No Qt."""

from __future__ import annotations

import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

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
    try:
        done = subprocess.run(["/usr/sbin/sysctl", "-n", name], capture_output=True, text=True, check=False, timeout=5)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _mac_features() -> tuple[str, ...]:
    flags = f"{_sysctl('machdep.cpu.features')} {_sysctl('machdep.cpu.leaf7_features')}".lower().replace(".", "_")
    renamed = flags.replace("avx1_0", "avx").split()
    return tuple(sorted(_FEATURES.intersection(renamed)))


def _windows_name() -> str:
    if sys.platform != "win32":
        return ""
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"HARDWARE\DESCRIPTION\System\CentralProcessor\0") as key:
            return str(winreg.QueryValueEx(key, "ProcessorNameString")[0]).strip()
    except OSError:
        return ""
