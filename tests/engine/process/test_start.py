"""A process that cannot be started: a sentence, nothing left behind, and the next question is tried again."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.common.own_process import own_command
from desktop.engine.process import handle
from desktop.engine.process.environment import process_environment, start_process
from desktop.engine.process.handle import VERB, EngineProcess, StartProcess
from desktop.engine.types import Asleep, Failed, Finished
from tests.support.command_line import ROOT, python
from tests.support.engine_harness import Harness, config_for, user
from tests.support.misbehaving import NEVER, starting
from tests.support.patience import PATIENCE_S

MODEL = Path("mine.gguf")


def _starting_first(command: Sequence[str]) -> StartProcess:
    """Returns what starts ``command`` first, and then a process that behaves."""
    behaves = starting((NEVER, "well"))
    commands = iter([command])

    def start(deliver: object) -> EngineProcess:
        return EngineProcess(deliver, first) if (first := next(commands, None)) else behaves(deliver)  # type: ignore[arg-type]

    return start


def _fail_then_go_on(start: StartProcess) -> Failed:
    with Harness(config_for(MODEL), start) as engine:
        end = engine.end_of(engine.send(user("hello")))
        engine.wait(Asleep)
        assert isinstance(engine.end_of(engine.send(user("again"))), Finished)
    assert isinstance(end, Failed)
    return end


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    end = _fail_then_go_on(_starting_first([str(tmp_path / "missing")]))

    assert end.error.title == "The engine's process cannot be started."
    assert end.error.detail == f"{tmp_path / 'missing'}: {os.strerror(errno.ENOENT)}."
    assert "antivirus" in end.error.remedy


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_program_that_may_not_run(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\n")
    end = _fail_then_go_on(_starting_first([str(program)]))

    assert end.error.title == "The engine's process cannot be started."
    assert os.strerror(errno.EACCES) in end.error.detail


@pytest.mark.parametrize("problem", [OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)), MemoryError()], ids=repr)
def test_no_memory_for_another_process(monkeypatch: pytest.MonkeyPatch, problem: Exception) -> None:
    popen, problems = subprocess.Popen, iter([problem])

    def fail_once(*arguments: object, **options: object) -> object:
        if (first := next(problems, None)) is not None:
            raise first
        return popen(*arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", fail_once)
    end = _fail_then_go_on(starting())

    assert end.error.title == "The engine's process cannot be started."
    assert "Close other programs" in end.error.remedy


@pytest.mark.parametrize("name", ["engine-stderr", "engine-write", "engine-read"])
def test_no_thread_for_it_leaves_no_process(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    start_thread = threading.Thread.start
    processes: list[subprocess.Popen[bytes]] = []
    names = iter([name])
    awaited = next(names)

    def start(thread: threading.Thread) -> None:
        nonlocal awaited
        if thread.name == awaited:
            awaited = ""
            raise RuntimeError("can't start new thread")
        start_thread(thread)

    def note(command: Sequence[str], refusal: Callable[[str], UserFacingError]) -> subprocess.Popen[bytes]:
        processes.append(start_process(command, refusal))
        return processes[-1]

    monkeypatch.setattr(threading.Thread, "start", start)
    monkeypatch.setattr(handle, "start_process", note)
    end = _fail_then_go_on(starting())

    assert end.error.title == "The engine's process cannot be started."
    assert processes[0].returncode is not None, "it runs on"


def test_a_program_that_is_another_one() -> None:
    end = _fail_then_go_on(_starting_first([sys.executable, "-c", "print('hello, I am somebody else')"]))

    assert "while it was starting" in end.error.title or "makes no sense" in end.error.title


def test_a_bug_in_starting_ends_the_request(caplog: pytest.LogCaptureFixture) -> None:
    behaves, bugs = starting(), iter([KeyError("bug")])

    def start(deliver: object) -> EngineProcess:
        if (bug := next(bugs, None)) is not None:
            raise bug
        return behaves(deliver)  # type: ignore[arg-type]

    end = _fail_then_go_on(start)

    assert "went wrong" in end.error.title
    assert "KeyError" in caplog.text


_MOVED = """
import sys
from pathlib import Path
from desktop.common.errors import UserFacingError
from desktop.engine.process.inspect import inspect_engine
import desktop
folder = Path(desktop.__file__).parents[1]
assert str(folder) == sys.argv[1], folder
folder.rename(folder.with_name("elsewhere"))
# An environment that knows of another checkout must not find that one instead.
folder.mkdir()
(folder / "desktop.py").touch()
try:
    inspect_engine()
except UserFacingError as error:
    print(error.title)
"""


@pytest.mark.skipif(os.name != "posix", reason="Windows does not let go of a folder in use")
def test_a_folder_that_was_moved_is_what_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "program"
    shutil.copytree(ROOT / "desktop", folder / "desktop", ignore=shutil.ignore_patterns("__pycache__"))
    code = f"import sys; sys.path.insert(0, {str(folder)!r})" + _MOVED
    done = python(code, str(folder))

    assert done.out.strip() == "Catnap's folder was moved, replaced or removed while Catnap was running.", done.err


_SHORT_OF_MEMORY = """
import resource, sys
from desktop.common.errors import UserFacingError
from desktop.engine.process import messages, throwaway
from desktop.engine.process.inspect import inspect_engine
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (int(sys.argv[1]) << 20), resource.RLIM_INFINITY))
try:
    inspect_engine()
except UserFacingError as error:
    print("told", error.title)
else:
    print("works")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of Linux")
@pytest.mark.parametrize("megabytes", [1, 12, 30, 500])
def test_an_app_that_may_take_no_more_memory_says_so(megabytes: int) -> None:
    # GIVEN an address space of which so much is left, for this process and for each that it starts
    done = python(_SHORT_OF_MEMORY, str(megabytes))

    # THEN the engine cannot be started, or dies at its start, or works; and each is said
    assert done.code == 0, done.err
    assert done.out.startswith("works" if megabytes == 500 else ("told", "works"))
    if megabytes == 1:
        assert done.out == "told The engine's process cannot be started.\n"


def test_started_by_hand_it_says_what_it_is() -> None:
    done = subprocess.run(
        [*own_command(VERB)], input=b"", capture_output=True, cwd=ROOT, check=False, timeout=PATIENCE_S
    )

    assert done.returncode == 2
    assert b"started by Catnap itself" in done.stderr and not done.stdout


def test_secrets_of_the_environment_stay_here() -> None:
    own = {"PATH": "/bin", "HOME": "/home/me", "AWS_SECRET_ACCESS_KEY": "x", "SSH_AUTH_SOCK": "/run/x", "LC_ALL": "C"}
    kept = process_environment({**own, "https_proxy": "http://me:secret@proxy", "LD_PRELOAD": "/x.so"})

    assert {"PATH", "HOME", "LC_ALL"} <= set(kept)
    assert not {"AWS_SECRET_ACCESS_KEY", "SSH_AUTH_SOCK", "https_proxy", "LD_PRELOAD"} & set(kept)


def test_a_virtual_environment_of_windows_is_gone_past(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(sys, "executable", r"C:\venv\Scripts\python.exe")
    monkeypatch.setattr(sys, "_base_executable", r"C:\Python\python.exe")

    assert own_command(VERB)[0] == r"C:\Python\python.exe"
    assert process_environment({})["__PYVENV_LAUNCHER__"] == r"C:\venv\Scripts\python.exe"
