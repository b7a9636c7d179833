"""What many people never ask for: reading aloud, checks of models, smaller ones, tables. Made when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from desktop.app.services import Services
from desktop.app.windows.dialogs import make_checks, make_reading, make_tables
from desktop.app.windows.students import make_students
from desktop.common.errors import UserFacingError
from desktop.documents.library.libraries import DocumentLibrary
from desktop.models.types import InstalledModel
from desktop.ui.widgets.banner import Notice, NoticeAction, Severity
from desktop.ui.words import error_detail, error_remedy, error_title

if TYPE_CHECKING:
    from desktop.ui.chat.presenter import ChatPresenter
    from desktop.ui.chat.window import ChatWindow
    from desktop.ui.check.presenter import ChecksPresenter
    from desktop.ui.speech.presenter import ReadAloud
    from desktop.ui.students.presenter import StudentsPresenter
    from desktop.ui.tables.presenter import TablesPresenter

_UNHEARD_KEY: Final = "unheard"  # of the banner that says why nothing is read aloud


class RarelyUsed(QObject):
    """See the module.

    Attributes:
        troubled: (UserFacingError) Something went wrong.
        noticed: (Notice) There is something to say in the window.
        outdated: (str) Key of a notice that is true no longer.
        trialFailed: (UserFacingError) The voice that was tried in the settings was not heard.
        abilitiesChanged: More is known of what models can do.
        announced: (title, text) Something has come to its end, for who does not look at a window.
        workChanged: (str) What is worked at in the background, in words; empty: nothing is.
    """

    troubled = Signal(object)
    noticed = Signal(object)
    outdated = Signal(str)
    trialFailed = Signal(object)
    abilitiesChanged = Signal()
    announced = Signal(str, str)
    workChanged = Signal(str)

    def __init__(
        self,
        services: Services,
        window: Callable[[], ChatWindow | None],
        models_dialog: Callable[[], QWidget | None],
        can_ask: Callable[[], bool],
        parent: QObject,
    ) -> None:
        """
        Args:
            services: What it is made of.
            window: Returns the chat window, once it was shown.
            models_dialog: Returns the list of models, once it was shown.
            can_ask: Tells whether a model can be asked now.
            parent: Owner.
        """
        super().__init__(parent)
        self._services = services
        self._window = window
        self._models_dialog = models_dialog
        self._can_ask = can_ask
        self._reading: ReadAloud | None = None
        self._checks: ChecksPresenter | None = None
        self._tables: TablesPresenter | None = None
        self._students: StudentsPresenter | None = None

    @property
    def reading(self) -> ReadAloud:
        """Reads messages aloud."""
        if self._reading is None:
            reading = self._reading = make_reading(self._services, self)
            reading.troubled.connect(self._on_nothing_heard)
            reading.heard.connect(lambda: self.outdated.emit(_UNHEARD_KEY))
            self._services.store.subscribe(reading.on_settings)
        return self._reading

    @property
    def checks(self) -> ChecksPresenter:
        """Finds out what models can do."""
        if self._checks is None:
            checks = self._checks = make_checks(self._services, lambda: self._models_dialog() or self._window(), self)
            checks.troubled.connect(self.troubled)
            checks.changed.connect(self.abilitiesChanged)
            self._services.engine_events.subscribe(checks.on_engine_event)
        return self._checks

    @property
    def tables(self) -> TablesPresenter:
        """Makes tables from documents."""
        if self._tables is None:
            tell = self.troubled.emit
            tables = self._tables = make_tables(self._services, self._can_ask, self._window, tell, self)
            tables.troubled.connect(self.troubled)
            tables.finished.connect(self.noticed)
            tables.shown.connect(self.outdated)
            self._services.engine_events.subscribe(tables.making.on_engine_event)
        return self._tables

    @property
    def students(self) -> StudentsPresenter:
        """Makes smaller models of models."""
        if self._students is None:
            students = self._students = make_students(
                self._services, lambda: self._models_dialog() or self._window(), self._works_behind, self
            )
            students.troubled.connect(self.troubled)
            students.noticed.connect(self.noticed)
            students.announced.connect(self.announced)
            students.outdated.connect(self.outdated)
            students.workChanged.connect(self.workChanged)
            self._services.engine_events.subscribe(students.on_engine_event)
        return self._students

    def follow(self, window: ChatWindow, chat: ChatPresenter) -> None:
        """Reads aloud what is asked for in a window."""
        self.reading.follow(window)
        chat.opened.connect(self.reading.turn_to)
        chat.opened.connect(lambda _conversation: self.outdated.emit(_UNHEARD_KEY))
        self._services.chat_events.subscribe(self.reading.on_chat_event)

    def show_table_of(self, library: DocumentLibrary) -> None:
        """Shows how a table is made from the documents of a library."""
        self.tables.show_for_library(library)

    def show_students(self, model: InstalledModel) -> None:
        """Shows how a smaller one is made of a model."""
        self.students.show(model)

    def show_work(self) -> None:
        """Shows what is worked at in the background."""
        self.students.show_current()

    def go_on(self) -> None:
        """Goes on with what was worked at when the program ended."""
        # Before the first one nothing of it is imported.
        if self._services.paths.students_dir.is_dir():
            self.students.begin()

    def on_writing(self) -> None:
        """Takes that somebody writes a question."""
        if self._students is not None:
            self._students.give_way()

    def show_checks(self, model: InstalledModel) -> None:
        """Shows what is known of a model."""
        self.checks.show(model)

    def ability_of(self, model: InstalledModel) -> str:
        """Returns a line about what a model can do; empty: nothing is known."""
        # Before the first check nothing of it is imported.
        return self.checks.summary_of(model) if self._services.paths.checks_dir.is_dir() else ""

    def ratings_changed(self) -> None:
        """Takes that an answer was marked up or down."""
        if self._checks is not None:
            self._checks.ratings_changed()

    def try_reading(self) -> None:
        """Lets the voice be heard that the settings have."""
        self.reading.try_out()

    def pause(self) -> None:
        """Pauses what asks the model: its folder is being moved."""
        if self._checks is not None:
            self._checks.pause()
        if self._tables is not None:
            self._tables.making.pause()
        if self._students is not None:
            self._students.pause()

    def close(self) -> None:
        """Ends it, for quitting."""
        if self._reading is not None:
            self._reading.close()
        if self._checks is not None:
            self._checks.shut_down()
        if self._tables is not None:
            self._tables.shut_down()
        if self._students is not None:
            self._students.shut_down()

    def _works_behind(self) -> bool:
        return self._checks is not None and self._checks.is_checking

    def _on_nothing_heard(self, error: UserFacingError, is_trial: bool) -> None:
        from desktop.speech.errors import CannotReadAloudError

        if is_trial:
            self.trialFailed.emit(error)
            return
        command = error.command if isinstance(error, CannotReadAloudError) else ""
        copy = NoticeAction(self.tr("Copy the command"), lambda: QGuiApplication.clipboard().setText(command))
        what, do = error_detail(error), error_remedy(error)
        actions = (copy,) if command else ()
        words = error_title(error), *((do, what) if command else (what, do))  # a command follows what it is for
        self.noticed.emit(Notice(*words, actions=actions, severity=Severity.PROBLEM, key=_UNHEARD_KEY))
