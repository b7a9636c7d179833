"""How far a model is from its teacher on the teacher's own answers: KL, top-1, perplexity, each with an interval.

The divergence is KL(teacher || model) at temperature 1, over the tokens whose logits are kept and the rest of the
vocabulary as one. Merging the rest can only make it smaller: of the 1,024 kept where prompts are held out, by little.
Intervals are of the bootstrap over prompts, since the tokens of one answer are no independent trials.
"""

from __future__ import annotations

import math
import random
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from desktop.check.statistics import Interval
from desktop.engine.distillation.client import AskedModel
from desktop.student.sequences import TaughtSequence

_RESAMPLES: Final = 1_000
_LOW, _HIGH = 0.025, 0.975
# A smaller rest is what rounding to 16 bits leaves; and a chance that none is smaller than.
_ROUNDING, _SMALLEST = 1e-4, 1e-7


@dataclass(frozen=True)
class PromptFigures:
    """What came of one answer; sums over its tokens.

    Attributes:
        id: Of the prompt.
        tokens: That were judged: those of which it is known what the teacher thought.
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
    pieces: Sequence[tuple[int, ...]] | None = None,
) -> ModelFigures:
    """Has a model read the teacher's answers, and compares what both think.

    Args:
        model: With the teacher's vocabulary, or a smaller one that was made of it.
        sequences: The answers.
        kept: Logits of a token that are compared; None: all that there are.
        watch: Told how many answers are done.
        pieces: By which tokens of the model each of the teacher's is written; None: by itself. What is compared then
            is the first piece of what comes next, and the chance of a token is that of all its pieces.

    Raises:
        UserFacingError: The model cannot be asked.
    """
    found = []
    for sequence in sequences:
        count = sequence.layout.kept if kept is None else min(kept, sequence.layout.kept)
        found.append(_judged(model, sequence, count) if pieces is None else _in_pieces(model, sequence, count, pieces))
        watch(len(found))
    return ModelFigures(tuple(found))


def _judged(model: AskedModel, sequence: TaughtSequence, count: int) -> PromptFigures:
    kl = surprise = 0.0
    agreed = tokens = 0
    for place, (total, best, logits) in enumerate(
        model.judge(sequence.tokens, sequence.first, sequence.ids(count), count)
    ):
        thought = sequence.thought(place)
        if not thought.is_known:
            continue
        kl += divergence(thought.logits[:count], thought.totals[0], logits[1:], total)
        agreed += best == thought.ids[0]
        surprise += total - logits[0]
        tokens += 1
    return PromptFigures(sequence.id, tokens, kl, agreed, surprise)


def _in_pieces(
    model: AskedModel, sequence: TaughtSequence, count: int, pieces: Sequence[tuple[int, ...]]
) -> PromptFigures:
    tokens = [piece for token in sequence.tokens[: sequence.first] for piece in pieces[token]]
    first = len(tokens)
    asked = array("I")
    thoughts: list[tuple[int, list[int], list[float], float]] = []
    for place in range(sequence.length):
        thought = sequence.thought(place)
        # What the teacher gives to tokens that begin with the same piece is given to that piece.
        chances: dict[int, float] = {}
        for token, logit in zip(thought.ids[:count], thought.logits, strict=False):
            head = pieces[token][0]
            chances[head] = chances.get(head, 0.0) + math.exp(logit - thought.totals[0])
        heads = [*chances]
        thoughts.append((len(tokens) - first, heads, [math.log(max(chances[each], 1e-30)) for each in heads], 0.0))
        written = pieces[sequence.tokens[sequence.first + place]]
        tokens += written
        asked.extend(heads + [heads[0]] * (count - len(heads)))
        asked.extend([heads[0]] * (count * (len(written) - 1)))
    judged = model.judge(tokens, first, asked, count)
    kl = 0.0
    agreed = 0
    for place, heads, chances_of, all_of in thoughts:
        total, best, logits = judged[place]
        kl += divergence(chances_of, all_of, logits[1 : 1 + len(heads)], total)
        agreed += best == heads[0]
    surprise = math.fsum(total - logits[0] for total, _, logits in judged)
    return PromptFigures(sequence.id, sequence.length, kl, agreed, surprise)


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
    if rest > _ROUNDING:
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
        found.append(math.fsum(figure for figure, _ in picked) / max(1, sum(count for _, count in picked)))
    found.sort()
    return Estimate(value, Interval(found[int(_LOW * _RESAMPLES)], found[int(_HIGH * _RESAMPLES) - 1]))


def _exp(value: float) -> float:
    return math.exp(min(value, 700.0))
