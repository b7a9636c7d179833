"""What learns, at which rate: the student's tensors or what is added to them, and AdamW."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import torch
from torch import Tensor

from desktop.student.training.inside.adapters import make_adapters, with_adapters
from desktop.student.training.settings import TrainingSettings

# Steps that are done before it is known how many there will be; until then nothing may hang on that.
TIMED: Final = 6
_BETAS: Final = (0.9, 0.98)
# A step whose gradient is longer is shortened to that.
_LONGEST: Final = 1.0
# Steps from one that goes into the average to the next.
_AVERAGED_EACH: Final = 4
_EMBEDDINGS: Final = frozenset({"token_embd.weight", "output.weight"})


class LearningWeights:
    """The weights of a student, some of which learn. One thread.

    Attributes:
        has_adapters: These learn beside the model's own tensors.
        learnt: What learns, by name.
        optimiser: That changes it.
        averages: Of what learns, by name; empty before the first update, and where none are wanted.
    """

    def __init__(
        self, tensors: Mapping[str, Tensor], settings: TrainingSettings, projections: Mapping[str, Tensor]
    ) -> None:
        """
        Args:
            tensors: The model's, of 32 bits.
            settings: Of the training.
            projections: What learns beside the model and is no part of it.
        """
        self._tensors = dict(tensors)
        self.has_adapters = settings.lora_rank > 0
        self._projections = frozenset(projections)
        free = [name for name in tensors if settings.embedding or name not in _EMBEDDINGS]
        free = [name for name in free if name != "rope_freqs.weight"]
        if self.has_adapters:
            matrices = [name for name in free if tensors[name].dim() == 2]
            self.learnt = make_adapters(tensors, matrices, settings.lora_rank, settings.seed)
        else:
            self.learnt = {name: self._tensors[name] for name in free}
        self.learnt |= projections
        self.averages: dict[str, Tensor] = {}
        for each in self.learnt.values():
            each.requires_grad_(True)
        self.optimiser = torch.optim.AdamW(
            self.learnt.values(), lr=settings.rate, betas=_BETAS, weight_decay=0.0, fused=True
        )

    def weights(self, learnt: Mapping[str, Tensor] | None = None) -> dict[str, Tensor]:
        """Returns the model's weights as they are now.

        Args:
            learnt: Something else in the place of what has been learnt, such as its average.
        """
        learnt = self.learnt if learnt is None else learnt
        if self.has_adapters:
            return with_adapters(self._tensors, learnt)
        return {**self._tensors, **{name: learnt[name] for name in learnt if name in self._tensors}}

    def changed(self, learnt: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Returns the model's tensors that are others than in the beginning.

        Args:
            learnt: See :meth:`weights`.
        """
        now = self.weights(learnt)
        if self.has_adapters:
            return {
                name.removesuffix(".up"): now[name.removesuffix(".up")] for name in self.learnt if name.endswith(".up")
            }
        return {name: now[name] for name in self.learnt if name not in self._projections}

    def update(self, loss: Tensor, rate: float) -> None:
        """Makes a loss smaller by one step."""
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.learnt.values(), _LONGEST)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)

    def average(self, step: int, steps: int) -> None:
        """Takes the weights as they are into their average: the mean of all at first, then of about the last ones.

        Only every fourth step, since it reads all weights: neighbours hardly differ.

        Args:
            step: That was made, from 0 on.
            steps: Over which is averaged.
        """
        if step % _AVERAGED_EACH:
            return
        with torch.no_grad():
            if not self.averages:
                self.averages = {name: each.detach().clone() for name, each in self.learnt.items()}
                return
            share = max(1 / (step // _AVERAGED_EACH + 1), min(1.0, _AVERAGED_EACH / steps))
            for name, each in self.averages.items():
                each.lerp_(self.learnt[name], share)

    def mixed(self, before: Mapping[str, Tensor], share: float, learnt: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Returns the mean of what has been learnt and of what it began with.

        Args:
            before: The model's tensors in the beginning.
            share: How much of them, from 0 to 1.
            learnt: See :meth:`weights`.
        """
        with torch.no_grad():
            return {
                name: each.lerp(before[name].to(each.device), share) if name in before else each
                for name, each in learnt.items()
            }

    def take(self, learnt: Mapping[str, Tensor], averages: Mapping[str, Tensor]) -> None:
        """Puts what was kept in the place of what is there.

        Raises:
            KeyError, RuntimeError: It is of another model.
        """
        with torch.no_grad():
            for name, each in self.learnt.items():
                each.copy_(learnt[name])
            self.averages = {name: averages[name].to(each.device) for name, each in self.learnt.items() if averages}


def rate_at(step: int, steps: int, settings: TrainingSettings) -> float:
    """Returns the learning rate of a step: it rises, stays, and falls to nothing.

    Args:
        step: From 0 on.
        steps: In all; 0: not known yet.
        settings: Of the training.
    """
    if step < settings.warm_up:
        return settings.rate * (step + 1) / settings.warm_up
    begin = falls_from(steps, settings)
    if not steps or step < begin:
        return settings.rate
    return settings.rate * (steps - step) / max(steps - begin, 1)


def falls_from(steps: int, settings: TrainingSettings) -> int:
    """Returns the step from which the rate falls.

    Args:
        steps: In all.
        settings: How much of them it falls for.
    """
    return max(settings.warm_up, TIMED, round(steps * (1 - settings.falling)))


def warm_share(step: int, steps: int) -> float:
    """Returns how much of the divergence is taken at the higher temperature: all of it at first, in the end nothing.

    Only for the two temperatures that there are sums for is it known what the tokens that were not kept hold; so one
    goes over into the other, instead of through temperatures between.

    Args:
        step: From 0 on.
        steps: In all; 0: not known yet.
    """
    if not steps or step < TIMED:
        return 1.0
    return max(0.0, 1 - (step - TIMED) / max(steps - 1 - TIMED, 1))
