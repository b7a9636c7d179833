"""A process that answers lines of JSON with lines of JSON; a new one when it hangs or dies."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

_ROOT: Final = Path(__file__).parents[2]

# Returns what to start, and what its environment has beside that of this process.
Command = Callable[[], tuple[Sequence[str], Mapping[str, str]]]


class AnsweringProcess:
    """A context manager; the process is started with the first question."""

    def __init__(self, command: Command, most_s: float) -> None:
        """
        Args:
            command: Called whenever a process is started.
            most_s: Seconds that an answer may take.
        """
        self._command, self._most_s = command, most_s
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def ask(self, order: dict[str, Any]) -> dict[str, Any] | str:
        """Returns its answer, or what happened instead."""
        if self._process is None:
            self._start()
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        try:
            line = self._answers.get(timeout=self._most_s)
        except queue.Empty:
            self._end()
            return f"no answer within {self._most_s:.0f} s"
        if not line:
            code = self._process.wait()
            self._end()
            return f"it has died: {code}"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _start(self) -> None:
        command, environment = self._command()
        self._process = process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=_ROOT,
            env={**os.environ, **environment},
        )
        answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._answers = answers

        def read() -> None:
            assert process.stdout is not None
            for line in process.stdout:
                answers.put(line)
            answers.put("")

        threading.Thread(target=read, daemon=True).start()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()
