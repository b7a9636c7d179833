"""Everything of the app that is no window, built once. No Qt but the bridge that is handed in."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from desktop.chat.events import ChatEvent
from desktop.chat.quick_ask import QuickAskService, QuickEvent
from desktop.chat.service import ChatService
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.events import Relay
from desktop.common.paths import Paths, resolve_paths
from desktop.engine.snapshots.store import SnapshotStore
from desktop.engine.types import (
    Asleep,
    Awake,
    EngineConfig,
    EngineEvent,
    EnginePort,
    Failed,
    Finished,
    SleepReason,
)
from desktop.engine.worker import EngineWorker
from desktop.history.drafts import DraftFile
from desktop.history.store import History
from desktop.lifecycle.admission import AdmissionCheck
from desktop.lifecycle.context_size import ContextSize
from desktop.lifecycle.low_memory import LowMemoryUnloader
from desktop.lifecycle.memory_fit import MemoryFit
from desktop.lifecycle.preload import Preloader
from desktop.lifecycle.supervisor import EngineFront
from desktop.machine.battery import PowerMonitor
from desktop.machine.cpu import read_processors
from desktop.machine.memory import MemoryReader
from desktop.machine.memory_pressure import make_pressure_reader
from desktop.model_ports import Control, DownloaderPort, Tools
from desktop.models.catalog import bundled_catalog_path, load_catalog
from desktop.models.events import LibraryChanged, ModelEvent
from desktop.models.service import ModelService
from desktop.models.types import Catalog, InstalledModel
from desktop.settings.for_engine import Conditions, engine_config
from desktop.settings.options import Settings
from desktop.settings.store import SettingsStore
from desktop.system.login.service import LoginStart
from desktop.system.login.system import make_login_start

_log = logging.getLogger(__name__)
# Longest wait for the model to be unloaded before its file is moved or deleted.
_RELEASE_SECONDS = 30.0


@dataclass(frozen=True)
class Services:
    """The parts that the windows work with. Made by :func:`build_services`; nobody gets all of it but the shell.

    Attributes:
        problems: What went wrong while building and must be said once.
    """

    paths: Paths
    store: SettingsStore
    history: History
    drafts: DraftFile
    engine: EngineWorker
    engine_events: Relay[EngineEvent]
    chat: ChatService
    chat_events: Relay[ChatEvent]
    quick: QuickAskService
    quick_events: Relay[QuickEvent]
    models: ModelService
    model_events: Relay[ModelEvent]
    advice: MemoryFit
    memory: MemoryReader
    gate: AdmissionCheck
    early: Preloader
    manners: LowMemoryUnloader
    power: PowerMonitor
    login: LoginStart
    problems: tuple[UserFacingError, ...]


class EngineKeeper:
    """Keeps the engine's configuration in step with the settings and the installed models.

    Args:
        engine: The engine; it is told only when something that concerns it has changed.
        wanted: Returns the configuration that is right now.
        in_force: The configuration that the engine began with.
        patience: Longest wait, in seconds, for the model to be unloaded.
    """

    def __init__(
        self,
        engine: EnginePort,
        wanted: Callable[[], EngineConfig],
        in_force: EngineConfig,
        patience: float = _RELEASE_SECONDS,
    ) -> None:
        self._engine = engine
        self._wanted = wanted
        self._in_force = in_force
        self._patience = patience
        self._answering = False
        self._asleep = True
        self._released = asyncio.Event()

    @property
    def is_asleep(self) -> bool:
        """Whether no model is in memory, as far as the engine has said."""
        return self._asleep

    def update(self) -> None:
        """Tells the engine the configuration that is right now, if it is another one."""
        config = self._wanted()
        if config != self._in_force:
            self._in_force = config
            self._engine.configure(config)

    def on_engine_event(self, event: EngineEvent) -> None:
        """Follows what the engine does."""
        self._asleep = isinstance(event, Asleep) or (self._asleep and isinstance(event, Finished | Failed))
        self._answering = not isinstance(event, Asleep | Awake | Finished | Failed)
        if isinstance(event, Asleep) and event.reason is SleepReason.RELEASED:
            self._released.set()

    async def release(self) -> None:
        """Returns when the engine has let go of the model file, which ``wanted`` no longer names.

        Raises:
            UserFacingError: It is answering with it.
        """
        if self._answering:
            raise _still_answering()
        self.update()
        # Not "asleep already": a question may be in the engine's inbox. Its answer to this very call comes after that.
        self._released.clear()
        self._engine.sleep(SleepReason.RELEASED)
        try:
            await asyncio.wait_for(self._released.wait(), self._patience)
        except TimeoutError:
            raise _still_answering() from None


def build_services(
    paths: Paths,
    store: SettingsStore,
    catalog_file: Path | None,
    post: Callable[[EngineEvent], None],
    engine_events: Relay[EngineEvent],
) -> Services:
    """Builds everything. The engine's thread is started, the model stays asleep.

    Args:
        paths: Folders, already made.
        store: The settings.
        catalog_file: Another models.json; None: the one shipped.
        post: Takes engine events on the engine thread; they must arrive in ``engine_events`` on the GUI thread.
        engine_events: See ``post``.

    Raises:
        UserFacingError: The history cannot be opened.
    """
    problems: list[UserFacingError] = []
    if store.load_problem is not None:
        problems.append(store.load_problem.as_error())
    history = History(paths.history_file)
    if history.load_problem is not None:
        problems.append(history.load_problem)
    catalog = _catalog(catalog_file, problems)
    chat_events, quick_events, model_events = Relay[ChatEvent](), Relay[QuickEvent](), Relay[ModelEvent]()
    memory, power, cores = MemoryReader(), PowerMonitor(), read_processors().physical
    context = ContextSize(memory)

    def config(model: InstalledModel | None) -> EngineConfig:
        conditions = Conditions(context.tokens, power.unplugged, cores)
        return engine_config(store.current, model.path if model else None, paths, conditions)

    def look() -> None:
        if keeper.is_asleep:
            context.decide()
        power.look()
        keeper.update()

    def look_before_load() -> None:
        if keeper.is_asleep:
            models.look()  # one that is loaded needs its file no more
        look()

    first_config = config(None)
    engine = EngineWorker(post, first_config, threads_file=paths.threads_file)
    keeper = EngineKeeper(engine, lambda: config(models.ready()), first_config)
    models = ModelService(catalog, _tools(paths, catalog), store, model_events, keeper.release)
    request_ids = itertools.count(1)

    def on_question() -> None:
        early.asked()

    front = EngineFront(engine, look, on_question)
    chat = ChatService(front, history, lambda: store.current, lambda: _name(models.in_use()), chat_events, request_ids)
    quick = QuickAskService(front, lambda: store.current, quick_events, request_ids)
    advice = MemoryFit(catalog, lambda: store.current, memory, cores, context)
    gate = AdmissionCheck(advice, lambda: store.current, models.ready, look_before_load)

    def is_busy() -> bool:
        return chat.is_answering or quick.is_busy

    def may_wake() -> bool:
        if is_busy() or models.ready() is None or gate.refusal() is not None:  # which looks at the machine
            return False
        return power.battery is None or not power.battery.is_low

    early = Preloader(front, may_wake)
    manners = LowMemoryUnloader(engine, make_pressure_reader(memory), lambda: is_busy() or early.is_running)
    for receiver in (keeper, gate, early, manners, chat, quick):
        engine_events.subscribe(receiver.on_engine_event)
    engine_events.subscribe(_StateEraser(store, paths).on_engine_event)
    power.subscribe(keeper.update)
    store.subscribe(lambda _old, _new: keeper.update())
    model_events.subscribe(lambda event: keeper.update() if isinstance(event, LibraryChanged) else None)
    drafts = DraftFile(paths.drafts_file)
    forget_deleted(history, engine, drafts)
    problems += models.problems()
    models.choose_first()
    engine.start()
    keeper.update()
    return Services(
        paths, store, history, drafts, engine, engine_events, chat, chat_events, quick, quick_events, models,
        model_events, advice, memory, gate, early, manners, power, _login_start(paths), tuple(problems),
    )  # fmt: skip


def forget_deleted(history: History, engine: EnginePort, drafts: DraftFile) -> None:
    """Removes deleted conversations for good, with their states and drafts; where that fails, at the next start."""
    try:
        for conversation_id in history.purge_deleted():
            engine.forget(conversation_id)
        if history.load_problem is None:  # a file that was set aside may come back, and its conversations with it
            drafts.keep_only({conversation.id for conversation in history.conversations()})
    except UserFacingError as problem:
        _log.warning("deleted conversations not removed: %s", problem.title)


def _login_start(paths: Paths) -> LoginStart:
    return make_login_start(None if paths == resolve_paths(None) else paths.data)


class _StateEraser:
    """Erases what is on disk of conversation states while they are not to be kept there."""

    def __init__(self, store: SettingsStore, paths: Paths) -> None:
        self._store = store
        self._states = SnapshotStore(paths.snapshots_dir, 0)
        store.subscribe(lambda _old, _new: self.erase())
        self.erase()

    def on_engine_event(self, event: EngineEvent) -> None:
        """Follows the engine: it may have been writing a state when that was switched off."""
        if isinstance(event, Asleep):
            self.erase()

    def erase(self) -> None:
        """Erases all there is, if states are not to be kept."""
        if self._store.current.keep_states:
            return
        try:
            self._states.erase_all()
        except OSError as problem:
            _log.warning("conversation states not erased: %s", problem.strerror or problem)


def _catalog(file: Path | None, problems: list[UserFacingError]) -> Catalog:
    """Reads the catalogue; without one, installed and imported models still work."""
    try:
        return load_catalog(file or bundled_catalog_path())
    except UserFacingError as problem:
        _log.warning("catalogue: %s", problem)
        problems.append(problem)
        return Catalog((), "")


def _tools(paths: Paths, catalog: Catalog) -> Tools:
    from desktop.models.download.mirrors import MirrorMemory
    from desktop.models.library import Library

    mirrors = MirrorMemory()

    def downloader(folder: Path, settings: Settings) -> DownloaderPort:
        from desktop.models.download.downloader import Downloader  # httpx: not before the first download

        return Downloader(folder, mirror=settings.mirror, own_host=settings.own_host, memory=mirrors)

    def control() -> Control:
        from desktop.models.download.downloader import DownloadControl

        return DownloadControl()

    return Tools(
        library=lambda folder: Library(folder, paths.data, catalog),
        downloader=downloader,
        control=control,
        default_folder=paths.models_dir,
    )


def _name(model: InstalledModel | None) -> str:
    return model.name if model else ""


def _still_answering() -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The model is answering and cannot be touched now."),
        "",
        QT_TRANSLATE_NOOP("Errors", "Wait for the answer or stop it, then try again."),
    )
