"""How far a model is from its teacher on the teacher's own answers: KL, top-1, perplexity, each with an interval.

The divergence is KL(teacher || model) at temperature 1, over the tokens whose logits are kept and the rest of the
vocabulary as one. Merging the rest can only make it smaller: of the 1,024 kept where prompts are held out, by little.
Intervals are of the bootstrap over prompts, since the tokens of one answer are no independent trials.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from desktop.check.statistics import Interval
from desktop.engine.distillation.client import AskedModel
from desktop.student.sequences import TaughtSequence

_RESAMPLES: Final = 1_000
_LOW, _HIGH = 0.025, 0.975
# Of a rest that the best tokens leave nothing of, or that rounding has made negative.
_SMALLEST: Final = 1e-9


@dataclass(frozen=True)
class PromptFigures:
    """What came of one answer; sums over its tokens.

    Attributes:
        id: Of the prompt.
        tokens: That were judged.
        kl: Divergence from the teacher, in nats.
        agreed: Tokens where the model and the teacher think the same one best.
        surprise: -log of the chance that the model gave to the token that stands there.
    """

    id: str
    tokens: int
    kl: float
    agreed: int
    surprise: float


@dataclass(frozen=True)
class Estimate:
    """A figure and where the true one lies with 95 % confidence."""

    value: float
    interval: Interval

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.interval.low:.3f}, {self.interval.high:.3f}]"


@dataclass(frozen=True)
class ModelFigures:
    """What came of one model.

    Attributes:
        prompts: Of each answer.
        seed: Of the resampling.
    """

    prompts: tuple[PromptFigures, ...]
    seed: int = 1

    @property
    def tokens(self) -> int:
        """That were judged."""
        return sum(each.tokens for each in self.prompts)

    @property
    def kl(self) -> Estimate:
        """Nats for each token."""
        return self._estimate(lambda each: each.kl)

    @property
    def top1(self) -> Estimate:
        """Share of tokens where model and teacher agree on the best."""
        return self._estimate(lambda each: each.agreed)

    @property
    def perplexity(self) -> Estimate:
        """On the teacher's answers."""
        surprise = self._estimate(lambda each: each.surprise)
        return Estimate(_exp(surprise.value), Interval(_exp(surprise.interval.low), _exp(surprise.interval.high)))

    def further_than(self, other: ModelFigures) -> Estimate:
        """Returns by how much the divergence is larger than another model's on the same answers, answer by answer."""
        theirs = {each.id: each for each in other.prompts}
        pairs = [(each, theirs[each.id]) for each in self.prompts if each.id in theirs]
        rows = [(mine.kl - other.kl, mine.tokens) for mine, other in pairs]
        return _bootstrap(rows, self.seed)

    def _estimate(self, figure: Callable[[PromptFigures], float]) -> Estimate:
        return _bootstrap([(figure(each), each.tokens) for each in self.prompts], self.seed)


def judge(
    model: AskedModel,
    sequences: Iterable[TaughtSequence],
    kept: int | None = None,
    watch: Callable[[int], None] = lambda _done: None,
) -> ModelFigures:
    """Has a model read the teacher's answers, and compares what both think.

    Args:
        model: With the teacher's vocabulary.
        sequences: The answers.
        kept: Logits of a token that are compared; None: all that there are.
        watch: Told how many answers are done.

    Raises:
        UserFacingError: The model cannot be asked.
    """
    found = []
    for sequence in sequences:
        count = sequence.layout.kept if kept is None else min(kept, sequence.layout.kept)
        judged = model.judge(sequence.tokens, sequence.first, sequence.ids(count), count)
        kl = agreed = surprise = 0.0
        for place, (total, best, logits) in enumerate(judged):
            thought = sequence.thought(place)
            kl += divergence(thought.logits[:count], thought.totals[0], logits[1:], total)
            agreed += best == thought.ids[0]
            surprise += total - logits[0]
        found.append(PromptFigures(sequence.id, sequence.length, kl, int(agreed), surprise))
        watch(len(found))
    return ModelFigures(tuple(found))


def divergence(mine: Sequence[float], my_total: float, theirs: Sequence[float], their_total: float) -> float:
    """Returns KL(mine || theirs) over some tokens and the rest as one, in nats; never below 0.

    Args:
        mine: Logits of the one.
        my_total: Logarithm of the sum of exp(logit) over the whole vocabulary.
        theirs: Logits of the other, of the same tokens.
        their_total: As ``my_total``.
    """
    held = other_held = total = 0.0
    for my, their in zip(mine, theirs, strict=True):
        my, their = my - my_total, their - their_total
        chance = math.exp(my)
        held += chance
        other_held += math.exp(their)
        total += chance * (my - their)
    rest = 1.0 - held
    if rest > _SMALLEST:
        total += rest * (math.log(rest) - math.log(max(1.0 - other_held, _SMALLEST)))
    return max(0.0, total)


def _bootstrap(rows: Sequence[tuple[float, int]], seed: int) -> Estimate:
    """Returns the sum of the first over the sum of the second, and its interval by resampling rows."""
    tokens = sum(count for _, count in rows)
    if not tokens:
        return Estimate(0.0, Interval(-math.inf, math.inf))
    value = math.fsum(figure for figure, _ in rows) / tokens
    chance = random.Random(seed)
    found = []
    for _ in range(_RESAMPLES):
        picked = chance.choices(rows, k=len(rows))
        found.append(math.fsum(figure for figure, _ in picked) / sum(count for _, count in picked))
    found.sort()
    return Estimate(value, Interval(found[int(_LOW * _RESAMPLES)], found[int(_HIGH * _RESAMPLES) - 1]))


def _exp(value: float) -> float:
    return math.exp(min(value, 700.0))
