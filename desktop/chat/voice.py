"""How a conversation is answered: by its persona, and by what is chosen for it alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from desktop.chat.documents.ground import Ground
from desktop.engine.types import Sampling
from desktop.history.choices import ConversationChoices
from desktop.personas.persona import Example, Persona
from desktop.settings.for_engine import sampling_of
from desktop.settings.options import Settings

# Returns a persona by its id; the general one for None, and for one that is gone.
FindPersona = Callable[[str | None], Persona]

# After an answer that began to repeat itself the next try is this much warmer, within these.
_WARMER, _COOLEST_AGAIN, _WARMEST, _FIRMER_PENALTY = 0.3, 0.4, 1.2, 1.15


@dataclass(frozen=True)
class Voice:
    """What a request says of who answers.

    Attributes:
        system_prompt: Goes before the conversation; empty: nothing does.
        examples: Said before the conversation, after that.
        sampling: How tokens are chosen.
        prefix_id: See :attr:`desktop.engine.types.Generation.prefix_id`.
        model_file: See :attr:`desktop.engine.types.Generation.model_file`.
        opening: See :attr:`desktop.engine.types.Generation.opening`.
        ground: What the conversation is answered from; None: from what the model knows.
    """

    system_prompt: str
    sampling: Sampling
    prefix_id: str | None
    model_file: str | None = None
    examples: tuple[Example, ...] = ()
    opening: str = ""
    ground: Ground | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the model has the whole document before it that the conversation is about."""
        return self.ground is not None and self.ground.is_whole


def wordless(sampling: Sampling) -> Voice:
    """Returns it for a request that says everything itself."""
    return Voice("", sampling, prefix_id=None)


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
        return Voice(settings.system_prompt, sampling, None, choices.model)
    return Voice(persona.prompt, sampling, persona.prefix_id, choices.model, persona.examples)


def after_loop(sampling: Sampling, *, goes_on: bool) -> Sampling:
    """Returns how tokens are chosen after an answer that began to repeat itself.

    Args:
        sampling: How they are otherwise.
        goes_on: It shall go on anyway; else it is answered anew, more freely.
    """
    if goes_on:
        return replace(sampling, stop_loops=False)
    warmer = min(max(sampling.temperature, _COOLEST_AGAIN) + _WARMER, _WARMEST)
    return replace(
        sampling,
        temperature=max(sampling.temperature, warmer),
        repeat_penalty=max(sampling.repeat_penalty, _FIRMER_PENALTY),
    )
