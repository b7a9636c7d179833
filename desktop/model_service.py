"""Models as the app uses them: which one is in use, downloads under way, import, removal, moving the folder.

Runs on the GUI thread and its asyncio loop; knows nothing of Qt. Long work happens in coroutines and worker threads.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from desktop.errors import QT_TRANSLATE_NOOP, Cancelled, UserFacingError
from desktop.models.types import Catalog, DownloadProgress, DownloadState, InstalledModel, ModelSpec
from desktop.settings import Settings, SettingsStore

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class DownloadMoved:
    """A download has new figures or a new state."""

    progress: DownloadProgress


@dataclass(frozen=True)
class DownloadBroke:
    """A download has failed; its part stays on disk for the next try."""

    model_id: str
    error: UserFacingError


@dataclass(frozen=True)
class LibraryChanged:
    """Other models are installed, or another one is in use."""


@dataclass(frozen=True)
class ModelArrived:
    """A download has ended well and the model can be used."""

    model_id: str


@dataclass(frozen=True)
class FolderMoving:
    """The model folder is being moved; None: it is done, or was given up."""

    fraction: float | None


@dataclass(frozen=True)
class VerifyEnded:
    """The file of a model was read again; ``intact`` tells whether it is what was published."""

    model_id: str
    intact: bool


@dataclass(frozen=True)
class ModelTrouble:
    """Something about models went wrong outside a download."""

    error: UserFacingError


ModelEvent = DownloadMoved | DownloadBroke | LibraryChanged | ModelArrived | FolderMoving | VerifyEnded | ModelTrouble


class Control(Protocol):
    """The handle of a running download."""

    def pause(self) -> None: ...
    def cancel(self) -> None: ...


class DownloaderPort(Protocol):
    """What is needed of a downloader; see :class:`desktop.models.download.Downloader`."""

    def partial(self, spec: ModelSpec) -> int: ...
    def discard(self, spec: ModelSpec) -> None: ...
    async def download(self, spec: ModelSpec, progress: Callable[[DownloadProgress], None], control: Any) -> Path: ...


class LibraryPort(Protocol):
    """What is needed of a library; see :class:`desktop.models.library.Library`."""

    @property
    def folder(self) -> Path: ...
    def installed(self) -> tuple[InstalledModel, ...]: ...
    def import_file(self, path: Path) -> InstalledModel: ...
    def remove(self, model_id: str) -> None: ...
    def path_of(self, model_id: str) -> Path: ...
    def verify(
        self, model_id: str, progress: Callable[[int, int], None] | None, cancelled: Callable[[], bool] | None
    ) -> bool: ...
    def move_folder(self, new: Path, progress: Callable[[int, int], None] | None) -> None: ...


@dataclass(frozen=True)
class Tools:
    """How the service makes what it works with.

    Attributes:
        library: Makes the library of a folder.
        downloader: Makes a downloader into a folder, with the mirror of the settings.
        control: Makes the handle of one download.
        default_folder: Model folder where the settings name none.
    """

    library: Callable[[Path], LibraryPort]
    downloader: Callable[[Path, Settings], DownloaderPort]
    control: Callable[[], Control]
    default_folder: Path


class ModelService:
    """See the module. Every method is called from the GUI thread, with an asyncio loop running.

    Args:
        catalog: The models on offer.
        tools: Makes libraries and downloaders.
        settings: Read for the chosen model, folder and mirror; changed when a model is chosen.
        notify: Receives model events, on the GUI thread.
        release: Unloads the model file, so that it can be moved or deleted; returns when that is done.
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
        self._library = tools.library(self.folder)
        self._controls: dict[str, Control] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._moving = False

    @property
    def folder(self) -> Path:
        """The model folder in force."""
        chosen = self._settings.current.model_folder
        return Path(chosen) if chosen else self._tools.default_folder

    def installed(self) -> tuple[InstalledModel, ...]:
        """Returns what can be used; an unreadable folder is said once and counts as empty."""
        try:
            return self._library.installed()
        except UserFacingError as problem:
            _log.warning("model folder: %s", problem)
            self._notify(ModelTrouble(problem))
            return ()

    def in_use(self) -> InstalledModel | None:
        """Returns the model that answers now; None: there is none."""
        return self.model_of(self._settings.current)

    def model_of(self, settings: Settings) -> InstalledModel | None:
        """Returns the model chosen in ``settings``, or the first installed one where none was chosen yet."""
        usable = [model for model in self.installed() if not model.missing]
        if settings.model:
            return next((model for model in usable if model.id == settings.model), None)
        return usable[0] if usable else None

    def choose_first(self) -> None:
        """Chooses an installed model where none was chosen yet: one that was put into the folder by hand."""
        if not self._settings.current.model and (model := self.in_use()) is not None:
            self._guarded(lambda: self._settings.change(model=model.id))

    def partials(self) -> Mapping[str, int]:
        """Returns the bytes on disk of downloads that were begun and not finished, by model id."""
        downloader = self._downloader()
        sizes = {spec.id: downloader.partial(spec) for spec in self.catalog.models}
        return {model_id: size for model_id, size in sizes.items() if size > 0}

    def is_downloading(self) -> bool:
        return bool(self._controls)

    def download(self, model_id: str) -> None:
        """Begins or resumes a download; does nothing while it runs."""
        spec = self.catalog.get(model_id)
        if spec is None or model_id in self._controls:
            return
        if self._moving:
            self._notify(DownloadBroke(model_id, _folder_is_moving()))
            return
        control = self._tools.control()
        self._controls[model_id] = control
        self._run(self._download(spec, control))

    def pause(self, model_id: str) -> None:
        """Stops a download and keeps its bytes."""
        if control := self._controls.get(model_id):
            control.pause()

    def cancel(self, model_id: str) -> None:
        """Stops a download and removes its bytes, also those of one that is not running."""
        if control := self._controls.get(model_id):
            control.cancel()
        elif spec := self.catalog.get(model_id):
            self._downloader().discard(spec)
            self._notify(LibraryChanged())

    def use(self, model_id: str) -> None:
        """Chooses the model that answers from the next message on."""
        self._guarded(lambda: self._settings.change(model=model_id))
        self._notify(LibraryChanged())

    def import_file(self, path: Path) -> None:
        """Adds a GGUF file where it lies, without copying, and chooses it."""

        def work() -> None:
            self.use(self._library.import_file(path).id)

        self._guarded(work)

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
        """Pauses downloads and waits for the tasks; idempotent."""
        for control in list(self._controls.values()):
            control.pause()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=3)
            for task in late:
                task.cancel()

    async def _download(self, spec: ModelSpec, control: Control) -> None:
        try:
            await self._downloader().download(spec, lambda p: self._notify(DownloadMoved(p)), control)
        except Cancelled:
            left = self._downloader().partial(spec)
            state = DownloadState.PAUSED if left else DownloadState.WAITING
            self._notify(DownloadMoved(DownloadProgress(spec.id, state, left, spec.size)))
            self._notify(LibraryChanged())
            return
        except UserFacingError as problem:
            self._notify(DownloadBroke(spec.id, problem))
            return
        finally:
            self._controls.pop(spec.id, None)
        if self.in_use() is None or not self._settings.current.model:
            self._settings.change(model=spec.id)
        self._notify(LibraryChanged())
        self._notify(ModelArrived(spec.id))

    async def _remove(self, model_id: str) -> None:
        current = self.in_use()
        if current is not None and current.id == model_id:
            await self._release()
        await asyncio.to_thread(self._library.remove, model_id)
        if self._settings.current.model == model_id:
            others = [model for model in self.installed() if not model.missing]
            self._settings.change(model=others[0].id if others else "")
        self._notify(LibraryChanged())

    async def _verify(self, model_id: str) -> None:
        intact = await asyncio.to_thread(self._library.verify, model_id, None, None)
        self._notify(VerifyEnded(model_id, intact))
        self._notify(LibraryChanged())

    async def _move(self, new: Path) -> None:
        if self._controls or self._moving:
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "The model folder cannot be moved now."),
                "",
                QT_TRANSLATE_NOOP("Errors", "Let downloads and moves end first, or pause them."),
            )
        loop = asyncio.get_running_loop()

        def progress(done: int, total: int) -> None:
            loop.call_soon_threadsafe(self._notify, FolderMoving(done / total if total else 0.0))

        self._moving = True
        self._notify(FolderMoving(0.0))
        try:
            await self._release()
            await asyncio.to_thread(self._library.move_folder, new, progress)
            is_default = new == self._tools.default_folder
            self._settings.change(model_folder="" if is_default else str(new))
            self._library = self._tools.library(self.folder)
        finally:
            self._moving = False
            self._notify(FolderMoving(None))
            self._notify(LibraryChanged())

    def _downloader(self) -> DownloaderPort:
        return self._tools.downloader(self.folder, self._settings.current)

    def _guarded(self, work: Callable[[], object]) -> None:
        try:
            work()
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
            await work
        except UserFacingError as problem:
            self._notify(ModelTrouble(problem))


def _folder_is_moving() -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The model folder is being moved."),
        "",
        QT_TRANSLATE_NOOP("Errors", "Try again when that is done."),
    )
