"""Notices an answer in another language than its question, and has it given again when somebody wants that."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from desktop.chat.service import ChatService
from desktop.common.errors import UserFacingError
from desktop.history.records import StoredMessage
from desktop.ui.transcript.view import TranscriptView

if TYPE_CHECKING:  # see ConversationLanguages.other
    from desktop.chat.answer_language import OtherLanguage

# Tells whether a model may know a language: its code, and the file that is chosen for a conversation alone.
KnowsLanguage = Callable[[str, str | None], bool]


class LanguageGuard(QObject):
    """Has the line shown below the last answer."""

    def __init__(
        self,
        page: TranscriptView,
        chat: ChatService,
        guarded: Callable[[Callable[[], object]], bool],
        current: Callable[[], str | None],
        answer_again: Callable[[], None],
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            page: Shows the conversation.
            chat: Knows who answers, and what was asked.
            guarded: Does something that the history may refuse; returns whether it was done.
            current: Returns the conversation that is shown.
            answer_again: Answers its last question once more.
            parent: Owner.
        """
        super().__init__(parent)
        self._page, self._chat = page, chat
        self._guarded, self._current, self._answer_again = guarded, current, answer_again
        self.knows: KnowsLanguage = lambda _language, _file: True
        page.find_language(self._find)
        page.requests.languageRequested.connect(self._answer_in)

    def _find(self, answer: StoredMessage) -> OtherLanguage | None:
        path = self._page.messages
        if not path or path[-1].id != answer.id:
            return None
        try:
            other = self._chat.languages.other(path)
            if other is None or not self.knows(other.asked, self._chat.choices.of(answer.conversation_id).model):
                return None
        except UserFacingError:  # it is gone, or the history cannot be read, which is said elsewhere
            return None
        return other

    def _answer_in(self, language: str) -> None:
        current = self._current()
        if current is None or self._chat.answers.is_busy(current):
            return
        if self._guarded(lambda: self._chat.languages.prefer(current, language)):
            self._answer_again()
