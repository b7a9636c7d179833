"""What a training that stops needs in order to go on as if it had not: on the disk whole, or as it was before."""

from __future__ import annotations

import zipfile
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Final

import torch
from torch import Tensor

from desktop.common.atomic_file import replaced_atomically
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError

_VERSION: Final = 1
# Of a file that was cut off, was changed, or is something else.
_FAULTS: Final = (
    *(OSError, ValueError, KeyError, TypeError, RuntimeError, EOFError),
    *(UnpicklingError, zipfile.BadZipFile),
)


@dataclass
class Progress:
    """How far a training is. Changed by the loop alone.

    Attributes:
        step: Updates so far; with the seed it tells which answers come next, and every random number.
        steps: Updates in all; 0: not known yet.
        minutes: That they were reckoned from; 0: they were named.
        tokens: Of answers that were learnt from.
        cpu_seconds: Of all processes so far.
        loss_sum: Of the steps since the last look.
        loss_count: Their number.
        best: The smallest divergence at a look.
        best_step: When that was.
        best_share: How much of what it began with is in the weights of then.
        since_best: Looks since then.
    """

    step: int = 0
    steps: int = 0
    minutes: float = 0.0
    tokens: int = 0
    cpu_seconds: float = 0.0
    loss_sum: float = 0.0
    loss_count: int = 0
    best: float = float("inf")
    best_step: int = 0
    best_share: float = 0.0
    since_best: int = 0


@dataclass(frozen=True)
class Checkpoint:
    """One of them.

    Attributes:
        digest: Of settings, model and answers that it belongs to.
        progress: How far it is.
        learnt: What learns, by name.
        optimiser: State of the optimiser.
        averages: Of what learns, by name; empty: none are kept.
    """

    digest: str
    progress: Progress
    learnt: dict[str, Tensor]
    optimiser: dict[str, Any]
    averages: dict[str, Tensor] = field(default_factory=dict)


def save_checkpoint(file: Path, checkpoint: Checkpoint) -> None:
    """Writes it in the place of the one before.

    Raises:
        OSError: It cannot be written; the one before stays.
    """
    with replaced_atomically(file) as stream:
        torch.save(
            {
                "version": _VERSION,
                "digest": checkpoint.digest,
                "progress": asdict(checkpoint.progress),
                "learnt": {name: each.detach() for name, each in checkpoint.learnt.items()},
                "optimiser": checkpoint.optimiser,
                "averages": checkpoint.averages,
            },
            stream,
        )


def load_checkpoint(file: Path, digest: str) -> Checkpoint | None:
    """Reads it; None: there is none. Tensors and plain values only: a file that would run something is refused.

    Args:
        file: Where it lies.
        digest: Of what is wanted now.

    Raises:
        UserFacingError: It cannot be read, or belongs to something else.
    """
    if not file.exists():
        return None
    try:
        found = torch.load(file, map_location="cpu", weights_only=True)
        if found["version"] != _VERSION:
            raise ValueError(f"version {found['version']}")
        known = {each.name for each in fields(Progress)}
        progress = Progress(**{name: value for name, value in found["progress"].items() if name in known})
        learnt, averages = found["learnt"], found.get("averages", {})
        checkpoint = Checkpoint(str(found["digest"]), progress, learnt, found["optimiser"], averages)
    except _FAULTS as problem:
        lines = str(problem).splitlines() or [type(problem).__name__]
        raise _refused(file, lines[0]) from problem
    if checkpoint.digest != digest:
        raise _refused(file, "it is of other settings, of another model, or of other answers")
    return checkpoint


def _refused(file: Path, why: str) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "This training cannot go on from where it was left."),
        f"{file}: {why}.",
        QT_TRANSLATE_NOOP("Errors", "Give another name with --name, or begin anew with --anew."),
    )
