"""Whether whoever answers may be asked now: a model that fits into memory, or a server that words may go to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.app.servers import Servers
from desktop.engine.routing import server_model
from desktop.lifecycle.admission import AdmissionCheck
from desktop.models.choice import ModelChoice
from desktop.settings.store import SettingsStore
from desktop.ui.chat.readiness import Readiness
from desktop.ui.servers.consent import CONSENT_KEY, ServerConsent
from desktop.ui.widgets.banner import Notice

if TYPE_CHECKING:
    from desktop.ui.chat.presenter import ChatPresenter


class AskPermission(QObject):
    """Is asked before each question, in the window and in the quick box; which of the three says why not follows.

    Attributes:
        troubled: (UserFacingError) What somebody has decided could not be kept.
        questionForBox: (Notice) What must be decided before the question in the quick box is asked.
        readiness: Of the models of this computer.
        consent: To the server that answers in a conversation.
        quick_consent: To the server that answers the quick ask.
    """

    troubled = Signal(object)
    questionForBox = Signal(object)

    def __init__(
        self,
        choice: ModelChoice,
        admission: AdmissionCheck,
        store: SettingsStore,
        servers: Servers,
        chosen: Callable[[str | None], str | None],
        chosen_for_box: Callable[[], str | None],
        parent: QObject,
    ) -> None:
        """
        Args:
            choice: Turned to the model that is asked about.
            admission: Knows whether it fits.
            store: Changed by a way out where it does not.
            servers: Know what was agreed to.
            chosen: Returns which file is chosen for a conversation alone; None: none is.
            chosen_for_box: Returns the model on a server that the quick ask goes to; None: this computer answers.
            parent: Owner.
        """
        super().__init__(parent)
        self._choice = choice
        self._chosen, self._chosen_for_box = chosen, chosen_for_box
        self._chat: ChatPresenter | None = None
        change = lambda key, value: store.change(**{key: value})  # noqa: E731
        self.readiness = Readiness(lambda: choice.ready() is not None, admission, change, self)
        self.consent = ServerConsent(servers.of, servers.agree, self._show, self._withdraw, self)
        self.quick_consent = ServerConsent(
            servers.of, servers.agree, self.questionForBox.emit, lambda _key: None, self, of_quick_ask=True
        )
        for part in (self.readiness, self.consent, self.quick_consent):
            part.troubled.connect(self.troubled)
        servers.subscribe(self.look_again)
        store.subscribe(lambda _old, _new: self.readiness.look_again())

    def follow(self, chat: ChatPresenter) -> None:
        """Asks above the conversations that are shown in a window from now on."""
        self._chat = chat

    def for_conversation(self, conversation: str | None) -> bool:
        """Returns whether the model that answers in a conversation can be asked now; None: in one not yet begun."""
        chosen = self._chosen(conversation)
        if chosen is not None and server_model(chosen) is not None:
            return self.consent.may_ask(chosen)
        self.consent.forget()
        self._choice.turn_to(chosen)
        return self.readiness.can_ask()

    def look_again(self) -> None:
        """Takes back what was asked about the server of the conversation shown where it is not so any more.

        Another may answer there by now, the server be listed again, or words may go there: where still something is to
        be decided, that is asked instead.
        """
        if self._chat is None or not self._chat.notices.holds(self._chat.current, CONSENT_KEY):
            return
        chosen = self._chosen(self._chat.current)
        if chosen is None or server_model(chosen) is None:
            self._withdraw(CONSENT_KEY)
        elif not self.consent.may_ask(chosen):
            self.consent.say_why_not()

    def for_box(self) -> bool:
        """Returns the same for whoever answers the quick ask."""
        chosen = self._chosen_for_box()
        return self.quick_consent.may_ask(chosen) if chosen is not None else self.here()

    def here(self) -> bool:
        """Returns the same for the model of this computer that is in use."""
        self.quick_consent.forget()
        self._choice.turn_to(None)
        return self.readiness.can_ask()

    def _show(self, notice: Notice) -> None:
        if self._chat is not None:
            self._chat.notices.show(self._chat.current, notice)

    def _withdraw(self, key: str) -> None:
        if self._chat is not None:
            self._chat.notices.withdraw(self._chat.current, key)
