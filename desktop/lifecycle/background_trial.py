"""One trial at a time in a process of its own, beside the loop: what is more important ends it at once.

No Qt; GUI thread and its asyncio loop.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from enum import Enum
from typing import Generic, Protocol, TypeVar

from desktop.common.errors import Cancelled, UserFacingError

_log = logging.getLogger(__name__)

_Key = TypeVar("_Key")
_Outcome = TypeVar("_Outcome")
_Outcome_co = TypeVar("_Outcome_co", covariant=True)


class Hindrance(Enum):
    """Why nothing is tried now; it is tried again by itself but for the last."""

    BATTERY = "battery"
    ANSWERING = "answering"
    MEMORY = "memory"
    FAILED = "failed"


class Trial(Protocol[_Outcome_co]):
    """A trial, such as :class:`~desktop.engine.gpu.trial.GpuTrial`."""

    def run(self) -> _Outcome_co:
        """Tries; on a thread that may wait."""

    def cancel(self) -> None:
        """Ends it at once; any thread."""


class BackgroundTrial(Generic[_Key, _Outcome]):
    """The trial that runs, if one does."""

    def __init__(
        self, what: str, ended: Callable[[_Key, _Outcome | None], object], changed: Callable[[], object]
    ) -> None:
        """
        Args:
            what: What is tried, for the log.
            ended: Takes what was tried, and what it came to; None: it could not be tried. Not called for a trial that
                was given up.
            changed: Called when a trial has begun or ended.
        """
        self._what, self._ended, self._changed = what, ended, changed
        self._trial: Trial[_Outcome] | None = None
        self._task: asyncio.Task[None] | None = None
        self._key: _Key | None = None

    @property
    def key(self) -> _Key | None:
        """What is being tried; None: nothing."""
        return self._key

    def begin(self, key: _Key, make: Callable[[], Trial[_Outcome]]) -> None:
        """Begins a trial; while none runs.

        Args:
            key: What is tried.
            make: Makes the trial.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # the program has not begun, or ends
            return
        trial = self._trial = make()
        self._key = key
        self._task = loop.create_task(self._run(trial, key))
        self._changed()

    def cancel(self) -> None:
        """Gives the trial up."""
        if self._trial is not None:
            self._trial.cancel()
            self._trial = self._key = None
            self._changed()

    async def let_go(self) -> None:
        """Gives it up and returns when no process has the model file any more."""
        task = self._task
        self.cancel()
        if task is not None:
            await asyncio.wait((task,))

    async def _run(self, trial: Trial[_Outcome], key: _Key) -> None:
        outcome: _Outcome | None = None
        try:
            outcome = await asyncio.get_running_loop().run_in_executor(None, trial.run)
        except Cancelled:
            pass
        except UserFacingError as problem:
            _log.info("%s could not be tried: %s", self._what, problem)
        if trial is self._trial:  # else it was given up, and that was told
            self._trial = self._key = None
            self._ended(key, outcome)
            self._changed()
