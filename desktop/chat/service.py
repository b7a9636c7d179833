"""The conversation service: what happens between Enter and a stored answer.

Knows the engine only as :class:`~desktop.engine.ports.AnswerPort` and the interface only as a callable that takes chat
events. Everything here runs on the GUI thread; engine events are handed in by whoever owns the bridge.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from desktop.chat.answers import ChatAnswers
from desktop.chat.calculated import CalculatedAnswers
from desktop.chat.choices import ChatChoices
from desktop.chat.events import ChatEvent, ConversationsChanged, MessageStored, TemplateSubstituted
from desktop.chat.languages import ConversationLanguages
from desktop.chat.path import ConversationPath
from desktop.chat.preparation import Preparation
from desktop.chat.prompt import title_from
from desktop.chat.requests import RequestBuilder
from desktop.chat.shapes import AnswerShapes
from desktop.chat.voice import FindPersona
from desktop.common.detached import Begin, at_once
from desktop.common.printable import storable
from desktop.engine.ports import AnswerPort
from desktop.engine.types import EngineEvent, Role, Stats, TemplateReplaced
from desktop.functions.calculation import Calculation
from desktop.history.choices import ConversationChoices
from desktop.history.records import CALCULATED, MessageState, StoredMessage
from desktop.history.rescue.answer_journal import AnswerJournal
from desktop.history.store import History
from desktop.settings.options import Settings

if TYPE_CHECKING:
    from desktop.chat.documents.lazy import LazyGrounds  # only a conversation about a document has it imported

T = TypeVar("T")


class ChatService:
    """Sends, regenerates and edits; stores every message once.

    Attributes:
        answers: The answers that are on their way.
        calculated: Answers that are computed.
        choices: What is chosen for conversations.
        languages: In which language they are answered.
        preparation: What the engine can read before a message is sent.
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
        self._history = history
        self._model_name = model_name
        self._notify = notify
        self._name_of = name_of or (lambda _file: model_name())
        self._forget = forget or (lambda _conversation_id: None)
        requests = RequestBuilder(settings, request_ids, personas, grounds)
        self.choices = ChatChoices(history, settings, requests.voice, self._forget, grounds)
        self.languages = ConversationLanguages(history, self.choices)
        self.calculated = CalculatedAnswers(history, notify, self.choices, calculate, calculates)
        self.shapes = AnswerShapes()
        self._path = ConversationPath(history, notify, self.choices, self._forget)
        self.answers = ChatAnswers(
            *(engine, history, settings, notify, requests, self._path, self.shapes),
            name_of=self._name_of, journal=journal, begin_look=begin_look,
        )  # fmt: skip
        self.preparation = Preparation(history, notify, self.choices, requests, self.answers.can_ask)

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
            self.answers.make_ready(conversation_id)
        self.choices.voice(conversation_id)  # what cannot be answered from its document is not stored either
        with self._history.transaction():
            conversation = conversation_id or self.choices.begin(title_from(text), self.choices.of(None))
            message = self._history.add_user_message(conversation, text)
            has_shape = self.shapes.chosen(conversation_id) is not None
            calculated = None if has_shape else self.calculated.add(message)
        if conversation_id is None:
            self.choices.set_next(None)
            self.shapes.begun(conversation)
        self._announce(message)
        if calculated is not None:
            self.calculated.tell(calculated)
        else:
            self.answers.ask(conversation, message, just_sent=True)
        return conversation

    def newest_message(self, conversation_id: str) -> int:
        """Returns the id of the last message that is shown; 0: there is none. Raises UserFacingError."""
        messages = self._history.transcript(conversation_id).messages
        return messages[-1].id if messages else 0

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
        self.answers.make_ready(conversation_id)
        self.choices.voice(conversation_id)

        def store() -> tuple[StoredMessage, StoredMessage | None]:
            message = self._history.add_user_message(conversation_id, text, instead_of=message_id)
            return message, self.calculated.add(message)

        message, calculated = self._path.edit(
            conversation_id, store, lambda stored: self._announce(stored[0], instead_of=message_id)
        )
        if calculated is not None:
            self.calculated.tell(calculated)
        else:
            self.answers.ask(conversation_id, message, just_sent=True, instead_of=message_id)

    def show_version(self, conversation_id: str, message_id: int) -> None:
        """Shows a message instead of its other versions, and what followed it.

        Raises:
            UserFacingError: As for :meth:`send`; or the message is gone.
        """
        self._change_path(conversation_id, lambda: self._history.show_version(conversation_id, message_id))

    def delete_for_good(self, *conversation_ids: str) -> None:
        """Removes conversations with all that is kept of them anywhere: words, index, state of the engine.

        Raises:
            UserFacingError: The history cannot be written; nothing has changed then.
        """
        self.answers.forget(*conversation_ids)
        self._history.delete_for_good(*conversation_ids)
        for conversation_id in conversation_ids:
            self._forget(conversation_id)
        self.choices.sweep_documents()
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
        self.answers.make_ready(conversation_id)
        self._history.remove_messages(conversation_id, message_ids)
        self._forget(conversation_id)  # its state may hold them, and is made anew
        self.choices.sweep_documents()
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
            conversation = self.choices.begin(title_from(question), replace(self.choices.usual(), model=model_file))
            self._history.add_user_message(conversation, question)
            self._history.add_answer(conversation, answer, thinking=thought, state=whole, model=model, stats=stats)
        self._notify(ConversationsChanged(conversation))
        return conversation

    def on_engine_event(self, event: EngineEvent) -> None:
        """Takes an event of the engine; those of requests not under way here are ignored."""
        if isinstance(event, TemplateReplaced):
            self._notify(TemplateSubstituted(event.model_name))
        elif not self.preparation.take(event):
            self.answers.take(event)

    def shut_down(self) -> None:
        """Stores unfinished answers as interrupted and forgets the requests. Idempotent; the engine is not touched."""
        self.answers.shut_down()

    def _answer_last(self, conversation_id: str, *, goes_on: bool) -> None:
        """Answers the last user message that is shown, anew or on from where a cut off answer stopped."""
        self.answers.make_ready(conversation_id)
        transcript = self._history.transcript(conversation_id)
        messages = transcript.messages
        question = next((message for message in reversed(messages) if message.role is Role.USER), None)
        if question is None or (goes_on and not messages[-1].is_cut_off):
            return
        old = messages[-1] if messages[-1].role is Role.ASSISTANT else None
        self.answers.ask(
            conversation_id, question, just_sent=False, replaces=old, transcript=transcript, goes_on=goes_on
        )

    def _change_path(self, conversation_id: str, change: Callable[[], T]) -> T:
        """Does something after which other messages are shown, and says so."""
        self.answers.make_ready(conversation_id)
        return self._path.change(conversation_id, change)

    def _announce(self, message: StoredMessage, instead_of: int | None = None) -> None:
        self._notify(MessageStored(message, instead_of))
        self._notify(ConversationsChanged(message.conversation_id))  # the list then knows which one is open


def _not_blank(text: str) -> str:
    text = storable(text.strip())
    if not text:
        raise ValueError("blank message")
    return text
