"""The training itself: batch after batch, with looks at answers that are not learnt from, and checkpoints."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from desktop.student.training.curve import CURVE, CurvePoint, append_point, cut_curve
from desktop.student.training.inside.checkpoints import Checkpoint, Progress, load_checkpoint, save_checkpoint
from desktop.student.training.inside.lessons import Batch, Lessons, batch_of, one_temperature
from desktop.student.training.inside.losses import consistency, divergence, hidden_distance, mean_where
from desktop.student.training.inside.model import Read, Shape, read
from desktop.student.training.inside.pace import Pace
from desktop.student.training.inside.updates import TIMED, LearningWeights, falls_from, rate_at, warm_share
from desktop.student.training.inside.weights import load, save
from desktop.student.training.questions import is_made
from desktop.student.training.settings import BEST, CHECKPOINT, Job

# Of what it began with, in the means that are looked at after the last step.
_SHARES: Final = (0.2, 0.35, 0.5)


@dataclass(frozen=True)
class Model:
    """A model that is read with.

    Attributes:
        shape: Of it.
        weights: By their names in the file.
    """

    shape: Shape
    weights: dict[str, Tensor]


@dataclass(frozen=True)
class Place:
    """Where it is computed, and how.

    Attributes:
        device: The processor.
        is_bf16: With 16 bits where that loses nothing that counts.
    """

    device: torch.device
    is_bf16: bool

    def numbers(self) -> contextlib.AbstractContextManager[object]:
        """Returns a context in which matrices are multiplied in the right format."""
        if not self.is_bf16:
            return contextlib.nullcontext()
        context: contextlib.AbstractContextManager[object] = torch.autocast(self.device.type, dtype=torch.bfloat16)
        return context


@dataclass(frozen=True)
class _Judged:
    """Weights, and what they are worth.

    Attributes:
        kl: Divergence on the answers that are looked at, a token.
        top1: Share of their tokens at which the student's likeliest is the teacher's.
        learnt: See :meth:`LearningWeights.weights`.
        share: How much of what it began with is in them.
    """

    kl: float
    top1: float
    learnt: Mapping[str, Tensor]
    share: float


class Training:
    """One training, from where it was left. One thread.

    Attributes:
        progress: How far it is.
        points: Of the curve, of this process.
    """

    def __init__(
        self,
        job: Job,
        digest: str,
        place: Place,
        shape: Shape,
        learning: LearningWeights,
        teacher: Model | None,
        lessons: Lessons,
    ) -> None:
        """
        Args:
            job: What is wanted.
            digest: Of everything that the outcome hangs on.
            place: Where it is computed.
            shape: Of the student.
            learning: Its weights.
            teacher: For hidden states; None: those do not count.
            lessons: All answers; those that are looked at are chosen here.

        Raises:
            UserFacingError: A checkpoint cannot be gone on with.
            OSError: The curve cannot be written.
        """
        self._job, self._digest, self._place, self._shape = job, digest, place, shape
        self._learning, self._teacher, self._settings = learning, teacher, job.settings
        self._lessons, self._looked_at = _parted(lessons, job.settings.validation, job.settings.seed)
        self._began = time.process_time()
        self._saved = time.monotonic()
        self._look_seconds = 0.0
        self._pace = Pace()
        self.progress = Progress(steps=job.settings.steps)
        found = load_checkpoint(job.folder / CHECKPOINT, digest)
        self.is_resumed = found is not None
        if found is not None:
            self.progress = found.progress
            learning.take(found.learnt, found.averages)
            learning.optimiser.load_state_dict(found.optimiser)
            if self.progress.steps and not job.settings.steps and self.progress.minutes != job.settings.minutes:
                self._plan()  # other minutes were asked for than before
        cut_curve(job.folder / CURVE, self.progress.step if found is not None else -1)

    @property
    def learnt_from(self) -> Lessons:
        """The answers that are learnt from."""
        return self._lessons

    @property
    def looked_at(self) -> Lessons:
        """The answers that are looked at on the way."""
        return self._looked_at

    @property
    def cpu_seconds(self) -> float:
        """Of the processor so far, of the processes before too."""
        return self.progress.cpu_seconds + time.process_time() - self._began

    def steps(self, is_over: Callable[[], bool]) -> Iterator[CurvePoint | Progress]:
        """Trains; yields a point for each look, and how far it is after each step.

        Args:
            is_over: Asked after each step: whether to stop here, with a checkpoint.

        Raises:
            UserFacingError: The weights are no numbers any more.
            OSError: The disk is full.
        """
        progress, settings = self.progress, self._settings
        if not self.is_resumed:
            yield self._look()
        self._pace.seconds(progress.step, self.cpu_seconds)
        while not self._is_done():
            loss = self._step()
            progress.loss_sum += loss
            progress.loss_count += 1
            progress.step += 1
            if not progress.steps and progress.step == TIMED:
                self._plan()
            if progress.step % settings.every == 0 or progress.step == progress.steps:
                yield self._look()
                self._keep_to_minutes()
            yield progress
            if is_over():
                break
            if time.monotonic() - self._saved > settings.save_minutes * 60:
                self.save()
        self.save()

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return self._is_done()

    def save(self) -> None:
        """Writes a checkpoint.

        Raises:
            OSError: It cannot be written; the one before stays.
        """
        spent = self.cpu_seconds
        self.progress.cpu_seconds, self._began = spent, time.process_time()
        save_checkpoint(
            self._job.folder / CHECKPOINT,
            Checkpoint(
                self._digest,
                self.progress,
                self._learning.learnt,
                self._learning.optimiser.state_dict(),
                self._learning.averages,
            ),
        )
        self._saved = time.monotonic()

    def _is_done(self) -> bool:
        progress, settings = self.progress, self._settings
        is_hopeless = bool(settings.patience) and progress.since_best >= settings.patience
        return is_hopeless or bool(progress.steps and progress.step >= progress.steps)

    def _plan(self) -> None:
        """Reckons from how long the steps so far have taken how many there will be."""
        progress, settings = self.progress, self._settings
        each = (self.cpu_seconds - self._look_seconds) / progress.step + self._look_seconds / settings.every
        left = settings.minutes * 60 - self.cpu_seconds
        progress.steps = max(progress.step + 1, progress.step + round(left / each))
        progress.minutes = settings.minutes

    def _keep_to_minutes(self) -> None:
        """Reckons anew after a look: other work makes steps longer, and nobody knew of it when they were planned."""
        progress, settings = self.progress, self._settings
        each = self._pace.seconds(progress.step, self.cpu_seconds)
        if settings.steps or not progress.steps or progress.step >= progress.steps or each is None:
            return
        looks = 1 + (len(_SHARES) if settings.mixed else 0)  # that stand at the end
        left = settings.minutes * 60 - self.cpu_seconds - looks * self._look_seconds
        fitting = progress.step + max(1, round(left / each))
        # A rate that falls does not rise again.
        if fitting < progress.steps or progress.step < falls_from(progress.steps, settings):
            progress.steps = fitting

    def _step(self) -> float:
        progress, settings = self.progress, self._settings
        count = len(self._lessons)
        torch.manual_seed(settings.seed * 1_000_003 + progress.step)  # of dropout
        numbers = []
        for at in range(progress.step * settings.batch, (progress.step + 1) * settings.batch):
            epoch, place = divmod(at, count)
            numbers.append(_order(count, settings.seed, epoch)[place])
        batch = batch_of([self._lessons.lesson(number) for number in numbers], self._place.device)
        with self._place.numbers():
            loss = self._loss(batch)
        if not math.isfinite(found := float(loss.detach())):
            found = 0.0  # its update is left out; a gradient that is no number would end everything
            self._learning.optimiser.zero_grad(set_to_none=True)
        else:
            self._learning.update(loss, rate_at(progress.step, progress.steps, settings))
        if settings.averaged:
            self._learning.average(progress.step, settings.averaged)
        progress.tokens += len(batch.targets)
        return found

    def _loss(self, batch: Batch) -> Tensor:
        settings = self._settings
        weights = _for_reading(self._learning.weights(), self._place)
        layers = _compared(self._job.layers) if self._teacher is not None else ()
        twice = settings.consistency > 0
        dropout = settings.dropout if twice else 0.0
        student = read(weights, self._shape, batch.texts, batch.places, layers=layers, dropout=dropout)
        kept = batch.ids.shape[1]
        # The tokens of the answer too: one walk over the logits for both.
        asked = torch.cat((batch.ids, batch.targets[:, None]), dim=1)
        logs = student.logs(asked)
        loss = settings.kl_share * self._divergence(student, logs[:, :kept], batch)
        if settings.kl_share < 1:
            loss = loss - (1 - settings.kl_share) * logs[:, kept].mean()
        if twice:
            other = read(weights, self._shape, batch.texts, batch.places, dropout=dropout)
            apart = consistency(logs[:, :kept], other.logs(batch.ids))
            loss = loss + settings.consistency * mean_where(apart, batch.counts)
        if self._teacher is not None:
            loss = loss + settings.hidden * self._hidden(self._teacher, student, batch, layers)
        return loss

    def _divergence(self, student: Read, logs: Tensor, batch: Batch) -> Tensor:
        highest = self._settings.temperature
        if highest == 1:
            return mean_where(divergence(logs, batch.chances[0]), batch.counts)
        warm = warm_share(self.progress.step, self.progress.steps)
        # As large a gradient as at 1 (Hinton et al. 2015).
        hot = divergence(student.logs(batch.ids, highest), batch.chances[1]) * highest**2
        cold = divergence(logs, batch.chances[0])
        return mean_where(warm * hot + (1 - warm) * cold, batch.counts)

    def _hidden(self, teacher: Model, student: Read, batch: Batch, layers: Sequence[int]) -> Tensor:
        theirs = [self._job.layers[layer] for layer in layers]
        with torch.no_grad():
            states = read(teacher.weights, teacher.shape, batch.texts, batch.places, layers=theirs).hidden
        apart = [
            hidden_distance(mine, their, self._learning.learnt.get(f"projection.{layer}")).mean()
            for layer, mine, their in zip(layers, student.hidden, states, strict=True)
        ]
        return torch.stack(apart).mean()

    def _look(self) -> CurvePoint:
        began = time.process_time()
        progress = self.progress
        found = [self._judged(self._learning.learnt)]
        if self._learning.averages:
            found.append(self._judged(self._learning.averages))
        best = min(found, key=lambda each: each.kl)
        if self._settings.mixed and progress.steps and progress.step == progress.steps:
            best = self._mixed(best)
        loss = progress.loss_sum / max(progress.loss_count, 1)
        progress.loss_sum, progress.loss_count = 0.0, 0
        both = [each.kl for each in found] if len(found) > 1 else []
        point = CurvePoint(progress.step, progress.tokens, self.cpu_seconds, loss, best.kl, best.top1, *both)
        if best.kl < progress.best:
            progress.best, progress.best_step, progress.since_best = best.kl, progress.step, 0
            progress.best_share = best.share
            changed = self._learning.changed(best.learnt) if progress.step else {}
            save(self._job.student, self._job.folder / BEST, changed)
        else:
            progress.since_best += 1
        append_point(self._job.folder / CURVE, point)
        self._look_seconds = time.process_time() - began
        return point

    def _mixed(self, best: _Judged) -> _Judged:
        """Returns the nearest of what has been learnt and its means with what it began with."""
        if self._learning.has_adapters:
            return best
        _, before = load(self._job.student)
        learnt = best.learnt
        for share in _SHARES:
            found = self._judged(self._learning.mixed(before, share, learnt), share)
            best = min(best, found, key=lambda each: each.kl)
        return best

    def _judged(self, learnt: Mapping[str, Tensor], share: float = 0.0) -> _Judged:
        """Has the answers that are looked at read with what has been learnt, or something else in its place."""
        size = self._settings.batch
        kl, agreed, tokens = 0.0, 0, 0
        with torch.no_grad():
            weights = _for_reading(self._learning.weights(learnt), self._place)
            for begin in range(0, len(self._looked_at), size):
                numbers = range(begin, min(begin + size, len(self._looked_at)))
                lessons = [one_temperature(self._looked_at.lesson(number)) for number in numbers]
                batch = batch_of(lessons, self._place.device)
                with self._place.numbers():
                    student = read(weights, self._shape, batch.texts, batch.places)
                kl += float((divergence(student.logs(batch.ids), batch.chances[0]) * batch.counts).sum())
                agreed += int(((student.best() == batch.ids[:, 0]) & batch.counts).sum())
                tokens += int(batch.counts.sum())
        return _Judged(kl / max(tokens, 1), agreed / max(tokens, 1), learnt, share)


def _compared(layers: Sequence[int]) -> tuple[int, ...]:
    """Returns the layers behind which hidden states are compared: every fourth from the end, those that count most."""
    return tuple(sorted(range(len(layers) - 1, -1, -4)))


def _order(count: int, seed: int, epoch: int) -> list[int]:
    """Returns in which order answers are learnt from; it hangs on nothing that happened before."""
    chance = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
    return [int(number) for number in torch.randperm(count, generator=chance)]


def _parted(lessons: Lessons, looked_at: int, seed: int) -> tuple[Lessons, Lessons]:
    """Returns the answers to learn from, and those to look at: all those to some of the prompts, which people wrote."""
    prompts = sorted({name for name in lessons.ids if not is_made(name)})
    order = _order(len(prompts), seed, -1)
    out = {prompts[number] for number in order[: min(looked_at, len(prompts) // 2)]}
    learnt = [number for number, prompt in enumerate(lessons.ids) if prompt not in out]
    first = {prompt: number for number, prompt in reversed([*enumerate(lessons.ids)]) if prompt in out}
    return lessons.picked(learnt), lessons.picked(sorted(first.values())).whole()


def _for_reading(weights: dict[str, Tensor], place: Place) -> dict[str, Tensor]:
    """Returns weights with a matrix for the last step that need not be made of 16 bits each time it is read."""
    output = weights.get("output.weight", weights["token_embd.weight"])
    if place.is_bf16 and not output.requires_grad:
        return {**weights, "output.weight": output.to(torch.bfloat16)}
    return weights
