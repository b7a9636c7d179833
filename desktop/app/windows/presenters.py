"""Makes what shows the dialogs, each with the services that it needs; the dialogs come when they are first shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop.app.services import Services
from desktop.app.windows.dialogs import (
    look_for_first_choice,
    look_for_servers,
    make_first_run_dialog,
    make_hub_dialog,
    make_hub_service,
    make_libraries_dialog,
    make_models_dialog,
    make_personas_dialog,
    make_servers_dialog,
    make_settings_dialog,
    use_embedding_model,
)
from desktop.models.types import InstalledModel
from desktop.ui.first_run.presenter import FirstRunPresenter
from desktop.ui.libraries.presenter import LibrariesPresenter, MeaningModel
from desktop.ui.models.hub_presenter import HubPresenter
from desktop.ui.models.presenter import ModelsPresenter
from desktop.ui.personas.presenter import PersonasPresenter
from desktop.ui.quick_actions.portal_keys import PortalKeys
from desktop.ui.servers.presenter import ServerBook, ServersPresenter
from desktop.ui.settings.presenter import SettingsPresenter
from desktop.ui.widgets.file_dialog import choose_file, choose_folder

# Returns what a dialog stands before; None: that was never shown.
OwnerWindow = Callable[[], QWidget | None]


def make_models_presenter(
    services: Services, window: OwnerWindow, ability: Callable[[InstalledModel], str], parent: QObject
) -> ModelsPresenter:
    """Makes what shows the models.

    Args:
        services: Have them.
        window: The dialog's owner.
        ability: Returns a line about what a model can do.
        parent: Owner.
    """
    supervisor, store = services.supervisor, services.store
    return ModelsPresenter(
        lambda: make_models_dialog(services, window()),
        services.models,
        services.choice,
        supervisor.fit.recommended,
        supervisor.crash_marks,
        parent=parent,
        network=services.network,
        ability=ability,
        finds=lambda: store.current.embedding_model,
    )


def make_hub_presenter(services: Services, window: OwnerWindow, parent: QObject) -> HubPresenter:
    make = lambda: make_hub_dialog(services, window())  # noqa: E731
    return HubPresenter(make, partial(make_hub_service, services), parent, services.network)


def make_first_run_presenter(services: Services, parent: QObject) -> FirstRunPresenter:
    return FirstRunPresenter(
        make_first_run_dialog,
        services.models,
        services.choice,
        partial(look_for_first_choice, services),
        services.store,
        services.login,
        lambda: bool(services.history.conversations() or services.history.deleted()),
        parent,
    )


def make_settings_presenter(
    services: Services,
    portal: Callable[[], PortalKeys | None],
    window: OwnerWindow,
    auto_threads: int,
    parent: QObject,
) -> SettingsPresenter:
    """Makes what shows the settings.

    Args:
        services: What they change.
        portal: Returns the keys through the desktop; None: there are none here.
        window: The dialog's owner.
        auto_threads: Number of threads that "Automatic" stands for.
        parent: Owner.
    """
    return SettingsPresenter(
        lambda: make_settings_dialog(services, portal(), window()),
        services.store,
        services.models,
        services.choice,
        services.login,
        services.supervisor.faster_answers,
        lambda: auto_threads,
        lambda: services.supervisor.fit.automatic_context,
        parent,
    )


def make_personas_presenter(services: Services, window: OwnerWindow, parent: QObject) -> PersonasPresenter:
    make = lambda: make_personas_dialog(window())  # noqa: E731
    return PersonasPresenter(make, services.personas, services.chat.choices, services.choice.starters, parent)


def make_libraries_presenter(services: Services, window: OwnerWindow, parent: QObject) -> LibrariesPresenter:
    make = lambda: make_libraries_dialog(window())  # noqa: E731
    meaning = MeaningModel(
        lambda: services.store.current.embedding_model,
        partial(use_embedding_model, services.store),
        choose_file,
        lambda: [(model.name, str(model.path)) for model in services.choice.for_meaning()],
    )
    return LibrariesPresenter(make, services.libraries, services.chat.choices, choose_folder, meaning, parent)


def make_servers_presenter(services: Services, window: OwnerWindow, parent: QObject) -> ServersPresenter:
    servers, store = services.servers, services.store

    def uses() -> dict[str, str]:
        now = store.current
        return {"new_conversations": now.new_conversations, "quick_ask_model": now.quick_ask_model}

    def use(setting: str, choice: str) -> None:
        store.change(**{setting: choice})

    book = ServerBook(
        *(servers.all, lambda: servers.list, lambda: servers.keys, servers.accounts, servers.changed),
        look_for_servers,
        uses,
        use,
    )
    return ServersPresenter(lambda: make_servers_dialog(window()), book, parent)
