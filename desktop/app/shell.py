"""Tray, window, dialogs and quick box of the running app, and how they open each other. GUI thread only.

Windows are made when they are first needed: hidden at login, Catnap is a tray icon and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

from desktop.app.closing import Closing
from desktop.app.machine_monitor import MachineMonitor
from desktop.app.services import Services
from desktop.chat.quick_ask import QuickExchange
from desktop.common.errors import UserFacingError
from desktop.engine.types import EngineEvent
from desktop.models.events import FolderMoving, LibraryChanged, ModelArrived, ModelEvent
from desktop.settings.options import OptionValue, Settings
from desktop.system.build_info import AboutFacts
from desktop.ui.activity import Activity, ActivityTracker, activity_words
from desktop.ui.chat.draft_saver import DraftSaver
from desktop.ui.chat.preload import PreloadTriggers
from desktop.ui.chat.presenter import ChatPresenter
from desktop.ui.chat.readiness import Readiness, models_are_moving
from desktop.ui.chat.window import ChatWindow
from desktop.ui.models.presenter import ModelsPresenter
from desktop.ui.notices import Notices
from desktop.ui.quick_ask.presenter import QuickPresenter
from desktop.ui.settings.presenter import SettingsPresenter
from desktop.ui.theme.theme import apply_theme
from desktop.ui.tray import Tray
from desktop.ui.widgets.banner import Notice
from desktop.ui.words import memory_words

if TYPE_CHECKING:  # imported when they are first opened
    from desktop.ui.models.dialog import ModelsDialog
    from desktop.ui.quick_ask.box import QuickAsk
    from desktop.ui.settings.dialog import SettingsDialog

# Started hidden, but no tray has come: a panel that is this late will not come, and nobody could reach the program.
_TRAY_PATIENCE_MS = 30_000


class Shell(QObject):
    """The interface as a whole.

    Args:
        app: The application, for its theme.
        services: What the windows show and change.
        notices: Where errors are reported.
        about: Returns the facts for the About dialog; asked when that is opened.
        auto_threads: Number of threads that "Automatic" stands for.
        tray: The icon; shown already, or shown by :meth:`start`.

    Attributes:
        quitRequested: The user wants Catnap to end.
    """

    quitRequested = Signal()  # noqa: N815 (Qt's naming)

    def __init__(
        self,
        app: QApplication,
        services: Services,
        notices: Notices,
        about: Callable[[], AboutFacts],
        auto_threads: int,
        tray: Tray,
    ) -> None:
        super().__init__()
        self._app = app
        self._services = services
        self._notices = notices
        self._about = about
        self._unseen: list[Notice] = []  # what there was to say before there was a window
        self._window: ChatWindow | None = None
        self._chat: ChatPresenter | None = None
        self.tracker = ActivityTracker()
        self.tray = tray
        self.drafts = DraftSaver(services.drafts, self)
        self.models = ModelsPresenter(
            self._make_models_dialog, services.models, services.choice, services.supervisor.fit.recommended, self
        )
        store, supervisor = services.store, services.supervisor
        self.settings = SettingsPresenter(
            self._make_settings_dialog,
            store,
            services.models,
            services.choice,
            services.login,
            lambda: auto_threads,
            lambda: supervisor.fit.automatic_context,
            self,
        )
        self._readiness = Readiness(
            self._model_ready, supervisor.admission, lambda key, value: store.change(**{key: value}), self
        )
        self._watch = MachineMonitor(
            supervisor.state, supervisor.low_memory, services.machine.power, lambda: store.current.spare_battery, self
        )
        self._early = PreloadTriggers(supervisor.preloader, services.chat, services.quick, self)
        self.quick = QuickPresenter(self._make_quick_box, services.quick, self._readiness.can_ask, self)
        self._closing = Closing(self.tray, services.store, notices.report, self)
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

    def start(self, *, hidden: bool) -> None:
        """Shows the tray icon and, unless ``hidden``, the window; on the very first start also the models."""
        self.tray.start()
        if hidden:
            QTimer.singleShot(_TRAY_PATIENCE_MS, self, self._show_if_unreachable)
            return
        self.show_window()
        if not self._model_ready():
            self.models.show()

    def show_window(self) -> None:
        """Brings the chat window to the front."""
        window = self._window or self._make_window()
        if window.isMinimized():
            window.showNormal()
        window.show()
        window.raise_()
        window.activateWindow()
        window.focus_composer()
        unseen, self._unseen = self._unseen, []
        for notice in unseen:
            window.show_banner(notice)

    def open_quick_ask(self, point: QPoint | None = None) -> None:
        """Opens the quick box; None or a null point: where the platform hides the pointer."""
        self.quick.open_at(point)

    def close(self) -> None:
        """Takes everything off the screen, for quitting; drafts are kept."""
        self.drafts.save()
        self.tray.close()
        self._notices.close()
        for top in (self.quick.box, self.models.dialog, self.settings.dialog):
            if top is not None:
                top.hide()
        if self._window is not None:
            self._window.end()

    def _connect(self) -> None:
        services, tray = self._services, self.tray
        tray.askRequested.connect(self.open_quick_ask)
        tray.openRequested.connect(self.show_window)
        tray.sleepRequested.connect(services.supervisor.sleep)
        tray.modelsRequested.connect(self.models.show)
        tray.settingsRequested.connect(self.settings.show)
        tray.quitRequested.connect(self.quitRequested)
        tray.availabilityChanged.connect(lambda _there: self._show_if_unreachable_soon())
        self.models.troubled.connect(self._notices.report)
        self.settings.troubled.connect(self._notices.report)
        self._notices.bannerRequested.connect(self._show_notice)
        self._notices.messageRequested.connect(self._show_message)
        self.settings.modelsRequested.connect(self.models.show)
        self.quick.modelNeeded.connect(self._on_model_needed)
        self.quick.continued.connect(self._continue_in_chat)
        self._closing.quitRequested.connect(self.quitRequested)
        self._readiness.noticed.connect(self._on_obstacle)
        self._readiness.outdated.connect(lambda key: self._window.withdraw_banner(key) if self._window else None)
        self._readiness.resolved.connect(self._ask_what_waits)
        self._readiness.modelsRequested.connect(self.models.show)
        self._readiness.troubled.connect(self._notices.report)
        self._early.follow_quick(self.quick)
        services.engine_events.subscribe(self._on_engine_event)
        services.quick_events.subscribe(self.quick.on_quick_event)
        services.model_events.subscribe(self._on_model_event)
        services.store.subscribe(self._on_settings)
        self.tracker.subscribe(self._on_activity)

    def _on_engine_event(self, event: EngineEvent) -> None:
        self.tracker.on_engine_event(event)
        self._watch.follow()

    def _on_activity(self, activity: Activity, request_id: int | None) -> None:
        words = activity_words(activity)
        self.tray.set_state(activity.cat, words[:1].lower() + words[1:])
        if self._window is not None:
            self._window.set_activity(activity)
        self.quick.on_activity(activity, request_id)

    def _on_model_event(self, event: ModelEvent) -> None:
        self.models.on_event(event)
        self.settings.on_model_event(event)
        if isinstance(event, LibraryChanged):
            self._show_model_name()
        elif isinstance(event, ModelArrived) and not self.is_window_visible and not self.models.is_open:
            spec = self._services.models.catalog.get(event.model_id)
            self.tray.show_message(self.tr("{model} is ready.").format(model=spec.name if spec else event.model_id), "")
        if isinstance(event, LibraryChanged | ModelArrived | FolderMoving):
            self._ask_what_waits()

    def _on_settings(self, old: Settings, new: Settings) -> None:
        if old.theme != new.theme:
            apply_theme(self._app, new.theme)
        if old.font_size != new.font_size and self._window is not None:
            self._window.set_font_size(new.font_size)
        if old.model != new.model:
            self._show_model_name()
        self._watch.refresh()

    def _on_model_needed(self, question: str) -> None:
        if self._services.models.is_moving:
            self._notices.report(models_are_moving())
            return
        if self._readiness.say_why_not():
            return
        self.models.set_waiting_question(question or None)
        self.models.show(self._services.choice.lost())

    def _on_obstacle(self, notice: Notice) -> None:
        self.show_window()  # the quick box has no room for the ways out
        self._show_notice(notice)

    def _ask_what_waits(self) -> None:
        """Asks the questions that were typed before there was a model, now that there may be one."""
        if not self._model_ready():
            return
        in_chat = self._chat.waiting_question if self._chat is not None else ""
        in_box = self.quick.waiting_question
        if in_chat or in_box:
            if not self._readiness.can_ask():
                self._readiness.say_why_not()
                return
            self.models.set_waiting_question(None)
            self.models.close()  # the answer is to be seen
        if in_chat and in_chat == in_box:
            self.quick.hide()  # asked once, and where the answer is kept
            self.show_window()
        if self._chat is not None:
            self._chat.on_model_ready()
        self.quick.on_model_ready()

    def _continue_in_chat(self, exchange: QuickExchange) -> None:
        chat = self._services.chat
        try:
            conversation = chat.adopt(exchange.question, exchange.answer, exchange.thought, exchange.stats)
        except UserFacingError as problem:
            self.quick.keep_open(problem)
            return
        self.show_window()
        if self._chat is not None:
            self._chat.open(conversation)

    def _model_ready(self) -> bool:
        return self._services.choice.ready() is not None

    def _show_model_name(self) -> None:
        if self._window is None:
            return
        model = self._services.choice.in_use()
        spec = self._services.models.catalog.get(self._services.store.current.model)
        self._window.set_model_name(model.name if model else spec.name if spec else "", model is not None)

    def _show_message(self, title: str, text: str) -> None:
        if not self.is_window_visible:
            self.tray.show_message(title, text)

    def _show_notice(self, notice: Notice) -> None:
        if self._window is not None:
            self._window.show_banner(notice)
        else:
            self._unseen.append(notice)

    # --- being reachable

    def _show_if_unreachable_soon(self) -> None:
        if not self.tray.available:
            QTimer.singleShot(_TRAY_PATIENCE_MS, self, self._show_if_unreachable)

    def _show_if_unreachable(self) -> None:
        """Never running and unreachable: without a tray the window is there."""
        if not self.tray.available and (self._window is None or not self._window.isVisible()):
            self.show_window()

    def _change(self, **values: OptionValue) -> None:
        try:
            self._services.store.change(**values)
        except UserFacingError as problem:
            self._notices.report(problem)

    # --- making windows

    def _make_window(self) -> ChatWindow:
        services = self._services
        window = self._window = ChatWindow(services.machine.memory.read)
        chat = self._chat = ChatPresenter(window, services.chat, services.history, self._readiness.can_ask, self)
        services.chat_events.subscribe(chat.on_chat_event)
        chat.modelNeeded.connect(self._on_model_needed)
        window.settingsRequested.connect(self.settings.show)
        window.modelsRequested.connect(self.models.show)
        window.sleepRequested.connect(services.supervisor.sleep)
        window.quitRequested.connect(self.quitRequested)
        window.askRequested.connect(self.open_quick_ask)
        window.aboutRequested.connect(self._show_about)
        window.closeRequested.connect(lambda: self._closing.close(window))
        window.fontSizeChanged.connect(lambda points: self._change(font_size=points))
        self._early.follow_window(window)
        self._watch.batteryChanged.connect(window.set_battery)
        self._watch.say_again()
        window.set_font_size(services.store.current.font_size)
        window.set_activity(self.tracker.current)
        self._show_model_name()
        self.drafts.follow(window.pane)
        chat.open_newest()
        return window

    def _make_models_dialog(self) -> ModelsDialog:
        from desktop.ui.models.dialog import ModelsDialog

        return ModelsDialog(self._services.supervisor.fit.judge, parent=self._window)

    def _make_settings_dialog(self) -> SettingsDialog:
        from desktop.ui.settings.dialog import SettingsDialog

        def cost(settings: Settings) -> str | None:
            footprint = services.supervisor.fit.cost(settings, services.choice.model_of(settings))
            return memory_words(footprint.rss, footprint.kv_bytes) if footprint else None

        services = self._services
        return SettingsDialog(services.store.current, services.choice.installed(), cost, parent=self._window)

    def _make_quick_box(self) -> QuickAsk:
        from desktop.ui.quick_ask.box import QuickAsk

        return QuickAsk()

    def _show_about(self) -> None:
        from desktop.ui.about import AboutDialog

        dialog = AboutDialog(self._about(), parent=self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()
