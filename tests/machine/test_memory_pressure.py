"""Whether the system is short of memory, by the files and calls of each system."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from desktop.machine.memory import MemoryReader
from desktop.machine.memory_pressure import LinuxPressure, MacPressure, Pressure, WindowsPressure, make_pressure_reader

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="the machine is made of Linux' files in /proc")

TOTAL = 4_000_000  # kB


class Machine:
    """A machine made of files; ``available`` is a share of its memory, ``stalled`` microseconds since it started."""

    def __init__(self, folder: Path) -> None:
        (folder / "proc/pressure").mkdir(parents=True)
        self._folder = folder
        self.now = 50.0
        self.has(0.5)
        self.reader = LinuxPressure(MemoryReader(folder), folder, lambda: self.now)

    def has(self, available: float, stalled: int | None = 0) -> None:
        meminfo = f"MemTotal: {TOTAL} kB\nMemAvailable: {round(TOTAL * available)} kB\n"
        (self._folder / "proc/meminfo").write_text(meminfo, encoding="ascii")
        file = self._folder / "proc/pressure/memory"
        if stalled is None:
            file.unlink(missing_ok=True)
        else:
            text = f"some avg10=0.00 avg60=0.00 avg300=0.00 total={stalled}\n"
            file.write_text(text + "full avg10=0.00 avg60=0.00 avg300=0.00 total=7\n", encoding="ascii")

    def read(self) -> Pressure:
        self.now += 3
        return self.reader.read()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@linux_only
@pytest.mark.parametrize(
    ("available", "expected"),
    [(0.5, Pressure.NONE), (0.06, Pressure.NONE), (0.04, Pressure.SHORT), (0.02, Pressure.CRITICAL)],
)
@pytest.mark.parametrize("stalled", [0, None], ids=["with PSI", "without"])
def test_little_is_available(machine: Machine, available: float, expected: Pressure, stalled: int | None) -> None:
    machine.has(available, stalled)
    assert machine.read() is expected


@linux_only
def test_short_lasts_until_there_is_clearly_more(machine: Machine) -> None:
    found = []
    for available in (0.06, 0.04, 0.06, 0.075, 0.09, 0.06):
        machine.has(available)
        found.append(machine.read())
    none, short = Pressure.NONE, Pressure.SHORT
    assert found == [none, short, short, short, none, none]


@linux_only
def test_programs_that_wait_for_memory(machine: Machine) -> None:
    # GIVEN an eighth of the memory available, and a second of waiting before the first look
    machine.has(0.12, 1_000_000)
    assert machine.read() is Pressure.NONE
    # WHEN nobody waits, then for 5 %, then for 20 % of the time
    assert machine.read() is Pressure.NONE
    machine.has(0.12, 1_150_000)
    assert machine.read() is Pressure.NONE
    machine.has(0.12, 1_750_000)
    assert machine.read() is Pressure.SHORT
    machine.has(0.12, 1_750_000)
    assert machine.read() is Pressure.NONE


@linux_only
def test_a_container_at_its_own_limit_is_not_the_machine(machine: Machine) -> None:
    machine.read()
    machine.has(0.5, 3_000_000)
    assert machine.read() is Pressure.NONE


@linux_only
def test_a_control_group_s_limit_counts(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    group = tmp_path / "sys/fs/cgroup/app"
    group.mkdir(parents=True)
    (tmp_path / "proc/self").mkdir()
    (tmp_path / "proc/self/cgroup").write_text("0::/app\n", encoding="ascii")
    (group / "memory.max").write_text("700000000\n", encoding="ascii")
    (group / "memory.current").write_text("690000000\n", encoding="ascii")
    (group / "memory.stat").write_text("active_file 0\ninactive_file 0\n", encoding="ascii")
    reader = LinuxPressure(MemoryReader(tmp_path), tmp_path, lambda: machine.now)
    assert machine.read() is Pressure.NONE
    assert reader.read() is Pressure.CRITICAL


@pytest.mark.parametrize(("low", "expected"), [(False, Pressure.NONE), (True, Pressure.SHORT)])
def test_windows_says_so_itself(low: bool, expected: Pressure) -> None:
    assert WindowsPressure(lambda: low).read() is expected


@pytest.mark.parametrize(
    ("level", "expected"),
    [(0, Pressure.NONE), (1, Pressure.NONE), (2, Pressure.SHORT), (4, Pressure.CRITICAL)],
)
def test_macos_has_levels(level: int, expected: Pressure) -> None:
    assert MacPressure(lambda: level).read() is expected


def test_this_machine_is_not_about_to_stop() -> None:
    reader = make_pressure_reader(MemoryReader())
    assert reader.read() is not Pressure.CRITICAL
    assert reader.read() is not Pressure.CRITICAL
