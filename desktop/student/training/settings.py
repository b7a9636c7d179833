"""How a student is trained: what a person chooses, and what the process that trains is told. Standard library only."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

from desktop.common.atomic_file import write_atomically
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.json_file import parse_json

# Model families whose arithmetic inside/model.py has.
ARCHITECTURES: Final = frozenset({"llama", "qwen2", "qwen3"})
JOB: Final = "job.json"
CHECKPOINT: Final = "checkpoint.pt"
BEST: Final = "best.gguf"
# Answers of a step, whose thoughts are all in memory at once; ranks that are no wider than matrices of small models.
_LARGEST_BATCH: Final = 1024
_HIGHEST_RANK: Final = 1024
# What says how fast or where it is computed, and not what comes of it.
_OF_THE_MACHINE: Final = frozenset({"threads", "device", "minutes", "save_minutes"})
_CAME_LATER: Final = frozenset({"averaged"})
# What stood there when nothing was left out, and still does in digests: a training that was begun then goes on.
_UNUSED_DROPOUT: Final = 0.1
# What is done once all steps are: a checkpoint is as good with it as without.
_AFTERWARDS: Final = frozenset({"mixed"})


@dataclass(frozen=True)
class TrainingSettings:
    """What is wanted of a training.

    Attributes:
        steps: Updates of the weights; 0: as many as ``minutes`` allow, reckoned once the first ones have been timed and
            anew at each look.
        minutes: Of the processor's time.
        batch: Answers that a step learns from.
        rate: Learning rate at its highest.
        warm_up: Steps in which the rate rises to that.
        falling: Share of the steps at the end in which it falls to nothing.
        averaged: Steps over which weights are averaged; a look takes the average where it is nearer. 0: they are not.
        mixed: After the last step means with what it began with are looked at, and one that is nearer is taken. Not
            where adapters learn.
        kl_share: Weight of the divergence from the teacher; the rest is that of the cross entropy of its answers.
        temperature: That the divergence begins with; it goes over to 1 in the course of the steps.
        hidden: Weight of how far hidden states are from the teacher's; 0: the teacher is not in memory.
        consistency: Weight of how far two readings with other dropout are apart; 0: each answer is read once.
        dropout: Share of what goes through a layer that is left out; only with ``consistency``. The usual 0.1 is too
            much for a model that has not learnt with any: KL 0.60 after 20 steps, 0.43 with 0.02 (docs/students.md).
        masked_tail: Share of an answer at its end in which the teacher's logits do not count.
        lora_rank: Rank of what is added to each matrix; 0: the matrices themselves learn.
        embedding: The embedding learns too.
        seed: Of order and dropout.
        validation: Answers to judge by on the way, which are not learnt from; none of them is of those held out.
        every: Steps from one such look to the next.
        patience: Looks without a better one after which it ends early; 0: never.
        save_minutes: Between two checkpoints.
        threads: That compute.
        precision: "bf16", "f32", or "auto": the first where the processor is quicker with it.
        device: "cpu", "cuda", or "auto": a graphics processor where PyTorch sees one.
    """

    steps: int = 0
    minutes: float = 5.0
    batch: int = 8
    rate: float = 3.5e-4
    warm_up: int = 8
    falling: float = 0.5
    averaged: int = 0
    mixed: bool = False
    kl_share: float = 1.0
    temperature: float = 1.0
    hidden: float = 0.0
    consistency: float = 0.0
    dropout: float = 0.02
    masked_tail: float = 0.0
    lora_rank: int = 0
    embedding: bool = False
    seed: int = 1
    validation: int = 16
    every: int = 20
    patience: int = 5
    save_minutes: float = 5.0
    threads: int = 1
    precision: str = "auto"
    device: str = "auto"

    def __post_init__(self) -> None:
        shares = (self.kl_share, self.falling, self.dropout, self.masked_tail)
        if not all(0 <= share <= 1 for share in shares) or self.dropout == 1 or self.masked_tail == 1:
            raise _refused("shares are from 0 to 1")
        numbers = (self.steps, self.lora_rank, self.warm_up, self.patience, self.averaged)
        if min(self.hidden, self.consistency, *numbers) < 0:
            raise _refused("weights and numbers are not below 0")
        if self.rate <= 0 or min(self.batch, self.every, self.threads, self.validation) < 1:
            raise _refused("a rate, a batch, looks, answers to look at and threads are needed")
        if self.batch > _LARGEST_BATCH or self.lora_rank > _HIGHEST_RANK:
            raise _refused(f"at most {_LARGEST_BATCH:,} answers in a step, and a rank of {_HIGHEST_RANK:,}")
        if self.temperature < 1:
            raise _refused(f"temperature {self.temperature:g}; it is 1 or higher")
        if not self.steps and self.minutes <= 0:
            raise _refused("neither steps nor minutes")
        if self.precision not in ("auto", "bf16", "f32") or self.device not in ("auto", "cpu", "cuda"):
            raise _refused(f"precision {self.precision}, device {self.device}; there are bf16 and f32, cpu and cuda")

    def capped(self, highest: float) -> TrainingSettings:
        """Returns the same with no higher temperature than the answers were collected for."""
        return self if self.temperature <= highest else replace(self, temperature=highest)


@dataclass(frozen=True)
class Job:
    """What the process that trains is told, in a file.

    Attributes:
        settings: What is wanted.
        student: The model to begin with, its matrices of 16 bits, in one part.
        teacher: The teacher, likewise; None: not needed.
        answers: Files of the teacher's answers.
        left_out: Ids of prompts that are never learnt from.
        pieces: A file that says how the answers are written in the student's vocabulary, where that was made smaller.
        layers: For each of the student's layers which of the teacher's it stands for; empty: nothing is compared.
        folder: Of checkpoint, curve and what comes of it.
    """

    settings: TrainingSettings
    student: Path
    teacher: Path | None
    answers: tuple[Path, ...]
    left_out: tuple[str, ...]
    pieces: Path | None
    layers: tuple[int, ...]
    folder: Path

    def write(self) -> None:
        """Puts it into its folder, which is there.

        Raises:
            OSError: It cannot be written.
        """
        document = {**asdict(self), "settings": asdict(self.settings)}
        write_atomically(self.folder / JOB, json.dumps(document, default=str, indent=2).encode())

    @classmethod
    def read(cls, folder: Path) -> Job:
        """Reads what :meth:`write` has written.

        Raises:
            OSError: It cannot be read.
            ValueError, KeyError, TypeError: It is none.
        """
        document = parse_json((folder / JOB).read_bytes())
        return cls(
            settings=settings_from(document["settings"]),
            student=Path(document["student"]),
            teacher=None if document["teacher"] is None else Path(document["teacher"]),
            answers=tuple(map(Path, document["answers"])),
            left_out=tuple(map(str, document["left_out"])),
            pieces=None if document["pieces"] is None else Path(document["pieces"]),
            layers=tuple(map(int, document["layers"])),
            folder=folder,
        )


@dataclass(frozen=True)
class AnswersJob:
    """What the process is told that has the teacher answer prompts once more, in a file.

    Attributes:
        teacher: Its matrices of 16 bits, in one part.
        known: The answers that there are: prompts, and how answers are kept, are those of it.
        target: The file of the new ones; what it has is gone on with.
        rounds: Answers to each prompt.
        most: Tokens of an answer.
        questions: Questions that the teacher makes itself and answers, all that ``target`` has at the end; 0: it
            answers the prompts.
        texts: What each token says, see :func:`desktop.student.training.questions.read_texts`; with ``questions``.
        taken: Prompts that must not be among its questions.
        room: Tokens that a question with its answer may have.
        temperature: With which the teacher chooses its words; 0: always the best, so that there is one answer only.
        side_by_side: Prompts that are answered at once.
        seed: Of the choice.
        threads: That compute.
        precision: See :class:`TrainingSettings`.
        device: See :class:`TrainingSettings`.
    """

    teacher: Path
    known: Path
    target: Path
    rounds: int
    most: int
    temperature: float
    questions: int = 0
    texts: Path = Path()
    taken: tuple[str, ...] = ()
    room: int = 0
    side_by_side: int = 64
    seed: int = 1
    threads: int = 1
    precision: str = "auto"
    device: str = "auto"

    def write(self, folder: Path) -> None:
        """Puts it into a folder, which is there.

        Raises:
            OSError: It cannot be written.
        """
        write_atomically(folder / JOB, json.dumps(asdict(self), default=str, indent=2).encode())

    @classmethod
    def read(cls, folder: Path) -> AnswersJob:
        """Reads what :meth:`write` has written.

        Raises:
            OSError: It cannot be read.
            ValueError, TypeError: It is none.
        """
        document: dict[str, Any] = parse_json((folder / JOB).read_bytes())
        for name in ("teacher", "known", "target", "texts"):
            document[name] = Path(document[name])
        return cls(**{**document, "taken": tuple(map(str, document["taken"]))})


def settings_from(document: Mapping[str, Any]) -> TrainingSettings:
    """Returns settings that were written down; names that are not known any more do not count."""
    known = {each.name for each in fields(TrainingSettings)}
    return TrainingSettings(**{name: value for name, value in document.items() if name in known})


def digest_of(settings: TrainingSettings, *others: str) -> str:
    """Returns what stands for everything that the outcome hangs on: a checkpoint is only gone on with for the same."""
    said = {name: value for name, value in asdict(settings).items() if name not in _OF_THE_MACHINE | _AFTERWARDS}
    # What came later and is off changes nothing: a training that was begun before goes on.
    said = {name: value for name, value in said.items() if name not in _CAME_LATER or value}
    if not settings.consistency:
        said["dropout"] = _UNUSED_DROPOUT
    return hashlib.sha256(json.dumps([said, *others]).encode()).hexdigest()[:16]


def _refused(why: str) -> UserFacingError:
    return UserFacingError(QT_TRANSLATE_NOOP("Errors", "A student cannot be trained in this way."), f"{why}.")
