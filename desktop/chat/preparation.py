"""What the engine reads before a message is sent: the conversation, and what is written of the next message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from desktop.chat.choices import ChatChoices
from desktop.chat.events import ChatEvent, DraftCounted
from desktop.chat.requests import MadeRequest, RequestBuilder
from desktop.common.errors import MessageTooLongError
from desktop.engine.types import Counted, EngineEvent, Generation, Role
from desktop.history.records import StoredMessage
from desktop.history.store import History

# Whose KV state it is that is made for a conversation before that has its first message, and so its id.
_NOT_BEGUN = "not-begun"


@dataclass(frozen=True)
class Prepared:
    """What the engine was last asked to read ahead.

    Attributes:
        conversation_id: None: the one that is not begun yet.
        draft: What was written of the next message.
    """

    made: MadeRequest
    conversation_id: str | None
    draft: str

    @property
    def request_id(self) -> int:
        return self.made.request.request_id


class Preparation:
    """Makes the requests; who hands them to the engine, and when, is the preloader's business. GUI thread.

    Attributes:
        last: What :meth:`request` has made last; None: nothing yet.
    """

    def __init__(
        self,
        history: History,
        notify: Callable[[ChatEvent], None],
        choices: ChatChoices,
        requests: RequestBuilder,
        can_answer: Callable[[str | None], bool],
    ) -> None:
        """
        Args:
            history: Has the messages.
            notify: Receives chat events, on the calling thread.
            choices: What is chosen for conversations.
            requests: Makes them.
            can_answer: Tells whether a message could be sent in a conversation now; None: in the one not begun yet.
        """
        self._history = history
        self._notify = notify
        self._choices = choices
        self._requests = requests
        self._can_answer = can_answer
        self.last: Prepared | None = None

    def request(self, conversation_id: str | None, draft: str = "") -> Generation | None:
        """Returns what the engine can read before the next message is there; None while an answer is on its way.

        Args:
            conversation_id: None: a conversation that is not begun yet.
            draft: What is written of the next message so far.

        Raises:
            UserFacingError: The history cannot be read.
        """
        if not self._can_answer(conversation_id):
            return None
        stored: tuple[StoredMessage, ...] = ()
        cut = 0
        choices = self._choices.of(None)
        if conversation_id is not None:
            transcript = self._history.transcript(conversation_id)
            stored, cut, choices = transcript.messages, transcript.conversation.cut, transcript.conversation.choices
        voice = self._requests.voice(choices)
        if voice.ground is not None and not voice.is_whole:
            draft = ""  # what is found for half a question is not what is found for the whole
            self._requests.expect_question()
        if draft.strip():
            stored = (*stored, StoredMessage(0, conversation_id or "", Role.USER, draft.strip(), 0.0))
        else:
            while stored and stored[-1].role is Role.USER:  # unanswered: it becomes one with the next
                stored = stored[:-1]
        made = self._requests.make(conversation_id or _NOT_BEGUN, stored, choices, cut)
        request = made.request
        if conversation_id is None:
            # What comes before is kept, and so need not be a draft's, which goes on under another id.
            request = replace(request, keep_state=False)
        self.last = Prepared(made, conversation_id, draft.strip())
        return request

    def take_passages(self, prepared: Prepared, problem: MessageTooLongError) -> None:
        """Remembers that the document of a conversation was found not to fit as a whole, before anybody asked."""
        self._requests.take_passages(prepared.made, prepared.draft, problem)

    def take(self, event: EngineEvent) -> bool:
        """Takes an event of the engine; False: it belongs to something else."""
        last = self.last
        if not isinstance(event, Counted) or last is None or event.request_id != last.request_id:
            return False
        self._notify(DraftCounted(last.conversation_id, last.draft, event))
        return True
