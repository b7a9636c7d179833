"""What the chat service tells the interface. Frozen values, delivered on the GUI thread."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.common.errors import UserFacingError
from desktop.engine.types import Counted
from desktop.history.records import StoredMessage


@dataclass(frozen=True)
class ConversationsChanged:
    """The list of conversations has changed; ``conversation_id`` is the one concerned."""

    conversation_id: str


@dataclass(frozen=True)
class MessageStored:
    """A message of the user is stored.

    Attributes:
        instead_of: It is a new version of that one, and shown in the place of it and of all that followed it.
    """

    message: StoredMessage
    instead_of: int | None = None


@dataclass(frozen=True)
class AnswerBegan:
    """An answer was asked for.

    Attributes:
        replaces: Id of the answer that it is one more version of.
        text: What is there of it already: it goes on with that answer.
        thought: The thoughts before that.
    """

    conversation_id: str
    replaces: int | None = None
    text: str = ""
    thought: str = ""


@dataclass(frozen=True)
class AnswerLooked:
    """The documents are looked through for what an answer needs, before the model is asked.

    Attributes:
        documents: In how many; 0: that is done.
    """

    conversation_id: str
    documents: int


@dataclass(frozen=True)
class AnswerGrew:
    conversation_id: str
    text: str
    thought: str


@dataclass(frozen=True)
class AnswerStored:
    """The answer is complete, stopped or failed, and stored.

    Attributes:
        replaced: It is shown instead of that one, which stays.
        goes_on: It begins with that one.
    """

    message: StoredMessage
    replaced: int | None = None
    goes_on: bool = False


@dataclass(frozen=True)
class AnswerDropped:
    """The answer was stopped before its first word; nothing was stored."""

    conversation_id: str


@dataclass(frozen=True)
class AnswerFailed:
    """No (further) answer will come.

    Attributes:
        put_back: The message was refused, not stored: its text, which belongs into the composer again.
        conversation_gone: The message was the first: its conversation is not there any more either.
        goes_on: It was the rest of one that had been cut off.
        passages: Passages of documents that went with the message, and count where it was too long.
    """

    conversation_id: str
    error: UserFacingError
    put_back: str | None = None
    conversation_gone: bool = False
    goes_on: bool = False
    passages: int = 0


@dataclass(frozen=True)
class AnswerUnsaved:
    """The answer has ended and could not be stored; it is kept in memory, see ``ChatAnswers.save_again``."""

    conversation_id: str
    error: UserFacingError


@dataclass(frozen=True)
class AnswerStalled:
    """The engine gets no further while it should answer; said once, until it does or the answer ends.

    Attributes:
        seconds: For how long it has not.
        computes: It computes all the while; otherwise it does not move at all.
        is_server: It is no engine of this computer but a server, which sends nothing.
    """

    conversation_id: str
    seconds: int
    computes: bool = False
    is_server: bool = False


@dataclass(frozen=True)
class AnswerRecovered:
    """The engine moves again, after ``AnswerStalled``."""

    conversation_id: str


@dataclass(frozen=True)
class CutMoved:
    """``cut`` leading messages of the conversation are no longer in the model's view."""

    conversation_id: str
    cut: int


@dataclass(frozen=True)
class DraftCounted:
    """The engine has counted what a draft would take of the context.

    Attributes:
        conversation_id: None: of the conversation that is not begun yet.
        draft: The text that was counted, without blanks around it.
    """

    conversation_id: str | None
    draft: str
    counted: Counted


@dataclass(frozen=True)
class PathChanged:
    """Other versions are shown: the transcript, and perhaps the title and the cut, are to be read again."""

    conversation_id: str


@dataclass(frozen=True)
class HistoryTrouble:
    """Something happened to the file of the conversations, and was mended; of no conversation alone."""

    error: UserFacingError


@dataclass(frozen=True)
class TemplateSubstituted:
    """The chat template in the model's file went too far, and a common one is used; of no conversation alone."""

    model_name: str


ChatEvent = (
    ConversationsChanged
    | MessageStored
    | AnswerBegan
    | AnswerLooked
    | AnswerGrew
    | AnswerStored
    | AnswerDropped
    | AnswerFailed
    | AnswerUnsaved
    | AnswerStalled
    | AnswerRecovered
    | CutMoved
    | DraftCounted
    | PathChanged
    | HistoryTrouble
    | TemplateSubstituted
)
