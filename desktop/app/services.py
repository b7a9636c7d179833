"""Everything of the app that is no window, built once. No Qt but the bridge that is handed in."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from desktop.app.other_programs import OtherPrograms
from desktop.app.servers import Servers
from desktop.app.stored import StoredFiles, Troubles, open_files, tidy_up
from desktop.chat.documents.events import DocumentEvent, DocumentOpened, DocumentTooLong
from desktop.chat.documents.lazy import LazyGrounds
from desktop.chat.documents.service import DocumentService
from desktop.chat.events import ChatEvent
from desktop.chat.quick_actions.store import QuickActionsFile
from desktop.chat.quick_ask import QuickAskService, QuickEvent
from desktop.chat.service import ChatService
from desktop.common import detached
from desktop.common.background_writer import BackgroundWriter
from desktop.common.errors import UserFacingError
from desktop.common.events import Publisher
from desktop.common.json_file import Fault, FileFault
from desktop.common.paths import Paths, resolve_paths
from desktop.documents.library.lazy import LazyLibraries
from desktop.engine.process.trial import try_model
from desktop.engine.routing import RoutedAnswers, server_model
from desktop.engine.threads.remembered import RememberedThreads
from desktop.engine.types import EngineConfig, EngineEvent
from desktop.engine.worker import EngineWorker
from desktop.functions.calculator import Calculator
from desktop.history.drafts import DraftFile
from desktop.history.last_open import LastOpenFile
from desktop.history.rescue.answer_journal import AnswerJournal
from desktop.history.store import History
from desktop.lifecycle.embedding import EmbeddingInUse
from desktop.lifecycle.preload import conversation_box
from desktop.lifecycle.supervisor import Machine, Supervisor
from desktop.lifecycle.trial import TrialPlanner, TryModel
from desktop.machine.battery import PowerMonitor, read_battery
from desktop.machine.cpu import read_processors
from desktop.machine.memory import MemoryReader
from desktop.machine.memory_pressure import Pressure, PressureReader, make_pressure_reader
from desktop.models.catalog import bundled_catalog_path, load_catalog
from desktop.models.choice import ModelChoice
from desktop.models.download.downloader import Downloader, http_source
from desktop.models.download.mirrors import MirrorMemory
from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
from desktop.models.events import ModelEvent
from desktop.models.network import NetworkService
from desktop.models.service import ModelService
from desktop.models.types import Catalog, InstalledModel
from desktop.personas.library import PersonaLibrary
from desktop.settings.options import Settings
from desktop.settings.store import SettingsStore
from desktop.settings.told import ToldFile
from desktop.system.keyring import open_keyring
from desktop.system.login.service import LoginStart
from desktop.system.login.system import make_login_start

_log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True)
class Services:
    """The parts that the windows work with. Made by :func:`build_services`; nobody gets all of it but the shell.

    Attributes:
        problems: What went wrong while building and must be said once.
        writer: Writes settings, drafts and the like; to be closed last.
        engine_events: What the engine of this computer does.
        server_events: What servers do that were asked.
        own_data: The folder that was given with ``--data-dir``; None: the usual places.
        request_ids: Source of ids that whoever asks the engine shares.
        memory_file: Where the use of memory is written, if that is wanted.
    """

    store: SettingsStore
    history: History
    journal: AnswerJournal
    drafts: DraftFile
    engine: EngineWorker
    engine_events: Publisher[EngineEvent]
    servers: Servers
    server_events: Publisher[EngineEvent]
    supervisor: Supervisor
    programs: OtherPrograms
    machine: Machine
    calculator: Calculator
    chat: ChatService
    chat_events: Publisher[ChatEvent]
    quick: QuickAskService
    quick_events: Publisher[QuickEvent]
    documents: DocumentService
    document_events: Publisher[DocumentEvent]
    libraries: LazyLibraries
    embedding: EmbeddingInUse
    choice: ModelChoice
    models: ModelService
    model_events: Publisher[ModelEvent]
    network: NetworkService
    personas: PersonaLibrary
    login: LoginStart
    problems: tuple[UserFacingError, ...]
    last_open: LastOpenFile
    told: ToldFile
    writer: BackgroundWriter
    memory_file: Path
    actions: QuickActionsFile
    own_data: Path | None
    paths: Paths
    request_ids: itertools.count[int]


def build_services(
    paths: Paths,
    store: SettingsStore,
    catalog_file: Path | None,
    post: Callable[[EngineEvent], None],
    engine_events: Publisher[EngineEvent],
    try_model: TryModel | None = try_model,
    language: str = "en",
) -> Services:
    """Builds everything. The engine's thread is started, the model stays asleep.

    Args:
        paths: Folders, already made.
        store: The settings.
        catalog_file: Another models.json; None: the one shipped.
        post: Takes engine events on the engine thread, and those of servers on theirs; they must arrive in
            ``engine_events`` on the GUI thread.
        engine_events: See ``post``.
        try_model: Tries a model that no published hash vouches for; None: all are trusted.
        language: Of the built-in personas; see :func:`desktop.ui.language.language_for`.

    Raises:
        UserFacingError: The history cannot be opened.
    """
    problems: list[UserFacingError] = []
    if store.load_problem is not None:
        problems.append(store.load_problem.as_error())
    chat_events, request_ids = Publisher[ChatEvent](), itertools.count(1)
    troubles = Troubles(problems, chat_events)
    files = open_files(paths, troubles)
    local = _local_model(paths, store, _catalog(catalog_file, problems), post, try_model)
    supervisor, choice = local.supervisor, local.choice
    personas = _personas(paths, store, language, supervisor)
    accounts = ProxyAccounts(open_keyring)
    network = NetworkService(local.catalog, lambda: store.current, accounts, local.events)
    embedding = EmbeddingInUse(lambda: store.current.embedding_model, local.machine.memory, local.machine.cores)
    models = _model_service(local, store, accounts, embedding)
    servers = Servers(paths, post, accounts)
    answers = RoutedAnswers(supervisor, servers)
    here, elsewhere = _divided(engine_events, answers)
    reading = _reading(paths, store, local, embedding, troubles)
    asked = _asked(files, store, local, personas, servers, answers, reading, chat_events, request_ids)
    programs = OtherPrograms(store, choice, supervisor, embedding, request_ids, paths.api_file)
    _connect_events(here, elsewhere, local, asked, programs)
    tidy_up(paths, files, store.current.keep_deleted_days, reading.grounds)
    own_files = (files.drafts.load_problem, files.told.load_problem, personas.load_problem, files.actions.load_problem,
                 reading.libraries.look(), *servers.look())  # fmt: skip
    problems += _find_problems(paths, own_files, supervisor, choice)
    troubles.are_heard = True
    models.choose_first()
    local.engine.start()
    supervisor.update()
    return Services(
        store, files.history, files.journal, files.drafts, local.engine, here, servers, elsewhere, supervisor, programs,
        local.machine, asked.calculator, asked.chat, chat_events, asked.quick, asked.quick_events, asked.documents,
        reading.events, reading.libraries, embedding, choice, models, local.events, network, personas,
        _login_start(paths), tuple(problems), LastOpenFile(paths.last_open_file, files.writer.put), files.told,
        files.writer, paths.memory_file, files.actions, _own_data(paths), paths, request_ids,
    )  # fmt: skip


@dataclass(frozen=True)
class _LocalModel:
    """The model of this computer, and what decides about it.

    Attributes:
        events: What becomes of models.
        plan: How a model is tried that nobody vouches for; None: all are trusted.
    """

    catalog: Catalog
    events: Publisher[ModelEvent]
    choice: ModelChoice
    engine: EngineWorker
    machine: Machine
    supervisor: Supervisor
    plan: TrialPlanner | None


def _local_model(
    paths: Paths,
    store: SettingsStore,
    catalog: Catalog,
    post: Callable[[EngineEvent], None],
    try_model: TryModel | None,
) -> _LocalModel:
    events = Publisher[ModelEvent]()
    choice = ModelChoice(catalog, paths.data, paths.models_dir, store, events)
    engine = EngineWorker(post, EngineConfig(None), threads_file=paths.threads_file)
    machine = _look_at_machine(lambda: engine.process_id)
    supervisor = Supervisor(engine, store, choice, paths, catalog, machine)
    wanted = lambda _path: supervisor.wanted()  # noqa: E731
    plan = TrialPlanner(supervisor.fit, lambda: store.current, wanted, try_model) if try_model is not None else None
    return _LocalModel(catalog, events, choice, engine, machine, supervisor, plan)


def _model_service(
    local: _LocalModel, store: SettingsStore, accounts: ProxyAccounts, embedding: EmbeddingInUse
) -> ModelService:
    release = partial(_release, local.supervisor, embedding)
    downloader = _downloader_maker(accounts)
    return ModelService(local.catalog, local.choice, downloader, store, local.events, release, local.plan)


@dataclass(frozen=True)
class _Reading:
    """What documents and libraries are read with.

    Attributes:
        events: What becomes of documents.
        grounds: What answers stand on.
    """

    events: Publisher[DocumentEvent]
    libraries: LazyLibraries
    grounds: LazyGrounds


def _reading(
    paths: Paths, store: SettingsStore, local: _LocalModel, embedding: EmbeddingInUse, troubles: Troubles
) -> _Reading:
    supervisor, events = local.supervisor, Publisher[DocumentEvent]()
    pressure = make_pressure_reader(local.machine.memory)  # for that thread alone: it compares with its last reading
    libraries = LazyLibraries(
        paths.libraries_file, paths.documents_file, embedding, lambda: _may_prepare(supervisor, pressure)
    )
    store.subscribe(
        lambda old, new: libraries.prepare_meanings() if old.embedding_model != new.embedding_model else None
    )
    grounds = LazyGrounds(
        paths.documents_file,
        documents_of=libraries.documents,
        embedder=embedding,
        forget=supervisor.forget,
        tell_too_long=lambda one, found: events(DocumentTooLong(one, found.tokens, found.room)),
        tell_trouble=troubles,
    )
    return _Reading(events, libraries, grounds)


@dataclass(frozen=True)
class _Asked:
    """What people ask: in conversations, in the quick box, about documents."""

    calculator: Calculator
    chat: ChatService
    quick: QuickAskService
    quick_events: Publisher[QuickEvent]
    documents: DocumentService


def _asked(
    files: StoredFiles,
    store: SettingsStore,
    local: _LocalModel,
    personas: PersonaLibrary,
    servers: Servers,
    answers: RoutedAnswers,
    reading: _Reading,
    chat_events: Publisher[ChatEvent],
    request_ids: itertools.count[int],
) -> _Asked:
    supervisor, choice, grounds = local.supervisor, local.choice, reading.grounds
    calculator, current = Calculator(), lambda: store.current
    calculate = lambda text: calculator.calculate(text) if store.current.calculate else None  # noqa: E731
    chat = ChatService(
        answers, files.history, current, choice.name, chat_events, request_ids,
        forget=supervisor.forget, journal=files.journal, personas=personas.get,
        name_of=lambda file: servers.name_of(file) if file and server_model(file) else choice.name_of(file),
        calculate=calculate, grounds=grounds, calculates=lambda choices: personas.get(choices.persona).calculates,
        begin_look=_look_aside,
    )  # fmt: skip
    quick_events = Publisher[QuickEvent]()
    quick = QuickAskService(
        answers, supervisor.forget, current, quick_events, request_ids, personas.get, calculate=calculate
    )
    documents = DocumentService(
        chat, grounds, reading.events, lambda one, request: supervisor.read_ahead(conversation_box(one), request)
    )
    chat_events.subscribe(documents.on_chat_event)
    came = reading.libraries.document_came
    reading.events.subscribe(lambda event: came() if isinstance(event, DocumentOpened) else None)
    return _Asked(calculator, chat, quick, quick_events, documents)


def _connect_events(
    here: Publisher[EngineEvent],
    elsewhere: Publisher[EngineEvent],
    local: _LocalModel,
    asked: _Asked,
    programs: OtherPrograms,
) -> None:
    # In this order: the first keeps what is known of the model.
    for receiver in (local.supervisor, asked.chat, asked.quick, asked.documents, programs):
        here.subscribe(receiver.on_engine_event)
    for receiver_of_servers in (asked.chat, asked.quick):
        elsewhere.subscribe(receiver_of_servers.on_engine_event)
    local.events.subscribe(local.supervisor.on_model_event)


async def _release(supervisor: Supervisor, embedding: EmbeddingInUse) -> None:
    """Has the models unloaded, so that their files can be moved or deleted."""
    await supervisor.release()
    await asyncio.to_thread(embedding.end)


def _divided(
    events: Publisher[EngineEvent], answers: RoutedAnswers
) -> tuple[Publisher[EngineEvent], Publisher[EngineEvent]]:
    """Returns the events of this computer's engine, and those of servers: what they do says nothing of the engine."""
    here, elsewhere = Publisher[EngineEvent](), Publisher[EngineEvent]()
    events.subscribe(lambda event: elsewhere(event) if answers.is_of_server(event) else here(event))
    return here, elsewhere


