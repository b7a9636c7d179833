"""The process that makes a student: what it says is heard, and it stops, goes on and ends as it is told."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from desktop.lifecycle.students.child import StudentChild
from desktop.student.steps import Finished, Planned, Refused, Step, StepProgress, encode
from tests.support.led_process import LedProcesses
from tests.support.patience import PATIENCE_S, wait_for

PLANNED = Planned((Step.COLLECT, Step.PRUNE), 5400.0, 400, 900)
DONE = Finished("It is 24 % smaller.", "/models/student.gguf", "/report.html")


@pytest.fixture
def child(processes: LedProcesses, tmp_path: Path) -> Iterator[StudentChild]:
    made = StudentChild(processes.command, tmp_path / "student.log")
    yield made
    made.end()
    assert made.wait(PATIENCE_S)


def test_what_it_says_is_heard_to_its_end(child: StudentChild, processes: LedProcesses) -> None:
    # GIVEN a process that says what it will do and how far it is, and something that nobody knows
    child.begin()
    process = processes.next()
    step = StepProgress(Step.COLLECT, 3, 420, 812.5)
    process.tell(f"say {encode(PLANNED)}", "say nonsense", f"say {encode(step)}")
    wait_for("the step", lambda: child.progress)
    assert (child.planned, child.progress, child.finished) == (PLANNED, step, None)
    # WHEN it says that it is done THEN nothing has gone wrong
    process.tell(f"say {encode(DONE)}", "end 0")
    wait_for("its end", lambda: child.has_ended)
    assert (child.finished, child.error) == (DONE, None)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no niceness")
def test_it_lets_everybody_else_go_first(child: StudentChild, processes: LedProcesses) -> None:
    child.begin()
    assert psutil.Process(processes.next().pid).nice() == 19


def test_it_stops_where_it_is_and_goes_on(child: StudentChild, processes: LedProcesses) -> None:
    child.begin()
    process = processes.next()
    running = psutil.Process(process.pid)
    # WHEN it is stopped THEN it does nothing
    child.suspend()
    wait_for("the stop", lambda: running.status() == psutil.STATUS_STOPPED)
    process.tell(f"say {encode(PLANNED)}")
    assert child.planned is None
    # WHEN it goes on THEN it says what it had to say
    child.resume()
    wait_for("what it says", lambda: child.planned)
    assert running.status() != psutil.STATUS_STOPPED


def test_it_is_stopped_before_it_was_started(child: StudentChild, processes: LedProcesses) -> None:
    child.suspend()
    child.begin()
    wait_for("the process", lambda: child._process)
    assert child._process is not None
    running = psutil.Process(child._process.pid)
    wait_for("the stop", lambda: running.status() == psutil.STATUS_STOPPED)
    child.resume()
    processes.next()


def test_one_that_is_told_to_end_has_no_error(child: StudentChild, processes: LedProcesses) -> None:
    # GIVEN one that is stopped
    child.begin()
    processes.next()
    child.suspend()
    # WHEN it is told to end by itself THEN it does, stopped or not
    child.interrupt()
    assert child.wait(PATIENCE_S)
    assert child.error is None


@pytest.mark.parametrize(
    ("orders", "detail"),
    [
        (("warn a warning", "warn catnap: The disk is full.", "warn ggml: bye", "end 1"), "The disk is full."),
        (("warn Traceback", "end 1"), "Traceback"),
        (("end 3",), "3"),
        (("end 0",), "0"),
    ],
)
def test_why_it_has_ended_early_is_known(
    child: StudentChild, processes: LedProcesses, orders: tuple[str, ...], detail: str
) -> None:
    child.begin()
    processes.next().tell(*orders)
    wait_for("its end", lambda: child.has_ended)
    assert child.error is not None
    assert child.error.detail == detail
    assert "Continue" in child.error.remedy


@pytest.mark.parametrize("remedy", ["Choose another one.", ""])
def test_what_it_says_in_parts_is_its_error_and_can_be_translated(
    child: StudentChild, processes: LedProcesses, remedy: str
) -> None:
    """The window showed the whole sentence as a detail, in English."""
    child.begin()
    refused = Refused("This student is of another teacher.", "own.gguf.", remedy)
    sentence = "warn catnap: This student is of another teacher. own.gguf."
    processes.next().tell(f"say {encode(refused)}", sentence, "end 1")
    wait_for("its end", lambda: child.has_ended)
    error = child.error
    assert error is not None and (error.title, error.detail) == (refused.title, refused.detail)
    assert error.remedy == remedy if remedy else "Continue" in error.remedy


def test_a_death_is_an_error(child: StudentChild, processes: LedProcesses) -> None:
    child.begin()
    psutil.Process(processes.next().pid).kill()
    wait_for("its end", lambda: child.has_ended)
    assert child.error is not None


def test_what_cannot_be_started_is_an_error(tmp_path: Path) -> None:
    for command, log in (([str(tmp_path / "nothing")], tmp_path / "log"), ([sys.executable], tmp_path / "no" / "log")):
        child = StudentChild(command, log)
        child.begin()
        assert child.wait(PATIENCE_S)
        assert child.error is not None
