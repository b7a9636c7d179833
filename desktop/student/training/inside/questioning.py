"""The teacher makes questions of its own, many side by side, and answers them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final

import torch

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.student.sequences import Layout, open_for_more, read_layout, read_sequences
from desktop.student.training.inside.answering import answers
from desktop.student.training.inside.loop import Model
from desktop.student.training.inside.preparing import place_of, reading_model
from desktop.student.training.questions import Frame, Questions, id_of, read_texts
from desktop.student.training.settings import AnswersJob

# As in the article: what a model has learnt of people's messages, not the likeliest of them again and again.
_TEMPERATURE: Final = 1.0
# Tokens of a question; a longer one is left out.
_MOST: Final = 96
# Batches in a row without a new question after which it is over: the teacher has no others.
_FRUITLESS: Final = 5


def answer_own(job: AnswersJob) -> Iterator[tuple[int, int, int]]:
    """Has the teacher make questions and answer them; yields answers so far, all of them, and tokens of this run.

    Raises:
        UserFacingError: A file cannot be read, or the chat template is not to be told from the prompts.
        OSError: An answer cannot be kept.
    """
    place = place_of(job.device, job.precision, job.threads)
    layout, known = read_layout(job.known), [*read_sequences(job.known)]
    ends = frozenset(sequence.tokens[-1] for sequence in known if sequence.is_whole)
    frame = _frame([sequence.tokens[: sequence.first] for sequence in known])
    most = min(_MOST, job.room - job.most - len(frame.around(())))
    book = Questions(read_texts(job.texts), job.taken)
    with open_for_more(job.target, layout) as file:
        for sequence in read_sequences(job.target):
            book.take(frame.inside(sequence.tokens[: sequence.first]))
        tokens = fruitless = 0
        yield len(file.ids), job.questions, 0
        model = reading_model(job.teacher, place) if len(file.ids) < job.questions and most > 0 else None
        while model is not None and len(file.ids) < job.questions and fruitless < _FRUITLESS:
            # Another choice for each batch, also where a run before has left some.
            chance = torch.Generator(place.device).manual_seed(_seed(job.seed, len(file.ids), fruitless))
            count = min(job.side_by_side, job.questions - len(file.ids))
            with torch.no_grad(), place.numbers():
                batch = _made(model, frame, book, layout, count, most, chance)
                for sequence in answers(model, batch, layout, ends, job.most, job.temperature, chance) if batch else ():
                    file.add(sequence)
                    tokens += sequence.length
                    yield len(file.ids), job.questions, tokens
            fruitless = 0 if batch else fruitless + 1
        if len(file.ids) < job.questions:
            yield len(file.ids), len(file.ids), tokens


def _made(
    model: Model, frame: Frame, book: Questions, layout: Layout, count: int, most: int, chance: torch.Generator
) -> list[tuple[str, tuple[int, ...]]]:
    """Returns new questions, at the most so many, as they are asked."""
    ends, found = frozenset(frame.after[:1]), []
    begun = [("", frame.before)] * count
    for sequence in answers(model, begun, layout, ends, most + 1, _TEMPERATURE, chance):
        question = sequence.tokens[sequence.first : -1]
        if sequence.is_whole and (text := book.take(question)):
            found.append((id_of(text), frame.around(question)))
    return found


def _frame(prompts: list[tuple[int, ...]]) -> Frame:
    try:
        return Frame.of(prompts)
    except ValueError as problem:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The teacher cannot make questions of its own here."),
            f"{problem}.",
            QT_TRANSLATE_NOOP("Errors", "Collect the answers to more prompts first: catnap student collect DIR"),
        ) from problem


def _seed(*parts: int) -> int:
    return int.from_bytes(hashlib.sha256(repr(("questions", *parts)).encode()).digest()[:4])
