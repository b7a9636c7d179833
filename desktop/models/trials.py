"""Trials under way: a model that no published hash vouches for is tried in a process of its own before it is chosen.

GUI thread and asyncio; the trial itself runs on a thread that nobody has to wait for. How a model is tried is not known
here: see :mod:`desktop.lifecycle.trial`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from desktop.common import detached
from desktop.common.errors import Cancelled
from desktop.common.file_identity import FileIdentity
from desktop.gguf.header import GgufHeader, read_header
from desktop.gguf.parts import model_identity
from desktop.models.choice import silent
from desktop.models.events import ModelEvent, TrialBegan
from desktop.models.library import Candidate, Library
from desktop.models.refusals import gone
from desktop.models.remembered.verdicts import Verdict
from desktop.models.types import InstalledModel

# Longest wait for a file to be read that a window asks about: a disk that was asleep takes ten seconds to spin up.
READ_SECONDS = 20.0

T = TypeVar("T")


@dataclass(frozen=True)
class PlannedTrial:
    """A trial that can be made.

    Attributes:
        run: Makes it and returns what came of it; blocks for seconds, a minute where the model hangs. It gives up when
            the event is set, with ``Cancelled``. UserFacingError: the engine itself does not work.
        needs_room: It fits into memory only once the model that is loaded has gone.
    """

    run: Callable[[threading.Event], Verdict]
    needs_room: bool = False


# Returns a trial, or a verdict without one; on the GUI thread.
PlanTrial = Callable[[InstalledModel, GgufHeader], PlannedTrial | Verdict]


class Trials:
    """Makes trials, one after the other, and remembers what came of them."""

    def __init__(
        self,
        plan: PlanTrial,
        release: Callable[[], Coroutine[Any, Any, None]],
        notify: Callable[[ModelEvent], None],
        patience: float = READ_SECONDS,
    ) -> None:
        """
        Args:
            plan: Says how a model is tried.
            release: Has the model that is loaded unloaded; raises UserFacingError when it cannot be now.
            notify: Receives model events.
            patience: Longest wait, in seconds, for a file to be read.
        """
        self._plan = plan
        self._release = release
        self._notify = notify
        self._patience = patience
        self._under_way: dict[str, threading.Event] = {}
        self._turn = asyncio.Lock()  # two models would not fit beside each other

    @property
    def under_way(self) -> frozenset[str]:
        """Ids of the models that are being tried, or wait for it."""
        return frozenset(self._under_way)

    def cancel(self, model_id: str) -> bool:
        """Gives a trial up; returns whether there is one."""
        if given_up := self._under_way.get(model_id):
            given_up.set()
        return given_up is not None

    def cancel_all(self) -> None:
        """Gives all of them up, since the program ends."""
        for given_up in self._under_way.values():
            given_up.set()

    async def make(self, library: Library, model: InstalledModel, candidate: Candidate | None = None) -> Verdict:
        """Tries a model and remembers what came of it.

        Args:
            library: Where the verdict is kept.
            model: It must not be under way already.
            candidate: What is known of its file; None: that is read first.

        Raises:
            Cancelled: It was given up.
            UserFacingError: The file cannot be read, its drive does not answer, or the engine itself does not work.
        """
        given_up = self._under_way[model.id] = threading.Event()
        try:
            self._notify(TrialBegan(model.id))
            async with self._turn:
                if given_up.is_set():
                    raise Cancelled
                if candidate is None:
                    file, header = await reading(model.path, lambda: _read(model.path), self._patience)
                else:
                    file, header = candidate.file, candidate.header
                verdict = await self._judge(model, header, given_up)
            if given_up.is_set():
                raise Cancelled
            if await reading(model.path, lambda: _is_still(file, model.path), self._patience):
                library.remember_verdict(file, verdict)
            return verdict
        finally:
            given_up.set()  # where the program ends, nobody waits for the thread
            del self._under_way[model.id]

    async def _judge(self, model: InstalledModel, header: GgufHeader, given_up: threading.Event) -> Verdict:
        plan = self._plan(model, header)
        if isinstance(plan, Verdict):
            return plan
        if plan.needs_room:
            await self._release()
        return await detached.run(lambda: plan.run(given_up), "trial")


async def reading(path: Path, work: Callable[[], T], seconds: float) -> T:
    """Reads something of a file on a thread of its own.

    Args:
        path: Named when it does not answer.
        work: What is to be done.
        seconds: Longest wait.

    Raises:
        UserFacingError: The drive does not answer.
    """
    try:
        return await detached.run(work, "model file", seconds)
    except TimeoutError:
        raise silent(path) from None


def _read(path: Path) -> tuple[FileIdentity, GgufHeader]:
    header = read_header(path)
    try:
        return model_identity(path), header
    except OSError as problem:
        raise gone(path) from problem


def _is_still(file: FileIdentity, path: Path) -> bool:
    try:
        return model_identity(path) == file
    except OSError:
        return False
