"""The teacher's answers in a vocabulary that was made smaller: each of its tokens is written as pieces.

Nothing is lost: what the teacher gives to a token it gives to its first piece, and the pieces behind that are learnt as
words only. A vocabulary of another origin is another case: then the answers are kept in the student's tokens from the
beginning, see :mod:`desktop.student.teachers`. Standard library only.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import accumulate
from pathlib import Path

from desktop.common.atomic_file import replaced_atomically
from desktop.student.sequences import TaughtSequence


def write_pieces(target: Path, sequences: Iterable[TaughtSequence], pieces: Sequence[tuple[int, ...]]) -> None:
    """Writes how answers are written in a vocabulary that was made of the teacher's.

    The first line of the file has the partner of each of the teacher's tokens (-1: none), each further one, for one
    answer: the student's tokens, where the answer begins, and for each of the teacher's tokens of it which one of the
    student's begins there. JSON.

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


def _line(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"
