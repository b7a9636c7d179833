"""In which language a conversation is answered: what was expected, and what is wanted from now on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from desktop.chat.choices import ChatChoices
from desktop.engine.types import Role
from desktop.history.choices import PreferredLanguage
from desktop.history.records import MessageState, StoredMessage
from desktop.history.store import History
from desktop.personas.persona import GENERAL

if TYPE_CHECKING:
    from desktop.chat.answer_language import OtherLanguage  # some milliseconds: where there is something to judge

# Messages among which one may have wished for a language.
_REMEMBERED = 60


class ConversationLanguages:
    """Judges answers by their conversation. GUI thread."""

    def __init__(self, history: History, choices: ChatChoices) -> None:
        """
        Args:
            history: Has the messages.
            choices: Who answers, about what, and in which language.
        """
        self._history, self._choices = history, choices

    def other(self, path: Sequence[StoredMessage]) -> OtherLanguage | None:
        """Returns in which language an answer came that should have come in another; None: it is no fault.

        Args:
            path: The messages up to the answer.

        Raises:
            UserFacingError: The history cannot be read.
        """
        answer = path[-1]
        questions = [message.text for message in path[-_REMEMBERED:] if message.role is Role.USER]
        if not questions or not answer.can_be_rated or answer.state is MessageState.FAILED:
            return None
        if questions[-1].isascii() and answer.text.isascii():  # no Chinese, nor another script
            return None
        from desktop.chat.answer_language import other_language

        choices = self._choices.of(answer.conversation_id)
        if choices.document is not None or choices.library is not None:  # which may be in another
            return None
        told, *before = self._choices.voice(answer.conversation_id).system_prompt, *questions[:-1]
        if choices.persona in (None, GENERAL):  # what everybody is told says nothing of the language of answers
            return other_language(questions[-1], answer.text, (told, *before))
        return other_language(questions[-1], answer.text, before, told)

    def prefer(self, conversation_id: str, language: str) -> None:
        """Has the last question answered in a language, with the next answer to it, and those in it that follow.

        Raises:
            UserFacingError: The history cannot be read, or written.
        """
        asked = [one.id for one in self._history.transcript(conversation_id).messages if one.role is Role.USER]
        choices = self._choices.of(conversation_id)
        before = choices.language
        if asked and (before is None or before.code != language):
            self._choices.choose(conversation_id, replace(choices, language=PreferredLanguage(language, asked[-1])))
