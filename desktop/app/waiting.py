"""Questions that were asked before a model could answer them: what is said meanwhile, and when they are asked."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from desktop.app.services import Services
from desktop.common.errors import UserFacingError
from desktop.ui.chat.presenter import ChatPresenter
from desktop.ui.chat.readiness import Readiness, model_is_tried, models_are_moving
from desktop.ui.models.presenter import ModelsPresenter
from desktop.ui.quick_ask.presenter import QuickPresenter


class WaitingQuestions(QObject):
    """Asks what waits in the chat and in the quick box as soon as there is a model that may be loaded."""

    def __init__(
        self,
        services: Services,
        readiness: Readiness,
        models: ModelsPresenter,
        quick: QuickPresenter,
        report: Callable[[UserFacingError], None],
        show_window: Callable[[], None],
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            services: Know the models.
            readiness: Knows whether one can be asked, and says why not.
            models: Offers models where there is none.
            quick: The quick box.
            report: Shows an error.
            show_window: Brings the chat window to the front.
            parent: Owner.
        """
        super().__init__(parent)
        self._services = services
        self._readiness = readiness
        self._models = models
        self._quick = quick
        self._report = report
        self._show_window = show_window
        self._chat: ChatPresenter | None = None
        quick.modelNeeded.connect(self._on_model_needed)
        readiness.resolved.connect(self.ask)

    def follow(self, chat: ChatPresenter) -> None:
        """Begins with a chat window as well."""
        self._chat = chat
        chat.modelNeeded.connect(self._on_model_needed)

    def ask(self) -> None:
        """Asks the questions that wait, now that there may be a model."""
        if self._services.choice.ready() is None:
            return
        in_chat = self._chat.waiting_question if self._chat is not None else ""
        in_box = self._quick.waiting_question
        if in_chat or in_box:
            if not self._readiness.can_ask():
                self._readiness.say_why_not()
                return
            self._models.set_waiting_question(None)
            self._models.close()  # the answer is to be seen
        if in_chat and in_chat == in_box:
            self._quick.hide()  # asked once, and where the answer is kept
            self._show_window()
        if self._chat is not None:
            self._chat.on_model_ready()
        self._quick.on_model_ready()

    def on_trial_ended(self) -> None:
        """A model was tried: if it does not work, whoever has asked meanwhile is shown where there are others."""
        in_chat = self._chat.waiting_question if self._chat is not None else ""
        question = in_chat or self._quick.waiting_question
        if question and self._services.choice.ready() is None:
            self._on_model_needed(question)

    def _on_model_needed(self, question: str) -> None:
        if self._services.models.is_moving:
            self._report(models_are_moving())
        elif self._services.models.trying and not self._services.choice.lost():
            self._report(model_is_tried())
        elif not self._readiness.say_why_not():
            self._models.set_waiting_question(question or None)
            self._models.show(self._services.choice.lost())
