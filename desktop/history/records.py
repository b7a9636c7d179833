"""Conversations as the history stores them and the interface shows them. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from desktop.engine.types import Role, Stats


class MessageState(Enum):
    """How an answer ended. A user's message is always COMPLETE."""

    COMPLETE = "complete"
    STOPPED = "stopped"  # by the user
    INTERRUPTED = "interrupted"  # by quitting or a crash
    FAILED = "failed"


@dataclass(frozen=True)
class Conversation:
    """A row of the conversation list.

    Attributes:
        id: Random, never re-used; also names its KV state.
        title: Given by the user, else the start of the first message; empty: not yet named.
        updated: Seconds since the epoch of the newest message.
        cut: Leading messages that no longer fit into the context; the transcript shows the line.
    """

    id: str
    title: str
    created: float
    updated: float
    cut: int = 0


@dataclass(frozen=True)
class StoredMessage:
    """A message as stored.

    Attributes:
        id: Row number; grows within a conversation.
        thinking: Thoughts of the model before the answer; shown folded.
        model: Model that answered; empty for the user's messages.
        stats: Figures of an answer; None for the user's messages.
    """

    id: int
    conversation_id: str
    role: Role
    text: str
    created: float
    thinking: str = ""
    state: MessageState = MessageState.COMPLETE
    model: str = ""
    stats: Stats | None = None


@dataclass(frozen=True)
class SearchHit:
    """A message that holds the words searched for, with an excerpt around them."""

    conversation: Conversation
    message_id: int
    excerpt: str


@dataclass(frozen=True)
class Transcript:
    """One conversation with all its messages, oldest first."""

    conversation: Conversation
    messages: tuple[StoredMessage, ...] = field(default=())
