"""The real app as a process on a :class:`DesktopSession`, driven as a person drives it.

The command is ``python -m desktop`` of this checkout, or what ``CATNAP_E2E_COMMAND`` names (a bundle).
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.e2e.desktop_session import Box, DesktopSession
from tests.support.patience import PATIENCE_S, wait_for

ROOT = Path(__file__).parents[2]


def catnap_command() -> list[str]:
    """Returns the words that start Catnap."""
    configured = os.environ.get("CATNAP_E2E_COMMAND")
    return shlex.split(configured) if configured else [sys.executable, "-m", "desktop"]


@dataclass(frozen=True)
class Row:
    """A stored message, read from the database as another program would."""

    role: str
    text: str
    state: str


def _is_late_reader(line: str) -> bool:
    """Whether Qt says that the desktop's voice was told of a key and did not answer in 25 s: this machine was busy."""
    return line.startswith("QSpiApplication::keyEventError") and "NoReply" in line


class CatnapDriver:
    """One data folder and the Catnap that runs on it."""

    def __init__(self, desktop: DesktopSession, catalog: Path, settings: dict[str, object] | None = None) -> None:
        """
        Args:
            desktop: Where it runs.
            catalog: Its models.json.
            settings: Values of settings.json to begin with.
        """
        self.desktop = desktop
        self.data = desktop.folder / "data"
        self._catalog = catalog
        self._process: subprocess.Popen[bytes] | None = None
        if settings:
            self.data.mkdir(parents=True, exist_ok=True)
            document = {"version": 1, "values": settings}
            (self.data / "settings.json").write_text(json.dumps(document), encoding="utf-8")

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "not started"
        return self._process

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        self._process = self.launch("catnap", arguments)
        return self._process

    def launch(self, name: str, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
        command = [*catnap_command(), "--data-dir", str(self.data), "--catalog", str(self._catalog), *arguments]
        return self.desktop.start(name, command, {"PYTHONPATH": str(ROOT)})

    def wait_end(self) -> int:
        return self.process.wait(PATIENCE_S)

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def log(self) -> str:
        file = self.data / "logs" / "catnap.log"
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def wait_log(self, text: str, after: int = 0) -> int:
        """Waits for ``text`` in the log behind position ``after``; returns the position behind it."""

        def probe() -> int | None:
            at = self.log().find(text, after)
            return at + len(text) if at >= 0 else None

        return wait_for(f"{text!r} in the log", probe)

    def settings(self) -> dict[str, object]:
        document = json.loads((self.data / "settings.json").read_text(encoding="utf-8"))
        values: dict[str, object] = document["values"]
        return values

    def messages(self) -> list[Row]:
        """Returns every stored message, oldest first."""
        file = self.data / "history.sqlite3"
        if not file.exists():
            return []
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            rows = database.execute("SELECT role, text, state FROM messages ORDER BY id").fetchall()
        return [Row(*row) for row in rows]

    def children(self) -> list[int]:
        """Returns the ids of the processes that the program has started and that run."""
        children = psutil.Process(self.process.pid).children()
        return [child.pid for child in children if child.status() != psutil.STATUS_ZOMBIE]

    def rss(self) -> int:
        """Returns the resident bytes of the process, without those that it has started."""
        return int(psutil.Process(self.process.pid).memory_info().rss)

    def main_window(self) -> Box:
        return self.desktop.window("Catnap")

    def assert_quiet(self, *names: str) -> None:
        """Fails on any line that the program printed, or those of these names that were launched."""
        for name in names or ("catnap",):
            lines = self.desktop.log_of(name).splitlines()
            printed = "\n".join(line for line in lines if line.strip() and not _is_late_reader(line))
            assert printed == "", f"unexpected output of {name}:\n{printed}"

    def processes(self) -> list[int]:
        """Returns the ids of processes that run on this data folder."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    command = (entry / "cmdline").read_bytes()
                except OSError:
                    continue
                if str(self.data).encode() in command:
                    found.append(int(entry.name))
        return found
