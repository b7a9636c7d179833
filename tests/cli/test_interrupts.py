"""Ctrl+C while something does not answer: a drive, a server, a pipe, the engine: 130, within two seconds."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from desktop.cli.interrupts import GRACE_SECONDS
from desktop.history.records import MessageState
from desktop.history.store import History
from tests.support.command_line import PROMPT, catnap, start, write_catalog
from tests.support.fault_server import Fault, FaultServer, serve
from tests.support.parrot import LONG_TEXT
from tests.support.patience import PATIENCE_S, wait_for

if os.name != "posix":
    pytest.skip("presses Ctrl+C by a signal", allow_module_level=True)

# Two seconds, and what a machine adds to them on which ten programs want each processor; before, nothing ended at all.
_PROMPT_S = 12.0
assert GRACE_SECONDS < 2.0
_STOPPED = "catnap: stopped without waiting any longer: a drive, a server or a program does not answer"
_GOES_ON = "; what is stored already stays, and the same command goes on with it\n"

# A drive that takes so many bytes of a model and then no more, and does not answer when it is asked to.
_DEAD_DRIVE = """
import threading
from desktop.models.disk import write_raw
from desktop.models.download.downloader import Downloader
taken = 0
def write(stream, data):
    global taken
    if taken >= 64_000:
        open(%r, "w").close()
        threading.Event().wait()
    taken += (count := write_raw(stream, data[: 64_000 - taken]))
    return count
Downloader.__init__.__kwdefaults__["write"] = write
"""
# A drive that is read on the main thread, where no signal gets to it while it waits in the kernel.
_DEAD_READING = """
import os, signal, desktop.models.library as library
def verify(*_arguments):
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    open(%r, "w").close()
    os.read(os.pipe()[0], 1)
