"""From stored messages and settings to what the engine takes: pure functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from desktop.common.printable import one_line
from desktop.engine.types import Message, Role
from desktop.history.records import StoredMessage
from desktop.personas.persona import Example

_TITLE_LENGTH = 48
# Characters of a message that make a title nearly always; all of a pasted book took 33 ms.
_LOOKED_AT = 2_000


def title_from(text: str) -> str:
    """Returns a conversation's title: the start of its first message, cut at a word where there is one."""
    line = one_line(text[:_LOOKED_AT])
    if len(line) <= _TITLE_LENGTH:
        line = one_line(text)
    if len(line) <= _TITLE_LENGTH:
        return line
    head = line[:_TITLE_LENGTH]
    space = head.rfind(" ")
    return (head[:space] if space > _TITLE_LENGTH // 2 else head).rstrip(" ,;:.，。；：") + "…"


@dataclass(frozen=True)
class Prompt:
    """A stored conversation as the chat template takes it.

    Attributes:
        messages: An optional system message, then user and assistant in turn.
        origins: For each message after the system message, how many stored messages come before it.
        examples: Messages after the system message that were never said: they show how to answer.
    """

    messages: tuple[Message, ...]
    origins: tuple[int, ...]
    examples: int = 0

    def cut_of_stored(self, stored_cut: int) -> int:
        """Returns how many leading messages of the prompt are left out when ``stored_cut`` stored ones are."""
        return sum(1 for origin in self.origins if origin < stored_cut)

    def stored_of_cut(self, cut: int) -> int:
        """The inverse of :meth:`cut_of_stored`, for a cut that the engine made."""
        return self.origins[cut] if cut < len(self.origins) else 0


def build_prompt(
    system_prompt: str,
    stored: Iterable[StoredMessage],
    examples: Sequence[Example] = (),
    say: Callable[[StoredMessage], str] = lambda message: message.text,
) -> Prompt:
    """Returns the messages for the chat template, user and assistant in turn.

    Examples are said before all else; when a full context drops turns they are the first to go.

    Two user messages stand in a row after an answer that failed, and an answer may be empty; templates such as Gemma's
    refuse what does not alternate. So empty answers are left out, and neighbours of the same role are joined.

    Args:
        system_prompt: What the model is told before all.
        stored: The conversation.
        examples: See above.
        say: Returns how a message is put to the model.
    """
    system = [Message(Role.SYSTEM, system_prompt.strip())] if system_prompt.strip() else []
    turns: list[Message] = []
    for question, answer in examples:
        turns += [Message(Role.USER, question), Message(Role.ASSISTANT, answer)]
    shown = len(turns)
    origins = [0] * shown
    for position, message in enumerate(stored):
        if not message.text.strip():
            continue
        if turns and turns[-1].role is message.role:
            turns[-1] = Message(message.role, f"{turns[-1].text}\n\n{say(message)}")
            continue
        turns.append(Message(message.role, say(message)))
        origins.append(position)
    return Prompt((*system, *turns), tuple(origins), shown)
