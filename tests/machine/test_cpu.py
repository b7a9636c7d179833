"""How many processors there are and may be used."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pytest

from desktop.machine import cpu
from desktop.machine.cpu import Processors, read_processors


def test_this_machine() -> None:
    found = read_processors()

    assert 1 <= found.physical <= found.logical <= (os.cpu_count() or 1)
    assert found.quota > 0


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four logical processors, two cores."""
    monkeypatch.setattr(cpu, "_affinity", lambda: frozenset(range(4)))
    for number in range(4):
        folder = tmp_path / f"sys/devices/system/cpu/cpu{number}/topology"
        folder.mkdir(parents=True)
        (folder / "thread_siblings_list").write_text(f"{number % 2},{number % 2 + 2}\n")
    return tmp_path


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_hyper_threads_of_a_core_count_once(machine: Path) -> None:
    assert read_processors(machine) == Processors(logical=4, physical=2)


def test_a_process_kept_to_one_core(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpu, "_affinity", lambda: frozenset({1, 3}))
    assert read_processors(machine) == Processors(logical=2, physical=1)


def test_quota_of_a_control_group_version_2(machine: Path) -> None:
    _write(machine / "proc/self/cgroup", "0::/user.slice/app\n")
    _write(machine / "sys/fs/cgroup/user.slice/app/cpu.max", "max 100000\n")
    assert math.isinf(read_processors(machine).quota)
    _write(machine / "sys/fs/cgroup/user.slice/cpu.max", "150000 100000\n")
    assert read_processors(machine).quota == 1.5


def test_quota_of_a_control_group_version_1(machine: Path) -> None:
    _write(machine / "proc/self/cgroup", "4:memory:/elsewhere\n3:cpu,cpuacct:/docker/abc\n")
    _write(machine / "sys/fs/cgroup/cpu/cpu.cfs_quota_us", "200000")  # the container's own view
    _write(machine / "sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000")
    assert read_processors(machine).quota == 2.0
    _write(machine / "sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1")
    assert math.isinf(read_processors(machine).quota)


@pytest.mark.parametrize("text", ["", "nonsense", "1 2 3", "100000 0"])
def test_a_quota_that_makes_no_sense_is_none(machine: Path, text: str) -> None:
    _write(machine / "proc/self/cgroup", "0::/\n")
    _write(machine / "sys/fs/cgroup/cpu.max", text)
    assert math.isinf(read_processors(machine).quota)
