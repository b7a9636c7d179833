"""Connects the first steps with the models, the settings and the system."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QObject, Signal

from desktop.common.errors import UserFacingError
from desktop.lifecycle.first_choice import FirstChoice
from desktop.models.choice import ModelChoice
from desktop.models.download.proxy.proxy_errors import ProxyAccountNeededError
from desktop.models.events import (
    DownloadBroke,
    DownloadMoved,
    FolderMoving,
    LibraryChanged,
    ModelArrived,
    ModelEvent,
    ModelTrouble,
    TrialBegan,
    TrialEnded,
)
from desktop.models.service import ModelService
from desktop.settings.store import SettingsStore
from desktop.system.login.service import LoginStart
from desktop.ui.language import language_for
from desktop.ui.models.entry import CardAction

if TYPE_CHECKING:  # the window itself is imported when it is needed, which is once
    from desktop.ui.first_run.dialog import FirstRunDialog


class FirstRunPresenter(QObject):
    """Opens the dialog for somebody who is new here, once, and keeps it up to date.

    Attributes:
        ended: The dialog was closed, whatever was done in it.
        languageChosen: (value of the option ``language``) It is to be in force at once; it is stored already.
        modelsRequested: All models are wanted.
        folderRequested: Models shall lie elsewhere.
        troubled: Something could not be stored: a UserFacingError.
    """

    ended = Signal()
    languageChosen = Signal(str)
    modelsRequested = Signal()
    folderRequested = Signal()
    troubled = Signal(object)

    def __init__(
        self,
        make_dialog: Callable[[str, bool], FirstRunDialog],
        service: ModelService,
        choice: ModelChoice,
        look: Callable[[str], FirstChoice],
        store: SettingsStore,
        login: LoginStart,
        has_conversations: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            make_dialog: Makes the dialog, for a language and for whether Catnap starts at login.
            service: Does what the user asks for.
            choice: What is installed and chosen.
            look: Looks at this computer and returns what to offer to somebody who speaks a language ("en", "zh").
            store: The settings.
            login: What the system starts at login.
            has_conversations: Whether there are any, deleted ones included.
            parent: Owner.
        """
        super().__init__(parent)
        self._make_dialog = make_dialog
        self._service = service
        self._choice = choice
        self._look = look
        self._store = store
        self._login = login
        self._has_conversations = has_conversations
        self._dialog: FirstRunDialog | None = None
        self._found: FirstChoice | None = None

    @property
    def dialog(self) -> FirstRunDialog | None:
        """The dialog, while it is open."""
        return self._dialog

    @property
    def is_open(self) -> bool:
        return self._dialog is not None

    def is_due(self) -> bool:
        """Whether somebody is new here: no model, none chosen or tried, no conversation, and this was never shown."""
        settings = self._store.current
        if not settings.first_steps or settings.model or self._choice.is_unknown or self._service.trying:
            return False
        return self._choice.ready() is None and not self._service.partials() and not self._has_conversations()

    def show(self) -> None:
        """Opens the dialog, or brings it to the front; it counts as shown from now on, whatever happens."""
        if self._dialog is None:
            self._store_setting(first_steps=False)
            self._open()
        assert self._dialog is not None
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()

    def hide(self) -> None:
        """Takes the dialog off the screen, for quitting."""
        if self._dialog is not None:
            self._dialog.hide()

    def model_changed(self) -> None:
        """Shows whether there is a model to ask now: it may be chosen a moment after it has come."""
        self._fill()

    def on_event(self, event: ModelEvent) -> None:
        """Takes an event of the model service."""
        dialog = self._dialog
        if dialog is None:
            return
        if isinstance(event, DownloadMoved):
            dialog.show_progress(event.progress)
        elif isinstance(event, DownloadBroke):
            dialog.show_failure(event.model_id, event.error)
            if isinstance(event.error, ProxyAccountNeededError):
                self.modelsRequested.emit()  # it is asked for there
        elif isinstance(event, ModelTrouble):
            dialog.show_error(event.error)
        elif isinstance(event, TrialEnded):
            self._fill()
            dialog.show_error(event.verdict.problem)
        elif isinstance(event, LibraryChanged | ModelArrived | TrialBegan):
            self._fill()
        elif isinstance(event, FolderMoving) and event.fraction is None:
            self._look_again()

    def _open(self) -> None:
        dialog = self._dialog = self._make_dialog(self._language, self._login.is_on())
        dialog.acted.connect(self._act)
        dialog.languageChosen.connect(self._choose_language)
        dialog.loginChosen.connect(self._turn_login)
        dialog.importRequested.connect(lambda path: self._service.import_file(Path(path)))
        dialog.modelsRequested.connect(self._show_all)
        dialog.folderRequested.connect(self.folderRequested)
        dialog.lookRequested.connect(self._look_again)
        dialog.finished.connect(self._end)
        self._look_again()

    @property
    def _language(self) -> str:
        return language_for(self._store.current.language, QLocale.system())

    def _look_again(self) -> None:
        self._choice.refresh()
        self._found = self._look(self._language.partition("_")[0])
        self._fill()

    def _fill(self) -> None:
        from desktop.ui.first_run.dialog import FirstRunState

        if self._dialog is None or self._found is None:
            return
        in_use = self._choice.in_use()
        self._dialog.show_state(
            FirstRunState(
                self._found,
                self._choice.installed(),
                in_use.id if in_use is not None else "",
                self._service.partials(),
                self._service.trying,
            )
        )

    def _act(self, model_id: str, action: CardAction) -> None:
        match action:
            case CardAction.DOWNLOAD | CardAction.RESUME:
                self._service.download(model_id)
            case CardAction.PAUSE:
                self._service.pause(model_id)
            case CardAction.CANCEL:
                self._service.cancel(model_id)
            case CardAction.USE:
                self._service.use(model_id)

    def _choose_language(self, language: str) -> None:
        if not self._store_setting(language=language):
            return
        self.languageChosen.emit(language)
        self._found = self._look(language.partition("_")[0])
        if self._dialog is not None:
            self._dialog.say_again()
            self._fill()

    def _turn_login(self, on: bool) -> None:
        try:
            self._login.turn(on)
        except UserFacingError as problem:
            if self._dialog is not None:
                self._dialog.show_error(problem)
        if self._dialog is not None:
            self._dialog.set_login(self._login.is_on())

    def _show_all(self) -> None:
        if self._dialog is not None:
            self._dialog.close()
        self.modelsRequested.emit()

    def _store_setting(self, **values: str | bool) -> bool:
        try:
            self._store.change(**values)
        except UserFacingError as problem:
            self.troubled.emit(problem)
            return False
        return True

    def _end(self) -> None:
        if self._dialog is not None:
            self._dialog.deleteLater()
            self._dialog = None
            self.ended.emit()
