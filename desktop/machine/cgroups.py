"""The Linux control groups that this process is in: a container or a service may have less than the machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


def groups_of(root: Path, controller: str) -> Iterator[Path]:
    """Yields the folders of the groups above this process, from its own up to the outermost; none outside Linux.

    Args:
        root: Where /proc and /sys are.
        controller: "cpu" or "memory".
    """
    for line in read_kernel_file(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        base = root / "sys/fs/cgroup" / (controller if controllers else "")  # version 1 has a tree for each
        folder = base / path.lstrip("/")
        # Inside a container the path may be the host's; the group's own files are then at the mount point.
        for group in (folder, *folder.parents):
            yield group
            if group == base:
                break


def read_kernel_file(path: Path) -> str:
    """Returns the text of a file of the kernel without the blanks around it; empty where there is no such file."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
