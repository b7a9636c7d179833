"""Whether words may go to the server that answers: asked once for each, before the first."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.common.errors import UserFacingError
from desktop.engine.routing import server_model
from desktop.ui.widgets.banner import Notice, NoticeAction, Severity

if TYPE_CHECKING:  # before there is a server nothing of them is imported
    from desktop.servers.registry import Server

CONSENT_KEY = "server-consent"  # of the banner that asks


class ServerConsent(QObject):
    """Asks where the words are; what was written stays there until somebody has decided.

    Signals:
        resolved: What waited may be asked now.
        declined: Words shall not go there: what waited is not asked by itself any more; from the quick box, it is asked
            here.
        serversRequested: The server is gone; the list of servers shall be seen.
        troubled: The decision could not be kept: a UserFacingError.
    """

    resolved = Signal()
    declined = Signal()
    serversRequested = Signal()
    troubled = Signal(object)

    def __init__(
        self,
        server_of: Callable[[str], Server | None],
        agree: Callable[[str], None],
        show: Callable[[Notice], None],
        withdraw: Callable[[str], None],
        parent: QObject | None = None,
        *,
        of_quick_ask: bool = False,
    ) -> None:
        """
        Args:
            server_of: Returns the server that a choice names; None: it is gone.
            agree: Keeps that words may go to the server that a choice names; raises UserFacingError.
            show: Shows a notice with the words.
            withdraw: Takes it away, by its key.
            parent: Owner.
            of_quick_ask: It is asked in the quick box, and not above a conversation.
        """
        super().__init__(parent)
        self._server_of, self._agree = server_of, agree
        self._show, self._withdraw = show, withdraw
        self._of_quick_ask = of_quick_ask
        self._refused: str | None = None

    def may_ask(self, choice: str) -> bool:
        """Tells whether words may go to the server that a choice names, and remembers if not."""
        server = self._server_of(choice)
        may = server is not None and server.may_be_asked
        self._refused = None if may else choice
        if may:
            self._withdraw(CONSENT_KEY)
        return may

    def forget(self) -> None:
        """Says that it was something else that was asked about last."""
        self._refused = None

    def say_why_not(self) -> bool:
        """Asks for what stood against asking when :meth:`may_ask` was called last; False: nothing did."""
        if self._refused is None:
            return False
        server = self._server_of(self._refused)
        self._show(self._gone(self._refused) if server is None else self._question(self._refused, server))
        return True

    def _question(self, choice: str, server: Server) -> Notice:
        place = server.address.place
        if server.address.is_open:
            detail = self.tr("It is not encrypted: others on the way can read along.")
        elif self._of_quick_ask:
            detail = self.tr("That is the question, and with a quick action the text that is selected.")
        else:
            detail = self.tr("That is the conversation so far, and the documents that it is about.")
        return Notice(
            self.tr("What you write here leaves this computer and goes to {host}.").format(host=place),
            detail,
            self.tr("This is asked once for {server}.").format(server=server.name),
            actions=(
                NoticeAction(self.tr("Send it there"), partial(self._on_agreed, choice)),
                NoticeAction(
                    self.tr("Answer on this computer") if self._of_quick_ask else self.tr("Do not send"),
                    self.declined.emit,
                ),
            ),
            severity=Severity.PROBLEM if server.address.is_open else Severity.INFO,
            key=CONSENT_KEY,
        )

    def _gone(self, choice: str) -> Notice:
        chosen = server_model(choice)
        words = self.tr("The server that answers in this conversation is no longer listed: {server}.")
        here: tuple[NoticeAction, ...] = ()
        if self._of_quick_ask:
            words = self.tr("The server that answers the quick ask is no longer listed: {server}.")
            here = (NoticeAction(self.tr("Answer on this computer"), self.declined.emit),)
        return Notice(
            words.format(server=chosen.server if chosen is not None else choice),
            remedy=self.tr("Your question is kept. Add it again under this name, or choose another model."),
            actions=(*here, NoticeAction(self.tr("Servers…"), self.serversRequested.emit)),
            severity=Severity.PROBLEM,
            key=CONSENT_KEY,
        )

    def _on_agreed(self, choice: str) -> None:
        try:
            self._agree(choice)
        except UserFacingError as problem:
            self.troubled.emit(problem)
        else:
            self._refused = None
            self.resolved.emit()
