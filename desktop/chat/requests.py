"""What the engine is asked for a conversation: its messages, who answers, and what they are answered from."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from desktop.chat.context_use import estimate_tokens
from desktop.chat.documents.ground import Asked, Ground, Passages, TooLong
from desktop.chat.prompt import Prompt, build_prompt
from desktop.chat.voice import FindPersona, Voice, voice_of
from desktop.common.errors import MessageTooLongError
from desktop.engine.types import Generation, Message, Role
from desktop.history.choices import ConversationChoices, PreferredLanguage
from desktop.history.records import StoredMessage
from desktop.history.sources import MOST_SOURCES, Support
from desktop.settings.options import Settings

if TYPE_CHECKING:  # only a conversation about a document has it imported
    from desktop.chat.documents.lazy import LazyGrounds
    from desktop.documents.passages.index import Found


@dataclass(frozen=True)
class MadeRequest:
    """A request with what its answer is understood by.

    Attributes:
        request: For the engine.
        prompt: What its messages were made of.
        voice: Who answers.
        given: Passages that stand in it.
        search: What must be looked for before it is whole, see :meth:`RequestBuilder.with_passages`; None: nothing.
    """

    request: Generation
    prompt: Prompt
    voice: Voice
    given: tuple[Found, ...] = ()
    search: PassageSearch | None = None


@dataclass(frozen=True)
class PassageSearch:
    """A question to which passages of documents are looked for.

    Attributes:
        ground: Where.
        stored: The messages of the request; the question is the last one.
        cut: Messages at the beginning that no longer fit.
        most: How many are given at the most.
    """

    ground: Ground
    stored: tuple[StoredMessage, ...]
    cut: int
    most: int

    @property
    def question(self) -> StoredMessage:
        return self.stored[-1]


class RequestBuilder:
    """Makes requests of stored messages. GUI thread."""

    def __init__(
        self,
        settings: Callable[[], Settings],
        request_ids: itertools.count[int],
        personas: FindPersona | None,
        grounds: LazyGrounds | None,
    ) -> None:
        """
        Args:
            settings: Returns the settings in force.
            request_ids: Source of ids never used twice.
            personas: Finds them; None: there are none.
            grounds: Knows the documents of conversations; None: there are none.
        """
        self._settings = settings
        self._request_ids = request_ids
        self._personas = personas
        self._grounds = grounds

    def voice(self, choices: ConversationChoices, *, passages: bool = False) -> Voice:
        """Returns how a conversation is answered.

        Args:
            choices: What is chosen for it.
            passages: About a document with passages of it, although the whole is thought to fit.

        Raises:
            UserFacingError: The documents cannot be read.
        """
        voice = voice_of(self._settings(), self._personas, choices)
        if self._grounds is None or (choices.document is None and choices.library is None):
            return voice
        return self._grounds().grounded(voice, choices, passages=passages)

    def make(
        self,
        conversation_id: str,
        stored: Sequence[StoredMessage],
        choices: ConversationChoices,
        cut: int,
        *,
        passages: bool = False,
        most: int = MOST_SOURCES,
    ) -> MadeRequest:
        """Returns the request for the answer to the last message, or for what comes before the next.

        Args:
            conversation_id: Whose state it is.
            stored: The messages up to there.
            choices: What is chosen for the conversation.
            cut: Messages at the beginning that no longer fit.
            passages: See :meth:`voice`.
            most: Passages that are given at the most.

        Raises:
            UserFacingError: The documents cannot be read.
        """
        voice = self.voice(choices, passages=passages)
        ground = voice.ground
        search: PassageSearch | None = None
        last = stored[-1] if stored and stored[-1].role is Role.USER else None
        if ground is None:
            language = choices.language
            prompt = build_prompt(
                voice.system_prompt, stored, voice.examples, say=lambda message: _said(message, language)
            )
        elif ground.is_whole:
            prompt = build_prompt(voice.system_prompt, stored, say=lambda message: _asked(ground, message))
        else:
            prompt = build_prompt(voice.system_prompt, stored)
            if last is not None and ground.concerns(last):
                search = PassageSearch(ground, tuple(stored), cut, most)
        request = Generation(
            request_id=next(self._request_ids),
            conversation_id=conversation_id,
            messages=prompt.messages,
            sampling=voice.sampling,
            thinking=self._settings().thinking,
            cut=prompt.cut_of_stored(cut),
            prefix_id=voice.prefix_id,
            prefix_messages=prompt.examples,
            prefix_lasts=voice.is_whole,
            opening=voice.opening,
            model_file=voice.model_file,
        )
        return MadeRequest(request, prompt, voice, search=search)

    def passages(self, search: PassageSearch) -> Callable[[threading.Event], Passages]:
        """Returns what does a search, on any thread; see :func:`desktop.chat.documents.search.find_passages`.

        Raises:
            UserFacingError: The documents cannot be read.
        """
        assert self._grounds is not None
        return self._grounds().passages(search.ground, search.question.text, search.most)

    def with_passages(self, made: MadeRequest, found: Passages) -> MadeRequest:
        """Returns a request whose question is put with what was found for it."""
        search = made.search
        assert search is not None
        prompt = build_prompt(
            made.voice.system_prompt,
            search.stored,
            say=lambda message: found.question if message is search.question else message.text,
        )
        request = replace(made.request, messages=prompt.messages, cut=prompt.cut_of_stored(search.cut))
        return MadeRequest(request, prompt, made.voice, found.given)

    def expect_question(self) -> None:
        """Somebody writes a question that will be answered from passages."""
        if self._grounds is not None:
            self._grounds().expect_question()

    def support(
        self, made: MadeRequest, messages: Sequence[Message], question: str, answer: str
    ) -> Callable[[threading.Event], Support] | None:
        """Returns what finds out what an answer rests on, on any thread; None: on no document.

        Args:
            made: The request for it.
            messages: As they were sent in the end.
            question: As the person has put it.
            answer: What was answered.

        Raises:
            UserFacingError: The documents cannot be read.
        """
        ground = made.voice.ground
        if ground is None or self._grounds is None:
            return None
        asked = "\n".join(message.text for message in messages if message.role is Role.USER)
        return self._grounds().support(ground, Asked(question, asked), answer, made.given)

    def take_passages(self, made: MadeRequest, question: str, problem: MessageTooLongError) -> int:
        """Returns with how many passages at the most a request can be made anew that was too long.

        0: it cannot. Of a document that was given whole, passages are; of passages, as many as there is room for, since
        a small context holds one or two.

        Args:
            made: The request.
            question: The last message in it, as the person has put it; empty: there was none.
            problem: What the engine has said. Where the question is not to blame it holds for the next one as well.
        """
        if self._grounds is None:
            return 0
        if not made.voice.is_whole:
            count = len(made.given)
            return max(1, min(count - 1, count * problem.room // problem.tokens)) if count > 1 else 0
        if problem.tokens - 2 * estimate_tokens(question) > problem.room or not question:
            self._grounds().note_too_long(made.voice, TooLong(problem.tokens, problem.room))
        return MOST_SOURCES


def _said(message: StoredMessage, language: PreferredLanguage | None) -> str:
    """Returns a message as the model gets it, the same at every turn; a draft has no id yet."""
    if language is None or message.role is not Role.USER or 0 < message.id < language.since:
        return message.text
    from desktop.chat.answer_language import said_in  # few conversations need what it imports

    return said_in(language.code, message.text)


def _asked(ground: Ground, message: StoredMessage) -> str:
    """Returns a message as the model gets it, the same at every turn: what was read of it serves the next as well."""
    if message.role is not Role.USER or not ground.concerns(message):
        return message.text
    from desktop.documents.question import task_for  # nobody needs what it imports before there is a document

    return task_for(message.text, ground.text)
