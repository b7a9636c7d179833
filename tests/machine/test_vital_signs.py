from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil
import pytest

from desktop.machine.vital_signs import VitalSigns, read_signs
from tests.support.patience import wait_for

needs_signals = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="as Linux tells of processes")

_READS = (
    "import os, sys\nwhile True:\n    os.read(os.open(sys.executable, os.O_RDONLY), 1 << 20)\n    os.closerange(3, 9)"
)


@pytest.fixture
def process(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", request.param]) as started:
        yield started
        started.kill()


def _has_moved(pid: int, before: VitalSigns) -> bool:
    now = read_signs(pid)
    assert now is not None
    return now.has_moved_since(before)


@pytest.mark.parametrize("process", ["while True: pass", _READS], ids=["computes", "reads"], indirect=True)
def test_a_process_that_computes_or_reads_moves(process: subprocess.Popen[bytes]) -> None:
    before = read_signs(process.pid)
    assert before is not None
    wait_for("a sign of life", lambda: _has_moved(process.pid, before))


@needs_signals
@pytest.mark.parametrize("process", ["while True: pass"], indirect=True)
def test_a_process_that_was_stopped_does_not_move(process: subprocess.Popen[bytes]) -> None:
    os.kill(process.pid, signal.SIGSTOP)
    wait_for("its stop", lambda: psutil.Process(process.pid).status() == psutil.STATUS_STOPPED)

    before = read_signs(process.pid)

    assert before is not None
    assert not any(_has_moved(process.pid, before) for _ in range(50))


def test_of_a_process_that_is_gone_nothing_is_told() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()

    assert read_signs(ended.pid) is None


def _tell(proc: Path, threads: Mapping[int, tuple[str, int]], read: int = 0, faults: int = 0) -> None:
    """Writes what Linux tells of process 7, as proc_pid_stat(5) and proc_pid_io(5) have it."""
    for number, (state, ticks) in {0: threads[7], **threads}.items():
        folder = proc / "7" / ("task/" + str(number) if number else "")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "stat").write_text(f"7 (a) b (c) {state} 1 7 7 0 -1 0 10 0 {faults} 0 {ticks} 0 0 0 20 0 2 0 5 1 2\n")
    (proc / "7/io").write_text(f"rchar: {read}\nwchar: 0\nsyscr: 1\nread_bytes: 0\nwrite_bytes: 0\ncancelled: 5\n")


# What the two threads do, what was read and fetched at the first look, and at the second.
@needs_linux
@pytest.mark.parametrize(
    ("first", "second", "moves"),
    [
        (({7: ("R", 5), 8: ("S", 2)},), ({7: ("R", 9), 8: ("S", 2)},), True),
        (({7: ("S", 5), 8: ("S", 2)},), ({7: ("S", 5), 8: ("S", 2)},), False),
        (({7: ("D", 5), 8: ("R", 2)},), ({7: ("D", 5), 8: ("R", 9)},), False),
        (({7: ("D", 5), 8: ("R", 2)},), ({7: ("D", 6), 8: ("R", 9)},), True),
        (({7: ("D", 5), 8: ("R", 2)}, 10), ({7: ("D", 5), 8: ("R", 2)}, 11), True),
        (({7: ("D", 5), 8: ("S", 2)}, 10, 3), ({7: ("D", 5), 8: ("S", 2)}, 10, 4), True),
        (({7: ("R", 5), 8: ("D", 2)},), ({7: ("D", 9), 8: ("S", 2)},), True),
    ],
    ids=["computes", "waits", "one is held", "held anew", "reads", "fetches pages", "held by turns"],
)
def test_threads_that_wait_in_a_loop_for_one_that_a_disk_holds_are_no_sign_of_life(
    tmp_path: Path, first: tuple[dict[int, tuple[str, int]]], second: tuple[dict[int, tuple[str, int]]], moves: bool
) -> None:
    # GIVEN what Linux tells of a process at two moments
    _tell(tmp_path, *first)
    before = read_signs(7, tmp_path)
    _tell(tmp_path, *second)

    # WHEN it is looked at for the second time
    now = read_signs(7, tmp_path)

    # THEN it moves unless it only waits, whatever its other threads do meanwhile
    assert before is not None
    assert now is not None
    assert now.has_moved_since(before) is moves
