"""Passages that are found by what they mean: vectors of a made-up model, of which each number is a subject."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from operator import mul
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.documents.library.preparing import prepare
from desktop.documents.library.store import DocumentStore
from desktop.documents.passages.meaning import FOREIGN, level_of
from desktop.documents.passages.splitting import halved, weight_of
from desktop.documents.passages.understanding import meaning_of
from desktop.documents.passages.vectors import Meaning, _products, language_of
from desktop.documents.types import Document, DocumentKind, Part, PartKind
from tests.support.subjects import Subjects, vector_of

_PAGES = (
    "Vacations. Everybody gets 28 days off a year.",
    "Travel. Tickets for trains are paid in second class.",
    "Machines. A broken printer is reported to Ms Tanaka, phone 4711.",
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DocumentStore]:
    with closing(DocumentStore(tmp_path / "documents.db")) as store:
        yield store


def _kept(store: DocumentStore, name: str = "rules.pdf", pages: tuple[str, ...] = _PAGES) -> str:
    parts = tuple(Part(PartKind.PAGE, number, "", text) for number, text in enumerate(pages, start=1))
    identity = store.add(Document(name, DocumentKind.PDF, parts)).id
    store.index(identity)
    return identity


def _pages(store: DocumentStore, model: Subjects | None, question: str, *documents: str) -> list[int]:
    found = store.find(question, documents, None, 3, meaning_of(question, model))
    return [each.passage.part for each in found]


def test_other_words_and_another_language_find_a_passage_once_it_was_read(store: DocumentStore) -> None:
    model, rules = Subjects(), _kept(store)
    question, chinese = "How many holidays do I have?", "年假怎么算？"
    # GIVEN that nothing was read yet
    assert _pages(store, model, question, rules) == _pages(store, model, chinese, rules) == []
    # WHEN it was
    told: list[tuple[int, int]] = []
    prepare(store, model, lambda done, total: told.append((done, total)))
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)] and len(model.read) == 3
    # THEN both find it, and without the model neither
    assert _pages(store, model, question, rules) == _pages(store, model, chinese, rules) == [1]
    assert _pages(store, None, question, rules) == []


def test_what_no_passage_is_about_is_not_found_whatever_words_it_has(store: DocumentStore) -> None:
    model, rules = Subjects(), _kept(store)
    prepare(store, model, lambda *_: None)
    assert _pages(store, None, "Which phone number has Ms Tanaka's sister?", rules) == [3]
    assert _pages(store, model, "Which phone number has Ms Tanaka's sister?", rules) == []


def test_only_what_is_new_is_read_and_it_can_be_broken_off(store: DocumentStore) -> None:
    model, rules = Subjects(), _kept(store)
    model.fails_after = 2
    with pytest.raises(UserFacingError):
        prepare(store, model, lambda *_: None)
    assert store.vectors.counts() == (2, 3)
    model.fails_after = 10**9
    prepare(store, model, lambda *_: None)
    assert store.vectors.counts() == (3, 3) and len(model.read) == 3
    # WHEN another document comes
    more = _kept(store, "more.pdf", ("Leave. Write to Ms Sato.",))
    assert _pages(store, model, "Whom do I ask for leave?", rules, more) != []
    prepare(store, model, lambda *_: None)
    # THEN it alone is read
    assert len(model.read) == 4 and store.vectors.counts() == (4, 4)
    assert 1 in _pages(store, model, "年假问谁？", more)


def test_vectors_go_with_their_document_and_nothing_of_them_stays(store: DocumentStore) -> None:
    model, rules = Subjects(), _kept(store)
    prepare(store, model, lambda *_: None)
    (vector,) = store.connection.execute("SELECT vector FROM passage_vectors LIMIT 1").fetchone()
    assert vector in store.file.read_bytes() + store.file.with_name("documents.db-wal").read_bytes()
    store.remove(rules)
    assert store.vectors.counts() == (0, 0)
    assert store.connection.execute("SELECT count(*) FROM passage_vectors").fetchone() == (0,)
    store.close()
    assert vector not in store.file.read_bytes()


def test_vectors_of_another_model_are_forgotten(store: DocumentStore) -> None:
    _kept(store)
    prepare(store, Subjects("old"), lambda *_: None)
    model = Subjects("new")
    assert store.vectors.likeness(Meaning("new", vector_of("vacation"))) == {}
    prepare(store, model, lambda *_: None)
    assert len(model.read) == 3 and store.vectors.counts() == (3, 3)
    store.vectors.begin("")
    assert store.vectors.counts() == (0, 3) and store.vectors.levels("en") == {}


def test_a_model_that_fails_leaves_the_words(store: DocumentStore) -> None:
    model, rules = Subjects(), _kept(store)
    prepare(store, model, lambda *_: None)
    model.fails_after = 0
    assert _pages(store, model, "Who gets the report of a broken printer?", rules) == [3]


def test_many_products_at_once_are_those_one_by_one() -> None:
    source = random.Random(7)
    for width, count in ((1, 1), (3, 2), (384, 57), (4096, 3)):
        vectors = [bytes(source.randrange(256) for _ in range(width)) for _ in range(count)]
        vectors += [b"\x80" * width, b"\x7f" * width]
        for asked in (vectors[0], b"\x81" * width, b"\x7f" * width):
            numbers = memoryview(asked).cast("b")
            wanted = [sum(map(mul, numbers, memoryview(vector).cast("b"))) for vector in vectors]
            assert _products(asked, vectors) == wanted


def test_halves_are_cut_where_sentences_end_and_lose_nothing() -> None:
    short = "One sentence."
    assert halved(short) == (short,)
    long = " ".join(f"Sentence number {number} says little." for number in range(24))
    pieces = halved(long)
    assert len(pieces) == 2 and "".join(pieces) == long and all(piece.startswith("Sentence") for piece in pieces)
    assert all(weight_of(piece) <= 450 for piece in halved("猫" * 380) + halved("x" * 900))


def test_the_languages_of_questions_are_told_apart() -> None:
    assert all(language_of(question) == language for language, asked in FOREIGN.items() for question in asked)
    assert language_of("firmware=never是什么意思？") == "zh" and language_of("") == "en"
    assert level_of([0.5, 0.7]) == pytest.approx(0.75)


def test_a_file_of_an_older_catnap_gets_room_for_vectors(tmp_path: Path) -> None:
    with closing(DocumentStore(tmp_path / "documents.db")) as store:
        _kept(store)
        for what in ("TRIGGER passage_vectors_go", "TABLE passage_vectors", "TABLE passage_vectors_about"):
            store.connection.execute(f"DROP {what}")
    with closing(DocumentStore(tmp_path / "documents.db")) as store:
        prepare(store, Subjects(), lambda *_: None)
        assert store.vectors.counts() == (3, 3)


def test_the_database_may_be_in_any_hands(store: DocumentStore) -> None:
    rules = _kept(store)
    model = Subjects()
    prepare(store, model, lambda *_: None)
    # WHEN somebody has put nonsense there
    store.connection.execute("UPDATE passage_vectors SET vector = x'00'")
    # THEN it is found by its words
    assert _pages(store, model, "What about trains?", rules) == [2]
    assert isinstance(store.connection, sqlite3.Connection)


def test_a_level_is_one_for_each_language_of_passages(store: DocumentStore) -> None:
    # GIVEN a text in each language
    model, rules = Subjects(), _kept(store)
    chinese = _kept(store, "chinese.pdf", ("机器坏了请找田中。", "年假二十八天。"))
    # WHEN both were read THEN every pair of languages has a level
    prepare(store, model, lambda *_: None)
    assert {language: sorted(store.vectors.levels(language)) for language in FOREIGN} == {
        "en": ["en", "zh"],
        "zh": ["en", "zh"],
    }
    # AND a question finds what is about it in both
    found = store.find("How many holidays do I have?", [rules, chinese], None, 3, meaning_of("holidays", model))
    assert sorted((each.document_id == chinese, each.passage.part) for each in found) == [(False, 1), (True, 2)]
