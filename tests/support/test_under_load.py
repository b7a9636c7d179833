"""The load is there while the tests run, and gone when they have ended, however that was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.patience import LONG_PATIENCE_S, PATIENCE_S, wait_for
from tests.under_load import busy

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
ROOT = Path(__file__).parents[2]

TESTS = """
    import os, signal, sys
    from pathlib import Path

    def test_alone():
        assert os.getsid(0) == os.getpid()
        assert not any(os.isatty(number) for number in range(3))
        assert sys.stdin.read() == ""

    def test_waits_until_it_is_ended():
        Path(__file__).with_name("begun").touch()
        signal.pause()

    def test_fails():
        raise AssertionError
"""


def state(pid: int) -> str:
    """Returns the letter by which Linux names the state of a process; empty: there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Tests of its own, under this project's conftest.py."""
    (tmp_path / "conftest.py").write_text("from tests.conftest import *\n", encoding="utf-8")
    (tmp_path / "test_it.py").write_text(textwrap.dedent(TESTS), encoding="utf-8")
    return tmp_path


@contextmanager
def under_load(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Runs tests of ``folder`` under load."""
    options = ["-p", "no:cacheprovider", f"--rootdir={folder}", "-c", str(ROOT / "pyproject.toml"), str(folder)]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.under_load", *options, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_the_loops_are_busy_and_end_with_the_block() -> None:
    with pytest.raises(ZeroDivisionError), busy(2) as loops:
        wait_for("both to be busy", lambda: all(state(loop) == "R" for loop in loops))
        raise ZeroDivisionError
    assert [state(loop) for loop in loops] == ["", ""]


def test_loops_that_nobody_ends_end_by_themselves() -> None:
    code = "import os, signal\nfrom tests.under_load import busy\n"
    code += "with busy(1) as loops: print(*loops, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    wait_for("the loop to end", lambda: state(int(done.stdout)) in ("", "Z"))


def test_what_pytest_says_and_returns_is_passed_on(folder: Path) -> None:
    with under_load(folder, "-s", "-k", "alone") as process:
        out, _ = process.communicate(timeout=LONG_PATIENCE_S)
    assert process.returncode == 0, out.decode()
    assert b"1 passed" in out
    assert b"--shuffle-files=" in out
    with under_load(folder, "-k", "fails", "--shuffle-files=5") as process:
        out, _ = process.communicate(timeout=LONG_PATIENCE_S)
    assert process.returncode == 1, out.decode()
    assert b"1 failed" in out
    assert out.count(b"--shuffle-files=5") == 2  # by us, and by pytest


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_nothing_is_left_when_it_is_interrupted(folder: Path, number: signal.Signals) -> None:
    with under_load(folder, "-k", "waits") as process:
        wait_for("the test", (folder / "begun").exists)
        started = children(process.pid)
        assert len(started) == 1 + len(os.sched_getaffinity(0))
        process.send_signal(number)
        assert process.wait(PATIENCE_S) == 128 + number
    assert [state(pid) for pid in started] == [""] * len(started)
