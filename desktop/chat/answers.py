"""An answer from its question to the history: asked for, growing, and ended in whatever way it ends.

Knows the engine only as :class:`~desktop.engine.ports.AnswerPort`; its events are handed in.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from desktop.chat.answer_text import AnswerText
from desktop.chat.documents.ground import Passages
from desktop.chat.documents.lookup import DocumentLookup
from desktop.chat.events import (
    AnswerBegan,
    AnswerDropped,
    AnswerFailed,
    AnswerLooked,
    AnswerRecovered,
    AnswerStalled,
    ChatEvent,
    CutMoved,
)
from desktop.chat.path import ConversationPath
from desktop.chat.pending import PendingAnswer, PendingAnswers
from desktop.chat.requests import RequestBuilder
from desktop.chat.shapes import AnswerShapes
from desktop.chat.voice import after_loop
from desktop.common.detached import Begin
from desktop.common.errors import QT_TRANSLATE_NOOP, AnswerInterruptedError, MessageTooLongError, UserFacingError
from desktop.engine.ports import AnswerPort
from desktop.engine.routing import server_model
from desktop.engine.types import (
    CUT_OFF,
    REPEATED_ITSELF,
    BegunAnswer,
    EngineEvent,
    Failed,
    Finished,
    FinishReason,
    Recovered,
    Stalled,
    Stats,
    Token,
    Trimmed,
)
from desktop.history.records import MessageState, StoredMessage, Transcript
from desktop.history.rescue.answer_journal import AnswerJournal
from desktop.history.sources import Support
from desktop.history.store import History
from desktop.settings.options import Settings

_log = logging.getLogger(__name__)


class ChatAnswers:
    """Has questions answered, one at a time in each conversation. GUI thread."""

    def __init__(
        self,
        engine: AnswerPort,
        history: History,
        settings: Callable[[], Settings],
        notify: Callable[[ChatEvent], None],
        requests: RequestBuilder,
        path: ConversationPath,
        shapes: AnswerShapes,
        *,
        name_of: Callable[[str | None], str],
        journal: AnswerJournal | None,
        begin_look: Begin,
    ) -> None:
        """
        Args:
            engine: Takes the requests.
            history: Where answers are stored.
            settings: Returns the settings in force.
            notify: Receives chat events, on the calling thread.
            requests: Makes the requests.
            path: Takes back a question that was refused.
            shapes: What answers are to look like.
            name_of: Returns the name of the model that answers where one is chosen by its file; None: the usual one.
            journal: Keeps growing answers over a crash; None: they are lost with it.
            begin_look: Begins to look through documents; see :class:`DocumentLookup`.
        """
        self._engine = engine
        self._history = history
        self._settings = settings
        self._notify = notify
        self._requests = requests
        self._path = path
        self._shapes = shapes
        self._name_of = name_of
        self._pending = PendingAnswers(history, notify, journal)
        self._lookup = DocumentLookup(begin_look)
        self._closed = False

    # --- what is on its way

    def is_busy(self, conversation_id: str) -> bool:
        """Returns whether an answer of this conversation is on its way."""
        return any(answer.is_under_way for answer in self._pending.of(conversation_id))

    @property
    def any_under_way(self) -> bool:
        """Whether an answer is on its way in any conversation."""
        return self._pending.any_under_way

    def can_ask(self, conversation_id: str | None) -> bool:
        """Returns whether a question could be asked in a conversation now; None: in one that is not begun yet."""
        return not self._closed and (conversation_id is None or not self.is_busy(conversation_id))

    def looked_through(self, conversation_id: str) -> int:
        """Returns how many documents are looked through for a question before it is asked; 0: none are."""
        answers = self._pending.of(conversation_id)
        searches = [one.made.search for one in answers if one.looking is not None and one.state is None]
        return sum(len(search.ground.document_ids) for search in searches if search is not None)

    def conversation_of(self, request_id: int | None) -> str | None:
        """Returns the conversation that a request belongs to; None: it is no answer that is on its way here."""
        answer = self._pending.under_way(request_id)
        return answer.conversation_id if answer is not None else None

    def growing(self, conversation_id: str) -> tuple[str, str] | None:
        """Returns (text, thoughts) of the answer that is not stored yet, for a window that shows the conversation."""
        for answer in self._pending.of(conversation_id):
            return answer.whole
        return None

    def replaced_message(self, conversation_id: str) -> int | None:
        """Returns the id of the answer that is being generated anew; the transcript leaves it out meanwhile."""
        for answer in self._pending.of(conversation_id):
            if answer.replaces:
                return answer.replaces.id
        return None

    # --- what is done with it

    def make_ready(self, conversation_id: str) -> None:
        """Sees that a conversation can go on.

        Raises:
            UserFacingError: An answer is on its way, or one that has ended still cannot be stored.
        """
        if self.is_busy(conversation_id):
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "Catnap is still answering."),
                "",
                QT_TRANSLATE_NOOP("Errors", "Wait for the answer, or press Esc to stop it."),
            )
        self.save_again(conversation_id)

    def ask(
        self,
        conversation_id: str,
        question: StoredMessage,
        *,
        just_sent: bool,
        instead_of: int | None = None,
        replaces: StoredMessage | None = None,
        transcript: Transcript | None = None,
        goes_on: bool = False,
    ) -> None:
        """Asks the engine for an answer; events follow.

        Args:
            conversation_id: Where.
            question: The message to answer.
            just_sent: It goes where it is refused; one that is answered again stays.
            instead_of: The message that was shown before it, where it is an edited one.
            replaces: The answer that is shown now.
            transcript: The conversation, where it was read already.
            goes_on: What comes is the rest of that answer.

        Raises:
            UserFacingError: The history cannot be read.
        """
        if self._closed:
            return
        transcript = transcript or self._history.transcript(conversation_id)  # 13 ms for 1,000 messages: read once
        upto = [message for message in transcript.messages if message.id <= question.id]  # ids grow along the path
        settings = self._settings()
        made = self._requests.make(conversation_id, upto, transcript.conversation.choices, transcript.conversation.cut)
        before = replaces.shape if replaces is not None else ""
        shape = self._shapes.expected(conversation_id, goes_on=goes_on, before=before)
        answer = PendingAnswer(
            *(made.request.request_id, conversation_id, question, made, just_sent, instead_of, replaces),
            model=self._name_of(made.voice.model_file),
            text=AnswerText(
                chinese_marks=settings.chinese_punctuation and shape is None,
                begun=replaces.text if replaces and goes_on else "",
            ),
            goes_on=goes_on,
            shape=self._shapes.kept(shape),
        )
        self._pending.begin(answer)
        self._notify(AnswerBegan(conversation_id, replaces.id if replaces else None, *answer.begun))
        self._find_and_generate(answer, lambda problem: self._fail_for_good(answer, problem, Stats()))

    def stop(self, conversation_id: str) -> None:
        """Stops the answer of a conversation; what is there is kept and marked as stopped."""
        for answer in self._pending.of(conversation_id):
            looking = answer.stop_looking()
            if looking is not None:
                looking.instead()
            else:
                self._engine.cancel(answer.request_id)

    def save_again(self, conversation_id: str) -> None:
        """Stores an answer that could not be stored when it ended; ``AnswerStored`` follows.

        Raises:
            UserFacingError: It still cannot.
        """
        self._pending.save_again(conversation_id)

    def keep_silently(self, conversation_id: str) -> None:
        """Stops what a conversation has under way and keeps what is there, silently; called before it is deleted."""
        for answer in self._pending.of(conversation_id):
            self._engine.cancel(answer.request_id)
            self._pending.keep_silently(answer)

    def forget(self, *conversation_ids: str) -> None:
        """Stops what conversations have under way, and keeps nothing of it anywhere."""
        for conversation_id in conversation_ids:
            for answer in self._pending.of(conversation_id):
                self._engine.cancel(answer.request_id)
                self._pending.forget(answer)
        self._pending.wait_erased()

    def take(self, event: EngineEvent) -> None:
        """Takes an event of the engine; those of requests not under way here are ignored."""
        answer = self._pending.under_way(getattr(event, "request_id", None))
        if answer is None:
            return
        if isinstance(event, Token):
            self._pending.grow(answer, event)
        elif isinstance(event, Trimmed):
            self._move_cut(answer, event.cut)
        elif isinstance(event, Stalled) and not answer.is_stalled:
            answer.is_stalled = True
            is_server = server_model(answer.made.voice.model_file) is not None
            self._notify(AnswerStalled(answer.conversation_id, event.seconds, event.computes, is_server))
        elif isinstance(event, Recovered) and answer.is_stalled:
            answer.is_stalled = False
            self._notify(AnswerRecovered(answer.conversation_id))
        elif isinstance(event, Finished):
            self._pending.complete(answer)
            state = MessageState.STOPPED if event.reason is FinishReason.STOPPED else MessageState.COMPLETE
            at_limit = {FinishReason.LENGTH: CUT_OFF, FinishReason.REPEATED: REPEATED_ITSELF}.get(event.reason, 0)
            if at_limit == REPEATED_ITSELF:
                answer.end_at_loop()
            self._finish(answer, state, replace(event.stats, at_limit=at_limit))
        elif isinstance(event, Failed):
            self._pending.complete(answer)
            self._fail(answer, event)

    def shut_down(self) -> None:
        """Stores unfinished answers as interrupted and forgets the requests. Idempotent; the engine is not touched."""
        self._closed = True
        self._pending.interrupt_all()

    # --- from the question to the engine

    def _find_and_generate(self, answer: PendingAnswer, refuse: Callable[[UserFacingError], None]) -> None:
        """Asks the model, with passages where it needs some; ``refuse`` is told why these cannot be found."""
        made = answer.made
        if made.search is None:
            self._generate(answer)
            return

        def take(found: Passages | UserFacingError) -> None:
            self._notify(AnswerLooked(answer.conversation_id, 0))
            if isinstance(found, UserFacingError):
                refuse(found)
            else:
                answer.made = self._requests.with_passages(made, found)
                self._generate(answer)

        def drop() -> None:
            self._notify(AnswerLooked(answer.conversation_id, 0))
            self._drop(answer)

        try:
            look = self._requests.passages(made.search)
        except UserFacingError as problem:
            refuse(problem)
            return
        self._notify(AnswerLooked(answer.conversation_id, len(made.search.ground.document_ids)))
        self._lookup.run(answer, look, take, instead=drop)

    def _generate(self, answer: PendingAnswer) -> None:
        request, before = answer.made.request, answer.replaces
        if before is not None and before.stats is not None and before.stats.repeated:
            request = replace(request, sampling=after_loop(request.sampling, goes_on=answer.goes_on))
        if answer.goes_on:
            request = replace(request, begun=BegunAnswer(*answer.begun))
        # Of a text that the model has before it, a form says more than the one sentence that is usually asked for.
        question = answer.user_message.text if answer.made.voice.is_whole else None
        request = self._shapes.applied(request, question, before.shape if before is not None else "")
        answer.sent = request.messages
        self._engine.generate(request)

    def _ask_with_passages(self, answer: PendingAnswer, problem: MessageTooLongError) -> bool:
        """Asks again with passages of a document that does not fit as a whole, or fewer of them; False: none fits."""
        question = answer.user_message
        try:
            most = self._requests.take_passages(answer.made, question.text, problem)
            if not most:
                return False
            transcript = self._history.transcript(answer.conversation_id)
            upto = [message for message in transcript.messages if message.id <= question.id]
            chosen = transcript.conversation
            made = self._requests.make(
                answer.conversation_id, upto, chosen.choices, chosen.cut, passages=True, most=most
            )
        except UserFacingError as reason:
            _log.warning("no passages: %s", reason.title)
            return False
        self._pending.forget(answer)
        self._shapes.give_back(answer.request_id, answer.conversation_id, is_chosen=not answer.goes_on)
        answer.request_id, answer.made = made.request.request_id, made
        self._pending.begin(answer)

        def refuse(reason: UserFacingError) -> None:
            _log.warning("no passages: %s", reason.title)
            self._fail_for_good(answer, problem, Stats())

        self._find_and_generate(answer, refuse)
        return True

    # --- from the engine to the history

    def _move_cut(self, answer: PendingAnswer, cut_of_prompt: int) -> None:
        cut = answer.made.prompt.stored_of_cut(cut_of_prompt)
        try:
            self._history.set_cut(answer.conversation_id, cut)
        except UserFacingError as problem:
            _log.warning("cut not remembered: %s", problem.title)  # the engine makes it again with the next question
        self._notify(CutMoved(answer.conversation_id, cut))

    def _finish(self, answer: PendingAnswer, state: MessageState, stats: Stats) -> None:
        if answer.is_empty and state is MessageState.STOPPED:
            self._drop(answer)
        else:
            is_whole = state is MessageState.COMPLETE and not stats.at_limit
            answer.shown = self._shapes.ended(
                answer.request_id, answer.conversation_id, str(answer.text), is_whole=is_whole
            )
            self._end(answer, state, stats)

    def _drop(self, answer: PendingAnswer) -> None:
        """Lets go of an answer that was stopped before its first word."""
        self._pending.forget(answer)
        self._notify(AnswerDropped(answer.conversation_id))

    def _end(
        self, answer: PendingAnswer, state: MessageState, stats: Stats, then: Callable[[], None] = lambda: None
    ) -> None:
        """Stores an answer that has ended, as soon as it is known what it rests on; ``then`` is called afterwards."""
        answer.state, answer.stats = state, stats

        def end() -> None:
            self._pending.end(answer, state, stats)
            then()

        def take(found: Support | UserFacingError) -> None:
            if isinstance(found, UserFacingError):  # an answer without it is better than none
                _log.warning("sources not found: %s", found.title)
            else:
                answer.support = found
            end()

        try:
            look = self._requests.support(answer.made, answer.sent, answer.user_message.text, answer.whole[0])
        except UserFacingError as problem:
            take(problem)
            return
        if look is None:
            end()
        else:
            self._lookup.run(answer, look, take, instead=end)

    def _fail(self, answer: PendingAnswer, event: Failed) -> None:
        too_long = event.error if isinstance(event.error, MessageTooLongError) and answer.is_empty else None
        if too_long is None or not self._ask_with_passages(answer, too_long):
            self._fail_for_good(answer, event.error, event.stats)

    def _fail_for_good(self, answer: PendingAnswer, error: UserFacingError, stats: Stats) -> None:
        put_back, gone = None, False

        def say() -> None:
            passages = len(answer.made.given)
            self._notify(AnswerFailed(answer.conversation_id, error, put_back, gone, answer.goes_on, passages))

        if not answer.is_empty:
            interrupted = isinstance(error, AnswerInterruptedError)
            self._end(answer, MessageState.INTERRUPTED if interrupted else MessageState.FAILED, stats, say)
            return
        self._pending.forget(answer)
        if isinstance(error, MessageTooLongError) and answer.just_sent:
            put_back, gone = self._path.take_back(answer.user_message, answer.instead_of)
            self._shapes.give_back(answer.request_id, None if gone else answer.conversation_id)
        say()
