"""How much memory Catnap and the machine use. May be called from any thread."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from desktop.machine.cgroups import groups_of, read_kernel_file

_ROOT = Path("/")
_OWN = re.compile(r"^(VmRSS|RssAnon|RssShmem):\s*(\d+) kB", re.MULTILINE)
_MACHINE = re.compile(r"^(MemTotal|MemAvailable):\s*(\d+) kB", re.MULTILINE)


@dataclass(frozen=True)
class MemoryReading:
    """A moment's figures, in bytes.

    Attributes:
        rss: Pages in RAM of this process and of the engine's. Those of a mapped model count, though the system may take
            them back any time.
        anonymous: The pages among them that the system cannot take back: what Catnap really costs.
        machine_total: RAM of the machine, or of the control group that the process is confined to.
        machine_available: What programs may still take without others being swapped out.
        engine: Of ``anonymous``, the part of the engine's process.
        engine_rss: Of ``rss``, the part of the engine's process.
    """

    rss: int
    anonymous: int
    machine_total: int
    machine_available: int
    engine: int = 0
    engine_rss: int = 0

    @property
    def app(self) -> int:
        """Of ``rss``, the app's own process: windows and conversations."""
        return max(0, self.rss - self.engine_rss)

    @property
    def mapped(self) -> int:
        """Pages of the engine's process that the system can take back: the model file, above all."""
        return max(0, self.engine_rss - self.engine)

    @property
    def machine_used(self) -> int:
        """What all programs together keep from others."""
        return max(0, self.machine_total - self.machine_available)


class MemoryReader:
    """Reads the figures; one instance may be used by many threads.

    Which control groups confine the process is found out once: their limits are set before it starts, and looking for
    them takes longer than everything else together.
    """

    def __init__(self, root: Path = _ROOT, engine: Callable[[], int | None] = lambda: None) -> None:
        """
        Args:
            root: Folder that holds ``proc`` and ``sys``; another one in tests only.
            engine: Returns the id of the engine's process; None: there is none.
        """
        self._root = root
        self._engine = engine
        self._groups = tuple(_limited_groups(root)) if sys.platform == "linux" else ()

    def read(self) -> MemoryReading:
        """Returns the present figures; takes some 0.1 ms on Linux."""
        if sys.platform == "linux":
            return self._read_linux()
        else:  # noqa: RET505 (mypy takes what follows an `if` on the platform for unreachable)
            return _read_elsewhere(self._engine())

    def _read_linux(self) -> MemoryReading:
        rss, anonymous = self._of_process("self")
        engine = self._engine()
        engine_rss, engine_anonymous = (0, 0) if engine is None else self._of_process(str(engine))
        machine = _kilobytes(self._root / "proc/meminfo", _MACHINE)
        total, available = machine.get("MemTotal", 0), machine.get("MemAvailable", 0)
        for group, limit in self._groups:
            if limit < machine.get("MemTotal", 0):
                total = min(total, limit)
                available = min(available, max(0, limit - _used(group)))
        return MemoryReading(
            rss + engine_rss, anonymous + engine_anonymous, total, available, engine_anonymous, engine_rss
        )

    def _of_process(self, name: str) -> tuple[int, int]:
        """Returns (rss, anonymous) of a process; zeros once it is gone."""
        found = _kilobytes(
            self._root / "proc" / name / "status", _OWN
        )  # proc(5): VmRSS is RssAnon + RssFile + RssShmem
        return found.get("VmRSS", 0), found.get("RssAnon", 0) + found.get("RssShmem", 0)


def _read_elsewhere(engine: int | None) -> MemoryReading:
    import psutil

    def of_process(number: int | None) -> tuple[int, int]:
        process = psutil.Process(number)
        info = process.memory_info()
        private = getattr(info, "private", None)  # Windows: committed pages that are this process's alone
        if private is None:
            private = process.memory_full_info().uss  # macOS: pages that would be free if the process ended
        return info.rss, min(private, info.rss)

    rss, anonymous = of_process(None)
    engine_rss = engine_anonymous = 0
    if engine is not None:
        with contextlib.suppress(psutil.Error):  # it is gone
            engine_rss, engine_anonymous = of_process(engine)
    machine = psutil.virtual_memory()
    return MemoryReading(
        rss + engine_rss, anonymous + engine_anonymous, machine.total, machine.available, engine_anonymous, engine_rss
    )


def _limited_groups(root: Path) -> Iterator[tuple[Path, int]]:
    """Yields each control group above this process that has a memory limit, and the limit in bytes."""
    for group in groups_of(root, "memory"):
        limit = _limit(group)
        if limit is not None:
            yield group, limit


def _limit(group: Path) -> int | None:
    text = read_kernel_file(group / "memory.max") or read_kernel_file(
        group / "memory.limit_in_bytes"
    )  # versions 2 and 1
    return int(text) if text.isdecimal() else None  # "max": none


def _used(group: Path) -> int:
    """Bytes charged to a group without file pages, which it gives back when it needs room."""
    text = read_kernel_file(group / "memory.current") or read_kernel_file(group / "memory.usage_in_bytes")
    stat = dict(line.split(" ", 1) for line in read_kernel_file(group / "memory.stat").splitlines())
    # Version 1 counts the groups below in the fields that begin with "total_" only; version 2 has no such fields.
    prefix = "total_" if "total_inactive_file" in stat else ""
    reclaimable = sum(int(stat.get(f"{prefix}{kind}_file", 0)) for kind in ("active", "inactive"))
    return (int(text) if text.isdecimal() else 0) - reclaimable


def _kilobytes(path: Path, pattern: re.Pattern[str]) -> Mapping[str, int]:
    return {name: int(number) * 1024 for name, number in pattern.findall(read_kernel_file(path))}
