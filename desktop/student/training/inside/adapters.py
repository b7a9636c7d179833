"""LoRA: what is learnt is a product of two narrow matrices that is added to each of the model's (Hu et al. 2021).

Written into the model's own matrices in the end, so a student is the same kind of file either way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import torch
from torch import Tensor

# What is learnt counts as twice of itself, as is usual: the rate need not change with the rank.
_SCALE: Final = 2.0


def make_adapters(weights: Mapping[str, Tensor], names: Iterable[str], rank: int, seed: int) -> dict[str, Tensor]:
    """Returns the narrow matrices, of which the second begin as 0, so that nothing has changed yet.

    Args:
        weights: The model's.
        names: Of matrices that get them.
        rank: Of what is added.
        seed: Of the first ones.
    """
    chance = torch.Generator().manual_seed(seed)
    made = {}
    for name in names:
        rows, columns = weights[name].shape
        narrow = torch.randn(rank, columns, generator=chance) / columns**0.5
        made[f"{name}.down"] = narrow.to(weights[name].device)
        made[f"{name}.up"] = torch.zeros(rows, rank, device=weights[name].device)
    return made


def with_adapters(weights: Mapping[str, Tensor], adapters: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Returns the weights with what was learnt added."""
    found = dict(weights)
    for name in [name.removesuffix(".up") for name in adapters if name.endswith(".up")]:
        found[name] = weights[name] + _SCALE * (adapters[f"{name}.up"] @ adapters[f"{name}.down"])
    return found
