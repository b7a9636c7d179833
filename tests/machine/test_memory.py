"""The process's and the machine's memory."""

from __future__ import annotations

import mmap
import sys
import threading
from pathlib import Path

import pytest

from desktop.machine.memory import MemoryReader, MemoryReading

MEGABYTE = 1024 * 1024


def test_the_figures_are_plausible() -> None:
    reading = MemoryReader().read()
    assert MEGABYTE < reading.anonymous <= reading.rss < reading.machine_total
    assert 0 < reading.machine_available <= reading.machine_total


def test_anonymous_memory_counts_and_file_pages_do_not(tmp_path: Path) -> None:
    # GIVEN a mapped file of 32 MB
    path = tmp_path / "weights"
    path.write_bytes(b"\1" * (32 * MEGABYTE))
    reader = MemoryReader()
    before = reader.read()
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        # WHEN every page of it is touched
        assert sum(mapped[at] for at in range(0, len(mapped), 4096)) > 0
        touched = reader.read()
        # THEN it shows in the resident memory only
        assert touched.rss - before.rss > 24 * MEGABYTE
        assert touched.anonymous - before.anonymous < 8 * MEGABYTE
    # AND memory of our own shows in both
    own = bytearray(b"\1" * (32 * MEGABYTE))
    after = reader.read()
    assert after.anonymous - before.anonymous > 24 * MEGABYTE
    assert own


def test_any_thread_may_ask() -> None:
    reader = MemoryReader()
    seen: list[MemoryReading] = []
    threads = [threading.Thread(target=lambda: seen.append(reader.read())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 4


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A Linux machine of 8 GB, 6 of them free, with a process of 500 MB in group /user/app."""
    files = {
        "proc/self/status": (
            "Name:\tcatnap\nVmRSS:\t  500000 kB\nRssAnon:\t 120000 kB\nRssFile: 370000 kB\nRssShmem:\t 10000 kB\n"
        ),
        "proc/meminfo": "MemTotal:        8000000 kB\nMemFree: 1 kB\nMemAvailable:    6000000 kB\n",
    }
    for name, text in files.items():
        write(tmp_path / name, text)
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


linux = pytest.mark.skipif(sys.platform != "linux", reason="proc and control groups are Linux's")


@linux
def test_the_fields_of_proc(machine: Path) -> None:
    reading = MemoryReader(machine).read()
    assert reading == MemoryReading(500_000 * 1024, 130_000 * 1024, 8_000_000 * 1024, 6_000_000 * 1024)


@linux
def test_a_control_group_of_version_2_is_the_machine(machine: Path) -> None:
    # GIVEN a limit of 1 GB on the group above, of which 300 MB are used and 200 MB of these are file pages
    write(machine / "proc/self/cgroup", "0::/user/app\n")
    write(machine / "sys/fs/cgroup/user/app/memory.max", "max\n")
    write(machine / "sys/fs/cgroup/user/memory.max", "1000000000\n")
    write(machine / "sys/fs/cgroup/user/memory.current", "300000000\n")
    write(machine / "sys/fs/cgroup/user/memory.stat", "anon 100000000\ninactive_file 150000000\nactive_file 50000000\n")
    reading = MemoryReader(machine).read()
    assert (reading.machine_total, reading.machine_available) == (1_000_000_000, 900_000_000)


@linux
def test_a_control_group_of_version_1_is_the_machine(machine: Path) -> None:
    write(machine / "proc/self/cgroup", "4:cpu,cpuacct:/x\n3:memory:/host/path\n0::/\n")
    folder = machine / "sys/fs/cgroup/memory"  # the container sees its own group at the mount point
    write(folder / "memory.limit_in_bytes", "520000000\n")
    write(folder / "memory.usage_in_bytes", "400000000\n")
    write(
        folder / "memory.stat", "inactive_file 1\nactive_file 1\ntotal_inactive_file 100000000\ntotal_active_file 0\n"
    )
    reading = MemoryReader(machine).read()
    assert (reading.machine_total, reading.machine_available) == (520_000_000, 220_000_000)


@linux
def test_a_limit_above_the_machines_memory_is_none(machine: Path) -> None:
    write(machine / "proc/self/cgroup", "3:memory:/\n")
    write(machine / "sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n")
    write(machine / "sys/fs/cgroup/memory/memory.usage_in_bytes", "9000000000\n")
    assert MemoryReader(machine).read().machine_available == 6_000_000 * 1024
