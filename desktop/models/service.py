"""Models as the app uses them: which one is in use, downloads under way, import, removal, moving the folder.

Runs on the GUI thread and its asyncio loop; knows nothing of Qt. Long work happens in coroutines and worker threads.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from desktop.common import detached
from desktop.common.errors import QT_TRANSLATE_NOOP, Cancelled, UserFacingError
from desktop.gguf.kind import ModelKind, cannot_chat
from desktop.models.choice import ModelChoice
from desktop.models.download.downloader import Downloader
from desktop.models.downloads import Downloads
from desktop.models.events import (
    DownloadBroke,
    FolderMoving,
    LibraryChanged,
    ModelArrived,
    ModelEvent,
    ModelTrouble,
    TrialEnded,
    VerifyEnded,
)
from desktop.models.library import Candidate
from desktop.models.refusals import files_are_checked, folder_is_moving
from desktop.models.remembered.verdicts import Outcome
from desktop.models.trials import READ_SECONDS, PlanTrial, Trials, reading
from desktop.models.types import AddedSpec, Catalog, InstalledModel, ModelSpec
from desktop.settings.options import Settings
from desktop.settings.store import SettingsStore

_log = logging.getLogger(__name__)

# At the end of the program: for tasks to end by themselves, and then to obey.
_END_SECONDS, _OBEY_SECONDS = 3.0, 1.0

P = ParamSpec("P")
T = TypeVar("T")


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
            release: Has the models unloaded, so that their files can be moved or deleted, and returns when that is
                done; raises UserFacingError when it cannot be now. Called while the choice says that no model is
                ready, and before a model is tried that would not fit beside it.
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
        self._downloads = Downloads(choice, self._downloader, notify, self._tell_changed, self._on_arrived, self._run)
        self._tasks: set[asyncio.Task[None]] = set()
        # For what takes minutes: two checks of large files at once would only take each other's time.
        self._files_turn = asyncio.Lock()
        self._changing = False  # files are being moved or deleted
        self._checks = 0  # files are being read, or wait for it
        self._moving = False
        self._planned: set[str] = set()  # ids of the models whose trial begins in a moment
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
        return self._trials.under_way | self._planned

    def choose_first(self) -> None:
        """Chooses an installed model where none was chosen yet: one that was put into the folder by hand."""
        if self._settings.current.model:
            return
        installed = self._choice.installed()
        present = [m for m in installed if not m.missing and not m.is_bad and m.kind is ModelKind.CHAT]
        if trusted := next((model for model in present if self._trusts(model)), None):
            self._choose(trusted.id)
        elif present:
            self._begin_trial(present[0])

    def partials(self) -> Mapping[str, int]:
        """Returns the bytes on disk of downloads that were begun and not finished, by model id.

        Where their drive does not answer that is what there was before; ``LibraryChanged`` follows.
        """
        return self._downloads.partials(self.catalog.models)

    def download(self, model_id: str) -> None:
        """Begins or resumes a download; does nothing while it runs."""
        spec = self.catalog.get(model_id)
        if spec is None or self._ending:
            return
        if self._downloads.ask_again(model_id):
            return
        if self._moving:
            self._notify(DownloadBroke(model_id, folder_is_moving()))
        else:
            self._downloads.begin(spec)

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
        self._downloads.pause(model_id)

    def cancel(self, model_id: str) -> None:
        """Stops a download and removes its bytes, also those of one that is not running; gives a trial up."""
        if self._trials is not None and self._trials.cancel(model_id):
            return
        self._downloads.cancel(self.catalog.get(model_id), model_id)

    def use(self, model_id: str) -> None:
        """Chooses the model that answers from the next message on; it is tried first if nothing speaks for it yet."""
        model = next((model for model in self._choice.installed() if model.id == model_id), None)
        if model is not None and not model.kind.can_chat:
            self._notify(ModelTrouble(cannot_chat(model.kind, str(model.path))))
        elif model is None or model.missing or self._trusts(model):
            self._choose(model_id)
            self._tell_changed()
        else:
            self._begin_trial(model, is_wanted=True)

    def try_out(self, model_id: str) -> None:
        """Tries a model that somebody wants for one conversation; it is chosen for all where no other answers.

        ``LibraryChanged`` follows, however it ends; does nothing while the model is being tried, or needs no trial.
        """
        model = next((model for model in self._choice.installed() if model.id == model_id), None)
        if model is not None and not self._trusts(model) and model_id not in self.trying:
            self._begin_trial(model, is_wanted=True, chooses=self._choice.in_use() is None)

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
        self._downloads.pause_all()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=_END_SECONDS)
            for task in late:
                task.cancel()
            # A drive that is gone holds some of them for ever; what is still read asks whether the program ends.
            if late and (left := (await asyncio.wait(late, timeout=_OBEY_SECONDS))[1]):
                _log.warning("%d tasks with model files are left alone", len(left))

    async def _on_arrived(self, spec: ModelSpec) -> None:
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
        if model.kind is ModelKind.EMBEDDING:
            return  # what finds by meaning is chosen under Libraries, and its own process stands behind walls
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
            is_wanted: The user has asked for this very model, so it is chosen as well where the machine is in no state
                to try it, for want of memory or of time: there will be a warning before it is loaded.
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
                self._planned.discard(model.id)
                self._tell_changed()
        if chooses and (verdict.outcome is Outcome.WORKS or (is_wanted and verdict.is_open)):
            self._choose(model.id)
            self._tell_changed()
        self._notify(TrialEnded(model.id, verdict))
        return verdict.outcome is Outcome.WORKS

    def _begin_trial(self, model: InstalledModel, *, is_wanted: bool = False, chooses: bool = True) -> None:
        """Tries a model, which counts as being tried at once; the arguments are those of :meth:`_try`."""

        async def work() -> None:
            try:
                await self._try(model, is_wanted=is_wanted, chooses=chooses)
            finally:
                if model.id in self._planned:  # it did not come to that
                    self._planned.discard(model.id)
                    self._tell_changed()

        self._planned.add(model.id)
        self._run(work())

    def _trusts(self, model: InstalledModel) -> bool:
        return self._trials is None or not model.needs_trial

    @contextlib.contextmanager
    def _reading_files(self, model: InstalledModel) -> Iterator[None]:
        """While it lasts no file of the model folder is moved or deleted, if that is where the model lies."""
        lies_there = model.spec is not None
        if lies_there and self._changing:
            raise folder_is_moving()
        self._checks += lies_there
        try:
            yield
        finally:
            self._checks -= lies_there

    async def _remove(self, model_id: str) -> None:
        needed = [one.id for one in (self._choice.in_use(), self._choice.ready()) if one is not None]
        finds = self._finds_by_meaning(model_id)
        async with self._changing_files(withhold=model_id in needed or finds):
            if finds:
                self._settings.change(embedding_model="")
            await self._with_files(self._choice.library.remove, model_id)
            self._choice.outdate()
            if self._settings.current.model == model_id:
                others = [
                    model
                    for model in self._choice.installed()
                    if model.kind.can_chat and not model.missing and self._trusts(model)
                ]
                self._choose(others[0].id if others else "")

    def _finds_by_meaning(self, model_id: str) -> bool:
        """Tells whether a model of the model folder is the one that finds passages by what they mean."""
        file = self._settings.current.embedding_model
        return any(
            model.id == model_id and model.spec is not None and str(model.path) == file
            for model in self._choice.installed()
        )

    async def _verify(self, model_id: str) -> None:
        if self._changing:
            raise folder_is_moving()
        self._checks += 1
        try:
            intact = await self._with_files(self._choice.library.verify, model_id, None, lambda: self._ending)
        finally:
            self._checks -= 1
        self._notify(VerifyEnded(model_id, intact))
        self._tell_changed()

    async def _move(self, new: Path) -> None:
        if self._downloads.under_way or self._changing or self._checks:
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
        finds = Path(self._settings.current.embedding_model)
        moved = new / finds.name if finds.parent == old and (new / finds.name).exists() else finds
        changes = {"embedding_model": str(moved)} if moved != finds else {}
        try:
            self._settings.change(model_folder="" if new == self._choice.default_folder else str(new), **changes)
        except UserFacingError:
            await self._with_files(self._choice.library.move_folder, old, None)
            raise

    @contextlib.asynccontextmanager
    async def _changing_files(self, *, withhold: bool) -> AsyncIterator[None]:
        """While it lasts no other file is moved or deleted; with ``withhold`` the engine has let go of the model."""
        if self._changing or self._checks:
            self._tell_changed()
            raise folder_is_moving() if self._changing else files_are_checked()
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
