"""Downloads under way, from the moment one is asked for until its file is there, or its bytes are gone.

Runs on the GUI thread and its asyncio loop, as :mod:`desktop.models.service`, which says what becomes of a new model.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from desktop.common.detached import Question
from desktop.common.errors import Cancelled, UserFacingError
from desktop.models.choice import LOOK_SECONDS, ModelChoice
from desktop.models.download.downloader import DownloadControl, Downloader
from desktop.models.events import DownloadBroke, DownloadMoved, LibraryChanged, ModelEvent
from desktop.models.refusals import unexpected
from desktop.models.types import DownloadProgress, DownloadState, ModelSpec


@dataclass
class _Download:
    """A download under way.

    Attributes:
        ending: It was paused or cancelled and has not ended yet.
        again: It was asked for once more since; it begins anew when it has ended.
    """

    control: DownloadControl
    ending: bool = False
    again: bool = False


class Downloads:
    """Begins, pauses and cancels them; at most one for each model."""

    def __init__(
        self,
        choice: ModelChoice,
        downloader: Callable[[], Downloader],
        notify: Callable[[ModelEvent], None],
        changed: Callable[[], None],
        arrived: Callable[[ModelSpec], Coroutine[Any, Any, None]],
        run: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        """
        Args:
            choice: Is told that files have changed.
            downloader: Makes a downloader into the folder in force, with the mirror of the settings.
            notify: Receives model events.
            changed: Called when files have come, gone or stayed behind, and the lists are to be drawn again.
            arrived: What is done with a model that is there, whole and checked.
            run: Runs a coroutine, whose errors for people are shown.
        """
        self._choice = choice
        self._downloader = downloader
        self._notify = notify
        self._changed = changed
        self._arrived = arrived
        self._run = run
        self._under_way: dict[str, _Download] = {}
        self._parts: Question[Mapping[str, int]] = Question("model parts", LOOK_SECONDS, self._hear_parts)
        self._last_parts: Mapping[str, int] = {}

    @property
    def under_way(self) -> Collection[str]:
        """Ids of the models."""
        return self._under_way.keys()

    def partials(self, specs: Collection[ModelSpec]) -> Mapping[str, int]:
        """Returns the bytes on disk of downloads that were begun and not finished, by model id.

        Where their drive does not answer that is what there was before; ``LibraryChanged`` follows.
        """
        downloader = self._downloader()

        def look() -> Mapping[str, int]:
            sizes = {spec.id: downloader.partial(spec) for spec in specs}
            return {model_id: size for model_id, size in sizes.items() if size > 0}

        if answer := self._parts.ask(look):
            self._last_parts = answer.result()
        return self._last_parts

    def ask_again(self, model_id: str) -> bool:
        """Has a download that is ending begin anew when it has; returns whether there is any of this model."""
        running = self._under_way.get(model_id)
        if running is not None:
            running.again = running.ending
        return running is not None

    def begin(self, spec: ModelSpec) -> None:
        """Begins or resumes a download, of which none is under way."""
        running = self._under_way[spec.id] = _Download(DownloadControl())
        self._run(self._download(spec, running))

    def pause(self, model_id: str) -> None:
        """Stops a download and keeps its bytes."""
        if running := self._under_way.get(model_id):
            running.ending, running.again = True, False
            running.control.pause()

    def pause_all(self) -> None:
        """Stops all of them for good: the program ends."""
        for running in self._under_way.values():
            running.again = False
            running.control.pause()

    def cancel(self, spec: ModelSpec | None, model_id: str) -> None:
        """Stops a download and removes its bytes, also those of one that is not running."""
        if running := self._under_way.get(model_id):
            running.ending, running.again = True, False
            running.control.cancel()
        elif spec is not None:
            self._run(self._discard(spec))

    def _hear_parts(self, answer: Future[Mapping[str, int]]) -> None:
        before, self._last_parts = self._last_parts, answer.result()
        if before != self._last_parts:
            self._notify(LibraryChanged())

    async def _download(self, spec: ModelSpec, running: _Download) -> None:
        failure: UserFacingError | None = None
        stopped = False
        try:
            await self._downloader().download(spec, lambda p: self._notify(DownloadMoved(p)), running.control)
        except Cancelled:
            stopped = True
        except UserFacingError as problem:
            failure = problem
        except Exception as bug:  # reported as any bug, and the card still says that the download has ended
            failure = unexpected(bug)
            context = {"message": "model service", "exception": bug}
            asyncio.get_running_loop().call_exception_handler(context)
        finally:
            del self._under_way[spec.id]
            self._choice.outdate()
        if stopped and running.control.discards and not running.again:
            await asyncio.to_thread(self._choice.library.forget_spec, spec.id)  # it was only added to be downloaded
        if failure is not None:
            self._notify(DownloadBroke(spec.id, failure))
        elif stopped:
            left = self._downloader().partial(spec)
            state = DownloadState.PAUSED if left else DownloadState.WAITING
            self._notify(DownloadMoved(DownloadProgress(spec.id, state, left, spec.size)))
            self._changed()
            if running.again:
                self.begin(spec)
        else:
            await self._arrived(spec)

    async def _discard(self, spec: ModelSpec) -> None:
        try:
            await asyncio.to_thread(self._discard_files, spec)
        finally:
            self._changed()

    def _discard_files(self, spec: ModelSpec) -> None:
        self._downloader().discard(spec)
        self._choice.library.forget_spec(spec.id)
