"""The log: private, bounded, kept in memory for reports; and exceptions nobody caught."""

from __future__ import annotations

import logging
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.common import detached, logs
from desktop.common.errors import Cancelled
from desktop.common.logs import Bug, BugReporter, LogTail, set_up_logging
from tests.support.patience import PATIENCE_S

LOGGER = logging.getLogger("desktop.test")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "catnap.log"


@pytest.fixture
def tail(file: Path) -> Iterator[LogTail]:
    root, package = logging.getLogger(), logging.getLogger("desktop")
    levels = root.level, package.level
    tail = set_up_logging(file)
    yield tail
    tail.close()
    root.setLevel(levels[0])
    package.setLevel(levels[1])


def test_lines_go_to_the_file_and_to_memory(file: Path, tail: LogTail) -> None:
    LOGGER.info("loaded in %.1f s 🐱", 0.4)
    written = file.read_text(encoding="utf-8").splitlines()
    assert tuple(written) == tail.lines()
    assert written[-1].endswith("INFO MainThread desktop.test: loaded in 0.4 s 🐱")


def test_libraries_are_heard_from_warnings_on(tail: LogTail) -> None:
    logging.getLogger("httpx").info("HTTP Request: GET https://example/secret")
    logging.getLogger("httpx").warning("slow")
    LOGGER.debug("details")
    assert [line.rpartition(": ")[2] for line in tail.lines()] == ["slow"]


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_the_file_is_private_even_if_it_was_not(file: Path) -> None:
    file.write_text("older\n")
    file.chmod(0o644)
    tail = set_up_logging(file)
    LOGGER.warning("x")
    tail.close()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text().startswith("older\n"), "an older log is added to"


