"""Starts the process that trains, in the environment that has PyTorch, and listens to it. Standard library only."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.json_file import parse_json
from desktop.student.environment import TrainingEnvironment, source_folder, variables

MODULE: Final = "desktop.student.training.inside"
# A checkpoint of gigabytes on a slow disk.
_ENDING_SECONDS: Final = 300.0
_LONGEST_LINE: Final = 1 << 24
# With one of these its lines come to their end.
ENDS: Final = ("done", "paused")


class TrainingProcess:
    """The process that trains; a context manager that stops it with a checkpoint. One thread, but for :meth:`stop`."""

    def __init__(
        self,
        environment: TrainingEnvironment,
        folder: Path,
        threads: int = 1,
        *,
        what: str = "train",
        held: BinaryIO | None = None,
    ) -> None:
        """
        Args:
            environment: Where PyTorch is.
            folder: With the job in it.
            threads: That compute.
            what: "train", or "answer": the teacher answers its prompts once more.
            held: A file with a lock, which the process holds as long as it lives, also where this one is gone before.

        Raises:
            UserFacingError: It cannot be started.
        """
        self._errors = folder / "errors.log"
        try:
            with self._errors.open("wb") as errors:
                self._process = subprocess.Popen(
                    command(environment, folder, what),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    env=surroundings(os.environ, threads),
                    # Ctrl+C in a terminal reaches this process alone, which then stops that one in its own time.
                    start_new_session=os.name == "posix",
                    # The lock belongs to the open file, which both have then (flock(2)).
                    pass_fds=(held.fileno(),) if held is not None and os.name == "posix" else (),
                    creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
                )
        except OSError as problem:
            raise self._died(problem.strerror or str(problem)) from problem

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        try:
            self._process.wait(_ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def stop(self) -> None:
        """Has it stop after the step that it is at, with a checkpoint; may be called from any thread, and twice."""
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def events(self) -> Iterator[Mapping[str, Any]]:
        """Yields what it tells: "plan" once, "step" and "look" in turn (or "answers"), and at last "done" or "paused".

        Raises:
            UserFacingError: It refuses, or has died; a checkpoint stays.
        """
        stream = self._process.stdout
        assert stream is not None
        ended = False
        while line := stream.readline(_LONGEST_LINE):
            try:
                said = parse_json(line)
            except ValueError:  # a library has printed something
                continue
            if not isinstance(said, dict) or "kind" not in said:
                continue
            if said["kind"] == "refused":
                raise UserFacingError(str(said["title"]), str(said["detail"]), str(said["remedy"]))
            ended = said["kind"] in ENDS
            yield said
        code = self._process.wait()
        if not ended or code:
            lines = self._errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            raise self._died(lines[-1] if lines else f"it ended with {code}")

    def _died(self, why: str) -> UserFacingError:
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The training has ended unexpectedly."),
            f"{why} ({self._errors})",
            QT_TRANSLATE_NOOP("Errors", "The same command goes on from the last checkpoint."),
        )


def command(environment: TrainingEnvironment, folder: Path, what: str = "train") -> list[str]:
    """Returns what starts the process.

    Args:
        environment: Where PyTorch is.
        folder: With the job in it.
        what: See :class:`TrainingProcess`.
    """
    # -P: a folder named "desktop" in the present one must not be taken for the program.
    return [str(environment.python), "-P", "-m", MODULE, what, str(folder)]


def surroundings(own: Mapping[str, str], threads: int) -> dict[str, str]:
    """Returns the variables that the process is started with.

    Args:
        own: Those of this process.
        threads: That compute.
    """
    count = str(threads)
    return {
        **variables(own),
        "PYTHONPATH": str(source_folder()),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": count,
        "MKL_NUM_THREADS": count,
        # Hundreds of megabytes are freed and taken again in every step. glibc gives them back to the system between,
        # which then fills them with zeros: a third of the time of a step.
        "MALLOC_MMAP_MAX_": "0",
        "MALLOC_TRIM_THRESHOLD_": str(1 << 33),
        "MALLOC_TOP_PAD_": str(1 << 28),
    }
