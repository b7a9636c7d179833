"""Tray, window, dialogs and quick box of the running app, and how they open each other.

Windows are made when they are first needed: hidden at login, Catnap is a tray icon and nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QObject, QPoint, Signal
from PySide6.QtWidgets import QApplication

from desktop.app.reclaim import MemoryReclaimer, forget_sources
from desktop.app.services import Services, chosen_file
from desktop.app.watching.machine_monitor import MachineMonitor
from desktop.app.watching.memory_recorder import MemoryRecorder
from desktop.app.watching.outside_changes import OutsideChanges
from desktop.app.windows.closing import Closing
from desktop.app.windows.context import quick_limits, watch_context
from desktop.app.windows.crash_notices import CrashNotices
from desktop.app.windows.dialogs import (
    QUICK_ACTIONS_PAGE,
    look_for_first_choice,
    look_for_servers,
    make_first_run_dialog,
    make_hub_dialog,
    make_hub_service,
    make_libraries_dialog,
    make_memory_panel,
    make_models_dialog,
    make_personas_dialog,
    make_quick_box,
    make_servers_dialog,
    make_settings_dialog,
    make_shape_dialog,
    open_forms,
    show_about,
    use_embedding_model,
)
from desktop.app.windows.rarely_used import RarelyUsed
from desktop.app.windows.slowness import SlownessPresenter
from desktop.app.windows.waiting import WaitingQuestions
from desktop.chat.quick_ask import QUICK_CONVERSATION, QuickExchange
from desktop.common.errors import EngineDiedError, UserFacingError, WayOut
from desktop.engine.routing import server_model
from desktop.engine.types import EngineEvent, Stats
from desktop.lifecycle.memory_history import MemoryHistory
from desktop.lifecycle.memory_table import MemoryTable
from desktop.models.events import (
    DownloadBroke,
    DownloadMoved,
    FolderMoving,
    LibraryChanged,
    ModelArrived,
    ModelEvent,
    TrialEnded,
    share_under_way,
)
from desktop.settings.options import Settings
from desktop.settings.types import OptionValue
from desktop.system.build_info import AboutFacts
from desktop.ui.activity import Activity, ActivityKind, ActivityTracker, activity_words
from desktop.ui.chat.draft_saver import DraftSaver
from desktop.ui.chat.last_open_saver import LastOpenSaver
from desktop.ui.chat.preload import PreloadTriggers
from desktop.ui.chat.readiness import Readiness
from desktop.ui.documents.entrance import WindowDocuments
from desktop.ui.first_run.presenter import FirstRunPresenter
from desktop.ui.language import change_language, language_for
from desktop.ui.libraries.presenter import LibrariesPresenter, MeaningModel
from desktop.ui.models.hub_presenter import HubPresenter
from desktop.ui.models.presenter import ModelsPresenter
from desktop.ui.notices import Notices
from desktop.ui.personas.presenter import PersonasPresenter
from desktop.ui.quick_actions.everywhere import TextActions
from desktop.ui.quick_ask.presenter import QuickPlaces, QuickPresenter
from desktop.ui.servers.activity import ServedActivities
from desktop.ui.servers.consent import ServerConsent
from desktop.ui.servers.offers import offered_models
from desktop.ui.servers.presenter import ServerBook, ServersPresenter
from desktop.ui.settings.presenter import SettingsPresenter
from desktop.ui.theme.text_size import apply_text_size
from desktop.ui.theme.theme import apply_theme
from desktop.ui.transcript.accessible import make_accessible
from desktop.ui.tray import Tray
from desktop.ui.widgets.banner import Notice
from desktop.ui.widgets.enter_key import EnterPresses
from desktop.ui.widgets.file_dialog import choose_file, choose_folder
from desktop.ui.words import short_name

if TYPE_CHECKING:  # the window itself is imported when it is first opened
    from desktop.ui.chat.deleted import DeletedPresenter
    from desktop.ui.chat.presenter import ChatPresenter
    from desktop.ui.chat.window import ChatWindow
    from desktop.ui.conversations.choosing import Choosing
    from desktop.ui.exchange.presenter import ExchangePresenter
    from desktop.ui.memory.panel import MemoryPanel
    from desktop.ui.models.hub_dialog import HubDialog
    from desktop.ui.next_message.context_watch import ContextWatch
    from desktop.ui.structured.presenter import ShapePresenter


class Shell(QObject):
    """The interface as a whole.

    Attributes:
        quitRequested: The user wants Catnap to end.
        rarely_used: Reading aloud, checks of models, tables from documents.
    """

    quitRequested = Signal()

    def __init__(
        self,
        app: QApplication,
        services: Services,
        notices: Notices,
        about: Callable[[], AboutFacts],
        auto_threads: int,
        tray: Tray,
    ) -> None:
        """
        Args:
            app: The application, for its theme.
            services: What the windows show and change.
            notices: Where errors are reported.
            about: Returns the facts for the About dialog; asked when that is opened.
            auto_threads: Number of threads that "Automatic" stands for.
            tray: The icon; shown already, or shown by :meth:`start`.
        """
        super().__init__()
        self._app = app
        make_accessible(app)
        EnterPresses(app, self)
        self._services = services
        self._notices = notices
        self._about = about
        self._unseen: list[Notice] = []  # what there was to say before there was a window
        self._window: ChatWindow | None = None
        self._chat: ChatPresenter | None = None
        self._choosing: Choosing | None = None
        self._answered: str | None = None  # the conversation that the engine answers in
        self._offers_models = False  # once it is known whether there are any
        self._welcomes = False
        self._exchange: ExchangePresenter | None = None
        self._outside: OutsideChanges | None = None  # there while there is a window that shows them
        self.tracker = ActivityTracker(is_of_program=services.programs.owns)
        self.tray = tray
        store, choice, supervisor = services.store, services.choice, services.supervisor
        self.drafts = DraftSaver(services.drafts, self)
        self._last_open = LastOpenSaver(services.last_open, self)
        self.deleted: DeletedPresenter | None = None
        self.rarely_used = self._make_rarely_used()
        self.models = self._make_models()
        self.first_run = self._make_first_run()
        self.hub = HubPresenter(self._make_hub_dialog, partial(make_hub_service, services), self, services.network)
        self.settings = self._make_settings(auto_threads)
        self.shapes: ShapePresenter | None = None  # with the window
        self.personas = self._make_personas()
        self.libraries = self._make_libraries()
        self.servers = self._make_servers()
        self._consent = ServerConsent(
            services.servers.of,
            services.servers.agree,
            self._show_of_conversation,
            self._withdraw_of_conversation,
            self,
        )
        self._quick_consent = ServerConsent(
            services.servers.of, services.servers.agree, self._ask_in_box, lambda _key: None, self, of_quick_ask=True
        )
        self._served = ServedActivities(self._conversation_of, lambda one: self._place_of(self._chosen_for(one)))
        change = lambda key, value: store.change(**{key: value})  # noqa: E731
        self._readiness = Readiness(lambda: choice.ready() is not None, supervisor.admission, change, self)
        self.quick = QuickPresenter(
            *(make_quick_box, services.quick, self._can_ask_quickly, self, lambda: services.chat.is_answering),
            QuickPlaces(self._place_of, self._can_ask_here),
        )
        self._text_actions = self._make_text_actions()
        self.documents = WindowDocuments(
            services.documents, services.document_events, services.chat_events, self.quick, self
        )
        self._waiting = WaitingQuestions(
            *(services, self._readiness, self._consent, self._quick_consent, self.models, self.quick),
            *(notices.report, self.show_window, self),
        )
        self._monitor = MachineMonitor(
            supervisor.state, supervisor.low_memory, services.machine.power, lambda: store.current.spare_battery, self
        )
        self._memory = MemoryHistory(services.machine.memory.read, supervisor.state)
        self._memory_panel: MemoryPanel | None = None
        self._recorder = self._make_recorder()
        self._reclaimer = MemoryReclaimer(parent=self)
        self._preload = PreloadTriggers(
            supervisor.preloader, services.chat, services.quick, self, turn_to=choice.turn_to
        )
        self._crashes = CrashNotices(supervisor.crash_marks, choice.ready, self)
        self._closing = Closing(tray, store, services.told, notices.report, self)
        self._slowness = SlownessPresenter(services, os.getpid, self._last_stats, self._can_think, self)
        self._connect()

    @property
    def window(self) -> ChatWindow | None:
        """The chat window, once it was shown."""
        return self._window

    @property
    def is_window_visible(self) -> bool:
        return self._window is not None and self._window.isVisible()

    @property
    def chat(self) -> ChatPresenter | None:
        """Shows conversations in the window, once that was shown."""
        return self._chat

    def start(self, *, hidden: bool, welcomes: bool = False) -> None:
        """Shows the tray icon and, unless ``hidden``, the window; where there is no model also the models.

        Args:
            hidden: Only the icon.
            welcomes: Before the window is opened for the first time, somebody who is new here sees the first steps.
        """
        self._welcomes = welcomes
        self.tray.start()
        self._recorder.follow()
        self._follow_model()
        forget_sources()
        if hidden:
            self._closing.expect_tray()
            return
        self.show_window()
        if not self.first_run.is_open:
            self._offer_models()

    def show_window(self) -> None:
        """Brings the chat window to the front; for somebody who is new here the first steps."""
        if self._shows_first_steps():
            return
        window = self._window or self._make_window()
        if window.isMinimized():
            window.showNormal()
        window.show()
        window.raise_()
        window.activateWindow()
        window.pane.focus_composer()
        if self._outside is not None:
            self._outside.look()
        unseen, self._unseen = self._unseen, []
        for notice in unseen:
            window.pane.banner.show_notice(notice)

    def _shows_first_steps(self) -> bool:
        """Shows them if they are open, or due and the window was never opened; returns whether they are shown."""
        is_due = self._welcomes and self._window is None and self.first_run.is_due()
        if is_due or self.first_run.is_open:
            self.first_run.show()
        return self.first_run.is_open

    def _offer_models(self) -> None:
        """Shows the models if there is none to ask; on a slow disk that is known only after a while.

        Whoever has seen the first steps and wanted no model is left alone; a download that was begun is gone on with.
        """
        choice, settings = self._services.choice, self._services.store.current
        if not (settings.first_steps or settings.model or self._services.models.partials()):
            return
        if self._services.servers.all():
            return  # there is somebody to ask
        is_ready = choice.ready() is not None
        self._offers_models = not is_ready and choice.is_unknown
        if not is_ready and not choice.is_unknown and not self._services.models.trying:
            self.models.show()

    def open_quick_ask(self, point: QPoint | None = None) -> None:
        """Opens the quick box; None or a null point: where the platform hides the pointer."""
        if self.first_run.is_open:
            self.first_run.show()  # there is nobody to ask yet
            return
        self.quick.open_at(point)

    def run_action(self, name: str) -> None:
        """Does something with the selected text, in the quick box.

        Args:
            name: Of a quick action; see :func:`desktop.chat.quick_actions.actions.find_action`.
        """
        self._text_actions.presenter.run(name)

    def close(self) -> None:
        """Takes everything off the screen, for quitting; drafts are kept."""
        self.drafts.save()
        self._last_open.save()
        if self._exchange is not None:
            self._exchange.close()
        self.tray.close()
        self._notices.close()
        if self._outside is not None:
            self._outside.close()
        self.hub.close()
        self.first_run.hide()
        self._text_actions.close()
        self.documents.close()
        for top in (
            self.quick.box,
            self.models.dialog,
            self.settings.dialog,
            self.personas.dialog,
            self.libraries.dialog,
            self.servers.dialog,
        ):
            if top is not None:
                top.hide()
        if self.shapes is not None and self.shapes.dialog is not None:
            self.shapes.dialog.hide()
        self.rarely_used.close()
        if self._window is not None:
            self._window.end()

    def _make_hub_dialog(self) -> HubDialog:
        return make_hub_dialog(self._services, self.models.dialog or self._window)

    def _make_models(self) -> ModelsPresenter:
        services, supervisor = self._services, self._services.supervisor
        return ModelsPresenter(
            lambda: make_models_dialog(services, self._window),
            services.models,
            services.choice,
            supervisor.fit.recommended,
            supervisor.crash_marks,
            parent=self,
            network=services.network,
            ability=self.rarely_used.ability_of,
            finds=lambda: services.store.current.embedding_model,
        )

    def _make_rarely_used(self) -> RarelyUsed:
        rarely = RarelyUsed(self._services, lambda: self._window, lambda: self.models.dialog, self._can_ask_here, self)
        rarely.troubled.connect(self._notices.report)
        rarely.noticed.connect(self._show_notice)
        rarely.outdated.connect(self._withdraw_notice)
        rarely.trialFailed.connect(self._on_trial_failed)
        rarely.abilitiesChanged.connect(self._on_abilities_changed)
        rarely.announced.connect(self._show_message)
        rarely.workChanged.connect(self.tray.set_work)
        return rarely

    def _on_trial_failed(self, error: UserFacingError) -> None:
        self.settings.show_trial_failed(error)

    def _on_abilities_changed(self) -> None:
        self.models.refresh()

    def _make_first_run(self) -> FirstRunPresenter:
        services = self._services
        return FirstRunPresenter(
            make_first_run_dialog,
            services.models,
            services.choice,
            partial(look_for_first_choice, services),
            services.store,
            services.login,
            lambda: bool(services.history.conversations() or services.history.deleted()),
            self,
        )

    def _make_settings(self, auto_threads: int) -> SettingsPresenter:
        services = self._services
        return SettingsPresenter(
            lambda: make_settings_dialog(services, self._text_actions.portal, self._window),
            services.store,
            services.models,
            services.choice,
            services.login,
            services.supervisor.faster_answers,
            lambda: auto_threads,
            lambda: services.supervisor.fit.automatic_context,
            self,
        )

    def _make_text_actions(self) -> TextActions:
        limits = quick_limits(self._services, lambda tokens: self._change(n_ctx=tokens))
        return TextActions(self._services.actions, self.quick, self.tray, limits, self)

    def _make_personas(self) -> PersonasPresenter:
        services = self._services
        make = lambda: make_personas_dialog(self._window)  # noqa: E731
        return PersonasPresenter(make, services.personas, services.chat, services.choice.starters, self)

    def _make_libraries(self) -> LibrariesPresenter:
        services = self._services
        make = lambda: make_libraries_dialog(self._window)  # noqa: E731
        meaning = MeaningModel(
            lambda: services.store.current.embedding_model,
            partial(use_embedding_model, services.store),
            choose_file,
            lambda: [(model.name, str(model.path)) for model in services.choice.for_meaning()],
        )
        return LibrariesPresenter(make, services.libraries, services.chat, choose_folder, meaning, self)

    def _make_servers(self) -> ServersPresenter:
        servers, store = self._services.servers, self._services.store

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
        return ServersPresenter(lambda: make_servers_dialog(self._window), book, self)

    def _make_shapes(self, window: ChatWindow, chat: ChatPresenter) -> ShapePresenter:
        from desktop.ui.structured.presenter import ShapePresenter

        services = self._services
        make = partial(make_shape_dialog, window)
        library = partial(open_forms, services, self._notices.report)
        shapes = ShapePresenter(window, chat, services.chat, make, library, services.writer.put, self)
        shapes.troubled.connect(self._notices.report)
        return shapes

    def _make_recorder(self) -> MemoryRecorder:
        services = self._services
        table = MemoryTable(services.memory_file, services.writer.put)
        is_wanted = lambda: services.store.current.record_memory  # noqa: E731
        return MemoryRecorder(services.supervisor.state, self._memory, table, is_wanted, self)

    def _connect(self) -> None:
        services, tray = self._services, self.tray
        tray.askRequested.connect(self.open_quick_ask)
        self._text_actions.settingsRequested.connect(lambda: self.settings.show_page(QUICK_ACTIONS_PAGE))
        tray.openRequested.connect(self.show_window)
        tray.sleepRequested.connect(services.supervisor.sleep)
        tray.workRequested.connect(self.rarely_used.show_work)
        tray.modelsRequested.connect(self.models.show)
        tray.settingsRequested.connect(self.settings.show)
        tray.quitRequested.connect(self.quitRequested)
        self._notices.bannerRequested.connect(self._show_notice)
        self._notices.messageRequested.connect(self._show_message)
        self.first_run.ended.connect(self.show_window)
        self.first_run.modelsRequested.connect(self.models.show)
        self.first_run.folderRequested.connect(lambda: self.settings.show("model_folder"))
        self.first_run.languageChosen.connect(self._take_language)
        for part in (self.models, self.settings, self.personas, self.libraries, self._readiness, self.first_run):
            part.troubled.connect(self._notices.report)
        for troubled in (self.servers.troubled, self._consent.troubled, self._quick_consent.troubled):
            troubled.connect(self._notices.report)
        for wanted in (self._consent, self._quick_consent, self.settings):
            wanted.serversRequested.connect(self.servers.show)
        services.servers.subscribe(self.quick.show_place)
        self.models.serversRequested.connect(self.servers.show)
        services.server_events.subscribe(self._on_server_event)
        self.settings.modelsRequested.connect(self.models.show)
        self.settings.personasRequested.connect(self.personas.show)
        self.personas.talkRequested.connect(self._begin_conversation)
        self.documents.conversationNeeded.connect(self._begin_conversation)
        self.libraries.talkRequested.connect(self._begin_conversation)
        self.libraries.tableRequested.connect(self.rarely_used.show_table_of)
        services.store.subscribe(self.documents.on_settings)
        services.model_events.subscribe(self.documents.on_model_event)
        self.settings.trialRequested.connect(self.rarely_used.try_reading)
        self.quick.continued.connect(self._continue_in_chat)
        self.quick.wayOutChosen.connect(self._go_way_out)
        self._closing.quitRequested.connect(self.quitRequested)
        self._closing.windowNeeded.connect(lambda: None if self.is_window_visible else self.show_window())
        self._readiness.noticed.connect(self._on_refusal)
        self._crashes.noticed.connect(self._show_notice)
        self._slowness.settingChosen.connect(lambda key, value: self._change(**{key: value}))
        self._slowness.settingRequested.connect(self.settings.show)
        self._slowness.modelsRequested.connect(self.models.show)
        for source in (self._readiness, self._crashes):
            source.outdated.connect(self._withdraw_notice)
            source.modelsRequested.connect(self.models.show)
        self.models.talkRequested.connect(self.show_window)
        self.models.reportRequested.connect(self._notices.show_report)
        self.models.hubRequested.connect(self.hub.show)
        self.models.abilitiesRequested.connect(self.rarely_used.show_checks)
        self.models.smallerRequested.connect(self.rarely_used.show_students)
        self.models.findRequested.connect(self.libraries.find_with)
        self.libraries.hubRequested.connect(self.models.show)  # which shows how far the download is
        self.libraries.hubRequested.connect(self.hub.show)
        self.hub.added.connect(self.models.select)
        self._preload.follow_quick(self.quick)
        self.quick.composing.connect(lambda _text: self.rarely_used.on_writing())
        services.engine_events.subscribe(self._on_engine_event)
        services.engine_events.subscribe(self._reclaimer.on_engine_event)
        services.engine_events.subscribe(self._crashes.on_engine_event)
        services.chat_events.subscribe(self._crashes.on_chat_event)
        services.quick_events.subscribe(self.quick.on_quick_event)
        services.model_events.subscribe(self._on_model_event)
        services.store.subscribe(self._on_settings)
        self.tracker.subscribe(self._on_activity)

    def _on_engine_event(self, event: EngineEvent) -> None:
        self.tracker.on_engine_event(event)
        self._memory.on_engine_event(event)
        self._monitor.follow()
        self._recorder.follow()

    def _on_server_event(self, event: EngineEvent) -> None:
        self._served.on_event(event)
        self._show_activity()
        in_box = self._served.of(QUICK_CONVERSATION)
        if in_box is not None:
            self.quick.on_activity(in_box, getattr(event, "request_id", None))

    def _on_activity(self, activity: Activity, request_id: int | None) -> None:
        words = activity_words(activity)
        self.tray.set_state(activity.cat, words[:1].lower() + words[1:])
        is_quick = request_id is not None and self._services.quick.owns(request_id)
        self._answered = QUICK_CONVERSATION if is_quick else self._services.chat.conversation_of(request_id)
        self._show_activity()
        self.quick.on_activity(activity, request_id)

    def _show_activity(self) -> None:
        """Shows in the window what is done for its conversation: by a server that answers there, else by the engine."""
        if self._window is None or self._chat is None:
            return
        current = self._chat.current
        served = self._served.of(current)
        if served is not None:
            self._window.set_activity(served, current)
            return
        activity = self.tracker.current
        if activity.kind is ActivityKind.NO_MODEL and self._place_of(chosen_file(self._services, current)):
            activity = Activity(ActivityKind.ASLEEP)  # none is needed there
        self._window.set_activity(activity, self._answered)

    def _place_of(self, choice: str | None) -> str:
        """Returns the host of the server that a choice names; empty: it names none, or one that is gone."""
        server = self._services.servers.of(choice)
        return server.address.place if server is not None else ""

    def _conversation_of(self, request_id: int | None) -> str | None:
        """Returns whose answer a request is for: a conversation, or the quick box; None: nobody's here."""
        if request_id is not None and self._services.quick.owns(request_id):
            return QUICK_CONVERSATION
        return self._services.chat.conversation_of(request_id)

    def _chosen_for(self, conversation: str) -> str | None:
        if conversation == QUICK_CONVERSATION:
            return self._services.quick.choice
        return chosen_file(self._services, conversation)

    def _ask_in_box(self, notice: Notice) -> None:
        self.quick.ask_first(notice)

    def _show_of_conversation(self, notice: Notice) -> None:
        if self._chat is not None:
            self._chat.notices.show(self._chat.current, notice)

    def _withdraw_of_conversation(self, key: str) -> None:
        if self._chat is not None:
            self._chat.notices.withdraw(self._chat.current, key)

    def _on_model_event(self, event: ModelEvent) -> None:
        self.models.on_event(event, is_shown=self.first_run.is_open)
        self.first_run.on_event(event)
        if self._window is not None and isinstance(event, DownloadMoved | DownloadBroke):
            self._window.pane.empty_page.set_arriving(share_under_way(event))
        self.settings.on_model_event(event)
        if isinstance(event, LibraryChanged):
            self._follow_model()
            if self._offers_models:
                self._offer_models()
        elif isinstance(event, ModelArrived) and not (self.models.is_open or self.first_run.is_open):
            spec = self._services.models.catalog.get(event.model_id)
            name = short_name(spec.name if spec else event.model_id)
            self._show_message(self.tr("{model} is ready.").format(model=name), "")
        if isinstance(event, FolderMoving):
            self.rarely_used.pause()
        if isinstance(event, LibraryChanged | ModelArrived | FolderMoving):
            self._waiting.ask()
        elif isinstance(event, TrialEnded):
            self._waiting.on_trial_ended()

    def _take_language(self, language: str) -> None:
        """Takes another language before there are windows that speak the one so far."""
        change_language(self._app, language)
        self._services.personas.speak(language_for(language, QLocale.system()))
        self._on_activity(self.tracker.current, None)
        self.tray.say_again()
        self._text_actions.say_again()

    def _on_settings(self, old: Settings, new: Settings) -> None:
        if old.theme != new.theme:
            apply_theme(self._app, new.theme)
        if old.font_size != new.font_size:
            apply_text_size(self._app, new.font_size)
            if self._window is not None:
                self._window.set_font_size(new.font_size)
        if self._window is not None:
            self._window.menu.read_answers.setChecked(new.read_answers)
        if old.model != new.model:
            self._follow_model()
            self.first_run.model_changed()
        if old.new_conversations != new.new_conversations and self._choosing is not None:
            self._choosing.refresh()
        self.quick.show_place()
        if old.persona != new.persona:
            self.personas.refresh()
        if old.embedding_model != new.embedding_model:
            self.models.refresh()
        self._monitor.refresh()
        self._recorder.follow()

    def _on_refusal(self, notice: Notice) -> None:
        self.show_window()  # the quick box has no room for the ways out
        self._show_notice(notice)

    def _can_ask_in_chat(self) -> bool:
        """Returns whether the model that answers in the conversation shown can be asked now."""
        current = self._chat.current if self._chat is not None else None
        chosen = chosen_file(self._services, current)
        if chosen is not None and server_model(chosen) is not None:
            return self._consent.may_ask(chosen)
        self._consent.forget()
        self._services.choice.turn_to(chosen)
        return self._readiness.can_ask()

    def _can_ask_quickly(self) -> bool:
        """Returns the same for whoever answers the quick ask."""
        chosen = self._services.quick.choice
        return self._quick_consent.may_ask(chosen) if chosen is not None else self._can_ask_here()

    def _can_ask_here(self) -> bool:
        """Returns the same for the model of this computer that is in use."""
        self._quick_consent.forget()
        self._services.choice.turn_to(None)
        return self._readiness.can_ask()

    def _begin_conversation(self) -> None:
        self.show_window()
        if self._chat is not None:
            self._chat.open(None)

    def _continue_in_chat(self, exchange: QuickExchange) -> None:
        chat = self._services.chat
        try:
            conversation = chat.adopt(
                *(exchange.question, exchange.answer, exchange.thought, exchange.stats),
                calculated=exchange.calculated,
                model_file=exchange.model_file,
            )
        except UserFacingError as problem:
            self.quick.keep_open(problem)
            return
        self.show_window()
        if self._chat is not None:
            self._chat.open(conversation)

    def _go_way_out(self, way: WayOut, error: EngineDiedError) -> None:
        match way:
            case WayOut.ANOTHER_MODEL:
                self._waiting.wait_for_another_model()
            case WayOut.SMALLER_CONTEXT:
                self.settings.show("n_ctx")
            case WayOut.REPORT:
                self._notices.show_report(error)

    def _follow_model(self) -> None:
        choice = self._services.choice
        model = choice.in_use()
        # Of a folder that has not answered yet it is believed that the model that was chosen lies there.
        chosen_unseen = choice.is_unknown and bool(self._services.store.current.model)
        self.tracker.set_has_model(model is not None or chosen_unseen)
        if self._window is not None:
            spec = self._services.models.catalog.get(self._services.store.current.model)
            name = model.name if model else spec.name if spec else ""
            self._window.status.set_model(name, model is not None)
            if self._choosing is not None:
                self._choosing.refresh()
            self.personas.refresh()  # what it begins with belongs to a model

    def _show_memory(self, corner: QPoint) -> None:
        if self._memory_panel is None:
            self._memory_panel = make_memory_panel(self._services, self._memory, self._window)
            self._memory_panel.sleepRequested.connect(self._services.supervisor.sleep)
        self._memory_panel.open_above(corner)

    def _last_stats(self) -> Stats | None:
        messages = self._window.pane.transcript.messages if self._window is not None else ()
        own = (message for message in reversed(messages) if not message.place)  # no server is slow for our reasons
        return next((message.stats for message in own if message.stats is not None), None)

    def _can_think(self) -> bool | None:
        return self.tracker.awake.can_think if self.tracker.awake is not None else None

    def _show_message(self, title: str, text: str) -> None:
        """Shows something beside the tray, if nobody sees it in the window."""
        if not self.is_window_visible:
            self.tray.show_message(title, text)

    def _show_notice(self, notice: Notice) -> None:
        if self._window is not None:
            self._window.pane.banner.show_notice(notice)
        else:
            self._unseen.append(notice)

    def _withdraw_notice(self, key: str) -> None:
        if self._window is not None:
            self._window.pane.banner.withdraw(key)

    def _change(self, **values: OptionValue) -> None:
        try:
            self._services.store.change(**values)
        except UserFacingError as problem:
            self._notices.report(problem)

    def _make_window(self) -> ChatWindow:
        from desktop.app.windows.first_answer import knows_language, watch_first_answer
        from desktop.ui.chat.deleted import DeletedPresenter
        from desktop.ui.chat.presenter import ChatPresenter
        from desktop.ui.chat.window import ChatWindow
        from desktop.ui.check.thumbs import ThumbsPresenter
        from desktop.ui.conversations.choosing import Choosing
        from desktop.ui.exchange.presenter import ExchangePresenter

        services = self._services
        window = self._window = ChatWindow(self._memory.measure)
        chat = self._chat = ChatPresenter(
            window, services.chat, services.history, self._can_ask_in_chat, self, in_pieces=True
        )
        services.chat_events.subscribe(chat.on_chat_event)
        watch = watch_context(services, window, chat, lambda tokens: self._change(n_ctx=tokens), self)
        self._choosing = Choosing(
            window, chat, services.chat, services.choice, services.models,
            lambda chosen: offered_models(services.servers.all(), chosen), self,
        )  # fmt: skip
        self._connect_choices(window, chat, self._choosing, watch)
        shapes = self.shapes = self._make_shapes(window, chat)
        services.chat_events.subscribe(shapes.on_chat_event)
        self.rarely_used.follow(window, chat)
        chat.language_guard.knows = partial(knows_language, services)
        first = watch_first_answer(services, window, self)
        first.modelWanted.connect(lambda model: self.models.show(begin_with=model))
        ThumbsPresenter(window, services.history, self._notices.report, self).changed.connect(
            self.rarely_used.ratings_changed
        )
        self._waiting.follow(chat)
        chat.wayOutChosen.connect(self._go_way_out)
        exchange = self._exchange = ExchangePresenter(window, services.history, lambda: chat.current, parent=self)
        exchange.imported.connect(lambda _newest: chat.refresh())
        exchange.openRequested.connect(chat.open)
        self._outside = OutsideChanges(
            self._app, services, lambda: self.is_window_visible, chat.refresh, self._notices.report, self
        )
        self._connect_menu(window)
        self._preload.follow_pane(window.pane)
        window.pane.composer.composed.connect(lambda _text: self.rarely_used.on_writing())
        self._monitor.batteryChanged.connect(window.status.set_battery)
        self._monitor.say_again()
        window.set_font_size(services.store.current.font_size)
        self._show_activity()
        self._follow_model()
        self.drafts.follow(window.pane)
        self._last_open.follow(chat)
        self.deleted = DeletedPresenter(
            window,
            chat,
            services.history,
            lambda: services.store.current.keep_deleted_days,
            services.chat.delete_for_good,
            services.chat.remove_messages,
            self,
        )
        return window

    def _connect_choices(
        self, window: ChatWindow, chat: ChatPresenter, choosing: Choosing, watch: ContextWatch
    ) -> None:
        """Tells each part of the window what another has chosen: model, persona, library, documents."""
        self._services.servers.subscribe(choosing.refresh)
        chat.hereRequested.connect(choosing.answer_here)
        chat.opened.connect(lambda _conversation: self._show_activity())
        choosing.changed.connect(self._show_activity)
        window.choices.serversRequested.connect(self.servers.show)
        choosing.changed.connect(watch.model_changed)
        choosing.changed.connect(self.personas.refresh)
        choosing.changed.connect(self.documents.model_changed)
        self.personas.follow(window, chat)
        self.libraries.follow(window, chat)
        self.libraries.changed.connect(self.personas.refresh)
        self.personas.changed.connect(watch.refresh)
        self.documents.follow(window, chat)
        self.documents.changed.connect(watch.refresh)
        self.documents.changed.connect(self.personas.refresh)
        self.personas.changed.connect(choosing.refresh)
        self.personas.chosen.connect(lambda: self._preload.begin_anew(window.pane))

    def _connect_menu(self, window: ChatWindow) -> None:
        menu = window.menu
        menu.settings.triggered.connect(lambda _checked: self.settings.show())
        menu.tables.triggered.connect(lambda _checked: self.rarely_used.tables.show())
        menu.models.triggered.connect(lambda _checked: self.models.show())
        menu.servers.triggered.connect(lambda _checked: self.servers.show())
        menu.sleep.triggered.connect(lambda _checked: self._services.supervisor.sleep())
        menu.quit.triggered.connect(lambda _checked: self.quitRequested.emit())
        menu.ask.triggered.connect(lambda _checked: self.open_quick_ask())
        menu.slowness.triggered.connect(lambda _checked: self._slowness.show(window))
        menu.log.triggered.connect(lambda _checked: self._notices.show_log())
        menu.about.triggered.connect(lambda _checked: show_about(self._about(), window))
        menu.read_answers.setChecked(self._services.store.current.read_answers)
        menu.read_answers.triggered.connect(lambda checked: self._change(read_answers=checked))
        window.status.modelsRequested.connect(self.models.show)
        window.status.memoryRequested.connect(self._show_memory)
        window.pane.empty_page.modelsRequested.connect(self.models.show)
        window.closeRequested.connect(lambda: self._closing.close(window))
        window.fontSizeChanged.connect(lambda points: self._change(font_size=points))
