"""What is chosen for conversations, model, persona, documents, language, and how they are answered by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from desktop.chat.voice import Voice
from desktop.common.errors import UserFacingError
from desktop.engine.routing import server_model
from desktop.history.choices import ConversationChoices
from desktop.history.store import History
from desktop.personas.persona import GENERAL
from desktop.settings.options import Settings

if TYPE_CHECKING:
    from desktop.chat.documents.lazy import LazyGrounds  # only a conversation about a document has it imported


class ChatChoices:
    """Keeps them: in the history, and in memory those of the conversation that is begun next. GUI thread."""

    def __init__(
        self,
        history: History,
        settings: Callable[[], Settings],
        voice_of: Callable[[ConversationChoices], Voice],
        forget: Callable[[str], None],
        grounds: LazyGrounds | None,
    ) -> None:
        """
        Args:
            history: Keeps them with the conversations.
            settings: Returns the settings in force, which say what is usual.
            voice_of: Returns how a conversation is answered for which this is chosen; raises UserFacingError.
            forget: Drops what the engine keeps of a conversation.
            grounds: Knows the documents that conversations are about; None: there are none.
        """
        self._history = history
        self._settings = settings
        self._voice_of = voice_of
        self._forget = forget
        self._grounds = grounds
        self._next: ConversationChoices | None = None  # of the conversation that is not begun yet; None: none made

    def of(self, conversation_id: str | None) -> ConversationChoices:
        """Returns what is chosen for a conversation; None: for the one that is not begun yet.

        Raises:
            UserFacingError: The history cannot be read.
        """
        if conversation_id is not None:
            return self._history.conversation(conversation_id).choices
        return self.usual() if self._next is None else self._next

    def choose(self, conversation_id: str | None, choices: ConversationChoices) -> None:
        """Chooses for a conversation, from its next answer on; None: for the one that will be begun next.

        Raises:
            UserFacingError: The history cannot be written.
        """
        if conversation_id is None:
            self._next = choices
            self.sweep_documents()
            return
        before = self._history.conversation(conversation_id).choices
        self._history.set_choices(conversation_id, choices)
        if before.document != choices.document:
            self._forget(conversation_id)  # its state holds the words of the one that it was about
            self.sweep_documents()

    def begin(self, title: str, choices: ConversationChoices) -> str:
        """Makes a conversation for which that is chosen, and returns its id; a part of a transaction.

        Raises:
            UserFacingError: The history cannot be written.
        """
        conversation = self._history.create(title).id
        if choices != ConversationChoices():
            self._history.set_choices(conversation, choices)
        return conversation

    def set_next(self, choices: ConversationChoices | None) -> None:
        """Takes what is chosen for the conversation that is begun next; None: nothing is, as the last one has begun."""
        self._next = choices

    def usual(self) -> ConversationChoices:
        """Returns what the settings choose for new conversations."""
        settings = self._settings()
        persona, served = settings.persona, settings.new_conversations if self.begins_elsewhere else None
        return ConversationChoices(persona=None if persona == GENERAL else persona, model=served)

    @property
    def begins_elsewhere(self) -> bool:
        """Whether new conversations are answered by a server, as the settings say."""
        return server_model(self._settings().new_conversations) is not None

    def usual_temperature(self, conversation_id: str | None) -> float:
        """Returns the temperature that a conversation has unless one is chosen for it: its persona's or the usual."""
        try:
            choices = replace(self.of(conversation_id), temperature=None)
        except UserFacingError:  # which whoever answers will say
            choices = ConversationChoices()
        return self._voice_of(choices).sampling.temperature

    def voice(self, conversation_id: str | None) -> Voice:
        """Returns how a conversation is answered, or the one that is not begun yet. Raises as :meth:`of`."""
        return self._voice_of(self.of(conversation_id))

    def document_ids(self) -> frozenset[str]:
        """Returns the documents that conversations are about, or answers were taken from. Raises as :meth:`of`."""
        chosen = self._next.document if self._next is not None else None
        return self._history.document_ids() | ({chosen.id} if chosen is not None else frozenset())

    def sweep_documents(self) -> None:
        """Erases the documents that no conversation has any more."""
        if self._grounds is not None:
            self._grounds.sweep(self.document_ids)
