"""An answer of the conversation service that is not in the history yet, and what it needs of the history."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from desktop.chat.prompt import Prompt
from desktop.engine.types import Stats
from desktop.history.records import Conversation, MessageState, StoredMessage, Transcript


class HistoryPort(Protocol):
    """What the chat needs of the history; see :class:`desktop.history.store.History` for the errors raised."""

    def transcript(self, conversation_id: str) -> Transcript: ...
    def create(self, title: str = "") -> Conversation: ...
    def add_user_message(
        self, conversation_id: str, text: str, *, replaces_from: int | None = None
    ) -> StoredMessage: ...
    def add_answer(
        self,
        conversation_id: str,
        text: str,
        *,
        thinking: str,
        state: MessageState,
        model: str,
        stats: Stats | None,
        replaces: int | None = None,
    ) -> StoredMessage: ...
    def remove_message(self, message_id: int) -> None: ...
    def set_cut(self, conversation_id: str, cut: int) -> None: ...


@dataclass
class PendingAnswer:
    """An answer on its way, or one that has ended and could not be stored yet.

    Attributes:
        state: How it ended; None: it is on its way.
    """

    request_id: int
    conversation_id: str
    user_message: StoredMessage
    prompt: Prompt
    just_sent: bool
    replaces: StoredMessage | None
    model: str
    text: list[str] = field(default_factory=list)
    thought: list[str] = field(default_factory=list)
    state: MessageState | None = None
    stats: Stats | None = None

    @property
    def is_empty(self) -> bool:
        return not self.text and not self.thought

    def store(self, history: HistoryPort) -> StoredMessage:
        """Stores the answer, in the place of the one that it replaces, and returns the row.

        Raises:
            UserFacingError: The history cannot be written; nothing has changed then.
        """
        return history.add_answer(
            self.conversation_id,
            "".join(self.text),
            thinking="".join(self.thought),
            state=self.state or MessageState.COMPLETE,
            model=self.model,
            stats=self.stats,
            replaces=self.replaces.id if self.replaces else None,
        )
