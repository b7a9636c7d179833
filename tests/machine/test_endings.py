from __future__ import annotations

import math
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.machine.endings import Limit, SystemAccount

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems do not count")
on_posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")


class Machine:
    """A folder that holds what Linux counts."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "ascii")

    def vmstat(self, kills: int) -> None:
        self.write("proc/vmstat", f"nr_free_pages 12\noom_kill {kills}\nnuma_hit 7\n")

    def group(self, kills: int) -> None:
        self.write("proc/self/cgroup", "0::/user.slice/app-catnap.scope\n")
        self.write("sys/fs/cgroup/user.slice/app-catnap.scope/memory.events", f"oom 1\noom_kill {kills}\noom_group 0\n")

    def group_v1(self, kills: int) -> None:
        self.write("proc/self/cgroup", "4:memory:/catnap\n0::/\n")
        self.write("sys/fs/cgroup/memory/catnap/memory.oom_control", f"under_oom 0\noom_kill {kills}\n")

    def account(self) -> SystemAccount:
        return SystemAccount(self.root, children_seconds=lambda: 0.0, cpu_limit=math.inf)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@on_linux
def test_it_was_memory_only_if_the_kernel_has_counted_one_more(machine: Machine) -> None:
    machine.vmstat(4)
    account = machine.account()

    assert account.limit_behind(-9) is None
    machine.vmstat(5)
    assert account.limit_behind(-9) is Limit.MEMORY
    # AND nobody died of that who died of something else
    assert account.limit_behind(-15) is account.limit_behind(-11) is account.limit_behind(1) is None


@on_linux
@pytest.mark.parametrize("version", [1, 2])
def test_the_control_group_of_catnap_knows_better_than_the_machine(machine: Machine, version: int) -> None:
    # GIVEN a group of our own on a machine with others
    count = machine.group if version == 2 else machine.group_v1
    machine.vmstat(4)
    count(1)
    account = machine.account()

    # WHEN somebody else's program is ended for want of memory, THEN that is none of ours
    machine.vmstat(5)
    assert account.limit_behind(-9) is None

    count(2)
    assert account.limit_behind(-9) is Limit.MEMORY


@on_linux
def test_a_process_that_was_moved_to_another_group_is_judged_by_what_was_counted_before(machine: Machine) -> None:
    machine.vmstat(4)
    account = machine.account()
    machine.group(9)
    assert account.limit_behind(-9) is None
    machine.vmstat(5)
    assert account.limit_behind(-9) is Limit.MEMORY


@on_linux
@pytest.mark.parametrize("text", ["", "oom_kill\n", "oom_kill many\n", "xoom_kill 5\n"])
def test_a_kernel_that_counts_nothing_claims_nothing(machine: Machine, text: str) -> None:
    machine.write("proc/vmstat", text)
    account = machine.account()
    assert account.limit_behind(-9) is None
    machine.vmstat(5)
    assert account.limit_behind(-9) is None


@on_posix
def test_a_limit_on_processor_time_has_a_signal_of_its_own_or_none(tmp_path: Path) -> None:
    used = 3.0
    account = SystemAccount(tmp_path, children_seconds=lambda: used, cpu_limit=60.0)
    assert account.limit_behind(-signal.SIGXCPU) is Limit.PROCESSOR_TIME

    # WHEN it was killed after having used as much as it may (a limit without a softer one), THEN it was that
    account.before_wait()
    used = 62.9
    assert account.limit_behind(-9) is Limit.PROCESSOR_TIME
    # AND not if it had used less
    used = 40.0
    assert account.limit_behind(-9) is None


@on_posix
@pytest.mark.parametrize("limit", ["-St 1", "-t 1"])  # with a softer limit before the hard one, and without
def test_the_real_limit_on_processor_time_is_recognised(tmp_path: Path, limit: str) -> None:
    program = (
        "import subprocess, sys\n"
        "from pathlib import Path\n"
        "from desktop.machine.endings import SystemAccount\n"
        "account = SystemAccount(Path(sys.argv[1]))\n"
        "child = subprocess.Popen([sys.executable, '-c', 'while True: pass'])\n"
        "account.before_wait()\n"
        "print(account.limit_behind(child.wait()))\n"
    )
    shell = f'ulimit {limit} && exec "$0" -c "$1" "$2"'
    done = subprocess.run(
        ["sh" if limit == "-t 1" else "bash", "-c", shell, sys.executable, program, str(tmp_path)],
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "Limit.PROCESSOR_TIME"
