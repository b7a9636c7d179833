"""What a training of a project needs in its folder before it begins, and what becomes of its outcome."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.engine.distillation.client import rewrite_model
from desktop.engine.distillation.messages import Rewrite
from desktop.gguf.copying import read_values
from desktop.gguf.header import GgufHeader, read_header
from desktop.student.alignment import TokenTexts
from desktop.student.project import Project, check_free
from desktop.student.prompts import Prompt
from desktop.student.sequences import read_layout, read_sequences
from desktop.student.training.curve import CURVE, read_curve
from desktop.student.training.pieces import write_pieces
from desktop.student.training.questions import write_texts
from desktop.student.training.settings import (
    ARCHITECTURES,
    BEST,
    CHECKPOINT,
    JOB,
    AnswersJob,
    Job,
    TrainingSettings,
)
from desktop.student.vocabulary import pieces_of

_START: Final = "start.gguf"
_TEACHER: Final = "teacher.gguf"
_PIECES: Final = "pieces.jsonl"
_TEXTS: Final = "texts.json"
_TOKENS: Final = "tokenizer.ggml.tokens"
# What llama.cpp can read a model's weights out of, and write into with nothing lost that a training would notice.
_FORMAT: Final = "F16"
# Of a student that has learnt already: at a high rate it first forgets what it had, and comes back only as that falls.
# What it had is worth a share of what comes of it (Wortsman et al. 2022).
_GOING_ON: Final = MappingProxyType({"rate": 2e-4, "falling": 1.0, "mixed": True})


def settings_for(project: Project, student: Path, said: Mapping[str, Any]) -> TrainingSettings:
    """Returns the settings of a training: what was said, and for the rest what is usual for such a student.

    Args:
        project: That it belongs to.
        student: The model to begin with; one that the project has trained goes on at a low rate.
        said: Settings by name.

    Raises:
        UserFacingError: They make no sense.
    """
    return TrainingSettings(**{**(_GOING_ON if _was_trained(project, student.stem) else {}), **said})


def prepare_training(
    project: Project,
    student: Path,
    name: str,
    settings: TrainingSettings,
    *,
    left_out: Sequence[str],
    also: Sequence[Project] = (),
    anew: bool = False,
) -> Path:
    """Puts into a folder what the process that trains needs; a training that was begun there goes on.

    Args:
        project: With its answers collected.
        student: The model to begin with.
        name: Of the training, and of the model that comes of it.
        settings: What is wanted.
        left_out: Ids of the prompts that are held out.
        also: Projects of the same teacher whose answers are learnt from as well.
        anew: Forget a training of that name.

    Returns:
        The folder.

    Raises:
        UserFacingError: Something is missing, or will not do.
        OSError: It cannot be written.
    """
    target, folder = project.student(name), folder_of(project, name)
    # What no training has made, or this one begins with, is not to be forgotten.
    is_again = _was_trained(project, name) and student.resolve() != target.resolve()
    if not (anew and is_again):
        either = QT_TRANSLATE_NOOP("Errors", "Give another name with --name, or train it again with --anew.")
        check_free(target, either if is_again else QT_TRANSLATE_NOOP("Errors", "Give another name with --name."))
    header = read_header(student)
    check_families(header)
    teacher = _present_teacher(project) if settings.hidden else None
    answers = _answers(project, also)
    if anew:
        shutil.rmtree(folder, ignore_errors=True)
        target.unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    # Written once: the same command goes on with it.
    if not (folder / CHECKPOINT).exists() or not (folder / _START).exists():
        _write_unpacked(student, folder / _START, f"{header.name}, trained", settings.threads)
    if teacher is not None and not (folder / _TEACHER).exists():
        _write_unpacked(project.teacher, folder / _TEACHER, teacher.name, settings.threads)
    if not (folder / _PIECES).exists():
        _write_pieces(project, student, folder / _PIECES, answers)
    Job(
        settings=settings,
        student=folder / _START,
        teacher=None if teacher is None else folder / _TEACHER,
        answers=answers,
        left_out=tuple(left_out),
        pieces=folder / _PIECES if (folder / _PIECES).exists() else None,
        layers=() if teacher is None else layers_of(project, student, header, teacher),
        folder=folder,
    ).write()
    return folder


def prepare_answers(project: Project, rounds: int, threads: int) -> Path:
    """Puts into a folder what the process needs that has the teacher answer each prompt once more; returns the folder.

    Args:
        project: With its answers collected.
        rounds: Further answers to each prompt that is learnt from.
        threads: That compute.

    Raises:
        UserFacingError: The teacher is of another family.
        OSError: It cannot be written.
    """
    header = _present_teacher(project)
    folder = project.folder / "answering"
    folder.mkdir(exist_ok=True)
    if not (folder / _TEACHER).exists():
        _write_unpacked(project.teacher, folder / _TEACHER, header.name, threads)
    settings = project.manifest.settings
    AnswersJob(
        teacher=folder / _TEACHER,
        known=project.collected,
        target=project.more_answers,
        rounds=rounds,
        most=settings.max_tokens,
        temperature=settings.sampling_temperature,
        seed=settings.seed,
        threads=threads,
    ).write(folder)
    return folder


def prepare_questions(project: Project, prompts: Iterable[Prompt], count: int, threads: int) -> Path:
    """Puts into a folder what the process needs that has the teacher make questions and answer them.

    Args:
        project: With its answers collected.
        prompts: All of the project, those held out too: none of them comes among the questions.
        count: Questions that there are to be.
        threads: That compute.

    Returns:
        The folder.

    Raises:
        UserFacingError: The teacher is of another family.
        OSError: It cannot be written.
    """
    folder = prepare_answers(project, 0, threads)
    texts = TokenTexts.of(read_values(project.teacher))
    write_texts(folder / _TEXTS, (None if at in texts.controls else each for at, each in enumerate(texts.texts)))
    replace(
        AnswersJob.read(folder),
        target=project.own_questions,
        questions=count,
        texts=folder / _TEXTS,
        taken=tuple(prompt.text for prompt in prompts),
        room=project.manifest.settings.n_ctx,
    ).write(folder)
    return folder


def finish_questions(project: Project, folder: Path, count: int, told: Mapping[str, Any]) -> None:
    """Puts into the manifest what questions there are now; what was needed for them goes once there are all.

    Raises:
        OSError: It cannot be written.
    """
    known = [(sequence.id, sequence.length) for sequence in read_sequences(project.own_questions)]
    settings = {"wanted": count, "seed": project.manifest.settings.seed}
    figures = {"questions": len(known), "tokens": sum(length for _, length in known)}
    project.add_run(
        "questions", settings=settings, sequences=[name for name, _ in known], figures=figures, replaces=True
    )
    if told["kind"] == "done":
        shutil.rmtree(folder, ignore_errors=True)


def finish_answers(project: Project, folder: Path, rounds: int, told: Mapping[str, Any]) -> None:
    """Puts into the manifest what answers there are now; what was needed for them goes once there are all.

    Raises:
        OSError: It cannot be written.
    """
    ids = [sequence.id for sequence in read_sequences(project.more_answers)]
    settings = {"rounds": rounds, "seed": project.manifest.settings.seed}
    project.add_run("answers", settings=settings, sequences=ids, figures={"answers": len(ids)}, replaces=True)
    if told["kind"] == "done":
        shutil.rmtree(folder, ignore_errors=True)


def finish_training(
    project: Project,
    folder: Path,
    settings: TrainingSettings,
    student: Path,
    plan: Mapping[str, Any],
    done: Mapping[str, Any],
) -> Path:
    """Puts what came of a training beside the other students, and into the manifest; returns the file.

    Args:
        project: That it belongs to.
        folder: Of the training, which keeps its curve only.
        settings: Of the training.
        student: The model that it began with.
        plan: What the process said of it at first.
        done: What it said at last.

    Raises:
        OSError: It cannot be written.
    """
    target = project.student(folder.name)
    points = read_curve(folder / CURVE)
    chosen = next((point for point in points if point.step == done["best_step"]), points[-1])
    project.add_student(
        folder / BEST,
        target,
        "train",
        settings={
            "name": folder.name,
            "student": student.name,
            **asdict(settings),
            **{key: plan[key] for key in ("precision", "device", "torch", "temperature", "digest")},
            "steps": done["steps"],
            "looked_at": plan["looked_at_ids"],
        },
        sequences=plan["learnt_ids"],
        figures={
            "step": done["best_step"],
            "steps": done["step"],
            "tokens": done["tokens"],
            "kl": round(chosen.kl, 4),
            "top1": round(chosen.top1, 4),
            "kl_before": round(points[0].kl, 4),
            "share_of_beginning": done["best_share"],
            "cpu_seconds": round(done["cpu_seconds"], 1),
        },
    )
    for name in (_START, _TEACHER, _PIECES, CHECKPOINT, JOB):
        (folder / name).unlink(missing_ok=True)
    return target


def folder_of(project: Project, name: str) -> Path:
    """Returns the folder of a training.

    Raises:
        UserFacingError: Nothing can be called so.
    """
    return project.folder / "training" / project.student(name).stem


def _was_trained(project: Project, name: str) -> bool:
    return any(run.step == "train" and run.settings.get("name") == name for run in project.manifest.runs)


def layers_of(project: Project, student: Path, header: GgufHeader, teacher: GgufHeader) -> tuple[int, ...]:
    """Returns for each layer of a student which of its teacher's it stands for.

    Those that it is made of, where this project has pruned it; otherwise evenly, the last for the last.
    """
    for run in project.manifest.runs:
        if run.step == "prune" and run.settings.get("name") == student.stem:
            kept = tuple(layer for layer in range(teacher.n_layers) if layer not in run.settings["without"])
            if len(kept) == header.n_layers:
                return kept
    return tuple(round((layer + 1) * teacher.n_layers / header.n_layers) - 1 for layer in range(header.n_layers))


def _answers(project: Project, also: Sequence[Project]) -> tuple[Path, ...]:
    layout = read_layout(project.collected)
    for other in also:
        if other.manifest.base.sha256 != project.manifest.base.sha256 or read_layout(other.collected) != layout:
            raise UserFacingError(
                QT_TRANSLATE_NOOP(
                    "Errors", "The answers of the other project are of another teacher, or kept otherwise."
                ),
                f"{other.folder}.",
                QT_TRANSLATE_NOOP("Errors", "Take one with the same teacher, --temperature and --kept."),
            )
    files = [file for each in (project, *also) for file in (each.collected, each.more_answers, each.own_questions)]
    return tuple(file for file in files if file.exists())


def _write_pieces(project: Project, student: Path, target: Path, answers: Sequence[Path]) -> None:
    """Writes how the answers are written in a student's vocabulary, where that was made smaller."""
    mine, theirs = read_values(student)[_TOKENS].texts, read_values(project.base)[_TOKENS].texts
    if mine == theirs:
        return
    if not {*mine} <= {*theirs}:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "This student has other tokens than the answers that were collected."),
            f"{student.name}.",
            QT_TRANSLATE_NOOP("Errors", "Begin a project with answers in its tokens: catnap student new DIR --student"),
        )
    sequences = (sequence for file in answers for sequence in read_sequences(file))
    write_pieces(target, sequences, pieces_of(project.base, student))


def _present_teacher(project: Project) -> GgufHeader:
    """Returns the header of a teacher that can compute here, in the tokens of the answers."""
    if project.manifest.student is not None:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The teacher of this project thinks in other tokens than its students."),
            f"{project.manifest.teacher_name}.",
            QT_TRANSLATE_NOOP("Errors", "Leave out --hidden; further answers come from collect alone."),
        )
    header = read_header(project.teacher)
    check_families(header)
    return header


def check_families(*headers: GgufHeader) -> None:
    """Looks whether models can be trained here.

    Raises:
        UserFacingError: One cannot.
    """
    for header in headers:
        if header.architecture not in ARCHITECTURES:
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "Models of this family cannot be trained here."),
                f"{header.name}: {header.architecture}.",
                QT_TRANSLATE_NOOP("Errors", "Llama, Qwen2 and Qwen3 can, in one file, without experts."),
            )


def _write_unpacked(source: Path, target: Path, title: str, threads: int) -> None:
    target.unlink(missing_ok=True)
    rewrite_model(Rewrite(source, target, _FORMAT, 0, threads=threads, texts=(("general.name", title),)))
