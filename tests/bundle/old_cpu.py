"""Runs the bundle on emulated old processors: `make test-old-cpu`. Linux on x86-64, with qemu-user.

For each processor: ``catnap doctor`` must pick the backend that is made for it, a model must answer with it, and the
tray app must come up and end. An instruction that a processor lacks ends the program with SIGILL, as on a real one.

Usage:
    python -m tests.bundle.old_cpu [FOLDER]
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.parrot import PARROT_TEXT, make_parrot
from tests.support.patience import LONG_PATIENCE_S

EMULATOR = "qemu-x86_64"
# The emulator lacks some features that no program asks for; Qt's offscreen platform cannot raise windows.
_REMARKS = ("qemu-x86_64: warning: TCG doesn't support", "This plugin does not support")


@dataclass(frozen=True)
class Processor:
    """A processor as the emulator knows it.

    Attributes:
        model: Name for ``-cpu``.
        since: Year it was sold from.
        backend: Library of llama.cpp that is right for it.
    """

    model: str
    since: int
    backend: str


PROCESSORS = (
    Processor("Nehalem", 2008, "sse42"),
    Processor("SandyBridge", 2011, "sandybridge"),
    Processor("Haswell", 2013, "haswell"),
)


class FailedError(Exception):
    """The bundle did not do what it should on an old processor."""


@dataclass(frozen=True)
class OldComputer:
    """The bundle on one processor, with a home folder of its own."""

    bundle: Path
    processor: Processor
    home: Path

    def command(self, *words: str) -> list[str]:
        return [EMULATOR, "-cpu", self.processor.model, str(self.bundle / "catnap"), *words]

    def environment(self) -> dict[str, str]:
        """Returns what a program of the bundle finds in its environment after it was started anew.

        On Linux the bundle's starter sets LD_LIBRARY_PATH and executes itself once more. The system would run that
        second program on the real processor, past the emulator. Here it is told that this has been done.
        """
        inner = self.bundle / "_internal"
        return {
            "HOME": str(self.home),
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "QT_QPA_PLATFORM": "offscreen",
            "XDG_RUNTIME_DIR": str(self.home),
            "LD_LIBRARY_PATH": str(inner),
            "_PYI_ARCHIVE_FILE": str(self.bundle / "catnap"),
            "_PYI_APPLICATION_HOME_DIR": str(inner),
            "_PYI_PARENT_PROCESS_LEVEL": "0",
        }

    def run(self, *words: str) -> str:
        """Runs the program to its end and returns what it wrote to stdout.

        Raises:
            FailedError: It ended with an error.
        """
        done = subprocess.run(
            self.command(*words),
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=LONG_PATIENCE_S,
            check=False,
        )
        if done.returncode != 0:
            ended = f"signal {-done.returncode}" if done.returncode < 0 else f"exit code {done.returncode}"
            raise FailedError(f"{words[0]} ended with {ended}: {own_lines(done.stderr)}")
        return done.stdout

    @contextmanager
    def running(self, *words: str) -> Iterator[subprocess.Popen[bytes]]:
        """Runs the program while the block does; it is ended after it, if it has not ended itself."""
        with self.output.open("w", encoding="utf-8") as sink:
            process = subprocess.Popen(
                self.command(*words), env=self.environment(), stdout=sink, stderr=subprocess.STDOUT
            )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()

    @property
    def output(self) -> Path:
        """What the running program printed."""
        return self.home / "output.txt"


def own_lines(text: str) -> str:
    """Returns what the program said, without the remarks of the emulator and of Qt's screen that is none."""
    return "\n".join(line for line in text.splitlines() if not line.startswith(_REMARKS))


def check_doctor(computer: OldComputer) -> str:
    """Returns the backend that doctor names.

    Raises:
        FailedError: It is another one than it should be.
    """
    report: Any = json.loads(computer.run("doctor", "--json"))
    name = str(report["backend"]["name"])
    if name != computer.processor.backend:
        raise FailedError(f"doctor picked the backend {name}, not {computer.processor.backend}")
    return f"backend {name}, features {' '.join(report['backend']['features'])}"


def check_answer(computer: OldComputer, model: Path) -> str:
    """Lets a model answer; returns the figures.

    Raises:
        FailedError: The answer or the backend is wrong.
    """
    words = ("ask", "Who are you?", "--json", "--model", str(model), "--data-dir", str(computer.home / "data"))
    record: Any = json.loads(computer.run(*words))
    if record["answer"] != PARROT_TEXT:
        raise FailedError(f"the answer is wrong: {record['answer']!r}")
    if record["backend"] != computer.processor.backend:
        raise FailedError(f"{record['backend']} answered, not {computer.processor.backend}")
    return f"{record['generated_tokens']} tokens through {record['backend']}: {record['answer']}"


def check_window(computer: OldComputer) -> str:
    """Starts the tray app, waits for its window, tells it to end; returns how long that took.

    Raises:
        FailedError: It ended by itself, or does not end.
    """
    data = ("--data-dir", str(computer.home / "data"))
    log = computer.home / "data" / "logs" / "catnap.log"
    began = time.monotonic()
    with computer.running(*data) as app:
        while not (log.exists() and "starts" in log.read_text(encoding="utf-8")):
            if app.poll() is not None or time.monotonic() - began > LONG_PATIENCE_S:
                raise FailedError(f"the app did not start: {own_lines(computer.output.read_text())}")
            time.sleep(0.2)
        if EMULATOR not in Path(f"/proc/{app.pid}/exe").readlink().name:
            raise FailedError("the app has left the emulator")
        while computer.run("--quit", *data) or app.poll() is None:
            if time.monotonic() - began > LONG_PATIENCE_S:
                raise FailedError("the app does not end when told to")
            time.sleep(0.5)
        said = own_lines(computer.output.read_text())
        if app.returncode != 0 or said:
            raise FailedError(f"the app ended with {app.returncode} and said: {said}")
    return f"the app came up and ended within {time.monotonic() - began:.0f} s"


def check(bundle: Path, processor: Processor, model: Path, scratch: Path) -> bool:
    """Runs everything on one processor and prints what happened; returns True when all of it went well."""
    home = scratch / processor.model
    home.mkdir(mode=0o700)
    computer = OldComputer(bundle, processor, home)
    print(f"{processor.model} ({processor.since})")
    try:
        print(f"  doctor: {check_doctor(computer)}", flush=True)
        print(f"  ask:    {check_answer(computer, model)}", flush=True)
        print(f"  window: {check_window(computer)}", flush=True)
    except (FailedError, subprocess.TimeoutExpired) as problem:
        print(f"  FAILED: {problem}", flush=True)
        return False
    return True


def main(arguments: Sequence[str]) -> int:
    bundle = Path(arguments[0] if arguments else Path(__file__).parents[2] / "dist" / "catnap").absolute()
    if not (bundle / "catnap").is_file():
        print(f"old_cpu: there is no bundle at {bundle}; `make build` makes it", file=sys.stderr)
        return 1
    if shutil.which(EMULATOR, path=os.defpath) is None:
        print("old_cpu: qemu-user must be installed. Debian, Ubuntu: sudo apt-get install qemu-user", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="catnap-old-") as scratch:
        model = make_parrot(Path(scratch) / "parrot.gguf")
        results = [check(bundle, processor, model, Path(scratch)) for processor in PROCESSORS]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
