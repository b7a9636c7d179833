"""Answers that are computed, so that no model is asked."""

from __future__ import annotations

from collections.abc import Callable

from desktop.chat.choices import ChatChoices
from desktop.chat.events import AnswerBegan, AnswerStored, ChatEvent, ConversationsChanged
from desktop.common.errors import UserFacingError
from desktop.functions.calculation import Calculation
from desktop.history.choices import ConversationChoices
from desktop.history.records import CALCULATED, MessageState, StoredMessage
from desktop.history.store import History


class CalculatedAnswers:
    """Computes and stores them. GUI thread."""

    def __init__(
        self,
        history: History,
        notify: Callable[[ChatEvent], None],
        choices: ChatChoices,
        calculate: Callable[[str], Calculation | None],
        is_wanted: Callable[[ConversationChoices], bool],
    ) -> None:
        """
        Args:
            history: Where they are stored.
            notify: Receives chat events, on the calling thread.
            choices: What is chosen for conversations.
            calculate: Returns the answer to what can be computed; else None.
            is_wanted: Whether it is, in a conversation for which this is chosen.
        """
        self._history = history
        self._notify = notify
        self._choices = choices
        self._calculate = calculate
        self._is_wanted = is_wanted

    def can_answer(self, text: str, conversation_id: str | None) -> bool:
        """Returns whether a message is answered by computing, so that no model is needed for it.

        Args:
            text: The message.
            conversation_id: Where it would be sent; None: in the one that is not begun yet.
        """
        try:
            return self._calculate(text.strip()) is not None and self._is_wanted(self._choices.of(conversation_id))
        except UserFacingError:  # the history cannot be read, which sending says
            return False

    def add(self, question: StoredMessage) -> StoredMessage | None:
        """Stores the answer to a question that can be computed; a part of the question's own transaction.

        Raises:
            UserFacingError: The history cannot be read, or written.
        """
        calculation = self._calculate(question.text)
        if calculation is None or not self._is_wanted(self._choices.of(question.conversation_id)):
            return None
        whole = MessageState.COMPLETE
        return self._history.add_answer(
            question.conversation_id, calculation.text, thinking="", state=whole, model=CALCULATED, stats=None,
            parent=question.id,
        )  # fmt: skip

    def tell(self, answer: StoredMessage) -> None:
        """Says that an answer is there, once its transaction is through."""
        self._notify(AnswerBegan(answer.conversation_id))
        self._notify(AnswerStored(answer))
        self._notify(ConversationsChanged(answer.conversation_id))