def test_the_file_rotates_and_stays_within_three(file: Path, tail: LogTail, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(40):
        LOGGER.warning("%d %s", number, "x" * 100_000)
    files = sorted(path.name for path in file.parent.iterdir())
    assert files == ["catnap.log", "catnap.log.1", "catnap.log.2"]
    assert all(path.stat().st_size <= 1_000_000 for path in file.parent.iterdir())
    if os.name == "posix":
        assert {stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()} == {0o600}


def test_memory_keeps_the_last_lines_only(tail: LogTail) -> None:
    for number in range(1000):
        LOGGER.warning("line %d", number)
    lines = tail.lines()
    assert len(lines) == 400
    assert lines[0].endswith("line 600")
    assert lines[-1].endswith("line 999")


def test_a_traceback_counts_by_lines(tail: LogTail) -> None:
    try:
        raise ValueError("x")
    except ValueError:
        LOGGER.exception("failed")
    assert tail.lines()[-1] == "ValueError: x"
    assert "Traceback" in tail.lines()[1]


def test_without_a_folder_the_log_is_kept_in_memory(tmp_path: Path) -> None:
    tail = set_up_logging(tmp_path / "missing" / "catnap.log")
    LOGGER.warning("still heard")
    tail.close()
    assert "kept in memory only" in tail.lines()[0]
    assert tail.lines()[-1].endswith("still heard")


def test_a_full_disk_is_said_once_and_does_no_harm(
    tail: LogTail, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(self: logging.Handler) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(logs._LogFile, "flush", full)
        LOGGER.warning("one")
        LOGGER.warning("two")
    told = [line for line in tail.lines() if "No space left on device" in line]
    assert len(told) == 1
    assert tail.lines()[-1].endswith("two")
    assert capsys.readouterr().err == ""


def test_half_a_surrogate_pair_is_written_somehow(file: Path, tail: LogTail) -> None:
    LOGGER.warning("name: %s", "\udce4.gguf")
    assert "\\udce4.gguf" in file.read_text(encoding="utf-8")


def test_closing_leaves_nothing_behind(file: Path) -> None:
    before = list(logging.getLogger().handlers)
    set_up_logging(file).close()
    assert logging.getLogger().handlers == before


# Exceptions that nobody caught.


@pytest.fixture
def reported() -> list[Bug]:
    return []


@pytest.fixture
def reporter(reported: list[Bug]) -> Iterator[BugReporter]:
    reporter = BugReporter(reported.append)
    reporter.install()
    yield reporter
    reporter.uninstall()


def raised(error: BaseException) -> BaseException:
    """Returns the exception with a traceback."""
    try:
        raise error
    except BaseException as caught:
        return caught


def test_hooks_are_put_back() -> None:
    before = sys.excepthook, threading.excepthook
    reporter = BugReporter(lambda bug: None)
    reporter.install()
    assert (sys.excepthook, threading.excepthook) != before
    reporter.uninstall()
    assert (sys.excepthook, threading.excepthook) == before


def test_each_distinct_traceback_is_reported_once(reporter: BugReporter, reported: list[Bug], tail: LogTail) -> None:
    for number in range(3):
        reporter.handle(raised(KeyError(f"key {number}")))
    assert [bug.summary for bug in reported] == ["KeyError: 'key 0'"]
    assert "test_logs.py" in reported[0].traceback
    assert sum("again: KeyError" in line for line in tail.lines()) == 2
    reporter.handle(raised(ValueError("another kind")))
    try:
        raise KeyError("key 0")  # another place
    except KeyError as error:
        reporter.handle(error)
    assert len(reported) == 3


def test_the_main_thread_s_hook_reports(reporter: BugReporter, reported: list[Bug]) -> None:
    error = raised(RuntimeError("in a slot"))
    sys.excepthook(RuntimeError, error, error.__traceback__)
    assert [bug.summary for bug in reported] == ["RuntimeError: in a slot"]


def test_another_thread_s_exception_is_reported(reporter: BugReporter, reported: list[Bug]) -> None:
    def work() -> None:
        raise RuntimeError("in a thread")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert [bug.summary for bug in reported] == ["RuntimeError: in a thread"]


def test_a_cancellation_is_silent(reporter: BugReporter, reported: list[Bug], tail: LogTail) -> None:
    reporter.handle(raised(Cancelled()))
    assert reported == []
    assert tail.lines() == ()


def test_ctrl_c_goes_where_it_went_before(reported: list[Bug], monkeypatch: pytest.MonkeyPatch) -> None:
    passed: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: passed.append(kind))
    reporter = BugReporter(reported.append)
    reporter.install()
    error = raised(KeyboardInterrupt())
    sys.excepthook(KeyboardInterrupt, error, error.__traceback__)
    reporter.uninstall()
    assert passed == [KeyboardInterrupt]
    assert reported == []


def test_a_report_that_fails_is_logged_and_goes_no_further(tail: LogTail) -> None:
    def broken(bug: Bug) -> None:
        raise OSError("no dialog")

    BugReporter(broken).handle(raised(ValueError("x")))
    assert tail.lines()[-1] == "OSError: no dialog"


# Crashes of native code; in a process of its own, since faulthandler is one per process and pytest uses it.

CRASH = """
import ctypes, pathlib, sys
from desktop.common.logs import enable_crash_log
left = enable_crash_log(pathlib.Path(sys.argv[1]))
print(left)
if sys.argv[2] == "crash":
    ctypes.string_at(0)
"""


def run_crash(file: Path, what: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-c", CRASH, str(file), what]
    root = Path(logs.__file__).parents[2]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_native_crash_is_found_at_the_next_start(tmp_path: Path) -> None:
    file = tmp_path / "crash.log"
    first = run_crash(file, "crash")
    assert first.returncode < 0
    assert first.stdout.strip() == ""
    second = run_crash(file, "end well")
    assert "Segmentation fault" in second.stdout
    assert "string_at" in second.stdout
    assert second.stderr == ""
    third = run_crash(file, "end well")
    assert third.stdout.strip() == "", "a crash is found once"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_without_a_folder_crashes_are_not_recorded_and_that_is_all(tmp_path: Path) -> None:
    done = run_crash(tmp_path / "missing" / "crash.log", "end well")
    assert done.returncode == 0
    assert "will not be recorded" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="pipes have no path there")
def test_a_pipe_in_the_place_of_a_log_is_not_waited_for(tmp_path: Path) -> None:
    for name in ("catnap.log", "crash.log"):
        os.mkfifo(tmp_path / name)
    tail = detached.start(lambda: set_up_logging(tmp_path / "catnap.log"), "log").result(PATIENCE_S)
    try:
        logging.getLogger("desktop.test").warning("said all the same")
        assert "said all the same" in "\n".join(tail.lines())
        assert detached.start(lambda: logs.enable_crash_log(tmp_path / "crash.log"), "log").result(PATIENCE_S) == ""
    finally:
        tail.close()


def test_a_disk_that_is_full_at_the_end_is_no_trouble(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: logging.Handler) -> None:
        raise OSError(28, "No space left on device")

    before = list(logging.getLogger().handlers)
    tail = set_up_logging(file)
    with monkeypatch.context() as patch:
        patch.setattr(logs._LogFile, "flush", full)
        LOGGER.warning("one")
        tail.close()
    assert logging.getLogger().handlers == before
