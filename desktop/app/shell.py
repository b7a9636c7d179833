"""Tray, window, dialogs and quick box of the running app, and how they open each other.

Windows are made when they are first needed: hidden at login, Catnap is a tray icon and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QApplication

from desktop.app.reclaim import forget_sources
from desktop.app.services import Services, chosen_file
from desktop.app.windows.activities import Activities
from desktop.app.windows.appearance import Appearance
from desktop.app.windows.closing import Closing
from desktop.app.windows.context import quick_limits
from desktop.app.windows.dialogs import QUICK_ACTIONS_PAGE, show_about
from desktop.app.windows.health import Health
from desktop.app.windows.model_offer import ModelOffer
from desktop.app.windows.permission import AskPermission
from desktop.app.windows.presenters import (
    make_first_run_presenter,
    make_hub_presenter,
    make_libraries_presenter,
    make_models_presenter,
    make_personas_presenter,
    make_quick_presenter,
    make_servers_presenter,
    make_settings_presenter,
)
from desktop.app.windows.rarely_used import RarelyUsed
from desktop.app.windows.waiting import WaitingQuestions
from desktop.app.windows.window_notices import WindowNotices
from desktop.chat.quick_ask import QuickExchange
from desktop.common.errors import EngineDiedError, UserFacingError, WayOut
from desktop.engine.types import EngineEvent, Stats
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
from desktop.ui.activity import ActivityTracker
from desktop.ui.chat.draft_saver import DraftSaver
from desktop.ui.chat.last_open_saver import LastOpenSaver
from desktop.ui.chat.preload import PreloadTriggers
from desktop.ui.documents.entrance import WindowDocuments
from desktop.ui.notices import Notices
from desktop.ui.quick_actions.everywhere import TextActions
from desktop.ui.transcript.accessible import make_accessible
from desktop.ui.tray.tray import Tray
from desktop.ui.widgets.banner import Notice
from desktop.ui.widgets.enter_key import EnterPresses
from desktop.ui.words import short_name

if TYPE_CHECKING:  # the window itself is imported when it is first opened
    from desktop.app.windows.main_window import MainWindow
    from desktop.ui.chat.presenter import ChatPresenter
    from desktop.ui.chat.window import ChatWindow


class Shell(QObject):
    """The interface as a whole.

    Attributes:
        quitRequested: The user wants Catnap to end.
        health: What looks after the engine and the computer.
        rarely_used: Reading aloud, checks of models, tables from documents.
        main: The chat window with what works in it; None: it was never opened.
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
        self.main: MainWindow | None = None
        self.tray = tray
        store, choice, supervisor, servers = services.store, services.choice, services.supervisor, services.servers
        self._appearance = Appearance(app, services.personas)
        self._said = WindowNotices(tray, self)
        self.drafts = DraftSaver(services.drafts, self)
        self._last_open = LastOpenSaver(services.last_open, self)
        chosen = partial(chosen_file, services)
        may = self._permission = AskPermission(
            choice, supervisor.admission, store, servers, chosen, lambda: services.quick.choice, self
        )
        self.rarely_used = RarelyUsed(services, lambda: self.window, lambda: self.models.dialog, may.here, self)
        self._make_dialogs(auto_threads)
        limits = quick_limits(services, self._enlarge_context)
        self._text_actions = TextActions(services.actions, self.quick, tray, limits, self)
        self.documents = WindowDocuments(
            services.documents, services.document_events, services.chat_events, self.quick, self
        )
        self._offer = ModelOffer(
            self.first_run, self.models, choice, services.models, store, lambda: bool(servers.all())
        )
        self._waiting = WaitingQuestions(services, may, self.models, self.quick, notices.report, self.show_window, self)
        self.activities = Activities(
            ActivityTracker(is_of_program=services.programs.owns),
            *(tray, self.quick, services.chat.answers, services.quick, servers, chosen),
        )
        self.health = Health(services, self._last_stats, self.activities.can_think, self)
        self._preload = PreloadTriggers(
            supervisor.preloader, services.chat, services.quick, self, turn_to=choice.turn_to
        )
        self._closing = Closing(tray, store, services.told, notices.report, self)
        self._connect()

    def _make_dialogs(self, auto_threads: int) -> None:
        """Makes what opens a window of its own."""
        services, may = self._services, self._permission
        window = lambda: self.window  # noqa: E731
        self.models = make_models_presenter(services, window, self.rarely_used.ability_of, self)
        self.first_run = make_first_run_presenter(services, self)
        self.hub = make_hub_presenter(services, lambda: self.models.dialog or self.window, self)
        self.settings = make_settings_presenter(services, lambda: self._text_actions.portal, window, auto_threads, self)
        self.personas = make_personas_presenter(services, window, self)
        self.libraries = make_libraries_presenter(services, window, self)
        self.servers = make_servers_presenter(services, window, self)
        self.quick = make_quick_presenter(services, may.for_box, may.here, self)

    @property
    def window(self) -> ChatWindow | None:
        """The chat window, once it was shown."""
        return self.main.window if self.main is not None else None

    @property
    def is_window_visible(self) -> bool:
        return self.main is not None and self.main.window.isVisible()

    @property
    def chat(self) -> ChatPresenter | None:
        """Shows conversations in the window, once that was shown."""
        return self.main.chat if self.main is not None else None

    def start(self, *, hidden: bool, welcomes: bool = False) -> None:
        """Shows the tray icon and, unless ``hidden``, the window; where there is no model also the models.

        Args:
            hidden: Only the icon.
            welcomes: Before the window is opened for the first time, somebody who is new here sees the first steps.
        """
        self._offer.begin(welcomes=welcomes)
        self.tray.start()
        self.health.memory.recorder.follow()
        self._follow_model()
        forget_sources()
        if hidden:
            self._closing.expect_tray()
            return
        self.show_window()
        if not self.first_run.is_open:
            self._offer.show_models()

    def show_window(self) -> None:
        """Brings the chat window to the front; for somebody who is new here the first steps."""
        if self._offer.show_first_steps(had_window=self.main is not None):
            return
        main = self.main or self._make_window()
        main.show()
        self._said.deliver()

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
        if self.main is not None:
            self.main.close()
        self.tray.close()
        self._notices.close()
        self.hub.close()
        self.first_run.hide()
        self._text_actions.close()
        self.documents.close()
        dialogs = (one.dialog for one in (self.models, self.settings, self.personas, self.libraries, self.servers))
        for top in (self.quick.box, *dialogs):
            if top is not None:
                top.hide()
        self.rarely_used.close()
        if self.main is not None:
            self.main.window.end()

    def _connect(self) -> None:
        self._connect_tray()
        self._connect_dialogs()
        self._connect_notices()
        services = self._services
        services.servers.subscribe(self.quick.show_place)
        services.server_events.subscribe(self.activities.on_server_event)
        self.documents.conversationNeeded.connect(self._begin_conversation)
        self.documents.libraryWanted.connect(self.libraries.add)
        self._app.applicationStateChanged.connect(self.documents.on_focus)
        services.store.subscribe(self.documents.on_settings)
        services.model_events.subscribe(self.documents.on_model_event)
        self.quick.continued.connect(self._continue_in_chat)
        self.quick.wayOutChosen.connect(self._go_way_out)
        self._permission.questionForBox.connect(self.quick.ask_first)
        self._preload.follow_quick(self.quick)
        self.quick.composing.connect(lambda _text: self.rarely_used.on_writing())
        services.engine_events.subscribe(self._on_engine_event)
        self.health.begin()
        services.quick_events.subscribe(self.quick.on_quick_event)
        services.model_events.subscribe(self._on_model_event)
        services.store.subscribe(self._on_settings)
        self.activities.begin()

    def _connect_tray(self) -> None:
        tray = self.tray
        tray.askRequested.connect(self.open_quick_ask)
        tray.openRequested.connect(self.show_window)
        tray.sleepRequested.connect(self._services.supervisor.sleep)
        tray.workRequested.connect(self.rarely_used.show_work)
        tray.modelsRequested.connect(self.models.show)
        tray.settingsRequested.connect(self.settings.show)
        tray.quitRequested.connect(self.quitRequested)
        self.rarely_used.workChanged.connect(tray.set_work)
        self._closing.quitRequested.connect(self.quitRequested)
        self._closing.windowNeeded.connect(lambda: None if self.is_window_visible else self.show_window())

    def _connect_dialogs(self) -> None:
        """Lets the dialogs, and what asks for one, open each other."""
        self._text_actions.settingsRequested.connect(lambda: self.settings.show_page(QUICK_ACTIONS_PAGE))
        self.first_run.ended.connect(self.show_window)
        self.first_run.modelsRequested.connect(self.models.show)
        self.first_run.folderRequested.connect(lambda: self.settings.show("model_folder"))
        self.first_run.languageChosen.connect(self._take_language)
        for wanted in (self._permission.consent, self._permission.quick_consent, self.settings, self.models):
            wanted.serversRequested.connect(self.servers.show)
        self.settings.modelsRequested.connect(self.models.show)
        self.settings.personasRequested.connect(self.personas.show)
        self.settings.trialRequested.connect(self.rarely_used.try_reading)
        self.rarely_used.trialFailed.connect(self.settings.show_trial_failed)
        self.personas.talkRequested.connect(self._begin_conversation)
        self.libraries.talkRequested.connect(self._begin_conversation)
        self.libraries.tableRequested.connect(self.rarely_used.show_table_of)
        self.health.slowness.settingChosen.connect(lambda key, value: self._change(**{key: value}))
        self.health.slowness.settingRequested.connect(self.settings.show)
        self.health.slowness.modelsRequested.connect(self.models.show)
        for source in (self._permission.readiness, self.health.crashes):
            source.modelsRequested.connect(self.models.show)
        self.rarely_used.abilitiesChanged.connect(self.models.refresh)
        self.models.talkRequested.connect(self.show_window)
        self.models.reportRequested.connect(self._notices.show_report)
        self.models.hubRequested.connect(self.hub.show)
        self.models.abilitiesRequested.connect(self.rarely_used.show_checks)
        self.models.smallerRequested.connect(self.rarely_used.show_students)
        self.models.findRequested.connect(self.libraries.find_with)
        self.libraries.hubRequested.connect(self.models.show)  # which shows how far the download is
        self.libraries.hubRequested.connect(self.hub.show)
        self.hub.added.connect(self.models.select)

    def _connect_notices(self) -> None:
        said = self._said
        self._notices.bannerRequested.connect(said.show)
        self._notices.bannerWithdrawn.connect(said.withdraw)
        self._notices.messageRequested.connect(said.show_message)
        for part in (self.models, self.settings, self.personas, self.libraries, self.first_run, self.servers):
            part.troubled.connect(self._notices.report)
        for other in (self.rarely_used, self._permission):
            other.troubled.connect(self._notices.report)
        self._permission.readiness.noticed.connect(self._on_refusal)
        self._permission.readiness.renewed.connect(said.renew)
        self.health.crashes.noticed.connect(said.show)
        self.rarely_used.noticed.connect(said.show)
        for source in (self._permission.readiness, self.health.crashes, self.rarely_used):
            source.outdated.connect(said.withdraw)
        self.rarely_used.announced.connect(said.show_message)

    def _on_engine_event(self, event: EngineEvent) -> None:
        self.activities.tracker.on_engine_event(event)
        self.health.on_engine_event(event)

    def _on_model_event(self, event: ModelEvent) -> None:
        self.models.on_event(event, is_shown=self.first_run.is_open)
        self.first_run.on_event(event)
        if self.main is not None and isinstance(event, DownloadMoved | DownloadBroke):
            self.main.window.pane.empty_page.set_arriving(share_under_way(event))
        self.settings.on_model_event(event)
        if isinstance(event, LibraryChanged):
            self._follow_model()
            self._offer.on_library_changed()
        elif isinstance(event, ModelArrived) and not (self.models.is_open or self.first_run.is_open):
            spec = self._services.models.catalog.get(event.model_id)
            name = short_name(spec.name if spec else event.model_id)
            self._said.show_message(self.tr("{model} is ready.").format(model=name), "")
        if isinstance(event, FolderMoving):
            self.rarely_used.pause()
        if isinstance(event, LibraryChanged | ModelArrived | FolderMoving):
            self._waiting.ask()
        elif isinstance(event, TrialEnded):
            self._waiting.on_trial_ended()

    def _take_language(self, language: str) -> None:
        """Takes another language before there are windows that speak the one so far."""
        self._appearance.speak(language)
        self.activities.say_again()
        self.tray.say_again()
        self._text_actions.say_again()

    def _on_settings(self, old: Settings, new: Settings) -> None:
        self._appearance.on_settings(old, new)
        if self.main is not None:
            if old.font_size != new.font_size:
                self.main.window.set_font_size(new.font_size)
            self.main.window.menu.read_answers.setChecked(new.read_answers)
        if old.model != new.model:
            self._follow_model()
            self.first_run.model_changed()
        if old.new_conversations != new.new_conversations and self.main is not None:
            self.main.choosing.refresh()
        self.quick.show_place()
        if old.persona != new.persona:
            self.personas.refresh()
        if old.embedding_model != new.embedding_model:
            self.models.refresh()
        self.health.on_settings()

    def _on_refusal(self, notice: Notice) -> None:
        self.show_window()  # the quick box has no room for the ways out
        self._said.show(notice)

    def _begin_conversation(self) -> None:
        self._open(None)

    def _open(self, conversation: str | None) -> None:
        self.show_window()
        if self.main is not None:
            self.main.chat.open(conversation)

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
        self._open(conversation)

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
        self.activities.tracker.set_has_model(model is not None or chosen_unseen)
        if self.main is not None:
            spec = self._services.models.catalog.get(self._services.store.current.model)
            name = model.name if model else spec.name if spec else ""
            self.main.show_model(name, is_there=model is not None)
            self.personas.refresh()  # what it begins with belongs to a model

    def _last_stats(self) -> Stats | None:
        return self.main.last_stats() if self.main is not None else None

    def _enlarge_context(self, tokens: int) -> None:
        self._change(n_ctx=tokens)

    def _change(self, **values: OptionValue) -> None:
        try:
            self._services.store.change(**values)
        except UserFacingError as problem:
            self._notices.report(problem)

    def _make_window(self) -> MainWindow:
        from desktop.app.windows.main_window import MainWindow

        services, report = self._services, self._notices.report
        main = self.main = MainWindow(
            *(services, self._app, self.health.memory.history.measure, self._permission.for_conversation),
            *(report, self._enlarge_context, self),
        )
        window, chat = main.window, main.chat
        self._said.follow(window)
        self._permission.follow(chat)
        self.activities.follow(window, chat)
        self._connect_choices(main)
        self.rarely_used.follow(window, chat)
        main.first_answer.modelWanted.connect(lambda model: self.models.show(begin_with=model))
        main.thumbs.changed.connect(self.rarely_used.ratings_changed)
        main.outside.mended.connect(self._notices.withdraw)
        self._waiting.follow(chat)
        chat.wayOutChosen.connect(self._go_way_out)
        self._connect_menu(window)
        self._preload.follow_pane(window.pane)
        window.pane.composer.composed.connect(lambda _text: self.rarely_used.on_writing())
        self.health.monitor.batteryChanged.connect(window.status.set_battery)
        self.health.monitor.say_again()
        window.set_font_size(services.store.current.font_size)
        self.activities.show()
        self._follow_model()
        self.drafts.follow(window.pane)
        self._last_open.follow(chat)
        return main

    def _connect_choices(self, main: MainWindow) -> None:
        """Tells each part of the window what another has chosen: model, persona, library, documents."""
        window, chat, choosing, context = main.window, main.chat, main.choosing, main.context
        self._services.servers.subscribe(choosing.refresh)
        choosing.changed.connect(self._permission.look_again)
        chat.hereRequested.connect(choosing.answer_here)
        chat.opened.connect(lambda _conversation: self.activities.show())
        choosing.changed.connect(self.activities.show)
        window.choices.serversRequested.connect(self.servers.show)
        choosing.changed.connect(context.model_changed)
        choosing.changed.connect(self.personas.refresh)
        choosing.changed.connect(self.documents.model_changed)
        self.personas.follow(window, chat)
        self.libraries.follow(window, chat)
        self.libraries.changed.connect(self.personas.refresh)
        self.personas.changed.connect(context.refresh)
        self.documents.follow(window, chat)
        self.documents.changed.connect(context.refresh)
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
        menu.slowness.triggered.connect(lambda _checked: self.health.slowness.show(window))
        menu.log.triggered.connect(lambda _checked: self._notices.show_log())
        menu.about.triggered.connect(lambda _checked: show_about(self._about(), window))
        menu.read_answers.setChecked(self._services.store.current.read_answers)
        menu.read_answers.triggered.connect(lambda checked: self._change(read_answers=checked))
        window.status.modelsRequested.connect(self.models.show)
        window.status.memoryRequested.connect(lambda corner: self.health.memory.show_panel(corner, window))
        window.pane.empty_page.modelsRequested.connect(self.models.show)
        window.closeRequested.connect(lambda: self._closing.close(window))
        window.fontSizeChanged.connect(lambda points: self._change(font_size=points))
