"""``make test-under-load``: the tests as they run on a busy machine, started by nobody in particular.

    python -m tests.under_load [ARGUMENTS OF PYTEST]

One busy loop for each core, the files in random order, and pytest in a session of its own: no terminal, nothing to
read, Ctrl+C ignored. The order is that of ``--shuffle-files=SEED``; give it to have one again. Exit code: pytest's.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

_ROOT = Path(__file__).parents[1]
_GRACE_S = 10.0
# Ends by itself too where nobody is left who could end it.
_BUSY = "import os, sys\nwhile os.getppid() == int(sys.argv[1]):\n    for _ in range(1_000_000): pass"


@contextlib.contextmanager
def busy(loops: int) -> Iterator[list[int]]:
    """Keeps that many cores busy; yields the ids of the processes that do."""
    started: list[subprocess.Popen[bytes]] = []
    try:
        for _ in range(loops):
            started.append(subprocess.Popen([sys.executable, "-c", _BUSY, str(os.getpid())]))
        yield [process.pid for process in started]
    finally:
        for process in started:
            process.kill()
            process.wait()


def main(arguments: Sequence[str]) -> int:
    """Runs pytest and returns its exit code; 130 after Ctrl+C."""
    command = [sys.executable, "-m", "pytest", *arguments]
    if not any(argument.startswith("--shuffle-files") for argument in arguments):
        command.append(f"--shuffle-files={random.randrange(1_000_000)}")
    print(f"under load: {' '.join(command[1:])}", flush=True)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    try:
        with busy(len(os.sched_getaffinity(0))), _in_the_background(command) as process:
            return process.wait()
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)


@contextlib.contextmanager
def _in_the_background(command: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Starts a command as a shell without job control does, and passes on what it says; ends it with all it started."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # a process takes over what is ignored, not what is handled
    try:
        process = subprocess.Popen(
            command,
            cwd=_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    finally:
        signal.signal(signal.SIGINT, before)
    # A thread, since whatever outlives pytest would hold the other end of the pipe open.
    passing_on = threading.Thread(target=_pass_on, args=(process,), daemon=True)
    passing_on.start()
    try:
        yield process
    finally:
        for number in (signal.SIGTERM, signal.SIGKILL):
            if process.poll() is None:
                os.killpg(process.pid, number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(_GRACE_S)
        passing_on.join(_GRACE_S)


def _pass_on(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout is not None
    while piece := os.read(process.stdout.fileno(), 65536):
        sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
