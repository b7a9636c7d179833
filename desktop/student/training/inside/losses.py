"""How far a student is from its teacher: what is made smaller, term by term. All are means over tokens, in nats."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

# A smaller rest of the teacher's probability is what rounding to 16 bits leaves; a chance that none is smaller than.
_ROUNDING, _SMALLEST = 1e-4, 1e-6


def divergence(logits: Tensor, ids: Tensor, chances: Tensor, temperature: float = 1.0) -> Tensor:
    """Returns KL(teacher || student) for each place, over the tokens that were kept and the rest as one.

    Args:
        logits: The student's, of all tokens.
        ids: The tokens that were kept.
        chances: What the teacher gave to them at this temperature; 0: the token does not count.
        temperature: Of both.
    """
    total = torch.logsumexp(logits / temperature, dim=-1, keepdim=True)
    thought = logits.gather(1, ids) / temperature - total
    return kept_divergence(chances, chances.clamp_min(1e-30).log(), thought)


def kept_divergence(chances: Tensor, logs: Tensor, thought: Tensor) -> Tensor:
    """Returns the divergence between two that are known for some tokens only; what is left of each is one token more.

    Args:
        chances: Of the one, for each place and token; 0: the token does not count.
        logs: Their logarithms.
        thought: The logarithms of the other's.
    """
    is_kept = chances > 0
    held = (chances * (logs - thought)).masked_fill(~is_kept, 0).sum(-1)
    rest = 1 - chances.sum(-1)
    other = (1 - thought.exp().masked_fill(~is_kept, 0).sum(-1)).clamp_min(_SMALLEST)
    has_rest = rest > _ROUNDING
    safe = torch.where(has_rest, rest, torch.ones_like(rest))
    return held + torch.where(has_rest, safe * (safe.log() - other.log()), torch.zeros_like(rest))


def consistency(one: Tensor, other: Tensor, ids: Tensor) -> Tensor:
    """Returns how far two readings of the same student are apart, both ways, over the tokens that were kept (R-Drop).

    Args:
        one: Logits of the one reading.
        other: Logits of the other.
        ids: The tokens that the teacher thought best.
    """
    mine, theirs = (each.gather(1, ids) - torch.logsumexp(each, dim=-1, keepdim=True) for each in (one, other))
    return (kept_divergence(mine.exp(), mine, theirs) + kept_divergence(theirs.exp(), theirs, mine)) / 2


def hidden_distance(student: Tensor, teacher: Tensor, projection: Tensor | None) -> Tensor:
    """Returns how far hidden states are from the teacher's, for each place.

    Args:
        student: Behind one of its layers.
        teacher: Behind the one of the teacher's that it stands for.
        projection: From the student's width to the teacher's, which learns too: the mean square of the difference, over
            that of the teacher's. None: they are of one width, and 1 - cosine is taken.
    """
    if projection is None:
        return 1 - functional.cosine_similarity(student, teacher, dim=-1)
    missed = (functional.linear(student, projection).float() - teacher).square().mean(-1)
    return missed / teacher.square().mean(-1).clamp_min(1e-9)


def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Returns -log of what the student gave to the tokens of the answer, for each place."""
    return functional.cross_entropy(logits, targets, reduction="none")


def mean_where(each: Tensor, counts: Tensor) -> Tensor:
    """Returns the mean over the places that count; 0, where there are none."""
    return (each * counts).sum() / counts.sum().clamp_min(1)
