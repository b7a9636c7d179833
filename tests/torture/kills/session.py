"""The program running on a data folder, from its start to its being killed, and what it has reported until then."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from enum import Enum, auto
from pathlib import Path
from typing import Any, Final

import psutil

from desktop.common.paths import Paths
from tests.support.patience import PATIENCE_S
from tests.torture.kills import dying
from tests.torture.kills.dying import Doom

_ROOT: Final = Path(__file__).parents[3]
# After which all that the program had started must be gone.
_ALONE_S: Final = 2.0
# One that was started just before the kill cannot end before its interpreter has begun, on a processor however busy.
_YOUNG_S: Final = 3.0
_YOUNG_ALONE_S: Final = 15.0
_LOOK_AGAIN_S: Final = 0.005

Report = dict[str, Any]


class Heard(Enum):
    """What has come of waiting for a report."""

    IT = auto()
    NOTHING = auto()
    THE_END = auto()


class Session:
    """A run of the program. It leads a session of the system of its own, by which all that it starts is found."""

    def __init__(self, paths: Paths, catalog: Path, exchange: Path, library: Path, home: Path) -> None:
        """
        Args:
            paths: Of the data folder.
            catalog: The catalogue of the models.
            exchange: See :class:`tests.torture.kills.user.User`.
            library: See :func:`tests.torture.kills.dying.compile_library`.
            home: A home of its own.
        """
        self._paths, self._catalog, self._exchange = paths, catalog, exchange
        self._library, self._home = library, home
        self._reports: queue.SimpleQueue[Report | None] = queue.SimpleQueue()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_over = False
        self._died_at = 0.0

    def start(self, seed: str, first: list[str], doom: Doom | None) -> None:
        """Starts it."""
        reading, writing = os.pipe()
        early = doom if doom is not None and doom.from_start else None
        late = doom if doom is not None and not doom.from_start else None
        order = {
            "data": str(self._paths.data),
            "catalog": str(self._catalog),
            "exchange": str(self._exchange),
            "seed": seed,
            "first": first,
            "report": writing,
            "words": late.words if late else "",
            "at": late.at if late else 0,
        }
        surroundings = {**os.environ, **dying.environment(self._library, early, writing), "HOME": str(self._home)}
        with (self._home / "stderr.txt").open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.torture.kills.victim", json.dumps(order)],
                cwd=_ROOT,
                env=surroundings,
                stdin=subprocess.PIPE,
                stdout=errors,
                stderr=errors,
                pass_fds=[writing],
                start_new_session=True,
            )
        os.close(writing)
        threading.Thread(target=self._read, args=(reading,), daemon=True).start()

    def begin(self) -> None:
        """Has the person begin."""
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.write(b"go\n")
        self._process.stdin.flush()

    def listen(self, hear: Callable[[Report], object], seconds: float = PATIENCE_S) -> Heard:
        """Hands reports over until one is what is waited for: ``hear`` returns something true of it."""
        deadline = time.monotonic() + seconds
        while not self._is_over:
            try:
                report = self._reports.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                return Heard.NOTHING
            if report is None:
                self._is_over = True
            elif report["what"] == "dies":
                self._died_at = report["at"]
            elif hear(report):
                return Heard.IT
        return Heard.THE_END

    def kill(self, hear: Callable[[Report], object]) -> float:
        """Kills it, unless it is dead, hands over what it had still reported, and returns when it was."""
        assert self._process is not None and self._process.stdin is not None
        moment = time.monotonic()
        if self._process.poll() is None:
            os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait(PATIENCE_S)
        self.listen(lambda report: bool(hear(report)) and False)
        self._process.stdin.close()
        return self._died_at or moment

    @property
    def died_by_itself(self) -> bool:
        """It has come to the change to a file at which it was to die."""
        return self._died_at > 0

    def end_of_others(self) -> list[str]:
        """Returns which processes that it had started are not gone in time; they are killed then."""
        assert self._process is not None
        began = time.monotonic()
        late: list[str] = []
        while left := _members(self._process.pid):
            waited = time.monotonic() - began
            for process, age in left:
                if waited > (_YOUNG_ALONE_S if age - waited < _YOUNG_S else _ALONE_S):
                    late.append(f"the process {process.pid} of {age - waited:.1f} s was there after {waited:.1f} s")
                    os.kill(process.pid, signal.SIGKILL)
            time.sleep(_LOOK_AGAIN_S)
        return late

    def _read(self, descriptor: int) -> None:
        with os.fdopen(descriptor, "rb") as stream:
            for line in stream:
                try:
                    self._reports.put(json.loads(line))
                except ValueError:  # the last one, which it could not write to its end
                    break
        self._reports.put(None)


def _members(session: int) -> list[tuple[psutil.Process, float]]:
    """Returns the processes of a session of the system that run, and the age of each in seconds."""
    found = []
    for pid in psutil.pids():
        try:
            process = psutil.Process(pid)
            if os.getsid(pid) == session and process.status() != psutil.STATUS_ZOMBIE:
                found.append((process, time.time() - process.create_time()))
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return found