library.Library.verify = verify
"""


@pytest.fixture
def server(tmp_path: Path, parrot_model: Path) -> Iterator[FaultServer]:
    with serve(parrot_model.parent) as made:
        yield made


@pytest.fixture
def common(tmp_path: Path, server: FaultServer, parrot_model: Path) -> list[str]:
    catalog = write_catalog(tmp_path / "models.json", parrot_model, server.url)
    return ["--data-dir", str(tmp_path / "data"), "--catalog", str(catalog)]


def is_pending(process_id: int) -> bool:
    """Tells whether a Ctrl+C has not reached a process yet; where the system does not tell, it has."""
    try:
        status = Path(f"/proc/{process_id}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    masks = [int(line.split()[1], 16) for line in status.splitlines() if line.startswith(("SigPnd:", "ShdPnd:"))]
    return any(mask & 1 << signal.SIGINT - 1 for mask in masks)


def ends(process: subprocess.Popen[bytes], *, presses: int = 1) -> str:
    """Presses Ctrl+C, waits for the end, which comes in time and as 130; returns what was said."""
    began = time.monotonic()
    for _ in range(presses):
        process.send_signal(signal.SIGINT)
        if presses > 1:
            wait_for("it to be taken", lambda: not is_pending(process.pid))  # the kernel makes one of two at once
    _out, err = process.communicate(timeout=PATIENCE_S)
    assert time.monotonic() - began < _PROMPT_S
    assert process.returncode == 130
    assert b"Traceback" not in err
    return err.decode()


@pytest.mark.parametrize("presses", [1, 2])
def test_a_download_to_a_drive_that_is_gone_ends_and_can_go_on(
    common: list[str], server: FaultServer, tmp_path: Path, parrot_model: Path, presses: int
) -> None:
    # GIVEN a download whose bytes are no longer taken
    hangs = tmp_path / "hangs"
    process = start(["models", "download", "parrot", *common], PROMPT + _DEAD_DRIVE % str(hangs))
    wait_for("the drive to hang", hangs.exists)

    # WHEN Ctrl+C is pressed THEN it ends, with one sentence; twice: at once
    said = ends(process, presses=presses)
    assert said == (_STOPPED + _GOES_ON if presses == 1 else "")

    # AND with a drive that answers the same command goes on to the end
    assert catnap("models", "download", "parrot", *common).code == 0
    assert (tmp_path / "data/models/parrot.gguf").read_bytes() == parrot_model.read_bytes()


def test_a_server_that_says_nothing_is_left_at_once(common: list[str], server: FaultServer, tmp_path: Path) -> None:
    server.always("/parrot.gguf", Fault(stall_before=True))
    process = start(["models", "download", "parrot", *common], PROMPT)
    wait_for("the request", lambda: server.requests)
    assert ends(process) == ""


def test_a_check_that_hangs_in_the_kernel_ends(common: list[str], tmp_path: Path) -> None:
    assert catnap("models", "download", "parrot", *common).code == 0
    hangs = tmp_path / "hangs"
    process = start(["models", "verify", *common], _DEAD_READING % str(hangs))
    wait_for("the drive to hang", hangs.exists)
    assert ends(process) == f"{_STOPPED}\n"


def test_what_hangs_after_the_verb_ends_as_well(common: list[str], tmp_path: Path) -> None:
    # GIVEN a thread that the interpreter waits for, as asyncio's are
    hangs = tmp_path / "hangs"
    script = (
        "import threading, desktop.models.library as library\n"
        "def verify(*_arguments):\n"
        "    threading.Thread(target=threading.Event().wait).start()\n"
        f"    open({str(hangs)!r}, 'w').close()\n"
        "    threading.Event().wait()\n"
        "library.Library.verify = verify\n"
    )
    assert catnap("models", "download", "parrot", *common).code == 0
    process = start(["models", "verify", *common], script)
    wait_for("the thread", hangs.exists)
    assert ends(process) == ""


def test_an_export_that_nobody_reads_ends(tmp_path: Path) -> None:
    # GIVEN more than a pipe takes, and somebody who does not read it
    data = tmp_path / "data"
    data.mkdir()
    with contextlib.closing(History(data / "history.sqlite3")) as history:
        conversation = history.create("Long").id
        history.add_user_message(conversation, "x" * 500_000)
        history.add_answer(
            conversation, "y" * 500_000, thinking="", state=MessageState.COMPLETE, model="Parrot", stats=None
        )
    process = start(["chats", "export", "--data-dir", str(data)])
    assert process.stdout is not None
    pipe = process.stdout.fileno()
    wait_for("the pipe to be full", lambda: _waiting(pipe) >= 60_000)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE_S) == 130
    assert time.monotonic() - began < _PROMPT_S
    process.communicate()


def _waiting(handle: int) -> int:
    """Returns how many bytes wait in a pipe."""
    import array
    import fcntl
    import termios

    count = array.array("i", [0])
    fcntl.ioctl(handle, termios.FIONREAD, count)
    return count[0]


@pytest.mark.parametrize("verb", ["ask", "import"])
def test_input_that_never_comes_is_waited_for_no_longer(tmp_path: Path, verb: str) -> None:
    reading, writing = os.pipe()
    try:
        words = ["ask", "-"] if verb == "ask" else ["chats", "import", "-"]
        process = start([*words, "--data-dir", str(tmp_path)], "print('begun', flush=True)\n", stdin=reading)
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        wait_for("it to read", lambda: _reads_stdin(process.pid))
        said = ends(process)
        assert said == ("" if verb == "ask" else "catnap: stopped; what was imported stays, the same command goes on"
                        " with the rest\n")  # fmt: skip
    finally:
        os.close(reading)
        os.close(writing)


def _reads_stdin(pid: int) -> bool:
    # proc(5): the call that the process waits in, read(2) from handle 0; on this machine and on ARM.
    with contextlib.suppress(OSError):
        words = Path(f"/proc/{pid}/syscall").read_text().split()
        return words[:2] in (["0", "0x0"], ["63", "0x0"])
    return False


@pytest.mark.parametrize("kind", ["folder", "fifo"])
@pytest.mark.parametrize(
    "words", [["models", "import"], ["models", "info"], ["chats", "import"], ["ask", "x", "--model"]]
)
def test_a_pipe_in_the_place_of_a_file_keeps_nobody_waiting(tmp_path: Path, words: list[str], kind: str) -> None:
    there = tmp_path / "there.gguf"
    os.mkfifo(there) if kind == "fifo" else there.mkdir()
    done = catnap(*words, str(there), "--data-dir", str(tmp_path / "data"))
    assert done.code == 1
    assert done.err.startswith("catnap: ") and done.err.count("\n") == 1


@pytest.mark.parametrize("as_json", [False, True])
def test_an_engine_that_hears_nothing_keeps_nobody_waiting(
    tmp_path: Path, endless_parrot_model: Path, as_json: bool
) -> None:
    # GIVEN an answer whose process was stopped
    arguments = ["ask", "hello", "--data-dir", str(tmp_path), "--model", str(endless_parrot_model)]
    process = start([*arguments, *(["--json"] if as_json else [])])
    assert process.stdout is not None

    def engine() -> psutil.Process | None:
        # One that is stopped before it has become the engine keeps this test's pipes open.
        with contextlib.suppress(psutil.Error):
            return next(
                (one for one in psutil.Process(process.pid).children() if "engine-process" in one.cmdline()), None
            )
        return None

    child = wait_for("the engine", engine)
    seen = os.read(process.stdout.fileno(), 40) if not as_json else b""
    os.kill(child.pid, signal.SIGSTOP)

    # WHEN Ctrl+C is pressed THEN the verb ends, the answer so far comes out, and the process goes with it
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert time.monotonic() - began < _PROMPT_S
    assert process.returncode == 130
    assert b"Traceback" not in err
    if as_json:
        assert json.loads(out)["finish_reason"] == "stopped"
    else:
        assert seen and LONG_TEXT.startswith((seen + out).decode().removesuffix("\n").rstrip("\ufffd"))
    wait_for("the engine to end", lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
