"""Whether a text fits into the model's context before it is sent, and what may be done where it does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from desktop.chat.context_use import ESTIMATE_MARGIN, estimate, estimate_tokens, fitting_length, history_of
from desktop.chat.voice import wordless
from desktop.engine.types import Sampling
from desktop.lifecycle.larger_context import LargerContext


@dataclass(frozen=True)
class TooLong:
    """A prompt that does not fit.

    Attributes:
        tokens: What it takes.
        room: What there is for it.
        is_exact: The model has counted it.
    """

    tokens: int
    room: int
    is_exact: bool


@dataclass(frozen=True)
class TextLimits:
    """What is known of the context of the next answer.

    Attributes:
        context: Returns its tokens; 0: there is no model.
        longest_answer: Returns how many tokens an answer may have; None: no limit.
        larger: Returns a context with room for so many tokens; None: there is none.
        enlarge: Puts a context in force.
    """

    context: Callable[[], int]
    longest_answer: Callable[[], int | None]
    larger: Callable[[int], LargerContext | None]
    enlarge: Callable[[int], None]

    def problem(self, prompt: str) -> TooLong | None:
        """Returns by how much a prompt is too long by estimate; None: it fits, or the model has to count it."""
        context = self.context()
        if not context:
            return None
        use = estimate(history_of(wordless(Sampling()), (), 0, self.longest_answer()), prompt, context)
        return TooLong(use.message, use.room, is_exact=False) if use.is_surely_too_long else None

    def larger_for(self, found: TooLong) -> LargerContext | None:
        """Returns a context with room for a prompt; None: there is none."""
        return self.larger(found.tokens if found.is_exact else round(found.tokens * ESTIMATE_MARGIN))

    def start_of(self, text: str, prompt: str, found: TooLong) -> str:
        """Returns the beginning of a text that fits.

        Args:
            text: The whole.
            prompt: What was made of it.
            found: By how much that is too long.
        """
        scale = found.tokens / max(1, estimate_tokens(prompt))
        around = (estimate_tokens(prompt) - estimate_tokens(text)) * scale
        return text[: fitting_length(text, max(0.0, found.room - around), scale)].rstrip()
