"""The chat window with everything that works in it, made when the window is first opened."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from desktop.app.services import Services
from desktop.app.watching.outside_changes import OutsideChanges
from desktop.app.windows.context import watch_context
from desktop.app.windows.dialogs import make_shape_dialog, open_forms
from desktop.app.windows.first_answer import knows_language, watch_first_answer
from desktop.common.errors import UserFacingError
from desktop.engine.types import Stats
from desktop.machine.memory import MemoryReading
from desktop.ui.chat.deleted import DeletedPresenter
from desktop.ui.chat.presenter import ChatPresenter
from desktop.ui.chat.window import ChatWindow
from desktop.ui.check.thumbs import ThumbsPresenter
from desktop.ui.conversations.choosing import Choosing
from desktop.ui.exchange.presenter import ExchangePresenter
from desktop.ui.servers.offers import offered_models
from desktop.ui.structured.presenter import ShapePresenter
from desktop.ui.transcript.warming.imports import ImportWarming


class MainWindow(QObject):
    """Its parts are handed out: whoever makes it connects them with what there is outside of it.

    Attributes:
        window: The window itself.
        chat: Shows conversations in it.
        choosing: Shows and changes what is chosen for the conversation in it.
        context: Keeps the meter of the context up to date.
        shapes: Has the next answer keep to a shape.
        first_answer: The line under a small model's first answer.
        thumbs: Marks answers up and down.
        exchange: Exports and imports.
        outside: Sees what other programs have changed.
        deleted: Shows deleted conversations.
    """

    def __init__(
        self,
        services: Services,
        app: QGuiApplication,
        measure: Callable[[], MemoryReading],
        can_ask: Callable[[str | None], bool],
        report: Callable[[UserFacingError], None],
        enlarge: Callable[[int], None],
        parent: QObject,
    ) -> None:
        """
        Args:
            services: What it shows and changes.
            app: Tells when it gets the focus.
            measure: Measures the memory.
            can_ask: Whether the model that answers in a conversation can be asked now; None: in one not yet begun.
            report: Shows an error.
            enlarge: Puts a context of so many tokens in force, or says why it could not.
            parent: Owner.
        """
        super().__init__(parent)
        self._services = services
        window = self.window = ChatWindow(measure)
        self._calculator = ImportWarming(self._prepare_calculator, "calculator", self)
        chat = self.chat = ChatPresenter(
            window, services.chat, services.history, lambda: can_ask(self.chat.current), self, in_pieces=True
        )
        services.chat_events.subscribe(chat.on_chat_event)
        chat.language_guard.knows = partial(knows_language, services)
        self.context = watch_context(services, window, chat, enlarge, self)
        self.choosing = Choosing(
            window, chat, services.chat.choices, services.choice, services.models,
            lambda chosen: offered_models(services.servers.all(), chosen), self,
        )  # fmt: skip
        self.shapes = self._make_shapes(report)
        self.first_answer = watch_first_answer(services, window, self)
        self.thumbs = ThumbsPresenter(window, services.history, report, self)
        self.exchange = ExchangePresenter(window, services.history, lambda: chat.current, parent=self)
        self.exchange.imported.connect(lambda _newest: chat.refresh())
        self.exchange.openRequested.connect(chat.open)
        self.outside = OutsideChanges(app, services, window.isVisible, chat.refresh, report, self)
        self.deleted = DeletedPresenter(
            window,
            chat,
            services.history,
            lambda: services.store.current.keep_deleted_days,
            services.chat.delete_for_good,
            services.chat.remove_messages,
            self,
        )

    def show(self) -> None:
        """Brings the window to the front, ready to be written in."""
        window = self.window
        if window.isMinimized():
            window.showNormal()
        window.show()
        window.raise_()
        window.activateWindow()
        window.pane.focus_composer()
        self.outside.look()
        self._calculator.begin()

    def show_model(self, name: str, *, is_there: bool) -> None:
        """Shows which model answers where none is chosen for a conversation alone.

        Args:
            name: Its name; empty: there is none.
            is_there: Its file is.
        """
        self.window.status.set_model(name, is_there)
        self.choosing.refresh()

    def last_stats(self) -> Stats | None:
        """Returns the figures of the last answer in it that this computer gave; None: there is none."""
        messages = self.window.pane.transcript.messages
        own = (message for message in reversed(messages) if not message.place)  # no server is slow for our reasons
        return next((message.stats for message in own if message.stats is not None), None)

    def close(self) -> None:
        """Ends what works in it, and takes its dialogs off the screen, for quitting; :meth:`end` takes the window."""
        self.exchange.close()
        self.outside.close()
        if self.shapes.dialog is not None:
            self.shapes.dialog.hide()

    def _prepare_calculator(self) -> None:
        """Runs on a thread of its own. The quick box prepares nothing: it may be all of Catnap that is ever used."""
        if self._services.store.current.calculate:
            self._services.calculator.prepare()

    def _make_shapes(self, report: Callable[[UserFacingError], None]) -> ShapePresenter:
        services = self._services
        make = partial(make_shape_dialog, self.window)
        library = partial(open_forms, services, report)
        shapes = ShapePresenter(self.window, self.chat, services.chat, make, library, services.writer.put, self)
        shapes.troubled.connect(report)
        services.chat_events.subscribe(shapes.on_chat_event)
        return shapes
