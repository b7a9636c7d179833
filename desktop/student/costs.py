"""What the steps of a student will take: time, disk, memory; said before they begin. Estimates, rather too high.

They rest on one measurement, how many tokens a second the teacher makes here, and on what was measured of SmolLM2 (135
million weights, one thread; docs/adr/031): texts are read at twice that rate, what is written anew comes at 40 MB a
second, training takes 2 s of a processor for a step of four answers and 2.8 GB.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from desktop.engine.footprint import predict
from desktop.engine.types import KvType
from desktop.gguf.header import GgufHeader
from desktop.student.collecting import Plan
from desktop.student.exporting import PLAIN
from desktop.student.manifest import ProjectSettings
from desktop.student.steps import Planned, Step

_READING: Final = 2.0
_COPIED: Final = 200e6  # bytes a second
_WRITTEN: Final = 40e6
_LOADING: Final = 0.4  # seconds for a process and a model of 100 MB
_WEIGHED: Final = 16  # answers that an importance matrix is made of
# A task of the function check: tokens that are made, or read in the time of one.
_TASK: Final = 70
_SIDES: Final = 20
_SPEED: Final = 5 * 3 * 100  # tokens of the rounds of three models
_PLAIN_SHARE: Final = 0.8  # of the teacher's size, on average
# Of training: bytes for each weight (itself, its gradient, two moments), and beside them.
_TRAINED, _BESIDE = 16, 1_200_000_000
_KEPT: Final = 14  # bytes of a weight in a checkpoint and in the files of 16 bits


@dataclass(frozen=True)
class Cost:
    """Of one step.

    Attributes:
        seconds: How long it takes.
        disk: Bytes that it writes and that stay.
        memory: Bytes that it takes at the most.
    """

    step: Step
    seconds: float
    disk: int
    memory: int


@dataclass(frozen=True)
class Wanted:
    """What a run is to do, as far as its cost depends on it.

    Attributes:
        steps: Those that are not done yet.
        answers: Of the teacher, that are still to be collected.
        held_out: Answers that models are judged by.
        tries: Models without layers that are still to be judged.
        try_tokens: By which each is.
        training_seconds: Of the training.
        tasks: That each of three models is asked.
        plain: Formats that the teacher is written in, to compare with.
    """

    steps: tuple[Step, ...]
    answers: int = 0
    held_out: int = 30
    tries: int = 0
    try_tokens: int = 240
    training_seconds: float = 0.0
    tasks: int = 0
    plain: int = len(PLAIN)


def costs_of(wanted: Wanted, teacher: GgufHeader, plan: Plan, settings: ProjectSettings) -> tuple[Cost, ...]:
    """Returns what each step takes.

    Args:
        wanted: What is to be done.
        teacher: Its header.
        plan: How fast it is here, and how answers are kept.
        settings: Of the project.
    """
    size, rate = teacher.file_size, plan.tokens_per_second
    asking = predict(teacher, n_ctx=settings.n_ctx, n_batch=512, kv_type=KvType.F16, repack=False).rss
    writing = size + 400_000_000
    judged = wanted.held_out * settings.max_tokens / (_READING * rate) + _LOADING * size / 1e8
    check = (
        (wanted.plain + 3) * judged
        + wanted.plain * size / _WRITTEN
        + (3 * wanted.tasks * _TASK + 2 * _SIDES * settings.max_tokens + _SPEED) / rate
    )
    weighing = _WEIGHED * settings.max_tokens / (_READING * rate)
    each = wanted.try_tokens / (_READING * rate) + 2 * size / _COPIED + 2 * _LOADING
    weights = max(1, teacher.parameters)
    known = {
        Step.COLLECT: Cost(
            Step.COLLECT, plan.seconds(wanted.answers, settings), plan.size(wanted.answers, settings), asking
        ),
        Step.PRUNE: Cost(Step.PRUNE, wanted.tries * each, size, max(asking, writing)),
        Step.TRAIN: Cost(Step.TRAIN, wanted.training_seconds, _KEPT * weights, _TRAINED * weights + _BESIDE),
        Step.EXPORT: Cost(Step.EXPORT, size / _WRITTEN + weighing, size, max(asking, writing)),
        Step.VOCABULARY: Cost(Step.VOCABULARY, size / _WRITTEN, size, writing),
        Step.CHECK: Cost(Step.CHECK, check, int(wanted.plain * _PLAIN_SHARE * size), max(asking, writing)),
        Step.INSTALL: Cost(Step.INSTALL, size / _COPIED, size, asking),
    }
    return tuple(known[step] for step in wanted.steps)


def planned_of(costs: Iterable[Cost]) -> Planned:
    """Returns all costs together, as a program that waits is told."""
    costs = tuple(costs)
    return Planned(
        tuple(cost.step for cost in costs),
        sum(cost.seconds for cost in costs),
        sum(cost.disk for cost in costs),
        max((cost.memory for cost in costs), default=0),
    )
