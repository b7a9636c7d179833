"""How well and how quickly passages of a real handbook are found: Debian's installation guide in two languages."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from statistics import median

from desktop.documents.passages.index import PassageIndex
from desktop.documents.passages.splitting import split_into_passages
from desktop.documents.types import Document
from tests.bench.results import Figure
from tests.support.handbook import answered, elsewhere, handbook, questions

_LANGUAGES = {"en": 16, "zh": 13}  # and the least of 20 that must be found
_ROUNDS = 3


def retrieval() -> Iterator[Figure]:
    """Yields how many of the questions find their passage, and what indexing and asking take."""
    with (
        tempfile.TemporaryDirectory(prefix="catnap-bench-passages-") as folder,
        closing(sqlite3.connect(Path(folder) / "documents.db", isolation_level=None)) as connection,
    ):
        index = PassageIndex(connection)
        for language, least in _LANGUAGES.items():
            book = handbook(language)
            seconds = min(_indexing(index, language, book) for _ in range(_ROUNDS))
            note = f"{book.characters:,} characters on {len(book.parts)} pages, CPU, best of {_ROUNDS}"
            yield Figure(f"indexing the handbook, {language}", seconds, "s", at_most=0.5, note=note)
            yield from _found(index, language, least)


def _indexing(index: PassageIndex, language: str, book: Document) -> float:
    index.remove(language)
    began = time.process_time()
    index.add(language, split_into_passages(book))
    return time.process_time() - began


def _found(index: PassageIndex, language: str, least: int) -> Iterator[Figure]:
    for name, what in (("", "the first questions"), ("_second", "second ones"), ("_held", "those set aside")):
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
