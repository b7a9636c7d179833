"""Connects the boxes that questions are written in with the waking before they are asked."""

from __future__ import annotations

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from desktop.chat.quick_ask import QuickAskService
from desktop.chat.service import ChatService
from desktop.common.errors import UserFacingError
from desktop.engine.types import Generation
from desktop.lifecycle.preload import Preloader
from desktop.ui.chat.pane import ConversationPane
from desktop.ui.quick_ask.presenter import QuickPresenter

_log = logging.getLogger(__name__)
_QUICK = "quick ask"
_CHAT = "chat "


class PreloadTriggers(QObject):
    """Follows the composer and the quick box."""

    def __init__(
        self, early: Preloader, chat: ChatService, quick: QuickAskService, parent: QObject | None = None
    ) -> None:
        """
        Args:
            early: Wakes the model.
            chat: Knows what is known of a conversation.
            quick: The same for the quick ask.
            parent: Owner.
        """
        super().__init__(parent)
        self._early = early
        self._chat = chat
        self._quick = quick

    def follow_pane(self, pane: ConversationPane) -> None:
        """Wakes the model when something is written in the composer."""
        pane.composer.composed.connect(lambda text: self._on_composing(pane.current, text))

    def follow_quick(self, presenter: QuickPresenter) -> None:
        """Wakes the model when the box opens."""
        presenter.opened.connect(self._on_quick)
        presenter.composing.connect(lambda text: self._on_quick() if text else None)
        presenter.closed.connect(lambda: self._early.drop(_QUICK))

    def _on_composing(self, conversation: str | None, text: str) -> None:
        key = f"{_CHAT}{conversation or ''}"
        if text.strip():
            self._want(key, lambda: self._chat.preparation(conversation))
        else:
            # Sending empties the composer too, and asks a moment later: then nothing is given up.
            QTimer.singleShot(0, self, lambda: self._early.drop(key))

    def _on_quick(self) -> None:
        self._want(_QUICK, self._quick.preparation)

    def _want(self, key: str, request: Callable[[], Generation | None]) -> None:
        try:
            self._early.want(key, request)
        except UserFacingError as problem:
            _log.warning("not woken early: %s", problem.title)  # said when the question is asked
