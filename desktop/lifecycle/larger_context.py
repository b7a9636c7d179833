"""What a larger context would cost, for a message that is too long for the one in force."""

from __future__ import annotations

from dataclasses import dataclass, replace

from desktop.engine.context_budget import answer_reserve
from desktop.engine.footprint import Fit
from desktop.lifecycle.memory_fit import MemoryFit
from desktop.models.types import InstalledModel
from desktop.settings.options import Settings

# What is offered: powers of two, as models are trained; the last is the most that the settings take.
_SIZES = (2048, 4096, 8192, 16384, 32768)


@dataclass(frozen=True)
class LargerContext:
    """A context that has room.

    Attributes:
        tokens: Its size, as the settings take it.
        price: Bytes of memory that it takes beyond the one in force.
    """

    tokens: int
    price: int


def larger_context(
    fit: MemoryFit, settings: Settings, model: InstalledModel, needed: int, trained: int
) -> LargerContext | None:
    """Returns the smallest context with room for a text, where the memory that is there allows it.

    Args:
        fit: Predicts the memory.
        settings: Those in force.
        model: The model that shall read it.
        needed: Tokens of the text, with what stands before it.
        trained: Longest context that the model was trained for; 0: unknown.

    Returns:
        None: the model was not trained for as much, or it does not fit, or what it costs is not known.
    """
    now = fit.context_of(settings)
    before = fit.known_cost(settings, model)
    if before is None:
        return None
    for tokens in _SIZES:
        has_room = needed <= tokens - answer_reserve(tokens, settings.max_tokens or None)
        if tokens <= now or not has_room or (trained and tokens > trained):
            continue
        changed = replace(settings, n_ctx=tokens)
        after = fit.known_cost(changed, model)
        if after is None or fit.judge_load(changed, model).fit is Fit.TOO_BIG:
            return None
        return LargerContext(tokens, max(0, after.rss - before.rss))
    return None
