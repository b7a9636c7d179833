"""Models as the app uses them: which one is in use, downloads under way, import, removal, moving the folder.

Runs on the GUI thread and its asyncio loop; knows nothing of Qt. Long work happens in coroutines and worker threads.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from desktop.common import detached
from desktop.common.detached import Question
from desktop.common.errors import QT_TRANSLATE_NOOP, Cancelled, UserFacingError
from desktop.gguf.kind import ModelKind, cannot_chat
from desktop.models.choice import LOOK_SECONDS, ModelChoice
from desktop.models.download.downloader import DownloadControl, Downloader
from desktop.models.events import (
    DownloadBroke,
    DownloadMoved,
    FolderMoving,
    LibraryChanged,
    ModelArrived,
    ModelEvent,
    ModelTrouble,
    TrialEnded,
    VerifyEnded,
)
from desktop.models.library import Candidate
from desktop.models.trials import READ_SECONDS, PlanTrial, Trials, reading
from desktop.models.types import AddedSpec, Catalog, DownloadProgress, DownloadState, InstalledModel, ModelSpec
from desktop.models.verdicts import Outcome
from desktop.settings.options import Settings
from desktop.settings.store import SettingsStore

_log = logging.getLogger(__name__)

# At the end of the program: for tasks to end by themselves, and then to obey.
_END_SECONDS, _OBEY_SECONDS = 3.0, 1.0

P = ParamSpec("P")
T = TypeVar("T")


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


class ModelService:
    """See the module. Every method is called from the GUI thread, with an asyncio loop running."""

    def __init__(
        self,
        catalog: Catalog,
        choice: ModelChoice,
        make_downloader: Callable[[Path, Settings], Downloader],
        settings: SettingsStore,
        notify: Callable[[ModelEvent], None],
        release: Callable[[], Coroutine[Any, Any, None]],
        plan_trial: PlanTrial | None = None,
        patience: float = READ_SECONDS,
    ) -> None:
        """
        Args:
            catalog: The models on offer.
            choice: What is installed and chosen.
            make_downloader: Makes a downloader into a folder, with the mirror of the settings.
            settings: Changed when a model is chosen or the folder moved.
            notify: Receives model events, on the GUI thread.
            release: Has the model unloaded, so that its file can be moved or deleted, and returns when that is done;
                raises UserFacingError when it cannot be now. Called while the choice says that no model is ready, and
                before a model is tried that would not fit beside it.
            plan_trial: Says how a model is tried that no published hash vouches for; None: every model is trusted.
            patience: Longest wait, in seconds, for a file that is to be imported or tried to be read.
        """
        self._catalog = catalog
        self._choice = choice
        self._make_downloader = make_downloader
        self._settings = settings
        self._notify = notify
        self._release = release
        self._trials = Trials(plan_trial, release, notify, patience) if plan_trial is not None else None
        self._patience = patience
        self._downloads: dict[str, _Download] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        # For what takes minutes: two checks of large files at once would only take each other's time.
        self._files_turn = asyncio.Lock()
        self._changing = False  # files are being moved or deleted
        self._checks = 0  # files are being read, or wait for it
        self._parts: Question[Mapping[str, int]] = Question("model parts", LOOK_SECONDS, self._hear_parts)
        self._last_parts: Mapping[str, int] = {}
        self._moving = False
        self._first: str | None = None  # the model that will be chosen at the first start, if it works
        self._ending = False

    @property
    def catalog(self) -> Catalog:
        """The models on offer, and those that the user has added from Hugging Face."""
        return replace(self._catalog, models=(*self._catalog.models, *self._choice.library.added()))

    @property
    def is_moving(self) -> bool:
        """Whether the models are on their way to another folder; none can be used until they are there."""
        return self._moving

    @property
    def trying(self) -> frozenset[str]:
        """Ids of the models that are being tried, or will be in a moment."""
        if self._trials is None:
            return frozenset()
        return self._trials.under_way | ({self._first} if self._first is not None else frozenset())

    def choose_first(self) -> None:
        """Chooses an installed model where none was chosen yet: one that was put into the folder by hand."""
        if self._settings.current.model:
            return
        installed = self._choice.installed()
        present = [m for m in installed if not m.missing and not m.is_bad and m.kind is ModelKind.CHAT]
        if trusted := next((model for model in present if self._trusts(model)), None):
            self._choose(trusted.id)
        elif present:
            self._first = present[0].id
            self._run(self._try_first(present[0]))

    def partials(self) -> Mapping[str, int]:
        """Returns the bytes on disk of downloads that were begun and not finished, by model id.

        Where their drive does not answer that is what there was before; ``LibraryChanged`` follows.
        """
        downloader, catalog = self._downloader(), self.catalog

        def look() -> Mapping[str, int]:
            sizes = {spec.id: downloader.partial(spec) for spec in catalog.models}
            return {model_id: size for model_id, size in sizes.items() if size > 0}

        if answer := self._parts.ask(look):
            self._last_parts = answer.result()
        return self._last_parts

    def _hear_parts(self, answer: Future[Mapping[str, int]]) -> None:
        before, self._last_parts = self._last_parts, answer.result()
        if before != self._last_parts:
            self._notify(LibraryChanged())

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
            self._downloads[model_id] = _Download(DownloadControl())
            self._run(self._download(spec, self._downloads[model_id]))

    def add(self, spec: AddedSpec) -> None:
        """Remembers a model from Hugging Face and begins its download; one that is known goes on where it stopped."""
        try:
            self._choice.library.add_spec(spec)
        except UserFacingError as problem:
            self._notify(ModelTrouble(problem))
            return
        self._notify(LibraryChanged())
        self.download(spec.id)

    def rename(self, model: InstalledModel, name: str, languages: Sequence[str]) -> None:
        """Gives one of the user's own models another name and languages; see :meth:`Library.rename`."""
        try:
            self._choice.library.rename(model, name, languages)
        except UserFacingError as problem:
            self._notify(ModelTrouble(problem))
        self._tell_changed()

    def pause(self, model_id: str) -> None:
        """Stops a download and keeps its bytes."""
        if running := self._downloads.get(model_id):
            running.ending, running.again = True, False
            running.control.pause()

    def cancel(self, model_id: str) -> None:
        """Stops a download and removes its bytes, also those of one that is not running; gives a trial up."""
        if self._trials is not None and self._trials.cancel(model_id):
            return
        if running := self._downloads.get(model_id):
            running.ending, running.again = True, False
            running.control.cancel()
        elif spec := self.catalog.get(model_id):
            self._run(self._discard(spec))

    def use(self, model_id: str) -> None:
        """Chooses the model that answers from the next message on; it is tried first if nothing speaks for it yet."""
        model = next((model for model in self._choice.installed() if model.id == model_id), None)
        if model is not None and not model.kind.can_chat:
            self._notify(ModelTrouble(cannot_chat(model.kind, str(model.path))))
        elif model is None or model.missing or self._trusts(model):
            self._choose(model_id)
            self._tell_changed()
        else:
            self._run(self._try_wanted(model))

    def import_file(self, path: Path) -> None:
        """Adds a GGUF file where it lies, without copying; it is tried, and chosen if it works and was made to answer.

        One that only continues text is not chosen unasked, and one that cannot chat is not added: what it is is said.
        """
        self._run(self._import(path))

    def remove(self, model_id: str) -> None:
        """Deletes a downloaded model, or forgets an imported one (its file stays)."""
        self._run(self._remove(model_id))

    def verify(self, model_id: str) -> None:
        """Reads a model's file again and compares it with the published sha256; ``VerifyEnded`` follows."""
        self._run(self._verify(model_id))

    def move_folder(self, new: Path | None) -> None:
        """Moves the models to another folder, then puts that one in force; None: the default folder."""
        self._run(self._move(new or self._choice.default_folder))

    async def shut_down(self) -> None:
        """Pauses downloads, gives up the rest and waits for the tasks; idempotent."""
        self._ending = True
        if self._trials is not None:
            self._trials.cancel_all()
        for running in list(self._downloads.values()):
            running.control.pause()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=_END_SECONDS)
            for task in late:
                task.cancel()
            # A drive that is gone holds some of them for ever; what is still read asks whether the program ends.
            if late and (left := (await asyncio.wait(late, timeout=_OBEY_SECONDS))[1]):
                _log.warning("%d tasks with model files are left alone", len(left))

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
            failure = _unexpected(bug)
            context = {"message": "model service", "exception": bug}
            asyncio.get_running_loop().call_exception_handler(context)
        finally:
            del self._downloads[spec.id]
            self._choice.outdate()
        if stopped and running.control.discards and not running.again:
            await asyncio.to_thread(self._choice.library.forget_spec, spec.id)  # it was only added to be downloaded
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
            is_first = self._choice.in_use() is None or not self._settings.current.model
            if is_first and not spec.is_added:
                self._choose(spec.id)
            self._tell_changed()
            if spec.is_added:
                await self._try_added(spec.id, is_first=is_first)
            else:
                self._notify(ModelArrived(spec.id))

    async def _try_added(self, model_id: str, *, is_first: bool) -> None:
        """Tries a model that has just come from a stranger; it is chosen where there is no other."""
        library = self._choice.library
        installed = await reading(library.folder, library.installed, self._patience)
        model = next((each for each in installed if each.id == model_id), None)
        if model is None:
            return
        if not model.kind.can_chat:
            raise cannot_chat(model.kind, str(model.path))
        if await self._try(model, chooses=is_first and model.kind is ModelKind.CHAT):
            self._notify(ModelArrived(model_id))

    async def _import(self, path: Path) -> None:
        library = self._choice.library
        candidate = await reading(path, lambda: library.examine(path), self._patience)
        is_new = candidate.known is None and not library.has_imported(candidate.path)
        model = library.add(candidate)
        self._tell_changed()
        try:
            await self._try(model, candidate, chooses=candidate.facts.kind is ModelKind.CHAT)
        except Cancelled:
            if is_new:
                library.remove(model.id)
                self._tell_changed()
            raise

    async def _try(
        self,
        model: InstalledModel,
        candidate: Candidate | None = None,
        *,
        is_wanted: bool = False,
        chooses: bool = True,
    ) -> bool:
        """Tries a model if need be, and chooses it if it works; returns whether it does.

        Args:
            model: An installed model.
            candidate: What is known of its file already.
            is_wanted: The user has asked for this very model, so it is chosen as well where it cannot be tried now for
                want of memory: there will be a warning before it is loaded.
            chooses: Whether it is chosen at all.
        """
        if self._trials is None or self._trusts(model):
            if chooses:
                self._choose(model.id)
            self._tell_changed()
            return True
        if model.id in self._trials.under_way:
            return False
        with self._reading_files(model):
            try:
                verdict = await self._trials.make(self._choice.library, model, candidate)
            finally:
                self._first = None
                self._tell_changed()
        if chooses and (verdict.outcome is Outcome.WORKS or (is_wanted and verdict.outcome is Outcome.UNTRIED)):
            self._choose(model.id)
            self._tell_changed()
        self._notify(TrialEnded(model.id, verdict))
        return verdict.outcome is Outcome.WORKS

    async def _try_wanted(self, model: InstalledModel) -> None:
        await self._try(model, is_wanted=True)

    async def _try_first(self, model: InstalledModel) -> None:
        try:
            await self._try(model)
        finally:
            self._first = None

    def _trusts(self, model: InstalledModel) -> bool:
        return self._trials is None or not model.needs_trial

    @contextlib.contextmanager
    def _reading_files(self, model: InstalledModel) -> Iterator[None]:
        """While it lasts no file of the model folder is moved or deleted, if that is where the model lies."""
        lies_there = model.spec is not None
        if lies_there and self._changing:
            raise _folder_is_moving()
        self._checks += lies_there
        try:
            yield
        finally:
            self._checks -= lies_there

    async def _discard(self, spec: ModelSpec) -> None:
        try:
            await asyncio.to_thread(self._discard_files, spec)
        finally:
            self._tell_changed()

    def _discard_files(self, spec: ModelSpec) -> None:
        self._downloader().discard(spec)
        self._choice.library.forget_spec(spec.id)

    async def _remove(self, model_id: str) -> None:
        current = self._choice.in_use()
        async with self._changing_files(withhold=current is not None and current.id == model_id):
            await self._with_files(self._choice.library.remove, model_id)
            self._choice.outdate()
            if self._settings.current.model == model_id:
                others = [model for model in self._choice.installed() if not model.missing and self._trusts(model)]
                self._choose(others[0].id if others else "")

    async def _verify(self, model_id: str) -> None:
        if self._changing:
            raise _folder_is_moving()
        self._checks += 1
        try:
            intact = await self._with_files(self._choice.library.verify, model_id, None, lambda: self._ending)
        finally:
            self._checks -= 1
        self._notify(VerifyEnded(model_id, intact))
        self._tell_changed()

    async def _move(self, new: Path) -> None:
        if self._downloads or self._changing or self._checks:
            self._tell_changed()  # whoever asked for it shows the folder in force again
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "The model folder cannot be moved now."),
                "",
                QT_TRANSLATE_NOOP("Errors", "Let downloads, checks and moves end first, or pause them."),
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
                await self._with_files(self._choice.library.move_folder, new, progress)
                await self._put_in_force(new)
        finally:
            self._moving = False
            self._notify(FolderMoving(None))

    async def _put_in_force(self, new: Path) -> None:
        """Makes ``new``, where the models are now, the model folder; where that cannot be saved they go back."""
        old = self._choice.folder
        try:
            self._settings.change(model_folder="" if new == self._choice.default_folder else str(new))
        except UserFacingError:
            await self._with_files(self._choice.library.move_folder, old, None)
            raise
        self._choice.open_folder()

    @contextlib.asynccontextmanager
    async def _changing_files(self, *, withhold: bool) -> AsyncIterator[None]:
        """While it lasts no other file is moved or deleted; with ``withhold`` the engine has let go of the model."""
        if self._changing or self._checks:
            self._tell_changed()
            raise _folder_is_moving() if self._changing else _files_are_checked()
        self._changing, self._choice.is_withheld = True, withhold
        try:
            if withhold:
                await self._release()
            yield
        finally:
            self._changing = self._choice.is_withheld = False
            self._tell_changed()

    async def _with_files(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Does something long with model files, one thing after the other, where nobody has to wait for it."""
        async with self._files_turn:
            return await detached.run(partial(work, *args, **kwargs), "model files")

    def _tell_changed(self) -> None:
        self._choice.outdate()
        self._notify(LibraryChanged())

    def _downloader(self) -> Downloader:
        return self._make_downloader(self._choice.folder, self._settings.current)

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


def _unexpected(bug: Exception) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The download broke off for a reason that Catnap does not know."),
        f"{type(bug).__name__}.",
        QT_TRANSLATE_NOOP("Errors", "Try again; what was downloaded is kept."),
    )


def _files_are_checked() -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "Model files are being checked."),
        "",
        QT_TRANSLATE_NOOP("Errors", "Try again when that is done."),
    )
