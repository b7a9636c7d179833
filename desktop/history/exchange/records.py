"""Conversations on their way into or out of the history, whatever program they come from or go to.

Every reader of a foreign format makes these, every writer takes them; nothing here knows a format or the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from desktop.engine.types import Role, Stats
from desktop.history.choices import ConversationChoices
from desktop.history.records import MessageState
from desktop.history.sources import Source

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


@dataclass(frozen=True)
class ExchangedMessage:
    """A message of a conversation that is exported or imported.

    Attributes:
        key: Names it within its conversation.
        parent: Key of the message before it, which comes earlier in the conversation's list; None: it is a beginning.
        shown: Of the messages with the same parent this is the one in view.
        created: Seconds since the epoch.
        thinking: Thoughts before the answer, and what tools were asked and said.
        model: Who answered; empty for the user's messages, or unknown.
        sources: Places in documents that an answer was taken from.
        not_in_the_text: Figures and names in it that stand nowhere in them.
        shape: What it was to look like, see :attr:`desktop.history.sources.Support.shape`.
        rating: What the person thinks of an answer: 1 good, -1 bad, 0 nothing was said.
    """

    key: str
    parent: str | None
    role: Role
    text: str
    created: float
    shown: bool = True
    thinking: str = ""
    state: MessageState = MessageState.COMPLETE
    model: str = ""
    stats: Stats | None = None
    sources: tuple[Source, ...] = ()
    not_in_the_text: tuple[str, ...] = ()
    shape: str = ""
    rating: int = 0


@dataclass(frozen=True)
class ExchangedConversation:
    """A whole conversation: a tree of messages in one list.

    Attributes:
        origin: Names it in all the world, as ``chatgpt:<id>``: the same conversation is known again by it.
        title: One line; may be empty.
        created: Seconds since the epoch, also of ``updated``.
        messages: Every parent comes before its children, and versions of one message in their order.
        cut: Leading messages of the path in view that no longer fit into the context.
        pinned: Seconds since the epoch of when it was pinned; None: it is not. The same of ``archived``.
        folder: Where it lies; empty: in no folder.
        choices: What is chosen for it alone.
        aside: What the program it comes from knows and Catnap does not; kept and exported again, never looked at.
    """

    origin: str
    title: str
    created: float
    updated: float
    messages: tuple[ExchangedMessage, ...]
    cut: int = 0
    pinned: float | None = None
    archived: float | None = None
    folder: str = ""
    choices: ConversationChoices = field(default_factory=ConversationChoices)
    aside: Mapping[str, Json] = field(default_factory=dict)


class NotAConversationError(Exception):
    """A value from a file is no conversation that can be read; it is left out and counted.

    Its text is for the log and for tests, not for people.
    """


class EmptyConversationError(NotAConversationError):
    """It is a conversation in which nobody has said anything; it is left out, and no loss."""
