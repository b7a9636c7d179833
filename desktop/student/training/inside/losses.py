"""How far a student is from its teacher: what is made smaller, term by term. All are means over tokens, in nats."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

# A smaller rest of the teacher's probability is what rounding to 16 bits leaves; a chance that none is smaller than.
_ROUNDING, _SMALLEST = 1e-4, 1e-6


def divergence(thought: Tensor, chances: Tensor) -> Tensor:
    """Returns KL(teacher || student) for each place, over the tokens that were kept and the rest as one.

    Args:
        thought: The logarithms of what the student gives to the tokens that were kept.
        chances: What the teacher gave to them, at the same temperature; 0: the token does not count.
    """
    return _divergence(chances, chances.clamp_min(1e-30).log(), thought)


def _divergence(chances: Tensor, logs: Tensor, thought: Tensor) -> Tensor:
    is_kept = chances > 0
    held = (chances * (logs - thought)).masked_fill(~is_kept, 0).sum(-1)
    rest = 1 - chances.sum(-1)
    other = (1 - thought.exp().masked_fill(~is_kept, 0).sum(-1)).clamp_min(_SMALLEST)
    has_rest = rest > _ROUNDING
    safe = torch.where(has_rest, rest, torch.ones_like(rest))
    return held + torch.where(has_rest, safe * (safe.log() - other.log()), torch.zeros_like(rest))


def consistency(one: Tensor, other: Tensor) -> Tensor:
    """Returns how far two readings of the same student are apart, both ways (R-Drop, Wu et al. 2021).

    Args:
        one: The logarithms of what the one reading gives to the tokens that were kept.
        other: The same of the other.
    """
    return (_divergence(one.exp(), one, other) + _divergence(other.exp(), other, one)) / 2


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


def mean_where(each: Tensor, counts: Tensor) -> Tensor:
    """Returns the mean over the places that count; 0, where there are none."""
    return (each * counts).sum() / counts.sum().clamp_min(1)
