"""The teacher's answers in a student's own vocabulary: which of its tokens begin where one of the teacher's does.

Two cases. A vocabulary that was made smaller (:mod:`desktop.student.vocabulary`) writes each of the teacher's tokens as
pieces of it: nothing is lost, and what the teacher gives to a token it gives to its first piece. Any other vocabulary
cuts the same text elsewhere: tokens are partners where they are the same bytes, and only where both begin a token at
the same byte is anything to be learnt. Standard library only, but for the student's process.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from pathlib import Path

from desktop.common.atomic_file import replaced_atomically
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.engine.distillation.client import AskedModel
from desktop.engine.distillation.messages import Spelled
from desktop.student.sequences import TaughtSequence


def write_pieces(target: Path, sequences: Iterable[TaughtSequence], pieces: Sequence[tuple[int, ...]]) -> None:
    """Writes how answers are written in a vocabulary that was made of the teacher's.

    The first line of the file has the partner of each of the teacher's tokens (-1: none), each further one, for one
    answer: the student's tokens, where the answer begins, and for each of the teacher's tokens of it which one of the
    student's begins there (-1: none). JSON.

    Args:
        target: The file, replaced.
        sequences: The answers, in the order in which they are read.
        pieces: See :func:`desktop.student.vocabulary.pieces_of`.

    Raises:
        OSError: It cannot be written.
    """
    with replaced_atomically(target, durable=False) as stream:
        stream.write(_line([part[0] if part else -1 for part in pieces]))
        for sequence in sequences:
            prompt = [piece for token in sequence.tokens[: sequence.first] for piece in pieces[token]]
            parts = [pieces[token] for token in sequence.tokens[sequence.first :]]
            places = [0, *accumulate(len(part) for part in parts)][: len(parts)]
            answer = [piece for part in parts for piece in part]
            stream.write(_line([[*prompt, *answer], len(prompt), places]))


def write_aligned(
    target: Path,
    sequences: Iterable[TaughtSequence],
    questions: Mapping[str, str],
    teacher: Spelled,
    student: AskedModel,
) -> float:
    """Writes how answers are written in a vocabulary of another origin; see :func:`write_pieces` for the file.

    Args:
        target: The file, replaced.
        sequences: The answers, in the order in which they are read.
        questions: By the ids of the prompts: the student has a chat template of its own.
        teacher: How its vocabulary writes.
        student: Asked for its tokens.

    Returns:
        The share of the answers' tokens that something can be learnt at.

    Raises:
        UserFacingError: The student cannot be asked, or a question is not known.
        OSError: The file cannot be written.
    """
    own = student.spelled()
    partners = partners_of(teacher, own)
    shared = total = 0
    with replaced_atomically(target, durable=False) as stream:
        stream.write(_line(partners))
        for sequence in sequences:
            if sequence.id not in questions:
                raise UserFacingError(
                    QT_TRANSLATE_NOOP("Errors", "There is an answer to a question that this project does not have."),
                    f"{sequence.id}.",
                    QT_TRANSLATE_NOOP("Errors", "Leave out --also."),
                )
            text, starts = _text(sequence, teacher)
            told = student.written(questions[sequence.id], text.decode("utf-8"))
            answer = [*told.answer, *([own.end] if sequence.is_whole and own.end >= 0 else [])]
            lengths = [len(own.pieces[token]) for token in told.answer]
            begins = {start: place for place, start in enumerate([0, *accumulate(lengths)][: len(answer)])}
            places = [begins.get(start, -1) for start in starts]
            shared, total = shared + sum(place >= 0 for place in places), total + len(places)
            stream.write(_line([[*told.question, *answer], len(told.question), places]))
    return shared / max(total, 1)


def partners_of(teacher: Spelled, student: Spelled) -> list[int]:
    """Returns for each of a teacher's tokens the student's that stands for the same bytes; -1: none does."""
    known: dict[bytes, int] = {}
    for token, piece in enumerate(student.pieces):
        if piece:
            known.setdefault(piece, token)
    partners = [known.get(piece, -1) if piece else -1 for piece in teacher.pieces]
    if teacher.end >= 0:
        partners[teacher.end] = student.end
    return partners


def _text(sequence: TaughtSequence, teacher: Spelled) -> tuple[bytes, list[int]]:
    """Returns an answer's bytes, without a character that was cut off, and where each token begins (-1: behind it)."""
    pieces = [teacher.pieces[token] for token in sequence.tokens[sequence.first :]]
    data = b"".join(pieces)
    text = data.decode("utf-8", "ignore").encode()
    if not data.startswith(text):  # something within it is no text: what comes before is
        text = data[: next(at for at in range(len(text)) if text[at] != data[at])].decode("utf-8", "ignore").encode()
    starts = [0, *accumulate(map(len, pieces))][: len(pieces)]
    return text, [start if start <= len(text) else -1 for start in starts]


def _line(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"