def _look_aside(work: Callable[[], T]) -> Future[T]:
    """Begins work on a thread of its own; without a loop, which would hear of its end, it is done at once."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return detached.at_once(work)
    return detached.start(work, "document search")


def model_for(services: Services, conversation_id: str | None) -> InstalledModel | None:
    """Returns the model that answers in a conversation, or the one that is not begun yet; None: there is none."""
    return services.choice.of_file(chosen_file(services, conversation_id)) or services.choice.in_use()


def chosen_file(services: Services, conversation_id: str | None) -> str | None:
    """Returns the file of the model that is chosen for a conversation alone, which may be gone; None: none is."""
    try:
        return services.chat.choices.of(conversation_id).model
    except UserFacingError:  # it is gone, or the history cannot be read, which is said elsewhere
        return None


def _may_prepare(supervisor: Supervisor, pressure: PressureReader) -> bool:
    """Tells whether passages may be read in the background now: nobody waits, and neither battery nor memory is short.

    On any thread.
    """
    if supervisor.state.is_answering or pressure.read() is not Pressure.NONE:
        return False
    battery = read_battery()
    return battery is None or not battery.unplugged


def _find_problems(
    paths: Paths, own: Sequence[FileFault | None], supervisor: Supervisor, choice: ModelChoice
) -> Iterator[UserFacingError]:
    """Yields what there is to say of the files that were read for the start."""
    yield from choice.problems()
    yield from _broken_files(
        *own,
        supervisor.crash_marks.load_problem,
        supervisor.gains.look(),
        supervisor.gpu.look_at_file(),
        *choice.library.file_faults,
        RememberedThreads(paths.threads_file).look(),
    )


def _personas(paths: Paths, store: SettingsStore, language: str, supervisor: Supervisor) -> PersonaLibrary:
    """Makes the library; what the engine keeps of a persona's words goes when these change."""
    personas = PersonaLibrary(paths.personas_file, store, language)
    known = {persona.id: persona for persona in personas.all()}

    def on_change(identity: str) -> None:
        before, now = known.pop(identity, None), personas.get(identity) if personas.has(identity) else None
        if before is not None and (now is None or now.prompt != before.prompt):
            supervisor.forget(before.prefix_id)
        if now is not None:
            known[identity] = now

    personas.subscribe(on_change)
    return personas


