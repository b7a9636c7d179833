"""What one conversation about documents is answered from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop.history.records import StoredMessage

if TYPE_CHECKING:  # nobody needs it before there is a document
    from desktop.documents.passages.index import Found


@dataclass(frozen=True)
class TooLong:
    """By how much a document does not fit; see :class:`desktop.chat.documents.events.DocumentTooLong`."""

    tokens: int
    room: int


@dataclass(frozen=True)
class Asked:
    """What an answer about a document is an answer to.

    Attributes:
        question: As the person has put it.
        sent: All that the person has asked, as the model got it, with the passages in it.
    """

    question: str
    sent: str


@dataclass(frozen=True)
class Passages:
    """What was found for a question.

    Attributes:
        question: How it is put to a model that is given them.
        given: The best first; none: it is not in the documents.
    """

    question: str
    given: tuple[Found, ...]


@dataclass(frozen=True)
class Ground:
    """What a conversation is answered from: a text as a whole, or passages of one or several.

    Attributes:
        document_ids: Of all that are looked through.
        parts: Numbers of the parts that are meant; None: all.
        text: All of it, if the model shall have it before it; empty: it is given passages.
        since: Id of the newest message from before it was attached.
        too_long: It is known not to fit as a whole; None: it may.
    """

    document_ids: tuple[str, ...]
    parts: frozenset[int] | None = None
    text: str = ""
    since: int = 0
    too_long: TooLong | None = None

    @property
    def is_whole(self) -> bool:
        return bool(self.text)

    def concerns(self, message: StoredMessage) -> bool:
        """Tells whether a message was written when the conversation was about this; a draft has no id yet."""
        return not 0 < message.id <= self.since
