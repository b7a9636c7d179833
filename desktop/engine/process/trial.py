"""Tries a model in a process that is thrown away afterwards: whatever the file does, it does it there."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.engine import errors
from desktop.engine.process.crash import cause_of, died, is_from_outside, ran_out_of_memory
from desktop.engine.process.handle import EngineProcess, StartProcess
from desktop.engine.process.messages import (
    Delivery,
    Ended,
    Loaded,
    LogLine,
    Outdated,
    Ready,
    Refused,
    Run,
)
from desktop.engine.process.plain_text import log_of_process
from desktop.engine.process.throwaway import Throwaways
from desktop.engine.types import EngineConfig, Finished, Generation, Message, Role, Sampling, Work
from desktop.gguf.parts import model_identity

_log = logging.getLogger(__name__)

# Starting, loading, and reading a few tokens on an old laptop; and the file once more from a disk of 2010.
_SECONDS: Final = 60.0
_BYTES_PER_SECOND: Final = 20_000_000
# One token is enough: after it everything that reads the file has run.
_QUESTION: Final = Generation(
    1, "trial", (Message(Role.USER, "Hello"),), Sampling(temperature=0.0, max_tokens=1), keep_state=False
)


class Outcome(Enum):
    """How a trial ended."""

    WORKS = "works"
    REFUSED = "refused"  # with a sentence
    DIED = "died"  # the process did
    SILENT = "silent"  # it did not answer in time
    NO_MEMORY = "no memory"


@dataclass(frozen=True)
class Verdict:
    """What came of a trial.

    Attributes:
        outcome: How it ended.
        problem: What to say about it; None where it works.
    """

    outcome: Outcome
    problem: UserFacingError | None = None


def try_model(
    config: EngineConfig,
    given_up: threading.Event,
    *,
    start: StartProcess = EngineProcess,
    clock: Callable[[], float] = time.monotonic,
) -> Verdict:
    """Loads a model and has it say one token; seconds, more where it hangs. Not on the GUI thread.

    Args:
        config: How it will be loaded; nothing is kept of it.
        given_up: Set by anybody to end the trial; heard within some 0.1 s.
        start: Starts a process.
        clock: Seconds, monotonic: it is waited for a minute, and as long as reading the file takes from a slow disk.

    Raises:
        Cancelled: It was given up.
        UserFacingError: The engine does not work, whatever the model.
    """
    path = config.model_path
    assert path is not None
    config = replace(config, snapshots_dir=None, snapshots_budget=0, idle_seconds=None, sleep_seconds=None)
    with Throwaways(start, given_up, clock) as processes:
        verdict = _Trial(path, processes).run(config)
    if verdict.problem is not None:
        _log.warning("%s: %s", verdict.outcome.value, verdict.problem)
    return verdict


def _patience(path: Path) -> float:
    try:
        return _SECONDS + model_identity(path).size / _BYTES_PER_SECOND
    except OSError:  # the process will say what is wrong
        return _SECONDS


class _Trial:
    """One process and what it says."""

    def __init__(self, path: Path, processes: Throwaways) -> None:
        self._path = path
        self._processes = processes
        self._work = Work.STARTING

    def run(self, config: EngineConfig) -> Verdict:
        process = self._processes.begin(config)
        process.send(Run(_QUESTION, prepares=False))
        deadline = self._processes.clock() + _patience(self._path)
        while True:
            arrived = self._processes.hear(deadline)
            if (verdict := self._hear(arrived and arrived[1])) is not None:
                return verdict

    def _hear(self, delivery: Delivery | None) -> Verdict | None:
        """Takes what the process says; returns the verdict once there is one."""
        match delivery:
            case None if self._work is Work.STARTING:
                raise self._never_began()
            case None:
                return Verdict(Outcome.SILENT, self._silent())
            case Ready():
                self._work = Work.LOADING
            case Loaded():
                self._work = Work.ANSWERING
            case Finished():
                return Verdict(Outcome.WORKS)
            case Outdated():
                return Verdict(Outcome.REFUSED, errors.file_changed(self._path))
            case Refused(request_id) as refused:
                problem = refused.as_error()
                if request_id == 0:
                    raise problem
                is_memory = problem.title == errors.no_memory("").title
                return Verdict(Outcome.NO_MEMORY if is_memory else Outcome.REFUSED, problem)
            case Ended() as ended if self._work is Work.STARTING:
                raise died(self._path, Work.STARTING, ended)
            case Ended() as ended if ran_out_of_memory(ended):
                return Verdict(Outcome.NO_MEMORY, died(self._path, self._work, ended))
            case Ended() as ended if is_from_outside(ended):  # which says nothing of the file
                raise died(self._path, self._work, ended)
            case Ended() as ended:
                return Verdict(Outcome.DIED, self._died(ended))
            case LogLine(level, name, text):
                log_of_process(level, name, text)
        return None

    def _died(self, ended: Ended) -> UserFacingError:
        if self._work is Work.LOADING:
            return died(self._path, Work.LOADING, ended)
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "This model has brought the engine down when it was tried."),
            "{0}: {1}.",
            QT_TRANSLATE_NOOP("Errors", "Choose another model. The log holds what to report."),
            values=(self._path.name, cause_of(ended)),
        )

    def _silent(self) -> UserFacingError:
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "This model did not answer when it was tried."),
            f"{self._path.name}.",
            QT_TRANSLATE_NOOP("Errors", "Choose another model, or try it again when the computer is less busy."),
        )

    def _never_began(self) -> UserFacingError:
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The engine's process does not begin."),
            "",
            QT_TRANSLATE_NOOP("Errors", "Close other programs and try again; an antivirus program may be in the way."),
        )
