"""Tries a model in a process that is thrown away afterwards: whatever the file does, it does it there.

A verdict against the file rests on what its process did, never on how long that took: see
:mod:`desktop.engine.process.trial_watch`.
"""

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
from desktop.engine.process.life import NOWHERE, reached_by
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
from desktop.engine.process.trial_watch import Exhausted, TrialWatch
from desktop.engine.types import EngineConfig, Finished, Generation, Message, Role, Sampling, Work
from desktop.gguf.parts import model_identity
from desktop.machine.vital_signs import VitalSigns, read_signs

_log = logging.getLogger(__name__)

# One token is enough: after it everything that reads the file has run.
_QUESTION: Final = Generation(
    1, "trial", (Message(Role.USER, "Hello"),), Sampling(temperature=0.0, max_tokens=1), keep_state=False
)


class Outcome(Enum):
    """How a trial ended."""

    WORKS = "works"
    REFUSED = "refused"  # with a sentence
    DIED = "died"  # the process did
    SILENT = "silent"  # it computed, and nothing came of that
    NO_MEMORY = "no memory"
    UNDECIDED = "undecided"  # the machine gave it no time, or its disk nothing to read: that says nothing of the file


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
    read: Callable[[int], VitalSigns | None] = read_signs,
) -> Verdict:
    """Loads a model and has it say one token; seconds, minutes where it hangs. Not on the GUI thread.

    Args:
        config: How it will be loaded; nothing is kept of it.
        given_up: Set by anybody to end the trial; heard within some 0.1 s.
        start: Starts a process.
        clock: Seconds, monotonic.
        read: Tells what a process has done so far.

    Raises:
        Cancelled: It was given up.
        UserFacingError: The engine does not work, whatever the model.
    """
    path = config.model_path
    assert path is not None
    config = replace(config, snapshots_dir=None, snapshots_budget=0, idle_seconds=None, sleep_seconds=None)
    with Throwaways(start, given_up, clock) as processes:
        verdict = _Trial(path, processes, read).run(config)
    if verdict.problem is not None:
        _log.warning("%s: %s", verdict.outcome.value, verdict.problem)
    return verdict


class _Trial:
    """One process and what it says."""

    def __init__(self, path: Path, processes: Throwaways, read: Callable[[int], VitalSigns | None]) -> None:
        self._path = path
        self._processes = processes
        self._read = read
        self._work = Work.STARTING
        self._reached = NOWHERE

    def run(self, config: EngineConfig) -> Verdict:
        process = self._processes.begin(config)
        process.send(Run(_QUESTION, prepares=False))
        watch = TrialWatch(process.pid, self._processes.clock, _size(self._path), self._read)
        while True:
            arrived = self._processes.hear(watch.look_at)
            if arrived is not None:
                if self._is_further(arrived[1]):
                    watch.advanced()
                verdict = self._hear(arrived[1])
            else:
                exhausted = watch.look()
                verdict = None if exhausted is None else self._end(exhausted)
            if verdict is not None:
                return verdict

    def _is_further(self, delivery: Delivery) -> bool:
        """Tells whether what the process says is a step: saying the same thing again is none."""
        reached = reached_by(delivery, self._reached)
        is_further = isinstance(delivery, Ready) if reached is None else reached > self._reached
        if reached is not None and is_further:
            self._reached = reached
        return is_further

    def _end(self, exhausted: Exhausted) -> Verdict:
        """Returns the verdict on a process that is not waited for any longer."""
        _log.warning("the process %s while %s", exhausted.value, self._work.value)
        if self._work is Work.STARTING:
            raise self._never_began()
        if exhausted is Exhausted.COMPUTED:
            return Verdict(Outcome.SILENT, self._silent())
        return Verdict(Outcome.UNDECIDED, self._undecided())

    def _hear(self, delivery: Delivery) -> Verdict | None:
        """Takes what the process says; returns the verdict once there is one."""
        match delivery:
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

    def _undecided(self) -> UserFacingError:
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "This model could not be tried to the end."),
            QT_TRANSLATE_NOOP("Errors", "{0}: the computer is too busy, or the drive of the file does not answer."),
            QT_TRANSLATE_NOOP("Errors", "Close other programs, then choose the model again."),
            values=(self._path.name,),
        )

    def _never_began(self) -> UserFacingError:
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The engine's process does not begin."),
            "",
            QT_TRANSLATE_NOOP("Errors", "Close other programs and try again; an antivirus program may be in the way."),
        )


def _size(path: Path) -> int:
    try:
        return model_identity(path).size
    except OSError:  # the process will say what is wrong
        return 0
