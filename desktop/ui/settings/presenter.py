"""Connects the settings dialog with the settings store and the system."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.common.errors import UserFacingError
from desktop.lifecycle.faster_answers import RepackAdvisor
from desktop.models.choice import ModelChoice
from desktop.models.events import FolderMoving, LibraryChanged, ModelEvent
from desktop.models.service import ModelService
from desktop.settings.options import START_AT_LOGIN, Settings
from desktop.settings.store import SettingsStore
from desktop.system.login.service import LoginStart
from desktop.ui.settings.gain_words import gain_words
from desktop.ui.words import error_detail, error_remedy, error_title, sentences

if TYPE_CHECKING:  # the window itself is imported when it is first opened
    from desktop.ui.settings.dialog import SettingsDialog


class SettingsPresenter(QObject):
    """Opens the dialog and applies what it says at once; the dialog is made when it is first needed.

    Attributes:
        modelsRequested: The user wants other models.
        personasRequested: The user wants to see the personas.
        serversRequested: The user wants to see the servers.
        trialRequested: The user wants to hear how answers are read.
        troubled: A value could not be applied: a UserFacingError.
    """

    modelsRequested = Signal()
    personasRequested = Signal()
    serversRequested = Signal()
    trialRequested = Signal()
    troubled = Signal(object)

    def __init__(
        self,
        make_dialog: Callable[[], SettingsDialog],
        store: SettingsStore,
        service: ModelService,
        choice: ModelChoice,
        login: LoginStart,
        faster_answers: RepackAdvisor,
        auto_threads: Callable[[], int],
        auto_context: Callable[[], int],
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            make_dialog: Makes the dialog.
            store: The settings.
            service: Chooses a model and moves the folder of all.
            choice: Knows the installed models.
            login: What the system starts at login; asked whenever the dialog opens.
            faster_answers: Finds out what that option brings, while the dialog shows it.
            auto_threads: Returns the number of threads that "Automatic" stands for.
            auto_context: Returns the context, in tokens, that "Automatic" stands for.
            parent: Owner.
        """
        super().__init__(parent)
        self._make_dialog = make_dialog
        self._store = store
        self._service = service
        self._choice = choice
        self._login = login
        self._faster_answers = faster_answers
        self._auto_threads = auto_threads
        self._auto_context = auto_context
        self._dialog: SettingsDialog | None = None
        store.subscribe(self._on_settings)
        faster_answers.subscribe(self._show_gain)

    @property
    def dialog(self) -> SettingsDialog | None:
        """The dialog, once it has been opened."""
        return self._dialog

    def show(self, key: str = "") -> None:
        """Opens the dialog on the settings in force.

        Args:
            key: The option to turn to; empty: where it was left.
        """
        dialog = self._dialog or self._make()
        if not dialog.isVisible():
            self._choice.refresh()
            dialog.set_models(self._choice.installed())
            dialog.set_auto_context(self._auto_context())
            dialog.set_settings(self._store.current)
            self._show_system(dialog)
            self._faster_answers.watch()
            self._show_gain()
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
        if key:
            dialog.reveal(key)

    def show_trial_failed(self, error: UserFacingError) -> None:
        """Says beside the button why nothing is heard."""
        if self._dialog is not None:
            words = sentences(error_title(error), error_remedy(error))
            self._dialog.set_trial_finding("\n".join(part for part in (words, error_detail(error)) if part))

    def show_page(self, key: str) -> None:
        """Opens the dialog on a page that is not made of options; see :meth:`SettingsDialog.add_page`."""
        self.show()
        if self._dialog is not None:
            self._dialog.turn_to_page(key)

    def on_model_event(self, event: ModelEvent) -> None:
        """Takes an event of the model service."""
        if self._dialog is None:
            return
        if isinstance(event, FolderMoving):
            self._dialog.set_folder_progress(event.fraction)
        elif isinstance(event, LibraryChanged):
            self._dialog.set_models(self._choice.installed())
            self._dialog.set_settings(self._store.current)
            self._show_gain()

    def _make(self) -> SettingsDialog:
        dialog = self._dialog = self._make_dialog()
        dialog.set_auto_threads(self._auto_threads())
        dialog.changed.connect(self._apply)
        dialog.modelsRequested.connect(self.modelsRequested)
        dialog.personasRequested.connect(self.personasRequested)
        dialog.serversRequested.connect(self.serversRequested)
        dialog.trialRequested.connect(self.trialRequested)
        dialog.finished.connect(lambda _result: self._faster_answers.unwatch())
        return dialog

    def _apply(self, key: str, value: str | int | float | bool) -> None:
        try:
            if key == "model_folder":
                self._service.move_folder(Path(str(value)) if value else None)
            elif key == "model":
                self._service.use(str(value))
            elif key == START_AT_LOGIN.key:
                self._login.turn(bool(value))
            else:
                self._store.change(**{key: value})
        except UserFacingError as problem:
            if self._dialog is not None and self._dialog.isVisible():
                self._dialog.set_settings(self._store.current)
                self._show_system(self._dialog)
                self._dialog.show_refusal(key, problem)
            else:
                self.troubled.emit(problem)
        else:
            if key == START_AT_LOGIN.key and self._dialog is not None:
                self._show_system(self._dialog)

    def _show_system(self, dialog: SettingsDialog) -> None:
        dialog.set_system_value(START_AT_LOGIN.key, self._login.is_on())

    def _on_settings(self, old: Settings, new: Settings) -> None:
        del old
        if self._dialog is not None:
            self._dialog.set_settings(new)
            self._show_gain()

    def _show_gain(self) -> None:
        if self._dialog is not None:
            advice = self._faster_answers.advice()
            words = gain_words(advice, is_on=self._store.current.faster_answers)
            self._dialog.set_gain(words, offered=advice is None or advice.is_offered)
