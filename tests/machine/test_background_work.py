"""Work in the background stops, goes on and ends with all that it has started."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from desktop.machine import background_work
from tests.support.patience import PATIENCE_S, wait_for

# Starts another one, says its id, and waits for ever.
_SCRIPT = """
import subprocess, sys, time
command = [sys.executable, "-c", "import time; time.sleep(1000)"]
child = subprocess.Popen(command, start_new_session=sys.argv[1] == "own")
print(child.pid, flush=True)
time.sleep(1000)
"""


@pytest.fixture(params=["group", "own"])
def family(request: pytest.FixtureRequest) -> Iterator[tuple[subprocess.Popen[str], psutil.Process]]:
    """A process and its child, which is in the same group, or in a session of its own."""
    command = [sys.executable, "-c", _SCRIPT, request.param]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **background_work.start_options()) as process:
        assert process.stdout is not None
        child = psutil.Process(int(process.stdout.readline()))
        yield process, child
        background_work.end(process.pid)
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()
        process.wait(PATIENCE_S)


def test_all_of_it_stops_goes_on_and_ends(family: tuple[subprocess.Popen[str], psutil.Process]) -> None:
    process, child = family
    both = (psutil.Process(process.pid), child)
    background_work.step_back(process.pid)
    background_work.suspend(process.pid)
    wait_for("the stop", lambda: all(each.status() == psutil.STATUS_STOPPED for each in both))
    background_work.resume(process.pid)
    wait_for("it to go on", lambda: all(each.status() != psutil.STATUS_STOPPED for each in both))
    background_work.suspend(process.pid)
    background_work.end(process.pid)
    process.wait(PATIENCE_S)
    wait_for("the end of its child", lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def test_what_is_gone_is_passed_over(family: tuple[subprocess.Popen[str], psutil.Process]) -> None:
    process, _ = family
    background_work.end(process.pid)
    process.wait(PATIENCE_S)
    for do in (background_work.suspend, background_work.resume, background_work.interrupt, background_work.step_back):
        do(process.pid)
