"""A process of ours that is told what to do by lines of JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[2]


class Child:
    """Runs ``python -m module arguments`` as a context manager; its stderr is ours."""

    def __init__(self, module: str, arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """
        Args:
            module: What to run.
            arguments: Its arguments.
            environment: Its environment; None: ours.
        """
        command = [sys.executable, "-m", module, *arguments]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._process.communicate(timeout=60)  # closes stdin, which ends it
            return
        self._process.kill()
        self._process.communicate()

    def ask(self, do: str, **values: Any) -> dict[str, float]:
        """Sends one command and returns the answer.

        Raises:
            RuntimeError: The process has ended; why stands on stderr.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **values}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the measuring process ended with {self._process.wait()} on {do!r}")
        answer: dict[str, float] = json.loads(line)
        return answer


def engine(model: Path, threads: int, *arguments: str) -> Child:
    """Returns the engine in a process of its own, see :mod:`tests.bench.engine_probe`."""
    return Child("tests.bench.engine_probe", ["--model", str(model), "--threads", str(threads), *arguments])
