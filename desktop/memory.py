"""How much memory a process and the machine use. Any thread may ask; no answer takes more than a millisecond."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class ProcessMemory:
    """Memory of one process, in bytes.

    Attributes:
        rss: All pages in RAM. Those of a mapped model file count, though the system may take them back at any time.
        anonymous: The pages among them that the system cannot take back (only swap out): what the process really costs.
    """

    rss: int
    anonymous: int


@dataclass(frozen=True)
class SystemMemory:
    """Memory of the machine, in bytes.

    Attributes:
        total: RAM installed, as far as the system shows it.
        available: What programs may take without making others swap.
    """

    total: int
    available: int


def process_memory(pid: int | None = None) -> ProcessMemory:
    """Returns what the process ``pid`` uses; None: this one.

    Raises:
        psutil.Error: There is no such process, or it belongs to somebody else.
    """
    process = psutil.Process(pid)
    if sys.platform == "linux":
        fields = _linux_fields(process.pid)
        if fields is not None:
            return fields
    info = process.memory_info()
    private = getattr(info, "private", None)  # Windows: the committed pages of this process alone
    if private is None:
        private = process.memory_full_info().uss  # macOS: pages that would be freed if the process ended
    return ProcessMemory(info.rss, min(private, info.rss))


def system_memory() -> SystemMemory:
    """Returns what the machine has and what is left of it."""
    memory = psutil.virtual_memory()
    return SystemMemory(memory.total, memory.available)


def _linux_fields(pid: int) -> ProcessMemory | None:
    """Reads proc(5) status: VmRSS is RssAnon + RssFile + RssShmem, in kB."""
    values: dict[str, int] = {}
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            name, _, rest = line.partition(":")
            if name in ("VmRSS", "RssAnon", "RssShmem"):
                values[name] = int(rest.split()[0]) * 1024
    except FileNotFoundError:
        return None
    if "VmRSS" not in values or "RssAnon" not in values:
        return None
    return ProcessMemory(values["VmRSS"], values["RssAnon"] + values.get("RssShmem", 0))
