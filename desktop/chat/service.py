"""The conversation service: what happens between Enter and a stored answer.

Knows the engine only as :class:`~desktop.engine.types.AnswerPort` and the interface only as a callable that takes chat
events. Everything here runs on the GUI thread; engine events are handed in by whoever owns the bridge.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

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
    AnswerStored,
    ChatEvent,
    ConversationsChanged,
    CutMoved,
    DraftCounted,
    MessageStored,
    PathChanged,
    TemplateSubstituted,
)
from desktop.chat.pending import PendingAnswer, PendingAnswers
from desktop.chat.prompt import title_from
from desktop.chat.requests import MadeRequest, RequestBuilder
from desktop.chat.shapes import AnswerShapes
from desktop.chat.voice import FindPersona, Voice, after_loop
from desktop.common.detached import Begin, at_once
from desktop.common.errors import QT_TRANSLATE_NOOP, AnswerInterruptedError, MessageTooLongError, UserFacingError
from desktop.common.printable import storable
from desktop.engine.routing import server_model
from desktop.engine.types import (
    CUT_OFF,
    REPEATED_ITSELF,
    AnswerPort,
    BegunAnswer,
    Counted,
    EngineEvent,
    Failed,
    Finished,
    FinishReason,
    Generation,
    Recovered,
    Role,
    Stalled,
    Stats,
    TemplateReplaced,
    Token,
    Trimmed,
)
from desktop.functions.calculation import Calculation
from desktop.history.choices import ConversationChoices, PreferredLanguage
from desktop.history.records import CALCULATED, Conversation, MessageState, StoredMessage, Transcript
from desktop.history.rescue.answer_journal import AnswerJournal
from desktop.history.sources import Support
from desktop.history.store import History
from desktop.personas.persona import GENERAL
from desktop.settings.options import Settings

if TYPE_CHECKING:
    from desktop.chat.answer_language import OtherLanguage  # some milliseconds: where there is something to judge
    from desktop.chat.documents.lazy import LazyGrounds  # only a conversation about a document has it imported

_log = logging.getLogger(__name__)

T = TypeVar("T")

# Messages among which one may have wished for a language.
_REMEMBERED = 60

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


class ChatService:
    """Sends, stops, regenerates and edits; stores every message once.

    Attributes:
        prepared: What :meth:`preparation` has returned last; None: nothing yet.
        shapes: What the next answers are to look like.
    """

    def __init__(
        self,
        engine: AnswerPort,
        history: History,
        settings: Callable[[], Settings],
        model_name: Callable[[], str],
        notify: Callable[[ChatEvent], None],
        request_ids: itertools.count[int],
        *,
        forget: Callable[[str], None] | None = None,
        journal: AnswerJournal | None = None,
        personas: FindPersona | None = None,
        name_of: Callable[[str | None], str] | None = None,
        calculate: Callable[[str], Calculation | None] = lambda _text: None,
        grounds: LazyGrounds | None = None,
        calculates: Callable[[ConversationChoices], bool] = lambda _choices: True,
        begin_look: Begin = at_once,
    ) -> None:
        """
        Args:
            engine: Takes the requests.
            history: Keeps conversations and messages.
            settings: Returns the settings in force.
            model_name: Returns the name of the chosen model, stored with each answer.
            notify: Receives chat events, on the calling thread.
            request_ids: Source of ids never used twice, shared with the quick ask.
            forget: Drops what the engine keeps of a conversation; None: it keeps nothing.
            journal: Keeps growing answers over a crash; None: they are lost with it.
            name_of: Returns the name of the model that answers where one is chosen by its file; None: the usual one.
            personas: Finds them; None: there are none, and the settings say what the model is told.
            calculate: Returns the answer to what can be computed, which no model is asked then; else None.
            grounds: Knows the documents that conversations are about; None: there are none.
            calculates: Whether that is wanted in a conversation for which this is chosen.
            begin_look: Begins to look through documents; see :class:`DocumentLookup`.
        """
        self._engine = engine
        self._calculate = calculate
        self._calculates = calculates
        self._history = history
        self._forget = forget or (lambda _conversation_id: None)
        self._settings = settings
        self._model_name = model_name
        self._notify = notify
        self._grounds = grounds
        self._requests = RequestBuilder(settings, request_ids, personas, grounds)
        self._name_of = name_of or (lambda _file: model_name())
        self._next: ConversationChoices | None = None  # of the conversation that is not begun yet; None: none made
        self._answers = PendingAnswers(history, notify, journal)
        self._lookup = DocumentLookup(begin_look)
        self.prepared: Prepared | None = None
        self._closed = False
        self.shapes = AnswerShapes()

    def send(self, conversation_id: str | None, text: str) -> str:
        """Stores a message and asks the engine for the answer.

        Args:
            conversation_id: None begins a new conversation.
            text: What the user wrote; must not be blank.

        Returns:
            The id of the conversation.

        Raises:
            UserFacingError: The history cannot be written, or an answer of this conversation is still on its way.
        """
        text = _not_blank(text)
        if conversation_id is not None:
            self._make_ready(conversation_id)
        self.voice(conversation_id)  # what cannot be answered from its document is not stored either
        with self._history.transaction():
            conversation = conversation_id or self._begin(title_from(text), self.choices(None))
            message = self._history.add_user_message(conversation, text)
            has_shape = self.shapes.chosen(conversation_id) is not None
            calculated = None if has_shape else self._add_calculated(message)
        if conversation_id is None:
            self._next = None
            self.shapes.begun(conversation)
        self._announce(message)
        if calculated is not None:
            self._tell_calculated(calculated)
        else:
            self._ask(conversation, message, just_sent=True)
        return conversation

    def computes(self, text: str, conversation_id: str | None) -> bool:
        """Returns whether a message is answered by computing, so that no model is needed for it.

        Args:
            text: The message.
            conversation_id: Where it would be sent; None: in the one that is not begun yet.
        """
        try:
            return self._calculate(text.strip()) is not None and self._calculates(self.choices(conversation_id))
        except UserFacingError:  # the history cannot be read, which sending says
            return False

    def choices(self, conversation_id: str | None) -> ConversationChoices:
        """Returns what is chosen for a conversation; None: for the one that is not begun yet.

        Raises:
            UserFacingError: The history cannot be read.
        """
        if conversation_id is not None:
            return self._history.conversation(conversation_id).choices
        return self._usual() if self._next is None else self._next

    def choose(self, conversation_id: str | None, choices: ConversationChoices) -> None:
        """Chooses for a conversation, from its next answer on; None: for the one that will be begun next.

        Raises:
            UserFacingError: The history cannot be written.
        """
        if conversation_id is None:
            self._next = choices
            self._sweep_documents()
            return
        before = self._history.conversation(conversation_id).choices
        self._history.set_choices(conversation_id, choices)
        if before.document != choices.document:
            self._forget(conversation_id)  # its state holds the words of the one that it was about
            self._sweep_documents()

    def usual_temperature(self, conversation_id: str | None) -> float:
        """Returns the temperature that a conversation has unless one is chosen for it: its persona's or the usual."""
        try:
            choices = replace(self.choices(conversation_id), temperature=None)
        except UserFacingError:  # which whoever answers will say
            choices = ConversationChoices()
        return self._requests.voice(choices).sampling.temperature

    def voice(self, conversation_id: str | None) -> Voice:
        """Returns how a conversation is answered, or the one that is not begun yet. Raises as :meth:`choices`."""
        return self._requests.voice(self.choices(conversation_id))

    def other_language(self, path: Sequence[StoredMessage]) -> OtherLanguage | None:
        """Returns in which language an answer came that should have come in another; None: it is no fault.

        Args:
            path: The messages up to the answer.

        Raises:
            UserFacingError: The history cannot be read.
        """
        answer = path[-1]
        questions = [message.text for message in path[-_REMEMBERED:] if message.role is Role.USER]
        if not questions or not answer.can_be_rated or answer.state is MessageState.FAILED:
            return None
        if questions[-1].isascii() and answer.text.isascii():  # no Chinese, nor another script
            return None
        from desktop.chat.answer_language import other_language

        choices = self.choices(answer.conversation_id)
        if choices.document is not None or choices.library is not None:  # which may be in another
            return None
        told, *before = self.voice(answer.conversation_id).system_prompt, *questions[:-1]
        if choices.persona in (None, GENERAL):  # what everybody is told says nothing of the language of answers
            return other_language(questions[-1], answer.text, (told, *before))
        return other_language(questions[-1], answer.text, before, told)

    def prefer_language(self, conversation_id: str, language: str) -> None:
        """Has the last question answered in a language, with the next answer to it, and those in it that follow.

        Raises:
            UserFacingError: The history cannot be read, or written.
        """
        asked = [one.id for one in self._history.transcript(conversation_id).messages if one.role is Role.USER]
        choices = self.choices(conversation_id)
        before = choices.language
        if asked and (before is None or before.code != language):
            self.choose(conversation_id, replace(choices, language=PreferredLanguage(language, asked[-1])))

    def newest_message(self, conversation_id: str) -> int:
        """Returns the id of the last message that is shown; 0: there is none. Raises as :meth:`choices`."""
        messages = self._history.transcript(conversation_id).messages
        return messages[-1].id if messages else 0

    def document_ids(self) -> frozenset[str]:
        """Returns the documents that conversations are about, or answers were taken from. Raises as :meth:`choices`."""
        chosen = self._next.document if self._next is not None else None
        return self._history.document_ids() | ({chosen.id} if chosen is not None else frozenset())

    def take_passages(self, prepared: Prepared, problem: MessageTooLongError) -> None:
        """Remembers that the document of a conversation was found not to fit as a whole, before anybody asked."""
        self._requests.take_passages(prepared.made, prepared.draft, problem)

    def regenerate(self, conversation_id: str) -> None:
        """Answers the last user message that is shown again; the old answer stays as a version.

        Raises:
            UserFacingError: As for :meth:`send`.
        """
        self._answer_last(conversation_id, goes_on=False)

    def go_on(self, conversation_id: str) -> None:
        """Has an answer that was cut off go on where it stopped; the whole of it is one more version.

        Raises:
            UserFacingError: As for :meth:`send`.
        """
        self._answer_last(conversation_id, goes_on=True)

    def edit(self, conversation_id: str, message_id: int, text: str) -> None:
        """Stores ``text`` as one more version of a user message and asks again; the old one keeps what followed it.

        Raises:
            UserFacingError: As for :meth:`send`.
        """
        text = _not_blank(text)
        self._make_ready(conversation_id)
        self.voice(conversation_id)
        before, words = self._history.conversation(conversation_id), self._history.first_words(conversation_id)
        with self._history.transaction():
            message = self._history.add_user_message(conversation_id, text, instead_of=message_id)
            calculated = self._add_calculated(message)
            self._title_follows(before, words)
        self._announce(message, instead_of=message_id)
        self._cut_moved(before)
        if calculated is not None:
            self._tell_calculated(calculated)
        else:
            self._ask(conversation_id, message, just_sent=True, instead_of=message_id)

    def show_version(self, conversation_id: str, message_id: int) -> None:
        """Shows a message instead of its other versions, and what followed it.

        Raises:
            UserFacingError: As for :meth:`send`; or the message is gone.
        """
        self._change_path(conversation_id, lambda: self._history.show_version(conversation_id, message_id))

    def preparation(self, conversation_id: str | None, draft: str = "") -> Generation | None:
        """Returns what the engine can read before the next message is there; None while an answer is on its way.

        Args:
            conversation_id: None: a conversation that is not begun yet.
            draft: What is written of the next message so far.

        Raises:
            UserFacingError: The history cannot be read.
        """
        if self._closed or (conversation_id is not None and self.is_busy(conversation_id)):
            return None
        stored: tuple[StoredMessage, ...] = ()
        cut = 0
        choices = self.choices(None)
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
        self.prepared = Prepared(made, conversation_id, draft.strip())
        return request

    def stop(self, conversation_id: str) -> None:
        """Stops the answer of a conversation; what is there is kept and marked as stopped."""
        for answer in self._answers.of(conversation_id):
            looking = answer.stop_looking()
            if looking is not None:
                looking.instead()
            else:
                self._engine.cancel(answer.request_id)

    def is_busy(self, conversation_id: str) -> bool:
        """Returns whether an answer of this conversation is on its way."""
        return any(answer.is_under_way for answer in self._answers.of(conversation_id))

    def looked_through(self, conversation_id: str) -> int:
        """Returns how many documents are looked through for a question before it is asked; 0: none are."""
        answers = self._answers.of(conversation_id)
        searches = [one.made.search for one in answers if one.looking is not None and one.state is None]
        return sum(len(search.ground.document_ids) for search in searches if search is not None)

    @property
    def is_answering(self) -> bool:
        """Whether an answer is on its way in any conversation."""
        return self._answers.any_under_way

    def conversation_of(self, request_id: int | None) -> str | None:
        """Returns the conversation that a request belongs to; None: it is no answer that is on its way here."""
        answer = self._answers.under_way(request_id)
        return answer.conversation_id if answer is not None else None

    def growing(self, conversation_id: str) -> tuple[str, str] | None:
        """Returns (text, thoughts) of the answer that is not stored yet, for a window that shows the conversation."""
        for answer in self._answers.of(conversation_id):
            return answer.whole
        return None

    def replaced_message(self, conversation_id: str) -> int | None:
        """Returns the id of the answer that is being generated anew; the transcript leaves it out meanwhile."""
        for answer in self._answers.of(conversation_id):
            if answer.replaces:
                return answer.replaces.id
        return None

    def save_again(self, conversation_id: str) -> None:
        """Stores an answer that could not be stored when it ended; ``AnswerStored`` follows.

        Raises:
            UserFacingError: It still cannot.
        """
        self._answers.save_again(conversation_id)

    def drop(self, conversation_id: str) -> None:
        """Stops what a conversation has under way and keeps what is there, silently; called before it is deleted."""
        for answer in self._answers.of(conversation_id):
            self._engine.cancel(answer.request_id)
            self._answers.keep_silently(answer)

    def delete_for_good(self, *conversation_ids: str) -> None:
        """Removes conversations with all that is kept of them anywhere: words, index, state of the engine.

        Raises:
            UserFacingError: The history cannot be written; nothing has changed then.
        """
        for conversation_id in conversation_ids:
            for answer in self._answers.of(conversation_id):
                self._engine.cancel(answer.request_id)
                self._answers.forget(answer)
        self._answers.wait_erased()
        self._history.delete_for_good(*conversation_ids)
        for conversation_id in conversation_ids:
            self._forget(conversation_id)
        self._sweep_documents()
        if conversation_ids:  # the list is read once, however many they are
            self._notify(ConversationsChanged(conversation_ids[-1]))

    def delete_message(self, conversation_id: str, message_id: int) -> tuple[int, ...]:
        """Hides a message, a question with its answers; the model is not told of it any more.

        Returns:
            The ids of all that was hidden, for :meth:`restore_messages`.

        Raises:
            UserFacingError: As for :meth:`show_version`.
        """
        return self._change_path(conversation_id, lambda: self._history.delete_message(conversation_id, message_id))

    def restore_messages(self, conversation_id: str, message_ids: Collection[int]) -> None:
        """Takes back :meth:`delete_message`.

        Raises:
            UserFacingError: As for :meth:`show_version`.
        """
        self._change_path(conversation_id, lambda: self._history.restore_messages(conversation_id, message_ids))

    def remove_messages(self, conversation_id: str, message_ids: Collection[int]) -> None:
        """Removes deleted messages for good, with all that is kept of them anywhere.

        Raises:
            UserFacingError: As for :meth:`show_version`.
        """
        self._make_ready(conversation_id)
        self._history.remove_messages(conversation_id, message_ids)
        self._forget(conversation_id)  # its state may hold them, and is made anew
        self._sweep_documents()
        self._notify(ConversationsChanged(conversation_id))

    def adopt(
        self,
        question: str,
        answer: str,
        thought: str,
        stats: Stats | None,
        *,
        calculated: bool = False,
        model_file: str | None = None,
    ) -> str:
        """Makes a conversation of a finished quick ask and returns its id.

        Args:
            question: What was asked.
            answer: What was answered.
            thought: The thoughts before it.
            stats: Its figures; None: unknown.
            calculated: It was computed, and not answered by the model.
            model_file: Of the model on a server that has answered, which the conversation goes on with; None: this
                computer has, and does.

        Raises:
            UserFacingError: The history cannot be written.
        """
        usual = self._model_name() if model_file is None else self._name_of(model_file)
        model, whole = CALCULATED if calculated else usual, MessageState.COMPLETE
        with self._history.transaction():
            conversation = self._begin(title_from(question), replace(self._usual(), model=model_file))
            self._history.add_user_message(conversation, question)
            self._history.add_answer(conversation, answer, thinking=thought, state=whole, model=model, stats=stats)
        self._notify(ConversationsChanged(conversation))
        return conversation

    def on_engine_event(self, event: EngineEvent) -> None:
        """Takes an event of the engine; those of requests not under way here are ignored."""
        if isinstance(event, TemplateReplaced):
            self._notify(TemplateSubstituted(event.model_name))
            return
        prepared = self.prepared
        if isinstance(event, Counted) and prepared is not None and event.request_id == prepared.request_id:
            self._notify(DraftCounted(prepared.conversation_id, prepared.draft, event))
            return
        answer = self._answers.under_way(getattr(event, "request_id", None))
        if answer is None:
            return
        if isinstance(event, Token):
            self._answers.grow(answer, event)
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
            self._answers.complete(answer)
            state = MessageState.STOPPED if event.reason is FinishReason.STOPPED else MessageState.COMPLETE
            at_limit = {FinishReason.LENGTH: CUT_OFF, FinishReason.REPEATED: REPEATED_ITSELF}.get(event.reason, 0)
            if at_limit == REPEATED_ITSELF:
                answer.end_at_loop()
            self._finish(answer, state, replace(event.stats, at_limit=at_limit))
        elif isinstance(event, Failed):
            self._answers.complete(answer)
            self._fail(answer, event)

    def shut_down(self) -> None:
        """Stores unfinished answers as interrupted and forgets the requests. Idempotent; the engine is not touched."""
        self._closed = True
        self._answers.interrupt_all()

    def _sweep_documents(self) -> None:
        """Erases the documents that no conversation has any more."""
        if self._grounds is not None:
            self._grounds.sweep(self.document_ids)

    def _add_calculated(self, question: StoredMessage) -> StoredMessage | None:
        """Stores the answer to a question that can be computed; a part of the question's own transaction."""
        calculation = self._calculate(question.text)
        if calculation is None or not self._calculates(self.choices(question.conversation_id)):
            return None
        whole = MessageState.COMPLETE
        return self._history.add_answer(
            question.conversation_id, calculation.text, thinking="", state=whole, model=CALCULATED, stats=None,
            parent=question.id,
        )  # fmt: skip

    def _tell_calculated(self, answer: StoredMessage) -> None:
        self._notify(AnswerBegan(answer.conversation_id))
        self._notify(AnswerStored(answer))
        self._notify(ConversationsChanged(answer.conversation_id))

    def _answer_last(self, conversation_id: str, *, goes_on: bool) -> None:
        """Answers the last user message that is shown, anew or on from where a cut off answer stopped."""
        self._make_ready(conversation_id)
        transcript = self._history.transcript(conversation_id)
        messages = transcript.messages
        question = next((message for message in reversed(messages) if message.role is Role.USER), None)
        if question is None or (goes_on and not messages[-1].is_cut_off):
            return
        old = messages[-1] if messages[-1].role is Role.ASSISTANT else None
        self._ask(conversation_id, question, just_sent=False, replaces=old, transcript=transcript, goes_on=goes_on)

    def _ask(
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
        if self._closed:
            return
        transcript = transcript or self._history.transcript(conversation_id)  # 13 ms for 1,000 messages: read once
        upto = [message for message in transcript.messages if message.id <= question.id]  # ids grow along the path
        settings = self._settings()
        made = self._requests.make(conversation_id, upto, transcript.conversation.choices, transcript.conversation.cut)
        before = replaces.shape if replaces is not None else ""
        shape = self.shapes.expected(conversation_id, goes_on=goes_on, before=before)
        answer = PendingAnswer(
            *(made.request.request_id, conversation_id, question, made, just_sent, instead_of, replaces),
            model=self._name_of(made.voice.model_file),
            text=AnswerText(
                chinese_marks=settings.chinese_punctuation and shape is None,
                begun=replaces.text if replaces and goes_on else "",
            ),
            goes_on=goes_on,
            shape=self.shapes.kept(shape),
        )
        self._answers.begin(answer)
        self._notify(AnswerBegan(conversation_id, replaces.id if replaces else None, *answer.begun))
        self._find_and_generate(answer, lambda problem: self._fail_for_good(answer, problem, Stats()))

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
        request = self.shapes.applied(request, question, before.shape if before is not None else "")
        answer.sent = request.messages
        self._engine.generate(request)

    def _ask_with_passages(self, answer: PendingAnswer, problem: MessageTooLongError) -> bool:
        """Asks again with passages of a document that does not fit as a whole; False: there is none."""
        question = answer.user_message
        try:
            if not self._requests.take_passages(answer.made, question.text, problem):
                return False
            transcript = self._history.transcript(answer.conversation_id)
            upto = [message for message in transcript.messages if message.id <= question.id]
            chosen = transcript.conversation
            made = self._requests.make(answer.conversation_id, upto, chosen.choices, chosen.cut, passages=True)
        except UserFacingError as reason:
            _log.warning("no passages: %s", reason.title)
            return False
        self._answers.forget(answer)
        self.shapes.give_back(answer.request_id, answer.conversation_id, is_chosen=not answer.goes_on)
        answer.request_id, answer.made = made.request.request_id, made
        self._answers.begin(answer)

        def refuse(reason: UserFacingError) -> None:
            _log.warning("no passages: %s", reason.title)
            self._fail_for_good(answer, problem, Stats())

        self._find_and_generate(answer, refuse)
        return True

    @property
    def begins_elsewhere(self) -> bool:
        """Whether new conversations are answered by a server, as the settings say."""
        return server_model(self._settings().new_conversations) is not None

    def _usual(self) -> ConversationChoices:
        settings = self._settings()
        persona, served = settings.persona, settings.new_conversations if self.begins_elsewhere else None
        return ConversationChoices(persona=None if persona == GENERAL else persona, model=served)

    def _begin(self, title: str, choices: ConversationChoices) -> str:
        """Makes a conversation and returns its id; a part of a transaction."""
        conversation = self._history.create(title).id
        if choices != ConversationChoices():
            self._history.set_choices(conversation, choices)
        return conversation

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
            answer.shown = self.shapes.ended(
                answer.request_id, answer.conversation_id, str(answer.text), is_whole=is_whole
            )
            self._end(answer, state, stats)

    def _drop(self, answer: PendingAnswer) -> None:
        """Lets go of an answer that was stopped before its first word."""
        self._answers.forget(answer)
        self._notify(AnswerDropped(answer.conversation_id))

    def _end(
        self, answer: PendingAnswer, state: MessageState, stats: Stats, then: Callable[[], None] = lambda: None
    ) -> None:
        """Stores an answer that has ended, as soon as it is known what it rests on; ``then`` is called afterwards."""
        answer.state, answer.stats = state, stats

        def end() -> None:
            self._answers.end(answer, state, stats)
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
            self._notify(AnswerFailed(answer.conversation_id, error, put_back, gone, answer.goes_on))

        if not answer.is_empty:
            interrupted = isinstance(error, AnswerInterruptedError)
            self._end(answer, MessageState.INTERRUPTED if interrupted else MessageState.FAILED, stats, say)
            return
        self._answers.forget(answer)
        if isinstance(error, MessageTooLongError) and answer.just_sent:
            put_back, gone = self._take_back(answer)
            self.shapes.give_back(answer.request_id, None if gone else answer.conversation_id)
        say()

    def _take_back(self, answer: PendingAnswer) -> tuple[str | None, bool]:
        """Removes a message that was refused.

        Returns:
            Its text, None where it has to stay; and whether the conversation that it began has gone with it.
        """
        message, conversation = answer.user_message, answer.conversation_id
        try:
            before, words = self._history.conversation(conversation), self._history.first_words(conversation)
            gone = [one.id for one in self._history.tree(conversation).messages] == [message.id]
            if gone:
                self._history.delete_for_good(conversation)
                self._forget(conversation)
                self._next = before.choices  # it is begun again with the next try
            else:
                with self._history.transaction(durable=False):
                    self._history.remove_message(message.id)
                    if answer.instead_of is not None:
                        self._history.show_version(conversation, answer.instead_of)
                    self._title_follows(before, words)
        except UserFacingError as problem:
            _log.warning("refused message not removed: %s", problem.title)
            return None, False
        self._notify(ConversationsChanged(conversation))
        if not gone and answer.instead_of is not None:
            self._path_changed(before)
        return message.text, gone

    def _title_follows(self, before: Conversation, words: str | None) -> None:
        """Gives the conversation a new title where another first message is shown and the old title was taken from it.

        A part of the transaction in which that happened.

        Args:
            before: The conversation as it was.
            words: The first message that was shown then.
        """
        now = self._history.first_words(before.id)
        if words is not None and now is not None and words != now and before.title == title_from(words):
            self._history.rename(before.id, title_from(now))

    def _change_path(self, conversation_id: str, change: Callable[[], T]) -> T:
        """Does something after which other messages are shown, and says so."""
        self._make_ready(conversation_id)
        before, words = self._history.conversation(conversation_id), self._history.first_words(conversation_id)
        with self._history.transaction(durable=False):
            changed = change()
            self._title_follows(before, words)
        self._path_changed(before)
        return changed

    def _path_changed(self, before: Conversation) -> None:
        self._notify(ConversationsChanged(before.id))
        self._notify(PathChanged(before.id))
        self._cut_moved(before)

    def _cut_moved(self, before: Conversation) -> None:
        cut = self._history.conversation(before.id).cut
        if cut != before.cut:
            self._notify(CutMoved(before.id, cut))

    def _announce(self, message: StoredMessage, instead_of: int | None = None) -> None:
        self._notify(MessageStored(message, instead_of))
        self._notify(ConversationsChanged(message.conversation_id))  # the list then knows which one is open

    def _make_ready(self, conversation_id: str) -> None:
        """Raises UserFacingError unless the conversation can go on."""
        self._refuse_while_busy(conversation_id)
        self.save_again(conversation_id)

    def _refuse_while_busy(self, conversation_id: str) -> None:
        if self.is_busy(conversation_id):
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "Catnap is still answering."),
                "",
                QT_TRANSLATE_NOOP("Errors", "Wait for the answer, or press Esc to stop it."),
            )


def _not_blank(text: str) -> str:
    text = storable(text.strip())
    if not text:
        raise ValueError("blank message")
    return text
