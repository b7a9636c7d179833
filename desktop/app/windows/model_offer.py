"""What somebody is shown at the start who has no model: the first steps, or the models."""

from __future__ import annotations

from collections.abc import Callable

from desktop.models.choice import ModelChoice
from desktop.models.service import ModelService
from desktop.settings.store import SettingsStore
from desktop.ui.first_run.presenter import FirstRunPresenter
from desktop.ui.models.presenter import ModelsPresenter


class ModelOffer:
    """Offers a model where there is nobody to ask. Somebody who is new here sees the first steps before the window."""

    def __init__(
        self,
        first_run: FirstRunPresenter,
        dialog: ModelsPresenter,
        choice: ModelChoice,
        models: ModelService,
        store: SettingsStore,
        has_servers: Callable[[], bool],
    ) -> None:
        """
        Args:
            first_run: Shows the first steps.
            dialog: Shows the models.
            choice: Knows whether there is one to ask.
            models: Knows downloads that were begun.
            store: Knows whether somebody has seen the first steps.
            has_servers: Tells whether there is a server to ask.
        """
        self._first_run, self._dialog = first_run, dialog
        self._choice, self._models, self._store = choice, models, store
        self._has_servers = has_servers
        self._welcomes = False
        self._waits = False  # for the folder to say whether there are any

    def begin(self, *, welcomes: bool) -> None:
        """Takes that the program is shown from now on.

        Args:
            welcomes: Whether somebody who is new here sees the first steps before the first window.
        """
        self._welcomes = welcomes

    def show_first_steps(self, *, had_window: bool) -> bool:
        """Shows the first steps if they are open, or due; returns whether they are shown.

        Args:
            had_window: The window was opened before, so that nobody is welcomed any more.
        """
        is_due = self._welcomes and not had_window and self._first_run.is_due()
        if is_due or self._first_run.is_open:
            self._first_run.show()
        return self._first_run.is_open

    def show_models(self) -> None:
        """Shows the models if there is none to ask; on a slow disk that is known only after a while.

        Whoever has seen the first steps and wanted no model is left alone; a download that was begun is gone on with.
        """
        settings = self._store.current
        if not (settings.first_steps or settings.model or self._models.partials()):
            return
        if self._has_servers():
            return  # there is somebody to ask
        is_ready = self._choice.ready() is not None
        self._waits = not is_ready and self._choice.is_unknown
        if not is_ready and not self._choice.is_unknown and not self._models.trying:
            self._dialog.show()

    def on_library_changed(self) -> None:
        """Takes that the folder of the models was looked at."""
        if self._waits:
            self.show_models()
