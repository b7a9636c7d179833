"""Models as the app uses them: which one is in use, downloads under way, import, removal, moving the folder.

Runs on the GUI thread and its asyncio loop; knows nothing of Qt. Long work happens in coroutines and worker threads.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desktop.common.errors import QT_TRANSLATE_NOOP, Cancelled, UserFacingError
from desktop.model_ports import Control, DownloaderPort, Tools
from desktop.model_shelf import ModelShelf
from desktop.models.events import (
    DownloadBroke,
    DownloadMoved,
    FolderMoving,
    LibraryChanged,
    ModelArrived,
    ModelEvent,
    ModelTrouble,
    VerifyEnded,
)
from desktop.models.types import Catalog, DownloadProgress, DownloadState, InstalledModel, ModelSpec
from desktop.settings.options import Settings
from desktop.settings.store import SettingsStore


@dataclass
class _Download:
    """A download under way.

    Attributes:
        ending: It was paused or cancelled and has not ended yet.
        again: It was asked for once more since; it begins anew when it has ended.
    """

    control: Control
    ending: bool = False
    again: bool = False


class ModelService:
    """See the module. Every method is called from the GUI thread, with an asyncio loop running.

    Args:
        catalog: The models on offer.
        tools: Makes libraries and downloaders.
        settings: Read for the chosen model, folder and mirror; changed when a model is chosen.
        notify: Receives model events, on the GUI thread.
        release: Has the model unloaded, so that its file can be moved or deleted, and returns when that is done; raises
            UserFacingError when it cannot be now. Called while :meth:`ready` says that there is no model.
    """

    def __init__(
        self,
        catalog: Catalog,
        tools: Tools,
        settings: SettingsStore,
        notify: Callable[[ModelEvent], None],
        release: Callable[[], Coroutine[Any, Any, None]],
    ) -> None:
        self.catalog = catalog
        self._tools = tools
        self._settings = settings
        self._notify = notify
        self._release = release
        self._open_folder()
        self._downloads: dict[str, _Download] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._changing = False  # files are being moved or deleted
        self._withheld = False  # among them that of the model in use
        self._moving = False
        self._ending = False

    @property
    def folder(self) -> Path:
        """The model folder in force."""
        chosen = self._settings.current.model_folder
        return Path(chosen) if chosen else self._tools.default_folder

    @property
    def is_moving(self) -> bool:
        """Whether the models are on their way to another folder; none can be used until they are there."""
        return self._moving

    def problems(self) -> tuple[UserFacingError, ...]:
        """Returns what is wrong with the model folder and the list of imported files, to be said at the start."""
        return self._shelf.problems()

    def installed(self) -> tuple[InstalledModel, ...]:
        """Returns what can be used, as of the last look; a folder that cannot be read counts as empty, and is said."""
        return self._shelf.models()

    def look(self) -> bool:
        """Looks at the model folder again: another program may have changed it; returns whether one has."""
        return self._shelf.look()

    def refresh(self) -> None:
        """Looks at the model folder again and tells everybody if it has changed."""
        if self.look():
            self._notify(LibraryChanged())

    def in_use(self) -> InstalledModel | None:
        """Returns the model that the settings mean; None: there is none."""
        return self.model_of(self._settings.current)

    def ready(self) -> InstalledModel | None:
        """Returns the model that can answer now: the one in use, unless its file is just being moved or deleted."""
        return None if self._withheld else self.in_use()

    def lost_choice(self) -> UserFacingError | None:
        """Returns what to say when a model is chosen and its file is no longer there; None: nothing is wrong."""
        chosen = self._settings.current.model
        if not chosen or self._withheld or self.in_use() is not None:
            return None
        spec = self.catalog.get(chosen)
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The chosen model is no longer there."),
            f"{spec.name if spec else chosen.removeprefix('file:')}.",
            QT_TRANSLATE_NOOP("Errors", "Download it again, or choose another model."),
        )

    def model_of(self, settings: Settings) -> InstalledModel | None:
        """Returns the model chosen in ``settings``, or the first installed one where none was chosen yet."""
        usable = [model for model in self.installed() if not model.missing]
        if settings.model:
            return next((model for model in usable if model.id == settings.model), None)
        return usable[0] if usable else None

    def choose_first(self) -> None:
        """Chooses an installed model where none was chosen yet: one that was put into the folder by hand."""
        if not self._settings.current.model and (model := self.in_use()) is not None:
            self._choose(model.id)

    def partials(self) -> Mapping[str, int]:
        """Returns the bytes on disk of downloads that were begun and not finished, by model id."""
        downloader = self._downloader()
        sizes = {spec.id: downloader.partial(spec) for spec in self.catalog.models}
        return {model_id: size for model_id, size in sizes.items() if size > 0}

    def download(self, model_id: str) -> None:
        """Begins or resumes a download; does nothing while it runs."""
        spec = self.catalog.get(model_id)
        if spec is None or self._ending:
            return
        if running := self._downloads.get(model_id):
            running.again = running.ending
        elif self._moving:
            self._notify(DownloadBroke(model_id, _folder_is_moving()))
        else:
            self._downloads[model_id] = _Download(self._tools.control())
            self._run(self._download(spec, self._downloads[model_id]))

    def pause(self, model_id: str) -> None:
        """Stops a download and keeps its bytes."""
        if running := self._downloads.get(model_id):
            running.ending, running.again = True, False
            running.control.pause()

    def cancel(self, model_id: str) -> None:
        """Stops a download and removes its bytes, also those of one that is not running."""
        if running := self._downloads.get(model_id):
            running.ending, running.again = True, False
            running.control.cancel()
        elif spec := self.catalog.get(model_id):
            self._run(self._discard(spec))

    def use(self, model_id: str) -> None:
        """Chooses the model that answers from the next message on."""
        self._choose(model_id)
        self._tell_changed()

    def import_file(self, path: Path) -> None:
        """Adds a GGUF file where it lies, without copying, and chooses it."""
        try:
            model = self._library.import_file(path)
        except UserFacingError as problem:
            self._notify(ModelTrouble(problem))
        else:
            self._shelf.outdate()
            self.use(model.id)

    def remove(self, model_id: str) -> None:
        """Deletes a downloaded model, or forgets an imported one (its file stays)."""
        self._run(self._remove(model_id))

    def verify(self, model_id: str) -> None:
        """Reads a model's file again and compares it with the published sha256; ``VerifyEnded`` follows."""
        self._run(self._verify(model_id))

    def move_folder(self, new: Path | None) -> None:
        """Moves the models to another folder, then puts that one in force; None: the default folder."""
        self._run(self._move(new or self._tools.default_folder))

    async def shut_down(self) -> None:
        """Pauses downloads, gives up the rest and waits for the tasks; idempotent."""
        self._ending = True
        for running in list(self._downloads.values()):
            running.control.pause()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=3)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _download(self, spec: ModelSpec, running: _Download) -> None:
        failure: UserFacingError | None = None
        stopped = False
        try:
            await self._downloader().download(spec, lambda p: self._notify(DownloadMoved(p)), running.control)
        except Cancelled:
            stopped = True
        except UserFacingError as problem:
            failure = problem
        finally:
            del self._downloads[spec.id]
            self._shelf.outdate()
        if failure is not None:
            self._notify(DownloadBroke(spec.id, failure))
        elif stopped:
            left = self._downloader().partial(spec)
            state = DownloadState.PAUSED if left else DownloadState.WAITING
            self._notify(DownloadMoved(DownloadProgress(spec.id, state, left, spec.size)))
            self._tell_changed()
            if running.again:
                self.download(spec.id)
        else:
            if self.in_use() is None or not self._settings.current.model:
                self._choose(spec.id)
            self._tell_changed()
            self._notify(ModelArrived(spec.id))

    async def _discard(self, spec: ModelSpec) -> None:
        try:
            await asyncio.to_thread(self._downloader().discard, spec)
        finally:
            self._tell_changed()

    async def _remove(self, model_id: str) -> None:
        current = self.in_use()
        async with self._changing_files(withhold=current is not None and current.id == model_id):
            await asyncio.to_thread(self._library.remove, model_id)
            self._shelf.outdate()
            if self._settings.current.model == model_id:
                others = [model for model in self.installed() if not model.missing]
                self._choose(others[0].id if others else "")

    async def _verify(self, model_id: str) -> None:
        if self._changing:
            raise _folder_is_moving()
        intact = await asyncio.to_thread(self._library.verify, model_id, None, lambda: self._ending)
        self._notify(VerifyEnded(model_id, intact))
        self._tell_changed()

    async def _move(self, new: Path) -> None:
        if self._downloads or self._changing:
            self._tell_changed()  # whoever asked for it shows the folder in force again
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "The model folder cannot be moved now."),
                "",
                QT_TRANSLATE_NOOP("Errors", "Let downloads and moves end first, or pause them."),
            )
        loop = asyncio.get_running_loop()

        def progress(done: int, total: int) -> None:
            if self._ending:
                raise Cancelled  # every file is whole in one of the two folders
            loop.call_soon_threadsafe(self._notify, FolderMoving(done / total if total else 0.0))

        self._moving = True
        self._notify(FolderMoving(0.0))
        try:
            async with self._changing_files(withhold=True):
                await asyncio.to_thread(self._library.move_folder, new, progress)
                await self._put_in_force(new)
        finally:
            self._moving = False
            self._notify(FolderMoving(None))

    async def _put_in_force(self, new: Path) -> None:
        """Makes ``new``, where the models are now, the model folder; where that cannot be saved they go back."""
        old = self.folder
        try:
            self._settings.change(model_folder="" if new == self._tools.default_folder else str(new))
        except UserFacingError:
            await asyncio.to_thread(self._library.move_folder, old, None)
            raise
        self._open_folder()

    @contextlib.asynccontextmanager
    async def _changing_files(self, *, withhold: bool) -> AsyncIterator[None]:
        """While it lasts no other file is moved or deleted; with ``withhold`` the engine has let go of the model."""
        if self._changing:
            self._tell_changed()
            raise _folder_is_moving()
        self._changing, self._withheld = True, withhold
        try:
            if withhold:
                await self._release()
            yield
        finally:
            self._changing = self._withheld = False
            self._tell_changed()

    def _open_folder(self) -> None:
        self._library = self._tools.library(self.folder)
        self._shelf = ModelShelf(self._library, lambda problem: self._notify(ModelTrouble(problem)))

    def _tell_changed(self) -> None:
        self._shelf.outdate()
        self._notify(LibraryChanged())

    def _downloader(self) -> DownloaderPort:
        return self._tools.downloader(self.folder, self._settings.current)

    def _choose(self, model_id: str) -> None:
        try:
            self._settings.change(model=model_id)
        except UserFacingError as problem:
            self._notify(ModelTrouble(problem))

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(self._reporting(work))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (bug := task.exception()):
            task.get_loop().call_exception_handler({"message": "model service", "exception": bug})

    async def _reporting(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            with contextlib.suppress(Cancelled):
                await work
        except UserFacingError as problem:
            self._notify(ModelTrouble(problem))


def _folder_is_moving() -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The model folder is being moved."),
        "",
        QT_TRANSLATE_NOOP("Errors", "Try again when that is done."),
    )
