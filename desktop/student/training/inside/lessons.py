"""The teacher's answers as numbers to learn from, and several of them as one batch."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from desktop.common.json_file import parse_json
from desktop.student.sequences import UNKNOWN, Layout, TaughtSequence, read_sequences
from desktop.student.training.inside.model import Packed, pack

_Ids: TypeAlias = NDArray[np.int64]
_Chances: TypeAlias = NDArray[np.float32]
# A place where more of the teacher's probability than that has no partner in another vocabulary is not learnt from.
_WITHOUT_PARTNER = 0.5


@dataclass(frozen=True)
class Lesson:
    """One answer, in the student's tokens.

    Attributes:
        tokens: The question and the answer.
        places: Tokens behind which something is learnt.
        targets: The tokens that come there.
        ids: For each place the tokens that the teacher thought best, the best first.
        chances: What it gave to them, for each temperature that there are sums for.
        counts: Places where those count.
    """

    tokens: tuple[int, ...]
    places: _Ids
    targets: _Ids
    ids: _Ids
    chances: _Chances
    counts: NDArray[np.bool_]


@dataclass(frozen=True)
class Alignment:
    """How one answer is written in a smaller vocabulary.

    Attributes:
        tokens: The question and the answer.
        first: Where the answer begins.
        places: For each token of the teacher's answer which one of the student's begins with it; -1: none.
    """

    tokens: tuple[int, ...]
    first: int
    places: tuple[int, ...]


class Lessons:
    """Answers that are made lessons of when they are asked for: kept as they are they take a tenth of the memory.

    Attributes:
        ids: Of the prompts, in their order.
        tokens: Of all answers.
        highest: The temperature that they are good for.
    """

    def __init__(
        self,
        sequences: Sequence[TaughtSequence],
        alignments: Sequence[Alignment] = (),
        partners: _Ids | None = None,
        masked_tail: float = 0.0,
    ) -> None:
        """
        Args:
            sequences: The answers.
            alignments: One for each; empty: the student has the teacher's vocabulary.
            partners: For each of the teacher's tokens the student's; -1: it has none.
            masked_tail: Share of an answer at its end in which the teacher's logits do not count.
        """
        self._sequences, self._alignments, self._partners = sequences, alignments, partners
        self._masked_tail = masked_tail
        self.ids = [sequence.id for sequence in sequences]
        self.tokens = sum(sequence.length for sequence in sequences)
        self.highest = max((max(each.layout.temperatures) for each in sequences), default=1.0)

    def __len__(self) -> int:
        return len(self._sequences)

    def picked(self, numbers: Sequence[int]) -> Lessons:
        """Returns some of them."""
        alignments = [self._alignments[number] for number in numbers] if self._alignments else []
        return Lessons([self._sequences[each] for each in numbers], alignments, self._partners, self._masked_tail)

    def whole(self) -> Lessons:
        """Returns them with nothing masked."""
        return Lessons(self._sequences, self._alignments, self._partners)

    def lesson(self, number: int) -> Lesson:
        """Returns one of them."""
        sequence = self._sequences[number]
        ids, chances = thoughts_of(sequence)
        places = np.arange(sequence.first - 1, len(sequence.tokens) - 1)
        targets = np.array(sequence.tokens[sequence.first :], dtype=np.int64)
        # A teacher of other tokens has begun none at some places: the answer's own token is learnt there, no thought.
        counts = np.asarray(chances[0, :, 0] > math.exp(UNKNOWN))
        counts[len(counts) - round(len(counts) * self._masked_tail) :] = False
        lesson = Lesson(sequence.tokens, places, targets, ids, chances, counts)
        if not self._alignments or self._partners is None:
            return lesson
        return aligned(lesson, self._alignments[number], self._partners)


def record_type(layout: Layout) -> np.dtype[np.void]:
    """Returns what was thought before a token as NumPy has it; see :mod:`desktop.student.sequences`."""
    return np.dtype(
        [
            ("best", "<f4"),
            ("totals", "<f4", (len(layout.temperatures),)),
            ("ids", "<u4", (layout.kept,)),
            ("below", "<f2", (layout.kept,)),
        ]
    )


def thoughts_of(sequence: TaughtSequence) -> tuple[_Ids, _Chances]:
    """Returns the best tokens before each one of an answer, and what the teacher gave to them at each temperature."""
    layout = sequence.layout
    rows = np.frombuffer(sequence.thoughts, dtype=record_type(layout))
    logits = rows["best"][:, None] - rows["below"].astype(np.float32)
    chances = [
        np.exp(logits / temperature - rows["totals"][:, at, None]) for at, temperature in enumerate(layout.temperatures)
    ]
    return rows["ids"].astype(np.int64), np.stack(chances).astype(np.float32)


def aligned(lesson: Lesson, alignment: Alignment, partners: _Ids) -> Lesson:
    """Returns a lesson in another vocabulary.

    What the teacher gave to tokens without partner is left out, and the rest made whole again. Tokens that begin with
    the same one of the student's are one.
    """
    heads = partners[lesson.ids]
    has_partner = heads >= 0
    missing = np.where(has_partner, 0, lesson.chances).sum(axis=-1, keepdims=True)
    chances = np.where(has_partner, lesson.chances, 0) / np.maximum(1 - missing, 1e-6)
    # Each chance goes to the first place in its row where the same token stands.
    same = heads[:, :, None] == heads[:, None, :]
    first = same.argmax(axis=-1)
    merged = np.zeros_like(chances)
    rows = np.arange(len(heads))[:, None]
    for at in range(len(chances)):
        np.add.at(merged[at], (rows, first), chances[at])
    length = len(alignment.tokens) - alignment.first
    to = np.full(length, -1, dtype=np.int64)
    for place, own in enumerate(alignment.places):
        if own >= 0:
            to[own] = place
    is_taught = to >= 0
    taught = np.where(is_taught, to, 0)
    counts = is_taught & lesson.counts[taught] & (missing[0, :, 0] < _WITHOUT_PARTNER)[taught]
    return Lesson(
        alignment.tokens,
        np.arange(alignment.first - 1, len(alignment.tokens) - 1),
        np.array(alignment.tokens[alignment.first :], dtype=np.int64),
        np.maximum(heads, 0)[taught],
        merged[:, taught].astype(np.float32),
        counts,
    )


@dataclass(frozen=True)
class Batch:
    """Several lessons.

    Attributes:
        texts: What is read.
        places: In it, behind which something is learnt.
        targets, ids, chances, counts: See :class:`Lesson`.
    """

    texts: Packed
    places: Tensor
    targets: Tensor
    ids: Tensor
    chances: Tensor
    counts: Tensor


def batch_of(lessons: Sequence[Lesson], device: torch.device) -> Batch:
    """Returns lessons as one batch."""
    texts = pack([lesson.tokens for lesson in lessons], device)
    places = [
        np.where(lesson.places < texts.shared, lesson.places, begin + lesson.places - texts.shared)
        for lesson, (begin, _) in zip(lessons, texts.spans, strict=True)
    ]

    def joined(parts: Iterator[NDArray[np.generic]], axis: int = 0) -> Tensor:
        return torch.from_numpy(np.concatenate([*parts], axis=axis)).to(device)

    return Batch(
        texts,
        joined(iter(places)),
        joined(lesson.targets for lesson in lessons),
        joined(lesson.ids for lesson in lessons),
        joined((lesson.chances for lesson in lessons), axis=1),
        joined(lesson.counts for lesson in lessons),
    )


def read_lessons(files: Sequence[Path], left_out: Sequence[str], alignment: Path | None, masked_tail: float) -> Lessons:
    """Reads the answers of some files.

    Args:
        files: See :mod:`desktop.student.sequences`; all of one teacher.
        left_out: Ids of prompts that do not count.
        alignment: See :func:`desktop.student.training.pieces.write_pieces`.
        masked_tail: See :class:`Lessons`.

    Raises:
        UserFacingError: A file cannot be read.
        OSError, ValueError, KeyError: The alignment cannot be read.
    """
    sequences = [sequence for file in files for sequence in read_sequences(file)]
    out = {*left_out}
    wanted = [number for number, sequence in enumerate(sequences) if sequence.id not in out and sequence.length]
    kept = [sequences[number] for number in wanted]
    if alignment is None:
        return Lessons(kept, masked_tail=masked_tail)
    with alignment.open(encoding="ascii") as stream:
        partners = np.array(parse_json(next(stream)), dtype=np.int64)
        rows = [parse_json(line) for line in stream]
    alignments = [Alignment(tuple(rows[each][0]), int(rows[each][1]), tuple(rows[each][2])) for each in wanted]
    return Lessons(kept, alignments, partners, masked_tail)


def one_temperature(lesson: Lesson) -> Lesson:
    """Returns a lesson with what the teacher gave at temperature 1 only."""
    return replace(lesson, chances=lesson.chances[:1])
