"""Looking for models on Hugging Face as the app does: one look at a time, told by events.

Runs on the GUI thread and its asyncio loop; knows nothing of Qt.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

from desktop.common.errors import UserFacingError
from desktop.gguf.header import GgufHeader
from desktop.gguf.kind import ModelKind, kind_by_name, kind_of
from desktop.models.download.failover import Timing
from desktop.models.download.mirrors import OWN, HubHost, hub_hosts
from desktop.models.hub.client import HubClient, HubNetwork, http_network
from desktop.models.hub.links import parse_reference
from desktop.models.hub.listing import HubModel, HubRepo
from desktop.models.hub.places import check_addable, spec_for, taken_for
from desktop.models.library import Library
from desktop.models.trials import READ_SECONDS, reading
from desktop.models.types import AddedSpec
from desktop.settings.options import Settings


@dataclass(frozen=True)
class HubLooking:
    """A repository is being asked for."""


@dataclass(frozen=True)
class HubFound:
    """It has answered.

    Attributes:
        proposed: Path of the model that was asked for, or suits this computer; empty: there is none.
        problem: The file that was asked for is not there; None: nothing is wrong.
    """

    repo: HubRepo
    proposed: str
    problem: UserFacingError | None = None


@dataclass(frozen=True)
class HubFailed:
    """It has not, or what was wanted of it cannot be had."""

    error: UserFacingError


@dataclass(frozen=True)
class HubHeaderRead:
    """The beginning of a file was read.

    Attributes:
        path: Of the model in its repository.
        kind: What it is.
    """

    path: str
    header: GgufHeader
    kind: ModelKind


@dataclass(frozen=True)
class HubHeaderFailed:
    """The beginning of a file could not be read; what is known of it stays."""

    path: str
    error: UserFacingError


@dataclass(frozen=True)
class HubAdded:
    """A model is among those of the library now, and its download has begun."""

    model_id: str


HubEvent = HubLooking | HubFound | HubFailed | HubHeaderRead | HubHeaderFailed | HubAdded


class HubService:
    """See the module. Every method is called from the GUI thread, with an asyncio loop running."""

    def __init__(
        self,
        library: Callable[[], Library],
        settings: Callable[[], Settings],
        add: Callable[[AddedSpec], None],
        notify: Callable[[HubEvent], None],
        network: Callable[[Timing], HubNetwork] = http_network,
    ) -> None:
        """
        Args:
            library: Returns the library in force.
            settings: Returns the settings, which name the mirrors.
            add: Remembers a model and begins its download.
            notify: Receives the events.
            network: Makes the network; called in a worker thread.
        """
        self._library = library
        self._settings = settings
        self._add = add
        self._notify = notify
        self._client = HubClient(self._hosts, network=network)
        self._repo: HubRepo | None = None
        self._task: asyncio.Task[None] | None = None
        self._adding: asyncio.Task[None] | None = None

    def look(self, text: str) -> None:
        """Looks for what was pasted; an earlier look is given up."""
        self.cancel()
        self._repo = None
        self._task = self._start(self._look(text))

    def read_header(self, path: str) -> None:
        """Reads what a file of the repository says about itself; an earlier reading is given up."""
        model = self._model(path)
        if self._repo is None or model is None or not model.is_complete or self._repo.is_gated:
            return
        self.cancel()
        self._task = self._start(self._read_header(self._repo, model))

    def add(self, path: str) -> None:
        """Adds a model of the repository to the library and begins its download."""
        model, repo = self._model(path), self._repo
        if repo is not None and model is not None and self._adding is None:
            self._adding = self._start(self._add_model(repo, model))

    def cancel(self) -> None:
        """Gives up what is under way."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _add_model(self, repo: HubRepo, model: HubModel) -> None:
        library = self._library()
        try:
            check_addable(repo, model)
            taken = await reading(library.folder, lambda: taken_for(library, repo, model), READ_SECONDS)
        except UserFacingError as problem:
            self._notify(HubFailed(problem))
            return
        finally:
            self._adding = None
        spec = spec_for(repo, model, taken)
        self._add(spec)
        self._notify(HubAdded(spec.id))

    def _model(self, path: str) -> HubModel | None:
        models = self._repo.models if self._repo is not None else ()
        return next((model for model in models if model.path == path), None)

    def _hosts(self) -> tuple[HubHost, ...]:
        settings = self._settings()
        return hub_hosts(settings.mirror, settings.own_host)

    async def _look(self, text: str) -> None:
        settings = self._settings()
        self._notify(HubLooking())
        try:
            asked = parse_reference(text, settings.own_host if settings.mirror == OWN else "")
            self._repo = repo = await self._client.look(asked)
        except UserFacingError as problem:
            self._notify(HubFailed(problem))
            return
        try:
            proposed = repo.proposed(asked)
        except UserFacingError as problem:
            self._notify(HubFound(repo, "", problem))
            return
        self._notify(HubFound(repo, proposed.path if proposed is not None else "", None))

    async def _read_header(self, repo: HubRepo, model: HubModel) -> None:
        settings = self._settings()
        try:
            header = await self._client.read_header(repo, model, settings.mirror, settings.own_host)
        except UserFacingError as problem:
            self._notify(HubHeaderFailed(model.path, problem))
            return
        kind = kind_of(header, f"{repo.repo}/{model.path}")
        if kind is ModelKind.BASE and repo.has_template and kind_by_name(model.path) is not ModelKind.BASE:
            kind = ModelKind.CHAT  # the template lies behind what was read
        if model.kind is ModelKind.EMBEDDING and kind.can_chat and repo.task is model.kind:
            kind = model.kind  # its repository knows what it was taught, and its header leaves that out
        known = replace(model, kind=kind)
        if self._repo is repo:
            self._repo = replace(repo, models=tuple(known if each is model else each for each in repo.models))
        self._notify(HubHeaderRead(model.path, header, kind))

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        async def run() -> None:
            with contextlib.suppress(asyncio.CancelledError):
                await work

        task = asyncio.get_running_loop().create_task(run())
        task.add_done_callback(_tell_bug)
        return task


def _tell_bug(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (bug := task.exception()):
        task.get_loop().call_exception_handler({"message": "hub", "exception": bug})
