"""What the parts share that kill a writer, by a process of its own, at a change that it makes: see ``dying``."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from tests.torture.kills import dying
from tests.torture.results import Outcome, Run

W = TypeVar("W")

_ROOT: Final = Path(__file__).parents[3]
_MOST_ERRORS: Final = 1500  # characters of them that are shown


def cannot_kill(part: str) -> Outcome | None:
    """Returns what is said where writers cannot be killed; None: they can."""
    if sys.platform == "linux":
        return None
    return Outcome(part, "all", "", "skipped", skipped="processes die at a write on Linux alone")


def numbered(run: Run, writers: Sequence[type[W]], most: int) -> Iterator[tuple[type[W], int]]:
    """Yields the writers that were asked for, each with the number before that of its first change.

    Args:
        run: Says which numbers are wanted.
        writers: All of them.
        most: Numbers that each has.
    """
    for place, writer in enumerate(writers):
        first = place * most
        if not run.only or any(first <= number < first + most for number in run.only):
            yield writer, first


@dataclass(frozen=True)
class Told:
    """What a process has told.

    Attributes:
        lines: Its output.
        failure: Why it did not end well; empty: it did.
    """

    lines: tuple[str, ...]
    failure: str


def ask(module: str, folder: Path, words: Sequence[str], library: Path, most_seconds: float) -> Told:
    """Runs a module in which the library is loaded.

    Args:
        module: Its name.
        folder: For its files, and its first argument; there is none yet.
        words: Its other arguments.
        library: See :func:`tests.torture.kills.dying.compile_library`.
        most_seconds: It is given up after that long.
    """
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", module, str(folder), *words]
    environment = {**os.environ, **dying.environment(library, None, -1)}
    errors = folder / "errors.txt"
    try:
        with errors.open("w") as target:
            done = subprocess.run(
                command,
                env=environment,
                cwd=_ROOT,
                stdout=subprocess.PIPE,
                stderr=target,
                text=True,
                timeout=most_seconds,
                check=False,
            )
    except subprocess.TimeoutExpired:
        return Told((), f"no end within {most_seconds:.0f} s")
    failure = f"exit code {done.returncode}: {errors.read_text()[-_MOST_ERRORS:]}" if done.returncode else ""
    return Told(tuple(done.stdout.splitlines()), failure)


def in_child(work: Callable[[], object], *, may_die: bool = False) -> bool:
    """Does something in a child; returns whether that was killed.

    Args:
        work: What it does.
        may_die: It may be killed.

    Raises:
        SystemExit: It did not end well, or was killed and must not be.
    """
    child = os.fork()
    if not child:
        code = 1
        try:
            work()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    died = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    if not (may_die and died) and os.waitstatus_to_exitcode(status):
        raise SystemExit(f"a child ended with {os.waitstatus_to_exitcode(status)}")
    return died
