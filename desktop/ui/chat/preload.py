"""Connects the boxes that questions are written in with the waking before they are asked."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from desktop.chat.quick_ask import QuickAskService
from desktop.chat.service import ChatService
from desktop.common.errors import UserFacingError
from desktop.engine.routing import server_model
from desktop.engine.types import Generation
from desktop.lifecycle.preload import Preloader, conversation_box
from desktop.ui.quick_ask.presenter import QuickPresenter

if TYPE_CHECKING:
    from desktop.ui.chat.pane import ConversationPane

_log = logging.getLogger(__name__)
_QUICK = "quick ask"
# Between two letters of somebody who writes slowly; longer is a pause, in which what is there is read.
_PAUSE_MS = 300


class PreloadTriggers(QObject):
    """Follows the composer and the quick box: wakes the model at the first letter, and has it read in the pauses."""

    def __init__(
        self,
        early: Preloader,
        chat: ChatService,
        quick: QuickAskService,
        parent: QObject | None = None,
        turn_to: Callable[[str | None], None] = lambda _file: None,
    ) -> None:
        """
        Args:
            early: Wakes the model.
            chat: Knows what is known of a conversation.
            quick: The same for the quick ask.
            parent: Owner.
            turn_to: Takes the file of the model that shall be loaded, as it is chosen for a conversation; None: the
                usual one.
        """
        super().__init__(parent)
        self._early = early
        self._chat = chat
        self._quick = quick
        self._turn_to = turn_to
        self._draft: tuple[str, Callable[[], Generation | None]] | None = None  # a key, and what to read for it
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._on_pause)

    def follow_pane(self, pane: ConversationPane) -> None:
        """Wakes the model when something is written in the composer."""
        pane.composer.composed.connect(lambda text: self._on_composing(pane, text))

    def begin_anew(self, pane: ConversationPane) -> None:
        """Has what comes before an empty conversation read, which has become other words; it wakes the model."""
        if pane.current is not None or pane.transcript.messages:
            return
        key, model = conversation_box(None), self._chosen_model(None)
        self._early.drop(key)
        if server_model(model) is not None:
            return
        self._turn_to(model)
        self._early.want(key, _forgiving(lambda: self._chat.preparation.request(None)))

    def follow_quick(self, presenter: QuickPresenter) -> None:
        """Wakes the model when the box opens, unless a server answers there."""
        presenter.opened.connect(self._on_quick)
        presenter.composing.connect(self._on_asking)
        presenter.closed.connect(lambda: self._drop(_QUICK))

    def _on_composing(self, pane: ConversationPane, text: str) -> None:
        conversation = pane.current
        key = conversation_box(conversation)

        def draft() -> Generation | None:
            if pane.current != conversation or pane.edited_message is not None:  # an edit continues another place
                return None
            return self._chat.preparation.request(conversation, pane.composer.text())

        model = self._chosen_model(conversation) if text.strip() else None
        if text.strip() and server_model(model) is not None:
            self._drop(key)  # a server is told no word before it is sent, and nothing here is needed for it
        elif text.strip() and not self._chat.calculated.can_answer(text, conversation):
            self._turn_to(model)
            self._early.want(key, _forgiving(lambda: self._chat.preparation.request(conversation)))
            self._read_in_pause(key, draft)
        else:
            # Sending empties the composer too, and asks a moment later: then nothing is given up. For what can be
            # computed no model is asked, so nothing is read for it.
            QTimer.singleShot(0, self, lambda: self._on_empty(key))

    def _on_empty(self, key: str) -> None:
        # Its documents may be looked through before the model is asked, which wakes on.
        if self._chat.answers.any_under_way:
            self._forget_draft()
        else:
            self._drop(key)

    def _on_quick(self) -> None:
        if self._quick.choice is not None:  # a server is told no word before it is sent
            self._drop(_QUICK)
            return
        self._turn_to(None)
        self._early.want(_QUICK, self._quick.preparation)

    def _on_asking(self, text: str) -> None:
        if text.strip() and self._quick.computes(text):  # no model is asked, so nothing is read for it
            self._drop(_QUICK)
        elif text.strip():
            self._on_quick()
            if self._quick.choice is None:
                self._read_in_pause(_QUICK, lambda: self._quick.preparation(text))

    def _chosen_model(self, conversation: str | None) -> str | None:
        try:
            return self._chat.choices.of(conversation).model
        except UserFacingError:  # which is said when the question is asked
            return None

    def _read_in_pause(self, key: str, draft: Callable[[], Generation | None]) -> None:
        self._draft = key, _forgiving(draft)
        self._pause.start()

    def _on_pause(self) -> None:
        if self._draft is not None:
            self._early.follow(*self._draft)

    def _drop(self, key: str) -> None:
        self._forget_draft()
        self._early.drop(key)

    def _forget_draft(self) -> None:
        self._pause.stop()
        self._draft = None


def _forgiving(request: Callable[[], Generation | None]) -> Callable[[], Generation | None]:
    """Makes a request that cannot be made none: what is wrong is said when the question is asked."""

    def attempt() -> Generation | None:
        try:
            return request()
        except UserFacingError as problem:
            _log.warning("not woken early: %s", problem.title)
            return None

    return attempt
