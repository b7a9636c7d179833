"""How a conversation is answered: by its persona, and by what is chosen for it alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from desktop.engine.types import Sampling
from desktop.history.choices import ConversationChoices
from desktop.history.store import History
from desktop.personas.persona import GENERAL, Example, Persona
from desktop.settings.for_engine import sampling_of
from desktop.settings.options import Settings

# Returns a persona by its id; the general one for None, and for one that is gone.
FindPersona = Callable[[str | None], Persona]


@dataclass(frozen=True)
class Voice:
    """What a request says of who answers.

    Attributes:
        system_prompt: Goes before the conversation; empty: nothing does.
        examples: Said before the conversation, after that.
        sampling: How tokens are chosen.
        prefix_id: See :attr:`desktop.engine.types.Generation.prefix_id`.
    """

    system_prompt: str
    sampling: Sampling
    prefix_id: str | None
    examples: tuple[Example, ...] = ()


def voice_of(settings: Settings, find: FindPersona | None, choices: ConversationChoices) -> Voice:
    """Returns it for what is chosen for a conversation.

    Args:
        settings: In force.
        find: Finds personas; None: there are none, the settings say all.
        choices: Those of the conversation. A temperature among them comes before the persona's, and that before the
            one in the settings.
    """
    sampling = sampling_of(settings)
    persona = find(choices.persona) if find is not None else None
    for temperature in (choices.temperature, persona.temperature if persona is not None else None):
        if temperature is not None:
            sampling = replace(sampling, temperature=temperature)
            break
    if persona is None:
        return Voice(settings.system_prompt, sampling, None)
    return Voice(persona.prompt, sampling, persona.prefix_id, persona.examples)


class Voices:
    """Who answers in which conversation, and in the one that is not begun yet."""

    def __init__(self, history: History, settings: Callable[[], Settings], find: FindPersona | None) -> None:
        """
        Args:
            history: Keeps what is chosen.
            settings: Returns those in force.
            find: See :func:`voice_of`.
        """
        self._history = history
        self._settings = settings
        self._find = find
        self._next: ConversationChoices | None = None  # None: nobody has chosen for the one not begun yet

    def usual(self) -> ConversationChoices:
        """Returns what the settings choose for a new conversation."""
        persona = self._settings().persona
        return ConversationChoices(persona=None if persona == GENERAL else persona)

    def choices(self, conversation_id: str | None) -> ConversationChoices:
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
        else:
            self._history.set_choices(conversation_id, choices)

    def begun(self) -> None:
        """The conversation that was not begun is one: the next will be as the settings say."""
        self._next = None

    def for_choices(self, choices: ConversationChoices) -> Voice:
        """Returns how a conversation with these choices is answered."""
        return voice_of(self._settings(), self._find, choices)
