"""The last matrix of a model: what it thinks of some tokens before each place, without keeping what it thinks of all.

A vocabulary of 49,152 tokens makes 200 kB of logits a token, and the usual way walks over them a dozen times, forth and
back. Here only those that are asked for come out; the others are read twice, some rows at a time, while they are in the
processor's cache: a third less for a step of a small model.
"""

from __future__ import annotations

from typing import Any, Final

import torch
from torch import Tensor
from torch.nn import functional

# Rows that are read at a time: 3 MB of 32 bits for a vocabulary of 49,152.
_ROWS: Final = 16


def token_logs(last: Tensor, output: Tensor, ids: Tensor, temperature: float = 1.0) -> Tensor:
    """Returns the logarithm of what a model gives to some tokens.

    Args:
        last: What comes out of the last norm, for each place.
        output: The last matrix, a row for each token.
        ids: For each place the tokens that are asked for.
        temperature: That the logits are divided by.
    """
    found: Tensor = _TokenLogs.apply(last, output, ids, temperature)
    return found


def best_tokens(last: Tensor, output: Tensor) -> Tensor:
    """Returns the token that a model thinks best at each place."""
    return functional.linear(last, output).argmax(-1)


class _TokenLogs(torch.autograd.Function):  # type: ignore[misc]  # mypy does not see PyTorch
    @staticmethod
    def forward(context: Any, last: Tensor, output: Tensor, ids: Tensor, temperature: float) -> Tensor:
        logits = last @ output.t()
        totals = torch.empty(len(last), 1, device=last.device)
        for begin in range(0, len(last), _ROWS):
            part = logits[begin : begin + _ROWS].to(torch.float32, copy=True).div_(temperature)
            torch.logsumexp(part, -1, keepdim=True, out=totals[begin : begin + _ROWS])
        context.save_for_backward(last, output, ids, logits, totals)
        context.temperature = temperature
        return logits.gather(1, ids).float() / temperature - totals

    @staticmethod
    def backward(context: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        last, output, ids, logits, totals = context.saved_tensors
        grad = grads[0] / context.temperature
        whole = -grad.sum(-1, keepdim=True)
        made = torch.empty_like(logits)
        for begin in range(0, len(logits), _ROWS):
            rows = slice(begin, begin + _ROWS)
            part = logits[rows].to(torch.float32, copy=True).div_(context.temperature)
            part.sub_(totals[rows]).exp_().mul_(whole[rows])
            made[rows] = part.scatter_add_(1, ids[rows], grad[rows])
        to_output = made.t() @ last if context.needs_input_grad[1] else None
        return made @ output, to_output, None, None
