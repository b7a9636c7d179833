"""What was asked for while no model could answer, until one can or something else is wanted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from desktop.ui.chat.pane import ConversationPane


class Act(Enum):
    """What is to be done."""

    SEND = auto()
    EDIT = auto()
    REGENERATE = auto()
    GO_ON = auto()


@dataclass(frozen=True)
class Wish:
    """What was asked for.

    Attributes:
        act: What is to be done; a text to send or to edit stays in the composer meanwhile and may still change.
        conversation: Where; None: in the one that is not begun yet.
        message: The message that is edited.
    """

    act: Act
    conversation: str | None
    message: int | None = None


class WaitingWish:
    """The last wish that could not be granted."""

    def __init__(self, pane: ConversationPane, current: Callable[[], str | None]) -> None:
        """
        Args:
            pane: Has the texts.
            current: Returns the conversation that is shown.
        """
        self._pane = pane
        self._current = current
        self._wish: Wish | None = None

    @property
    def question(self) -> str:
        """The question that is answered when there is a model, as it reads now; empty: none waits.

        One that is sent waits as a draft, whatever is shown. An edit, or another answer, waits only while nothing else
        is shown.
        """
        wish, pane = self._wish, self._pane
        if wish is None:
            return ""
        if wish.act is Act.SEND:
            return pane.draft_of(wish.conversation).strip()
        if wish.conversation != self._current():
            return ""
        if wish.act is Act.EDIT:
            return pane.composer.text().strip() if pane.edited_message == wish.message else ""
        question = pane.transcript.reach.last_question()
        return question.text if question is not None else ""

    @property
    def conversation(self) -> str | None:
        """Where it was wished for; None: in the one that is not begun yet, or there is no wish."""
        return self._wish.conversation if self._wish is not None else None

    def keep(self, wish: Wish) -> None:
        """Lets a wish wait, in the place of an earlier one."""
        self._wish = wish

    def drop(self) -> None:
        """Forgets it: something else was done."""
        self._wish = None

    def turn_to(self, conversation_id: str | None) -> None:
        """Forgets what only waits while its conversation is shown, where that is another one."""
        if self._wish is not None and self._wish.act is not Act.SEND and self._wish.conversation != conversation_id:
            self._wish = None

    def take(self) -> tuple[Wish, str] | None:
        """Returns the wish and its question, if it is still wanted, and forgets it."""
        question = self.question
        wish, self._wish = self._wish, None
        return (wish, question) if wish is not None and question else None
