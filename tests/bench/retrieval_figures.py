"""How well and how quickly passages of a real handbook are found: Debian's installation guide in two languages."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from statistics import median

from desktop.documents.library.preparing import prepare
from desktop.documents.library.store import DocumentStore
from desktop.documents.passages.index import PassageIndex
from desktop.documents.passages.splitting import split_into_passages
from desktop.documents.passages.understanding import meaning_of
from desktop.documents.types import Document
from desktop.engine.embedding.engine import EmbeddingEngine
from desktop.machine.memory import MemoryReader
from tests.bench.results import Figure
from tests.support.e5 import e5_small
from tests.support.handbook import Asked, answered, answers, elsewhere, handbook, questions

_LANGUAGES = {"en": 16, "zh": 13}  # and the least of 20 that must be found
_WITH_MODEL = {"en": 18, "zh": 17}  # the same, with an embedding model
_ROUNDS = 3
_MB = 1_000_000
_SETS = (("", "the first questions"), ("_second", "second ones"), ("_held", "those set aside"))


def retrieval() -> Iterator[Figure]:
    """Yields how many of the questions find their passage, and what indexing and asking take."""
    with (
        tempfile.TemporaryDirectory(prefix="catnap-bench-passages-") as folder,
        closing(DocumentStore(Path(folder) / "documents.db")) as store,
    ):
        index = store.passages
        for language, least in _LANGUAGES.items():
            book = handbook(language)
            seconds = min(_indexing(index, language, book) for _ in range(_ROUNDS))
            note = f"{book.characters:,} characters on {len(book.parts)} pages, CPU, best of {_ROUNDS}"
            yield Figure(f"indexing the handbook, {language}", seconds, "s", at_most=0.5, note=note)
            yield from _found(index, language, least)
        yield from _found_by_meaning(store)


def _indexing(index: PassageIndex, language: str, book: Document) -> float:
    index.remove(language)
    began = time.process_time()
    index.add(language, split_into_passages(book))
    return time.process_time() - began


def _found(index: PassageIndex, language: str, least: int) -> Iterator[Figure]:
    for name, what in _SETS:
        asked = [each for each in questions(f"{language}{name}") if each.place]
        count = sum(answered(index, language, each) for each in asked)
        first = sum(answered(index, language, each, first=1) for each in asked)
        note = f"of {len(asked)} with an answer; as the first one: {first}"
        title = f"right passage among the first three, {language}, {what}"
        yield Figure(title, count, "", at_least=None if name else least, note=note)
    others = elsewhere(language)
    refused = sum(not index.find(question, [language]) for question in others)
    yield Figure(f"not in the document, {language}", refused, "", note=f"of {len(others)} questions about other things")
    times = [min(_asking(index, language, each.question) for _ in range(_ROUNDS)) for each in questions(language)]
    note = f"CPU, the slowest of {len(times)}, each the best of {_ROUNDS}; median {median(times) * 1000:.1f} ms"
    yield Figure(f"a question to the index, {language}", max(times) * 1000, "ms", at_most=20, note=note)


def _asking(index: PassageIndex, language: str, question: str) -> float:
    began = time.process_time()
    index.find(question, [language])
    return time.process_time() - began


def _found_by_meaning(store: DocumentStore) -> Iterator[Figure]:
    """Yields the same with multilingual-e5-small, also for questions in the other language."""
    try:
        file = e5_small()
    except FileNotFoundError as problem:
        yield Figure("with the embedding model", None, "", note=str(problem))
        return
    model = EmbeddingEngine(file, idle_seconds=3600)
    try:
        model.prepare()
        began = time.monotonic()
        prepare(store, model, lambda _done, _total: None)
        passages, _ = store.vectors.counts()
        note = f"{passages:,} passages, CPU of its process; {time.monotonic() - began:.0f} s by the clock"
        yield Figure("reading both handbooks, embedding model", _cpu_seconds(model), "s", note=note)
        for text in _LANGUAGES:
            for asked_in in _LANGUAGES:
                yield from _answered_by_meaning(store.passages, model, text, asked_in)
        yield from _cost_of_meaning(store.passages, model)
    finally:
        model.end()


def _answered_by_meaning(index: PassageIndex, model: EmbeddingEngine, text: str, asked_in: str) -> Iterator[Figure]:
    where = text if text == asked_in else f"{text} asked in {asked_in}"
    lost = count_of_all = 0
    for name, what in _SETS:
        places = [each.place for each in questions(f"{text}{name}")]
        asked = [
            Asked(each.question, place)
            for each, place in zip(questions(f"{asked_in}{name}"), places, strict=True)
            if place
        ]
        found = [index.find(each.question, [text], meaning=meaning_of(each.question, model)) for each in asked]
        count = sum(answers(passages, each) for each, passages in zip(asked, found, strict=True))
        first = sum(answers(passages[:1], each) for each, passages in zip(asked, found, strict=True))
        lost, count_of_all = lost + found.count(()), count_of_all + len(asked)
        note = f"of {len(asked)} with an answer; as the first one: {first}"
        least = _WITH_MODEL[text] if text == asked_in and not name else None
        yield Figure(f"by meaning among the first three, {where}, {what}", count, "", at_least=least, note=note)
    others = elsewhere(asked_in)
    refused = sum(not index.find(each, [text], meaning=meaning_of(each, model)) for each in others)
    note = f"of {len(others)} about other things; {lost} of {count_of_all} with an answer as well"
    yield Figure(f"by meaning not in the document, {where}", refused, "", note=note)


def _cost_of_meaning(index: PassageIndex, model: EmbeddingEngine) -> Iterator[Figure]:
    times = [
        min(_asking_by_meaning(index, model, language, each.question) for _ in range(_ROUNDS))
        for language in _LANGUAGES
        for each in questions(language)
    ]
    note = (
        f"CPU of both processes, median of {len(times)}, each the best of {_ROUNDS}; slowest {max(times) * 1000:.1f} ms"
    )
    yield Figure("a question by meaning", median(times) * 1000, "ms", at_most=20, note=note)
    memory = MemoryReader(engine=lambda: model.process_id).read()
    note = f"anonymous {memory.engine / _MB:.0f} MB; predicted {model.check().rss / _MB:.0f} MB"
    yield Figure("memory of the embedding model's process", memory.engine_rss / _MB, "MB", note=note)


def _asking_by_meaning(index: PassageIndex, model: EmbeddingEngine, language: str, question: str) -> float:
    own, other = time.process_time(), _cpu_seconds(model)
    index.find(question, [language], meaning=meaning_of(question, model))
    return time.process_time() - own + _cpu_seconds(model) - other


def _cpu_seconds(model: EmbeddingEngine) -> float:
    """Returns what the model's process has computed so far, more finely than in hundredths of a second."""
    tasks = Path(f"/proc/{model.process_id}/task").glob("*/schedstat")
    return sum(int(task.read_text(encoding="ascii").split()[0]) for task in tasks) / 1e9
