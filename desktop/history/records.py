"""Conversations as the history stores them and the interface shows them. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from desktop.engine.types import Message, Role, Stats
from desktop.history.choices import ConversationChoices
from desktop.history.sources import Source

# Stands in the place of a model's name where an answer was computed by the program itself.
CALCULATED = "calculated"
# Stands in it between the name of a model and the server that it is on.
_ON = " @ "
# An id as :meth:`desktop.history.store.History.create` gives it.
_CONVERSATION_ID = re.compile(r"[0-9a-f]{32}")


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
        cut: Leading messages of those shown that no longer fit into the context; the transcript shows the line.
        pinned: Seconds since the epoch of when it was pinned to the top; None: it is not.
        archived: The same of when it was put out of the list; None: it was not.
        folder: Name of the folder that it lies in; empty: in none.
        choices: What is chosen for it alone.
    """

    id: str
    title: str
    created: float
    updated: float
    cut: int = 0
    pinned: float | None = None
    archived: float | None = None
    folder: str = ""
    choices: ConversationChoices = field(default_factory=ConversationChoices)


@dataclass(frozen=True)
class StoredMessage:
    """A message as stored.

    Attributes:
        id: Row number; grows within a conversation.
        thinking: Thoughts of the model before the answer; shown folded.
        model: Model that answered, or :data:`CALCULATED`; empty for the user's messages.
        stats: Figures of an answer; None for the user's messages.
        parent: Id of the message before it; None: it is the first. Messages of one parent are versions of each other.
        version: Its place among the versions, from 1, the oldest first.
        versions: How many there are of it.
        deleted: Seconds since the epoch of when it alone was deleted; None: it was not.
        sources: What an answer was taken from, the best first; empty: from no document.
        not_in_the_text: Figures and names in an answer about documents that stand nowhere in them.
        shape: What an answer was to look like, see :attr:`desktop.history.sources.Support.shape`.
        rating: What the person thinks of an answer: 1 good, -1 bad, 0 nothing was said.
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
    parent: int | None = None
    version: int = 1
    versions: int = 1
    deleted: float | None = None
    sources: tuple[Source, ...] = ()
    not_in_the_text: tuple[str, ...] = ()
    shape: str = ""
    rating: int = 0

    @property
    def is_calculated(self) -> bool:
        """Whether it is an answer that was computed, and no model was asked."""
        return self.role is Role.ASSISTANT and self.model == CALCULATED

    @property
    def place(self) -> str:
        """Host and port of the server that gave the answer; empty: it was given on this computer."""
        return self.model.rpartition(_ON)[2] if self.role is Role.ASSISTANT and _ON in self.model else ""

    @property
    def can_be_rated(self) -> bool:
        """Whether it is an answer of a model, of which one may think well or badly."""
        return self.role is Role.ASSISTANT and not self.is_calculated

    @property
    def repeated(self) -> bool:
        """Whether it is an answer that was stopped because it began to repeat itself."""
        return self.role is Role.ASSISTANT and self.stats is not None and self.stats.repeated

    @property
    def is_cut_off(self) -> bool:
        """Whether it is an answer that did not come to its own end, and could go on."""
        at_limit = self.stats is not None and self.stats.at_limit > 0
        return self.role is Role.ASSISTANT and (self.state is not MessageState.COMPLETE or at_limit)


def model_on(model: str, place: str) -> str:
    """Returns how an answer names a model on a server; see :attr:`StoredMessage.place`."""
    return f"{model}{_ON}{place}"


@dataclass(frozen=True)
class RatedAnswer:
    """An answer with a thumb.

    Attributes:
        message_id: Of the answer.
        model: That answered, by its name then.
        created: When the answer was given, seconds since the epoch.
        is_good: The thumb is up.
        turns: What was said, from the first message of the conversation on; the answer is the last.
    """

    message_id: int
    model: str
    created: float
    is_good: bool
    turns: tuple[Message, ...]


@dataclass(frozen=True)
class SearchHit:
    """A message that holds the words searched for, with an excerpt around them.

    Attributes:
        excerpt: One line.
        marks: Where in it words are that were searched for, as (begin, end).
    """

    conversation: Conversation
    message_id: int
    excerpt: str
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Transcript:
    """One conversation with the messages that are shown of it, oldest first."""

    conversation: Conversation
    messages: tuple[StoredMessage, ...] = field(default=())


@dataclass(frozen=True)
class ConversationTree:
    """One conversation with every version of every message.

    Attributes:
        conversation: The conversation.
        messages: All of them, oldest first: each comes after its parent.
        shown: Which of its children follows a message, by the id of that message; under None the first message.
    """

    conversation: Conversation
    messages: tuple[StoredMessage, ...]
    shown: Mapping[int | None, int]


@dataclass(frozen=True)
class DeletedConversation:
    """A conversation that was deleted and can still come back.

    Attributes:
        deleted: Seconds since the epoch, by the clock of that moment.
        messages: How many it has, all versions counted.
    """

    conversation: Conversation
    deleted: float
    messages: int


@dataclass(frozen=True)
class DeletedMessages:
    """What was deleted at once of a conversation that stays, and can still come back.

    Attributes:
        messages: Ids, the first one first.
        text: Beginning of the first one.
        deleted: Seconds since the epoch, by the clock of that moment.
    """

    conversation: Conversation
    messages: tuple[int, ...]
    text: str
    deleted: float


def is_conversation_id(name: str) -> bool:
    """Tells whether a name is that of a conversation, among those of other things that the engine keeps states of."""
    return _CONVERSATION_ID.fullmatch(name) is not None
