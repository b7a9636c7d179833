"""How far what a graphics processor computes is from what the processor does: a figure, and where it ends to be
rounding.

Two ways to compute the same model never agree in every bit: sums run in another order, and the processor rounds what it
multiplies with quantised weights to 8 bits where a graphics processor takes 16. What that does to the probabilities of
the next token is measured by the Kullback-Leibler divergence, in nats: 0 where both are the same, and independent of
how many tokens the vocabulary has. Measured, and how the limits were found: docs/adr/028-gpu.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# Nats, over all places looked at, and at the worst of them. Rounding: 0.0002 to 0.005 and up to 0.02. A device that
# computes one tensor wrongly: from 0.1 on; gibberish: 5 and more.
MOST_MEAN: Final = 0.03
MOST_ANYWHERE: Final = 0.15


@dataclass(frozen=True)
class Agreement:
    """How well two rows of logits for each place agree.

    Attributes:
        mean: Mean divergence, in nats; infinite where a number is none.
        worst: The largest.
        same_best: Share of the places where both find the same token likeliest.
    """

    mean: float
    worst: float
    same_best: float

    @property
    def is_rounding(self) -> bool:
        """Whether it is no more than what two ways to round the same differ by."""
        return self.mean <= MOST_MEAN and self.worst <= MOST_ANYWHERE


def agreement(expected: Sequence[Sequence[float]], found: Sequence[Sequence[float]]) -> Agreement:
    """Compares logits, a row for each place.

    Args:
        expected: Those of the processor.
        found: Those to be judged, as many.
    """
    divergences = [divergence(one, other) for one, other in zip(expected, found, strict=True)]
    same = sum(_best(one) == _best(other) for one, other in zip(expected, found, strict=True))
    count = len(divergences)
    return Agreement(sum(divergences) / count, max(divergences), same / count)


def divergence(expected: Sequence[float], found: Sequence[float]) -> float:
    """Returns the Kullback-Leibler divergence of one place's probabilities, in nats; infinite: no numbers."""
    if not (all(map(math.isfinite, found)) and all(map(math.isfinite, expected))):
        return math.inf
    total, other_total = _log_sum(expected), _log_sum(found)
    difference = total - other_total
    # Of p * (log p - log q), with the sums of both taken out.
    parts = (math.exp(one - total) * (one - other) for one, other in zip(expected, found, strict=True))
    return max(0.0, math.fsum(parts) - difference)


def _log_sum(logits: Sequence[float]) -> float:
    most = max(logits)
    return most + math.log(math.fsum(math.exp(each - most) for each in logits))


def _best(logits: Sequence[float]) -> int:
    return max(range(len(logits)), key=logits.__getitem__)
