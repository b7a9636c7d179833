"""Makes what is not there from the start, windows and the reader: what they need is imported when they are needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog, QWidget

from desktop.app.services import Services
from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.machine.cpu import read_features
from desktop.machine.memory_pressure import make_pressure_reader
from desktop.models.disk import room
from desktop.settings.options import Settings
from desktop.settings.store import SettingsStore
from desktop.settings.types import Group
from desktop.ui.words import memory_words

if TYPE_CHECKING:
    from desktop.check.store import Setup
    from desktop.check.tasks import TaskSet
    from desktop.engine.footprint import Footprint
    from desktop.engine.types import EngineConfig
    from desktop.extraction.filling import Read
    from desktop.lifecycle.checking.background import BackgroundCheck
    from desktop.lifecycle.first_choice import FirstChoice
    from desktop.lifecycle.memory_fit import Judgement
    from desktop.lifecycle.memory_history import MemoryHistory
    from desktop.models.hub.service import HubEvent, HubService
    from desktop.models.types import InstalledModel
    from desktop.servers.discovery import Found
    from desktop.structured.library import FormLibrary
    from desktop.system.build_info import AboutFacts
    from desktop.ui.check.presenter import ChecksPresenter
    from desktop.ui.first_run.dialog import FirstRunDialog
    from desktop.ui.libraries.dialog import LibrariesDialog
    from desktop.ui.memory.panel import MemoryPanel
    from desktop.ui.models.dialog import ModelsDialog
    from desktop.ui.models.hub_dialog import HubDialog
    from desktop.ui.personas.dialog import PersonasDialog
    from desktop.ui.programs.panel import ProgramsPanel
    from desktop.ui.quick_actions.page import QuickActionsPage
    from desktop.ui.quick_actions.portal_keys import PortalKeys
    from desktop.ui.quick_ask.box import QuickAsk
    from desktop.ui.servers.dialog import ServersDialog
    from desktop.ui.settings.dialog import SettingsDialog
    from desktop.ui.speech.presenter import ReadAloud
    from desktop.ui.structured.dialog import ShapeDialog
    from desktop.ui.tables.presenter import TablesPresenter

QUICK_ACTIONS_PAGE: Final = "quick actions"  # of the settings


def make_models_dialog(services: Services, parent: QWidget | None) -> ModelsDialog:
    from desktop.lifecycle.expected_speed import expected_speed
    from desktop.ui.models.dialog import ModelsDialog

    fit = services.supervisor.fit
    features = read_features()
    return ModelsDialog(
        fit.judge,
        parent=parent,
        read_bytes=fit.read_bytes,
        judge_own=fit.judge_own,
        speed=lambda size: expected_speed(size, services.machine.cores, features),
    )


def make_first_run_dialog(language: str, starts_at_login: bool) -> FirstRunDialog:
    from desktop.ui.first_run.dialog import FirstRunDialog

    return FirstRunDialog(language, starts_at_login=starts_at_login)


def look_for_first_choice(services: Services, language: str) -> FirstChoice:
    """Looks at this computer, and returns what to offer to somebody who speaks a language ("en", "zh")."""
    from desktop.lifecycle.first_choice import Computer, first_choice

    fit, reading = services.supervisor.fit, services.machine.memory.read()
    computer = Computer(
        services.machine.cores,
        read_features(),
        reading.machine_total,
        reading.machine_available,
        room(services.choice.folder),
    )
    return first_choice(services.models.catalog, fit, computer, language, services.models.partials())


def make_hub_dialog(services: Services, parent: QWidget | None) -> HubDialog:
    from desktop.models.hub.places import guessed_kv
    from desktop.ui.models.hub_dialog import HubDialog

    fit = services.supervisor.fit
    return HubDialog(lambda size: fit.judge_size(size, guessed_kv(size)), fit.judge_header, parent)


def make_hub_service(services: Services, notify: Callable[[HubEvent], None]) -> HubService:
    from desktop.models.hub.client import http_network
    from desktop.models.hub.service import HubService

    return HubService(
        lambda: services.choice.library,
        lambda: services.store.current,
        services.models.add,
        notify,
        partial(http_network, accounts=services.network.accounts),
    )


def make_memory_panel(services: Services, history: MemoryHistory, parent: QWidget | None) -> MemoryPanel:
    from desktop.ui.memory.panel import MemoryPanel

    def predicted() -> Footprint | None:
        model = services.choice.ready()
        footprint = services.supervisor.fit.known_cost(services.store.current, model) if model else None
        return services.supervisor.gpu.footprint(footprint) if footprint is not None else None

    return MemoryPanel(history, predicted, parent)


def make_settings_dialog(services: Services, portal: PortalKeys | None, parent: QWidget | None) -> SettingsDialog:
    from desktop.ui.servers.offers import offered_models
    from desktop.ui.settings.dialog import SettingsDialog
    from desktop.ui.settings.gpu import connect_gpu

    def cost(settings: Settings) -> str | None:
        footprint = services.supervisor.fit.cost(settings, services.choice.model_of(settings))
        return memory_words(footprint.rss, footprint.kv_bytes) if footprint else None

    dialog = SettingsDialog(services.store.current, services.choice.installed(), cost, parent=parent)
    dialog.set_personas(services.personas.all())
    services.personas.subscribe(lambda _identity: dialog.set_personas(services.personas.all()))

    def show_served() -> None:
        dialog.set_served(lambda chosen: tuple(offered_models(services.servers.all(), chosen or None)))

    show_served()
    services.servers.subscribe(show_served)
    dialog.shown.connect(show_served)  # the command line may have written to the list
    dialog.add_page(QUICK_ACTIONS_PAGE, make_actions_page(services, portal))
    connect_gpu(dialog, services.supervisor.gpu)
    dialog.extend_page(Group.PROGRAMS, make_programs_panel(services, dialog))
    return dialog


def make_programs_panel(services: Services, dialog: QDialog) -> ProgramsPanel:
    """Makes what the settings show of other programs.

    Args:
        services: Have the API.
        dialog: A token is shown until it is closed.
    """
    from desktop.ui.programs.panel import ProgramsPanel

    programs = services.programs
    panel = ProgramsPanel(services.store.current.api_port, has_token=programs.has_token)

    def renew() -> None:
        try:
            panel.show_token(programs.renew_token())
        except UserFacingError as problem:
            panel.show_problem(problem)

    panel.tokenRequested.connect(renew)
    panel.set_state(programs.state)
    programs.subscribe(panel.set_state)

    def on_settings(old: Settings, new: Settings) -> None:
        panel.set_port(new.api_port)
        if new.api and not old.api and not programs.has_token and dialog.isVisible():
            renew()  # without one nobody could ask

    services.store.subscribe(on_settings)
    dialog.finished.connect(lambda _result: panel.forget_token())
    return panel


def make_libraries_dialog(parent: QWidget | None) -> LibrariesDialog:
    from desktop.ui.libraries.dialog import LibrariesDialog

    return LibrariesDialog(parent)


def use_embedding_model(store: SettingsStore, file: str) -> None:
    """Puts an embedding model in force, or none.

    Args:
        store: Keeps the choice.
        file: Of the model; empty: none.

    Raises:
        UserFacingError: It is no embedding model, or the choice cannot be kept.
    """
    from desktop.lifecycle.embedding import check_embedding_model

    if file:
        check_embedding_model(Path(file))
    store.change(embedding_model=file)


def make_servers_dialog(parent: QWidget | None) -> ServersDialog:
    from desktop.ui.servers.dialog import ServersDialog

    return ServersDialog(parent)


def look_for_servers(computer: str) -> Sequence[Found]:
    """Returns the servers of the own network. Takes seconds: not on the GUI thread.

    Args:
        computer: The one that is asked at the ports that are usual; empty: what announces itself is listened to.

    Raises:
        UserFacingError: The network cannot be asked, or the computer is none of it.
    """
    from desktop.servers.discovery import ask_usual_ports, discover

    return ask_usual_ports(computer) if computer else discover()


def make_personas_dialog(parent: QWidget | None) -> PersonasDialog:
    from desktop.ui.personas.dialog import PersonasDialog

    return PersonasDialog(parent)


def make_shape_dialog(parent: QWidget | None) -> ShapeDialog:
    from desktop.ui.structured.dialog import ShapeDialog

    return ShapeDialog(parent)


def open_forms(services: Services, tell: Callable[[UserFacingError], object]) -> FormLibrary:
    from desktop.structured.library import FormLibrary

    return FormLibrary(services.paths.forms_file, services.writer.put, tell)


def make_tables(
    services: Services,
    can_ask: Callable[[], bool],
    window: Callable[[], QWidget | None],
    tell: Callable[[UserFacingError], object],
    parent: QObject,
) -> TablesPresenter:
    """Makes what makes tables from documents.

    Args:
        services: Have the engine, the forms, the libraries.
        can_ask: Whether there is a model that can be asked; says why not.
        window: Returns the window that the dialog belongs to.
        tell: Takes what goes wrong when a form is saved, on any thread.
        parent: Owner.
    """
    from desktop.documents.reader import read_document
    from desktop.extraction.kept import KeptTable
    from desktop.lifecycle.low_memory import SpareMemory
    from desktop.ui.documents.viewer import DocumentViewer
    from desktop.ui.tables.dialog import TableDialog
    from desktop.ui.tables.making import TableMaking
    from desktop.ui.tables.presenter import TablesPresenter

    supervisor, state = services.supervisor, services.supervisor.state
    kept = KeptTable(services.paths.table_file)
    read: Read = lambda path, progress, given_up: read_document(path, progress=progress, given_up=given_up)  # noqa: E731
    making = TableMaking(
        kept, supervisor, services.request_ids,
        lambda: state.loaded_with is not None or supervisor.admission.refusal() is None,
        lambda: state.is_answering or supervisor.preloader.is_running,
        SpareMemory(make_pressure_reader(services.machine.memory)), read, parent,
    )  # fmt: skip
    return TablesPresenter(
        lambda: TableDialog(window()), DocumentViewer, kept, open_forms(services, tell),
        lambda: [one.library for one in services.libraries().states()], making, can_ask, services.writer.put, read,
        parent,
    )  # fmt: skip


def make_actions_page(services: Services, portal: PortalKeys | None) -> QuickActionsPage:
    from desktop.system.login.program import Runtime
    from desktop.system.own_command import key_command, key_desktop
    from desktop.ui.quick_actions.page import QuickActionsPage

    runtime = Runtime.of_this_process()
    return QuickActionsPage(
        services.actions,
        key_desktop(runtime.platform, runtime.environment),
        lambda arguments: key_command(runtime, services.own_data, arguments),
        portal,
    )


def make_checks(services: Services, window: Callable[[], QWidget | None], parent: QObject) -> ChecksPresenter:
    """Makes what checks models, and shows what came of it."""
    from desktop.check.run import LONG_CONTEXT
    from desktop.check.store import ResultStore
    from desktop.check.tasks import builtin_tasks
    from desktop.engine.footprint import Fit
    from desktop.lifecycle.checking.background import BackgroundCheck
    from desktop.lifecycle.checking.setup import prepare_check
    from desktop.lifecycle.context_size import look_around
    from desktop.lifecycle.low_memory import SpareMemory
    from desktop.ui.check.dialog import CheckDialog
    from desktop.ui.check.presenter import ChecksPresenter

    store = ResultStore(services.paths.checks_dir)

    def make_check(model: InstalledModel, again: bool) -> BackgroundCheck:
        settings = services.store.current

        def prepare() -> tuple[TaskSet, EngineConfig, Setup]:
            tasks = builtin_tasks()
            conditions = look_around(model.path)
            config, setup = prepare_check(model.name, model.path, settings, services.paths, conditions, tasks, tasks)
            if again:
                store.remove(setup.id)
            return tasks, replace(config, threads_limit=max(1, services.machine.cores // 2)), setup

        return BackgroundCheck(prepare, store)

    def refusal(model: InstalledModel) -> UserFacingError | None:
        fit = services.supervisor.fit
        judgement = fit.judge_load(replace(services.store.current, n_ctx=LONG_CONTEXT), model)
        return fit_problem(model.name, judgement) if judgement.fit is Fit.TOO_BIG else None

    return ChecksPresenter(
        lambda: CheckDialog(window()), store, make_check, services.supervisor.sleep, refusal,
        services.history.rated_answers, services.machine.power,
        SpareMemory(make_pressure_reader(services.machine.memory)),
        lambda: services.supervisor.state.is_answering, parent,
    )  # fmt: skip


def fit_problem(name: str, judgement: Judgement) -> UserFacingError:
    """Returns what to say of a model that the check cannot load."""
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "There is not enough memory free for the check."),
        QT_TRANSLATE_NOOP("Errors", "{0} needs {1} for it, and {2} can be had."),
        QT_TRANSLATE_NOOP("Errors", "Close other programs and try again."),
        values=(name, format_bytes(judgement.needed), format_bytes(judgement.free)),
    )


def make_quick_box() -> QuickAsk:
    from desktop.ui.quick_ask.box import QuickAsk

    return QuickAsk()


def make_reading(services: Services, parent: QObject) -> ReadAloud:
    from desktop.ui.speech.engine import SpeechProcess
    from desktop.ui.speech.presenter import ReadAloud

    return ReadAloud(SpeechProcess(parent), lambda: services.store.current, parent)


def show_about(facts: AboutFacts, parent: QWidget | None) -> None:
    """Opens the About dialog, which goes when it is closed."""
    from desktop.ui.about import AboutDialog

    dialog = AboutDialog(facts, parent=parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.show()
