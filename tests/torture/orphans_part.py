"""The app is killed, and nothing of it may be left: the engine's process ends within 2 s, whatever it does.

Held (SIGSTOP): a process that does nothing cannot notice that it is alone.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.torture.results import Outcome, Run
from tests.torture.states import State, endless_model, seconds_until_gone

_MOST_S: Final = 2.0
_ROUNDS: Final = 3


def run(run: Run) -> Iterator[Outcome]:
    """Kills the app at each point."""
    path = endless_model(run.folder)
    number = -1
    for holds in (False, True):
        for state in State:
            for _ in range(1 if run.is_short else _ROUNDS):
                number += 1
                if not run.only or number in run.only:
                    yield _kill(path, state, holds, number)


def _kill(path: Path, state: State, holds: bool, number: int) -> Outcome:
    words = f"{state.value}, held" if holds else state.value
    command = [sys.executable, "-m", "tests.torture.victim", str(path), state.value, *(["hold"] if holds else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as victim:
        assert victim.stdout is not None
        line = victim.stdout.readline()
        victim.kill()
    if not line.strip():
        return Outcome(
            "orphans", words, words, "lost", "the stand-in came to no such point", f"--part orphans --only {number}"
        )
    pid = int(line)
    if holds and state is State.STARTING:
        # It has not yet run, so it could not ask the system to be ended; it must end when it goes on.
        os.kill(pid, signal.SIGCONT)
    seconds = seconds_until_gone(pid, _MOST_S)
    if seconds is not None:
        return Outcome("orphans", words, words, "gone", seconds=seconds)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    lost = f"process {pid} was still there after {_MOST_S:.0f} s"
    again = f"--part orphans --only {number}"
    return Outcome("orphans", words, f"killed while {words}", "lost", lost, again, seconds=_MOST_S)
