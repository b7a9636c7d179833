"""A function check beside the app's own work: an engine process of its own, which goes whenever it is told to.

It can be paused within some 30 ms, whatever it does; every answer so far is kept, and the next start goes on there.
"""

from __future__ import annotations

import itertools
import logging
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from desktop.check.run import CheckProgress, CheckRun
from desktop.check.sandbox.runner import run_python
from desktop.check.store import ResultStore, Setup
from desktop.check.tasks import TaskSet
from desktop.common.errors import QT_TRANSLATE_NOOP, Cancelled, UserFacingError, from_system
from desktop.engine.types import (
    EngineConfig,
    EngineEvent,
    Failed,
    Finished,
    FinishReason,
    Generation,
    Message,
    Sampling,
    Token,
)
from desktop.engine.worker import EngineWorker

_log = logging.getLogger(__name__)
_STOP_SECONDS: Final = 5.0


class CheckPhase(Enum):
    """Where a check stands."""

    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class CheckState:
    """How a check is off.

    Attributes:
        progress: How far it is; None: it has just begun.
        error: What went wrong; None: nothing.
    """

    phase: CheckPhase
    progress: CheckProgress | None = None
    error: UserFacingError | None = None


class BackgroundCheck:
    """One check of one model, on a thread of its own from :meth:`begin` to its end or its pause.

    To be begun once; whoever goes on makes another one. Every method may be called from any thread.
    """

    def __init__(
        self,
        prepare: Callable[[], tuple[TaskSet, EngineConfig, Setup]],
        store: ResultStore,
        start_engine: Callable[[Callable[[EngineEvent], None], EngineConfig], EngineWorker] = EngineWorker,
    ) -> None:
        """
        Args:
            prepare: Returns what to ask, how to load the model and what the results are kept under; is called on the
                thread of the check, since it reads files.
            store: Keeps the results; nobody else adds to these meanwhile.
            start_engine: Makes an engine.
        """
        self._prepare = prepare
        self._store = store
        self._start_engine = start_engine
        self._pause = threading.Event()
        self._events: queue.SimpleQueue[EngineEvent | None] = queue.SimpleQueue()
        self._ids = itertools.count(1)
        self._state = CheckState(CheckPhase.RUNNING)
        self._thread = threading.Thread(target=self._run, name="function-check", daemon=True)

    @property
    def state(self) -> CheckState:
        """How it is off now."""
        return self._state

    @property
    def has_ended(self) -> bool:
        """Whether it computes no longer, and its engine is gone."""
        return self._state.phase is not CheckPhase.RUNNING and not self._thread.is_alive()

    def begin(self) -> None:
        """Starts the thread; the model is loaded there."""
        self._thread.start()

    def pause(self) -> None:
        """Has it stop at once; what was answered is kept."""
        self._pause.set()
        self._events.put(None)

    def wait(self, seconds: float) -> bool:
        """Waits until it has ended; returns whether it has."""
        if self._thread.ident is not None:
            self._thread.join(seconds)
        return not self._thread.is_alive()

    # --- the thread

    def _run(self) -> None:
        try:
            tasks, config, setup = self._prepare()
            record = self._store.open(setup)
            worker = self._start_engine(self._events.put, config)
            worker.start()
            try:
                run = CheckRun(tasks, record, self._asker(worker), self._run_python)
                for progress in run.steps():
                    self._state = CheckState(CheckPhase.RUNNING, progress)
                    if self._pause.is_set() and progress.kind is not None:
                        raise Cancelled
            finally:
                worker.stop(_STOP_SECONDS)
            self._state = CheckState(CheckPhase.DONE, self._state.progress)
        except Cancelled:
            self._state = CheckState(CheckPhase.PAUSED, self._state.progress)
        except UserFacingError as problem:
            self._state = CheckState(CheckPhase.FAILED, self._state.progress, problem)
        except (OSError, MemoryError) as problem:
            self._state = CheckState(CheckPhase.FAILED, self._state.progress, from_system(problem))
        except Exception:  # a mistake of ours must not leave a check that never ends
            _log.exception("the function check has failed")
            error = UserFacingError(QT_TRANSLATE_NOOP("Errors", "The check has failed; the log says more."))
            self._state = CheckState(CheckPhase.FAILED, self._state.progress, error)

    def _asker(self, worker: EngineWorker) -> Callable[[tuple[Message, ...], Sampling, str], str]:
        def ask(messages: tuple[Message, ...], sampling: Sampling, shared: str) -> str:
            if self._pause.is_set():
                raise Cancelled
            request_id = next(self._ids)
            worker.generate(Generation(request_id, f"check {shared}", messages, sampling, keep_state=False))
            return self._answer(worker, request_id)

        return ask

    def _answer(self, worker: EngineWorker, request_id: int) -> str:
        text: list[str] = []
        while True:
            event = self._events.get()
            if event is None:
                worker.cancel(request_id)
                raise Cancelled
            if getattr(event, "request_id", request_id) != request_id:
                continue
            if isinstance(event, Token) and not event.thinking:
                text.append(event.text)
            elif isinstance(event, Failed):
                raise event.error
            elif isinstance(event, Finished):
                if event.reason is FinishReason.STOPPED:
                    raise Cancelled
                return "".join(text)

    def _run_python(self, code: str, function: str, calls: Sequence[Sequence[Any]]) -> Sequence[Any] | None:
        return run_python(code, function, calls, given_up=self._pause)
