"""What the next message would take of the model's context, before it is sent: counted, or estimated from characters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from desktop.chat.prompt import Prompt, build_prompt
from desktop.chat.voice import Voice
from desktop.common.errors import MessageTooLongError
from desktop.engine.context_budget import answer_reserve, drop_turns, expected_message
from desktop.engine.types import Counted, Role
from desktop.history.records import StoredMessage

# Measured with llama.cpp's copies of real vocabularies (Qwen 2, Llama 3, Gemma 4, DeepSeek): English prose has 4.2 to
# 4.5 characters to a token, Python 3.7 to 4.6, Chinese 1.3 to 1.5. Vocabularies made for English alone (GPT-2) cut a
# Chinese character into about two tokens: there it is too low until the model has counted.
_ASCII_PER_TOKEN = 4.0
_OTHERS_PER_TOKEN = 1.4
# What a chat template puts around a message: 4 to 8 tokens.
_AROUND = 6
# An estimate may be wrong by that much: whether less fits is left to the model to count.
ESTIMATE_MARGIN = 1.15
# What was found to fit shall do so, although it was estimated.
_CAUTION = 0.95
# Characters; a text is not cut in a word, unless it has none, such as Chinese.
_LONGEST_WORD = 80


@dataclass(frozen=True)
class ContextUse:
    """How the context would be shared out, in tokens.

    Attributes:
        context: All of it.
        room: What conversation and message may take; the rest is kept for the answer.
        history: What is read of the conversation before the message.
        message: The message; 0: nothing is written.
        dropped: Shown messages of the conversation that are read no longer with this message.
        is_exact: Counted by the model's tokenizer; otherwise about right.
    """

    context: int
    room: int
    history: int
    message: int
    dropped: int
    is_exact: bool

    @property
    def used(self) -> int:
        return self.history + self.message

    @property
    def left(self) -> int:
        """What is free after the message, for the answer and what follows."""
        return max(0, self.context - self.used)

    @property
    def is_too_long(self) -> bool:
        """The message cannot be sent, whatever is left out; by a guess, unless it :attr:`is_exact`."""
        return self.message > self.room

    @property
    def is_surely_too_long(self) -> bool:
        """It was counted, or is so long that no guess is that wrong."""
        return self.is_too_long and (self.is_exact or self.message > self.room * ESTIMATE_MARGIN)


@dataclass(frozen=True)
class ContextHistory:
    """What is known of a conversation before its next message; made once, used for each key.

    Attributes:
        prompt: The conversation as the template takes it.
        cut: Messages of the prompt that are left out already.
        system: Tokens of what is always there.
        lengths: Tokens of each message of the prompt.
        shown: Messages of the conversation that the prompt was made of.
        max_tokens: Longest answer asked for; None: no limit.
    """

    prompt: Prompt
    cut: int
    system: int
    lengths: tuple[int, ...]
    shown: int
    max_tokens: int | None

    def dropped_by(self, cut: int) -> int:
        """Returns how many shown messages another cut of the prompt takes out of the model's view."""

        def shown_before(place: int) -> int:
            return self.prompt.origins[place] if place < len(self.prompt.origins) else self.shown

        return max(0, shown_before(cut) - shown_before(self.cut))


def estimate_tokens(text: str) -> int:
    """Returns about how many tokens a text takes. Linear, and at the speed of memory: some 0.1 ms for a long book."""
    # Bytes of UTF-8 tell ASCII from the rest without a look at each character: most others take three.
    others = (len(text.encode("utf-8", "surrogatepass")) - len(text)) / 2
    return math.ceil(max(0.0, len(text) - others) / _ASCII_PER_TOKEN + others / _OTHERS_PER_TOKEN)


def fitting_length(text: str, room: float, scale: float = 1.0) -> int:
    """Returns how many characters of the beginning of a text should fit, up to the end of a word.

    Args:
        text: Of any length.
        room: Tokens that there are for it.
        scale: Tokens that the model makes of one that is estimated.
    """
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if estimate_tokens(text[:middle]) * scale <= room * _CAUTION:
            low = middle
        else:
            high = middle - 1
    space = max(text.rfind(" ", 0, low), text.rfind("\n", 0, low))
    return space if low < len(text) and low - space < _LONGEST_WORD and space > 0 else low


