"""Questions that were asked before a model could answer them: what is said meanwhile, and when they are asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from desktop.app.services import Services, chosen_file
from desktop.app.windows.permission import AskPermission
from desktop.chat.events import AnswerBegan, ChatEvent
from desktop.common.errors import UserFacingError
from desktop.engine.routing import server_model
from desktop.ui.chat.readiness import model_is_tried, models_are_moving
from desktop.ui.models.presenter import ModelsPresenter
from desktop.ui.quick_ask.presenter import QuickPresenter

if TYPE_CHECKING:
    from desktop.ui.chat.asking import Asking
    from desktop.ui.chat.presenter import ChatPresenter


class WaitingQuestions(QObject):
    """Asks what waits in the chat and in the quick box as soon as there is a model that may be loaded."""

    def __init__(
        self,
        services: Services,
        permission: AskPermission,
        models: ModelsPresenter,
        quick: QuickPresenter,
        report: Callable[[UserFacingError], None],
        show_window: Callable[[], None],
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            services: Know the models.
            permission: Knows whether one can be asked, or a server, and says why not.
            models: Offers models where there is none.
            quick: The quick box.
            report: Shows an error.
            show_window: Brings the chat window to the front.
            parent: Owner.
        """
        super().__init__(parent)
        self._services = services
        self._readiness = permission.readiness
        self._consent, self._quick_consent = permission.consent, permission.quick_consent
        self._models = models
        self._quick = quick
        self._report = report
        self._show_window = show_window
        self._asking: Asking | None = None
        self._failed_model = ""  # id of the one of which nothing is expected any more
        quick.modelNeeded.connect(self._on_needed_in_box)
        self._readiness.resolved.connect(self.ask)
        self._consent.resolved.connect(self._ask_server)
        self._quick_consent.resolved.connect(quick.on_model_ready)
        self._quick_consent.declined.connect(quick.answer_here)

    def follow(self, chat: ChatPresenter) -> None:
        """Begins with a chat window as well."""
        self._asking = chat.asking
        chat.asking.modelNeeded.connect(self._on_needed_in_chat)
        self._consent.declined.connect(chat.asking.drop_waiting)
        self._services.chat_events.subscribe(self._on_chat_event)

    def wait_for_another_model(self) -> None:
        """Shows the models; the answer that has failed is asked for again as soon as another one is chosen."""
        model = self._services.choice.in_use()
        self._failed_model = model.id if model is not None else ""
        if self._asking is not None:
            self._asking.wait_for_another_model()
            self._models.set_waiting_question(self._asking.waiting_question or None)
        others = (one for one in self._services.choice.installed() if one.id != self._failed_model)
        usable = (one.id for one in others if one.kind.can_chat and not (one.missing or one.is_bad))
        self._models.show(begin_with=next(usable, ""))

    def ask(self) -> None:
        """Asks the questions that wait, now that there may be a model."""
        model = self._services.choice.ready()
        if model is None or model.id == self._failed_model:
            return
        self._failed_model = ""
        in_chat = self._asking.waiting_question if self._asking is not None and not self._waits_for_server() else ""
        in_box = self._of_box
        if in_chat or in_box:
            if not self._readiness.can_ask():
                self._readiness.say_why_not()
                return
            self._models.set_waiting_question(None)
            self._models.close()  # the answer is to be seen
        if in_chat and in_chat == in_box:
            self._quick.hide()  # asked once, and where the answer is kept
            self._show_window()
        if self._asking is not None and not self._waits_for_server():
            self._asking.on_model_ready()
        if not self._quick.waits_for_server:
            self._quick.on_model_ready()

    def on_trial_ended(self) -> None:
        """A model was tried: if it does not work, whoever has asked meanwhile is shown where there are others."""
        in_chat = self._asking.waiting_question if self._asking is not None and not self._waits_for_server() else ""
        question = in_chat or self._of_box
        if question and self._services.choice.ready() is None:
            self._on_model_needed(question)

    def _on_chat_event(self, event: ChatEvent) -> None:
        if isinstance(event, AnswerBegan) and self._asking is not None and not self._asking.waiting_question:
            self._failed_model = ""  # it was asked again, or something else was
            self._models.set_waiting_question(None)

    @property
    def _of_box(self) -> str:
        """The question in the quick box that waits for a model of this computer; empty: none does."""
        return "" if self._quick.waits_for_server else self._quick.waiting_question

    def _waiting_choice(self) -> str | None:
        return chosen_file(self._services, self._asking.waiting_conversation) if self._asking is not None else None

    def _waits_for_server(self) -> bool:
        """Tells whether a server is meant to answer what waits in the chat: no model of this computer is waited for."""
        return server_model(self._waiting_choice()) is not None

    def _ask_server(self) -> None:
        """Asks what has waited for somebody to say that it may go to a server."""
        choice = self._waiting_choice()
        if (
            self._asking is not None
            and choice is not None
            and self._waits_for_server()
            and self._consent.may_ask(choice)
        ):
            self._asking.on_model_ready()

    def _on_needed_in_chat(self, question: str) -> None:
        if not self._consent.say_why_not():
            self._on_model_needed(question)

    def _on_needed_in_box(self, question: str) -> None:
        if not self._quick_consent.say_why_not():
            self._on_model_needed(question)

    def _on_model_needed(self, question: str) -> None:
        self._failed_model = ""
        if self._services.models.is_moving:
            self._report(models_are_moving())
        elif self._services.models.trying:  # and chosen if it works, also where another was and is gone
            self._report(model_is_tried())
        elif not self._readiness.say_why_not():
            self._models.set_waiting_question(question or None)
            self._models.show(self._services.choice.lost())