def _broken_files(*found: FileFault | None) -> Iterator[UserFacingError]:
    """Yields a sentence for each kind of fault, however many files have it: a disk that fails damages several."""
    for newer in (False, True):
        those = [each for each in found if each is not None and (each.fault is Fault.NEWER) is newer]
        if those:
            files = [each.kept_aside or each.file for each in those]
            # Nearly all lie in one folder, which is said once.
            more = [file.name if file.parent == files[0].parent else str(file) for file in files[1:]]
            one = those[0].as_error()
            yield UserFacingError(one.title, f"{', '.join((str(files[0]), *more))}.", one.remedy)


def _look_at_machine(engine: Callable[[], int | None]) -> Machine:
    memory = MemoryReader(engine=engine)
    return Machine(memory, make_pressure_reader(memory), PowerMonitor(), read_processors().physical)


def _login_start(paths: Paths) -> LoginStart:
    return make_login_start(_own_data(paths))


def _own_data(paths: Paths) -> Path | None:
    return None if paths == resolve_paths(None) else paths.data


def _catalog(file: Path | None, problems: list[UserFacingError]) -> Catalog:
    """Reads the catalogue; without one, installed and imported models still work."""
    try:
        catalog = load_catalog(file or bundled_catalog_path())
        problems += catalog.problems
        return catalog
    except UserFacingError as problem:
        _log.warning("catalogue: %s", problem)
        problems.append(problem)
        return Catalog((), "")


def _downloader_maker(accounts: ProxyAccounts) -> Callable[[Path, Settings], Downloader]:
    """Returns what makes downloaders that share what is known of mirrors and proxies."""
    mirrors = MirrorMemory()
    return lambda folder, settings: Downloader(
        folder,
        mirror=settings.mirror,
        own_host=settings.own_host,
        memory=mirrors,
        source=lambda timing: http_source(timing, accounts),
    )
