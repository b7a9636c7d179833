"""What the demo prints: numbered steps, their figures, and whether each thing was as it should be. No Qt."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO


class NotAsExpectedError(Exception):
    """Something did not happen, so that the steps after it make no sense."""


class Report:
    """Prints a run as it goes and remembers what was wrong.

    Attributes:
        failures: What was expected and did not hold, in order.
    """

    def __init__(self, stream: TextIO, folder: Path) -> None:
        """
        Args:
            stream: Where to; what its encoding lacks is replaced, never an error.
            folder: Where the screenshots go; it exists.
        """
        self._stream = stream
        self._folder = folder
        self._step = 0
        self._shots = 0
        self.failures: list[str] = []

    def step(self, title: str) -> None:
        """Begins the next step."""
        self._step += 1
        self._print(f"\n{self._step:2}. {title}")

    def say(self, text: str) -> None:
        """Prints a fact or a figure that is neither right nor wrong; every line of it indented."""
        for line in text.splitlines():
            self._print(f"        {line}")

    def check(self, holds: bool, what: str, expected: str = "") -> None:
        """Prints ``what``, with "ok" if it holds; else with what was expected, and the run counts as failed."""
        if holds:
            self._print(f"    ok  {what}")
        else:
            self.fail(f"{what}; expected: {expected}" if expected else what)

    def fail(self, what: str) -> None:
        """Prints what was not as it should be."""
        self.failures.append(what)
        self._print(f"  FAIL  {what}")

    def end(self) -> None:
        """Prints how the run as a whole went."""
        if not self.failures:
            self._print("\nEverything held.")
            return
        self._print(f"\nNOT AS EXPECTED ({len(self.failures)}):")
        for failure in self.failures:
            self.say(failure)

    def next_shot(self, name: str) -> Path:
        """Returns the file for the next screenshot and prints it."""
        self._shots += 1
        path = self._folder / f"{self._shots:02}-{name}.png"
        self.say(f"screenshot: {path}")
        return path

    def _print(self, line: str) -> None:
        encoding = self._stream.encoding or "utf-8"
        print(line.encode(encoding, "replace").decode(encoding), file=self._stream, flush=True)


def milliseconds(seconds: float) -> str:
    """Returns a time as people read it: "312 ms", "2.4 s"."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