def history_of(
    voice: Voice, stored: Sequence[StoredMessage], cut: int, max_tokens: int | None = None
) -> ContextHistory:
    """Estimates what a conversation takes; the figures of its last answer, which were counted, set the scale.

    Args:
        voice: Says what goes before all of it.
        stored: The messages that are shown.
        cut: How many of them are read no longer.
        max_tokens: Longest answer asked for; None: no limit.
    """
    while stored and stored[-1].role is Role.USER:  # unanswered: it becomes one with the next
        stored = stored[:-1]
    prompt = build_prompt(voice.system_prompt, stored, voice.examples)
    has_system = bool(prompt.messages) and prompt.messages[0].role is Role.SYSTEM
    turns = prompt.messages[1:] if has_system else prompt.messages
    lengths = [estimate_tokens(turn.text) + _AROUND for turn in turns]
    system = _AROUND + (estimate_tokens(prompt.messages[0].text) + _AROUND if has_system else 0)
    system += estimate_tokens(voice.opening)
    hidden = prompt.cut_of_stored(cut)
    last = stored[-1] if stored else None
    # Thoughts are counted there, and not read again.
    if last is not None and last.stats is not None and last.stats.prompt_tokens > 0 and not last.thinking:
        counted = last.stats.prompt_tokens + last.stats.generated_tokens
        guessed = system + sum(lengths[hidden:])
        lengths = [max(1, round(length * counted / guessed)) for length in lengths]
        system = max(1, round(system * counted / guessed))
    return ContextHistory(prompt, hidden, system, tuple(lengths), len(stored), max_tokens)


def estimate(history: ContextHistory, draft: str, context: int, scale: float = 1.0) -> ContextUse:
    """Says about what a message would take, and what would be dropped for it.

    Args:
        history: The conversation before it.
        draft: The message; blank: there is none.
        context: Tokens of the context.
        scale: Tokens that this model makes of one that is estimated in a message.
    """
    message = round(estimate_tokens(draft.strip()) * scale) + _AROUND if draft.strip() else 0
    return _shared_out(history, message, context)


def use_elsewhere(history: ContextHistory, counted: Counted, context: int) -> ContextUse:
    """Says what a message, as it was counted, would take of another context, or beside another reserve for the answer.

    What the model has counted once it need not be woken for again, and a message that was offered a context with room
    for it, to the token, must not be found too long for that by a guess.

    Args:
        history: The conversation before it, as it was when the message was counted.
        counted: What was found.
        context: Tokens of the other context.
    """
    if counted.message <= counted.room:
        return _shared_out(history, counted.message, context)
    # What cannot be sent was counted with what always stands before it.
    room = context - answer_reserve(context, history.max_tokens)
    if counted.message > room:
        return ContextUse(context, room, 0, counted.message, history.dropped_by(len(history.lengths)), is_exact=True)
    system = min(history.system, counted.message - 1)
    return _shared_out(replace(history, system=system), counted.message - system, context)


def _shared_out(history: ContextHistory, message: int, context: int) -> ContextUse:
    reserve = answer_reserve(context, history.max_tokens)
    kept = history.system + sum(history.lengths[history.cut :])
    use = ContextUse(context, context - reserve, kept, message, 0, is_exact=False)
    if not message:
        return use
    try:
        turns = drop_turns(
            *(history.system, (*history.lengths, message)),
            cut=history.cut, n_ctx=context, reserve=reserve, expected=expected_message(context),
        )  # fmt: skip
    except MessageTooLongError as problem:
        dropped = history.dropped_by(len(history.lengths))
        return replace(use, history=0, message=max(problem.tokens, use.room + 1), dropped=dropped)
    return replace(use, history=turns.tokens - message, dropped=history.dropped_by(turns.cut))


def counted_use(history: ContextHistory, counted: Counted) -> ContextUse:
    """Returns what the engine has counted, in the terms of the conversation."""
    dropped = history.dropped_by(counted.cut)
    return ContextUse(counted.n_ctx, counted.room, counted.history, counted.message, dropped, is_exact=True)
