"""How far what a graphics processor computes is from what the processor does: a figure, and where it ends to be
rounding.

Two ways to compute the same model never agree in every bit: sums run in another order, and the processor rounds what it
multiplies with quantised weights to 8 bits where a graphics processor takes 16. What that does to the probabilities of
the next token is measured by the Kullback-Leibler divergence, in nats: 0 where both are the same, and independent of
how many tokens the vocabulary has. Measured, and how the limits were found: docs/adr/028-gpu.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

# How many times as far as the processor is from itself, computing in another order, a graphics processor may be from
# it; and nats below which a difference is none, above which it is one, whatever the model. Measured with SmolLM2 as
# Q4_1: the processor with and without flash attention 0.0032 nats; lavapipe 0.0058; one matrix of 210 made half as
# large again 0.015 to 0.027, a norm of 60 0.16; gibberish 5 and more.
TIMES: Final = 4.0
NOTHING, SOMETHING = 0.002, 0.05


# By how much a product of a device may be larger or smaller than the processor's, as a whole: so many times as much as
# the one of the processor that differs most from itself, computing in another order, and within these bounds. Measured
# with SmolLM2 as Q4_1: the processor 0.015; lavapipe 0.013; a matrix that is a tenth too large 0.10.
SIZE_TIMES: Final = 4.0
LEAST_SIZE, MOST_SIZE = 0.03, 0.08


@dataclass(frozen=True)
class ProductDifference:
    """The matrix product within a model whose size differs most between two ways to compute it.

    Attributes:
        name: As llama.cpp calls it; empty: none was compared.
        times: How many times as large it is as the processor's, over all values that were looked at: 1.0 is the same,
            whatever rounding does to each of them; infinite: there is no number.
        compared: How many products were.
    """

    name: str = ""
    times: float = 1.0
    compared: int = 0

    @property
    def off(self) -> float:
        """By how much it is larger or smaller; infinite: there is no number."""
        return abs(self.times - 1.0) if math.isfinite(self.times) else math.inf

    def is_wrong(self, rounding: float) -> bool:
        """Whether it is more than rounding.

        Args:
            rounding: What :attr:`off` is where the processor is compared with itself, computing in another order.
        """
        return self.off > min(max(LEAST_SIZE, SIZE_TIMES * rounding), MOST_SIZE)


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


def limit_for(rounding: float) -> float:
    """Returns the mean divergence, in nats, up to which it is no more than rounding.

    Args:
        rounding: Mean divergence of the processor from itself, with the same model computed in another order.
    """
    return min(max(NOTHING, TIMES * rounding), SOMETHING)


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


def largest_difference(
    expected: Mapping[str, Sequence[float]], found: Mapping[str, Sequence[float]]
) -> ProductDifference:
    """Compares the sizes of products.

    Rounding moves each value up or down; over hundreds of them that cancels out, and a matrix that is off does not.

    Args:
        expected: Values of the processor's, by name.
        found: Those to be judged; of which the other has none is passed over.
    """
    both = [name for name in expected if name in found]
    sizes = (ProductDifference(name, _times(expected[name], found[name]), len(both)) for name in both)
    return max(sizes, key=lambda each: each.off, default=ProductDifference())


def _times(expected: Sequence[float], found: Sequence[float]) -> float:
    """Returns the factor by which ``expected`` comes nearest to ``found``."""
    if len(expected) != len(found) or not all(map(math.isfinite, found)):
        return math.inf
    square = math.fsum(each * each for each in expected)
    if not square:
        return 1.0 if not any(found) else math.inf
    return math.fsum(one * other for one, other in zip(expected, found, strict=True)) / square


def _log_sum(logits: Sequence[float]) -> float:
    most = max(logits)
    return most + math.log(math.fsum(math.exp(each - most) for each in logits))


def _best(logits: Sequence[float]) -> int:
    return max(range(len(logits)), key=logits.__getitem__)
