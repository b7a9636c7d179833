"""How often a small model answers from a given text: asked as Catnap asks, beside the text just pasted."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from desktop.documents.question import question_about
from desktop.documents.types import Document, DocumentKind, Part, PartKind
from desktop.documents.unsupported import unsupported
from desktop.engine.types import Message, Sampling
from tests.bench.results import Figure
from tests.support.engine_harness import Harness, config_for, user
from tests.support.text_questions.questions import TextQuestion, text_questions

_LEAST_CLEAN = 70.0
_SHORT = 400
_FROM_TEXT = Sampling(temperature=0.0, repeat_penalty=1.0, max_tokens=_SHORT, stop_loops=True)
_PASTED = Sampling(seed=1, max_tokens=_SHORT)

Way = Callable[[TextQuestion], tuple[tuple[Message, ...], Sampling]]


def as_catnap_asks(question: TextQuestion) -> tuple[tuple[Message, ...], Sampling]:
    """Returns what a conversation about a document begins with, and `catnap ask --file`."""
    part = Part(PartKind.WHOLE, 1, "", question.text)
    document = Document("text.txt", DocumentKind.TEXT, (part,))
    return (user(question_about(document, question.ask)),), _FROM_TEXT


def pasted(question: TextQuestion) -> tuple[tuple[Message, ...], Sampling]:
    """Returns what somebody sends who pastes the text and writes the question below it, with the usual settings."""
    return (user(f"{question.text}\n\n{question.ask}"),), _PASTED


WAYS: dict[str, Way] = {"as Catnap asks": as_catnap_asks, "pasted": pasted}


def facts(model: Path, threads: int) -> Iterator[Figure]:
    """Yields the share of clean answers for each way and language; what was said goes to stderr.

    Args:
        model: Its weights must be real.
        threads: To compute with.
    """
    with Harness(replace(config_for(model, threads=threads), snapshots_dir=None)) as engine:
        for language in ("en", "zh"):
            for name, way in WAYS.items():
                yield _figure(engine, language, name, way)
        for language in ("en", "zh"):
            yield _figure(engine, f"{language}_more", "as Catnap asks", as_catnap_asks)


def _figure(engine: Harness, asked: str, name: str, way: Way) -> Figure:
    questions = text_questions(asked)
    clean, told = set(), set()
    for at, question in enumerate(questions):
        answer = answer_of(engine, way, question)
        made_up = unsupported(answer, question.text, question.ask)
        if question.is_clean(answer):
            clean.add(at)
        if at in clean or (not question.is_told and made_up):
            told.add(at)
        mark = "+" if at in clean else "n" if at in told else "-"
        print(f"    {mark} {question.ask} -> {answer!r} {made_up or ''}", file=sys.stderr, flush=True)
    halves = [
        f"{sum(1 for at in clean if questions[at].is_held is held)} of "
        f"{sum(1 for question in questions if question.is_held is held)}"
        for held in (False, True)
    ]
    nothing = {at for at, question in enumerate(questions) if not question.is_told}
    note = (
        f"{len(clean)} of {len(questions)} by the model's words alone; {halves[0]} tuned with, {halves[1]} held back; "
        f"of {len(nothing)} not in the text {len(clean & nothing)} say so, {len(told & nothing)} with the note"
    )
    least = _LEAST_CLEAN if asked == "en" and way is as_catnap_asks else None
    share = 100 * len(clean | (told if way is not pasted else set())) / len(questions)
    return Figure(f"facts from a text, {asked}, {name}", share, "% clean", at_least=least, note=note)


def answer_of(engine: Harness, way: Way, question: TextQuestion) -> str:
    """Returns what the model says."""
    messages, sampling = way(question)
    request = engine.send(*messages, sampling=sampling, keep_state=False)
    engine.end_of(request)
    answer = engine.text(request)
    engine.events.clear()
    return answer
