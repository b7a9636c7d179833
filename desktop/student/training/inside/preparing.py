"""Everything that a training needs, read and checked: model, teacher, answers, processor."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.student.training.inside.lessons import Lessons, read_lessons
from desktop.student.training.inside.loop import Model, Place, Training
from desktop.student.training.inside.model import Shape
from desktop.student.training.inside.updates import LearningWeights
from desktop.student.training.inside.weights import load
from desktop.student.training.settings import Job, TrainingSettings, digest_of

# Bytes for each weight that learns: its gradient and two moments, beside itself and its average.
_LEARNING: Final = 12


def prepare(job: Job) -> tuple[Training, dict[str, object]]:
    """Returns a training that can go on, and what there is to say of it.

    Raises:
        UserFacingError: Something is missing, or will not do.
        OSError: Files cannot be read.
    """
    place = place_of(job.settings.device, job.settings.precision, job.settings.threads)
    torch.manual_seed(job.settings.seed)
    lessons = read_lessons(job.answers, job.left_out, job.pieces, job.settings.masked_tail)
    if len(lessons) < 2:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "There is nothing to learn from yet."),
            f"{len(lessons)} answers.",
            QT_TRANSLATE_NOOP("Errors", "First: catnap student collect DIR"),
        )
    capped = job.settings.capped(lessons.highest)
    job = replace(job, settings=capped)
    header, tensors = load(job.student)
    shape = Shape.of(header)
    tensors = {name: each.to(place.device) for name, each in tensors.items()}
    teacher = _teacher(job, place)
    projections = _projections(job, tensors, teacher, capped)
    learning = LearningWeights(tensors, capped, projections)
    digest = digest_of(
        replace(capped, precision="bf16" if place.is_bf16 else "f32"), header_digest(tensors), *lessons.ids
    )
    training = Training(job, digest, place, shape, learning, teacher, lessons)
    count = sum(each.numel() for each in learning.learnt.values())
    held = sum(each.numel() for each in tensors.values())
    averages = 4 if capped.averaged else 0
    return training, {
        "answers": len(training.learnt_from),
        "answer_tokens": training.learnt_from.tokens,
        "looked_at": len(training.looked_at),
        "learnt_ids": training.learnt_from.ids,
        "looked_at_ids": training.looked_at.ids,
        "weights": held,
        "learning": count,
        "memory": 4 * held + (_LEARNING + averages) * count + _activations(lessons, tensors, capped),
        "disk": (12 + averages) * count + 2 * 2 * held,
        "temperature": capped.temperature,
        "precision": "bf16" if place.is_bf16 else "f32",
        "device": str(place.device),
        "torch": torch.__version__,
        "resumed": training.is_resumed,
        "digest": digest,
    }


def header_digest(tensors: dict[str, Tensor]) -> str:
    """Returns what stands for a model: sums of its tensors, which no two models share."""
    return " ".join(f"{name}:{float(each.detach().double().sum()):.9e}" for name, each in sorted(tensors.items()))


def place_of(device: str, precision: str, threads: int) -> Place:
    """Returns where is computed, and how; sets the number of threads.

    Args:
        device: See :class:`TrainingSettings`.
        precision: See :class:`TrainingSettings`.
        threads: That compute.

    Raises:
        UserFacingError: There is no such processor.
    """
    has_gpu = torch.cuda.is_available()
    if device == "cuda" and not has_gpu:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "PyTorch sees no graphics processor."),
            f"PyTorch {torch.__version__}.",
            QT_TRANSLATE_NOOP("Errors", "Leave out --device, or install the build for it: make student ARGS=gpu"),
        )
    torch.set_num_threads(threads)
    found = torch.device("cuda" if has_gpu and device != "cpu" else "cpu")
    is_quick = found.type == "cuda" or bool(getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)())
    return Place(found, precision == "bf16" or (precision == "auto" and is_quick))


def reading_model(file: Path, place: Place) -> Model:
    """Returns a model that only reads, its matrices as they are multiplied.

    Args:
        file: See :func:`desktop.student.training.inside.weights.load`.
        place: Where it computes.

    Raises:
        UserFacingError: It cannot be read, or is of another family.
        OSError: It cannot be read.
    """
    header, tensors = load(file)
    kind = torch.bfloat16 if place.is_bf16 else torch.float32
    made = {
        name: each.to(place.device, kind if each.dim() == 2 and name != "token_embd.weight" else torch.float32)
        for name, each in tensors.items()
    }
    made.setdefault("output.weight", made["token_embd.weight"].to(kind))
    return Model(Shape.of(header), made)


def _teacher(job: Job, place: Place) -> Model | None:
    if job.teacher is None or not job.settings.hidden:
        return None
    return reading_model(job.teacher, place)


def _projections(
    job: Job, tensors: dict[str, Tensor], teacher: Model | None, settings: TrainingSettings
) -> dict[str, Tensor]:
    if teacher is None:
        return {}
    if job.pieces is not None:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "Hidden states are compared token by token, in one vocabulary."),
            QT_TRANSLATE_NOOP("Errors", "This student has another one than its teacher."),
            QT_TRANSLATE_NOOP("Errors", "Leave out --hidden."),
        )
    mine, theirs = (each["output_norm.weight"].numel() for each in (tensors, teacher.weights))
    if mine == theirs:
        return {}
    chance = torch.Generator().manual_seed(settings.seed)
    device = tensors["output_norm.weight"].device
    return {
        f"projection.{layer}": (torch.randn(theirs, mine, generator=chance) / math.sqrt(mine)).to(device)
        for layer in range(len(job.layers))
    }


def _activations(lessons: Lessons, tensors: dict[str, Tensor], settings: TrainingSettings) -> int:
    """Returns the bytes that one step takes beside the weights, about: logits and what goes back through the layers."""
    tokens = settings.batch * lessons.tokens / len(lessons)
    words, width = map(int, tensors["token_embd.weight"].shape)
    layers = sum(name.endswith("attn_norm.weight") for name in tensors)
    inner = max(int(each.shape[0]) for name, each in tensors.items() if name.endswith("ffn_up.weight"))
    return round(tokens * (words * 14 + layers * 2 * (width * 60 + inner * 20)))
