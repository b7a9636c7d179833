"""What is found in documents, and what is not."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.documents.passages import index as index_module
from desktop.documents.passages.index import PassageIndex
from desktop.documents.passages.passage import Passage
from desktop.documents.passages.splitting import split_into_passages
from desktop.documents.types import Document, DocumentKind, Part, PartKind

_HANDBOOK = (
    "Working hours. We work from nine to five. Lunch is at noon and takes half an hour.",
    "Vacations. Everybody has 28 days of vacation a year. They must be taken before the end of March.",
    "Travelling. Tickets for trains are paid by the company in second class. Flights need a signature.",
    "Machines. A broken printer is reported to Ms Tanaka, phone 4711. Never open the printer yourself.",
)
_CHINESE_HANDBOOK = (
    "工作时间。我们从九点工作到十七点，中午休息半小时。",
    "年假。每位员工每年有二十八天假期，必须在次年三月底之前休完。",
    "出差。火车票按二等座报销，机票需要领导签字。",
    "设备。打印机坏了请联系田中，电话4711，请不要自行打开打印机。",
)


def _document(texts: tuple[str, ...]) -> Document:
    parts = tuple(Part(PartKind.PAGE, number, "", text) for number, text in enumerate(texts, start=1))
    return Document("handbook.pdf", DocumentKind.PDF, parts)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(tmp_path / "documents.db", isolation_level=None)
    yield connection
    connection.close()


@pytest.fixture
def index(connection: sqlite3.Connection) -> PassageIndex:
    index = PassageIndex(connection)
    index.add("en", split_into_passages(_document(_HANDBOOK)))
    index.add("zh", split_into_passages(_document(_CHINESE_HANDBOOK)))
    return index


@pytest.mark.parametrize(
    ("question", "page"),
    [
        ("How many days of vacation do I get?", 2),
        ("When is lunch?", 1),
        ("Who repairs the printers?", 4),
        ("Does the company pay for a train ticket?", 3),
        ("年假有多少天？", 2),
        ("打印机坏了怎么办？", 4),
        ("火车票怎么报销？", 3),
    ],
)
def test_a_question_finds_the_page_that_answers_it(index: PassageIndex, question: str, page: int) -> None:
    best, *_ = index.find(question, ["en", "zh"])
    assert best.passage.part == page
    texts = _HANDBOOK if best.document_id == "en" else _CHINESE_HANDBOOK
    assert texts[page - 1][best.passage.start : best.passage.end] == best.passage.text


@pytest.mark.parametrize(
    "question", ["What is the capital of Italy?", "How do I bake bread?", "公司的股票代码是多少？", "", "?!"]
)
def test_what_is_not_in_the_documents_finds_nothing(index: PassageIndex, question: str) -> None:
    assert index.find(question, ["en", "zh"]) == ()


def test_only_documents_and_parts_that_are_meant_are_asked(index: PassageIndex) -> None:
    question = "Who repairs the printer?"
    assert {found.document_id for found in index.find(question, ["en"])} == {"en"}
    assert index.find(question, ["zh"]) == index.find(question, []) == index.find(question, ["nobody"]) == ()
    assert index.find(question, ["en"], parts=[1, 2]) == ()
    assert [found.passage.part for found in index.find(question, ["en"], parts=(4,))] == [4]


def test_no_more_than_wanted_best_first(index: PassageIndex) -> None:
    found = index.find("company printer", ["en"], limit=2)
    assert len(found) <= 2 and [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    assert len(index.find("company printer", ["en"], limit=1)) == 1


@pytest.mark.parametrize(
    ("answer", "document", "page"),
    [
        ("You have 28 days a year.", "en", 2),
        ("Ms Tanaka, phone 4711.", "en", 4),
        ("每年二十八天。", "zh", 2),
        ("请联系田中，电话4711。", "zh", 4),
    ],
)
def test_the_page_that_an_answer_was_taken_from(index: PassageIndex, answer: str, document: str, page: int) -> None:
    best, *_ = index.support(answer, ["en", "zh"])
    assert (best.document_id, best.passage.part) == (document, page)


@pytest.mark.parametrize("answer", ["The capital of Italy is Rome.", "The text does not say it.", "文中没有提到。"])
def test_an_answer_from_nowhere_is_supported_by_nothing(index: PassageIndex, answer: str) -> None:
    assert index.support(answer, ["en", "zh"]) == ()


def test_a_word_in_every_passage_is_found_all_the_same(connection: sqlite3.Connection) -> None:
    # GIVEN a document of one passage, of which SQLite's own weights know no rare word
    index = PassageIndex(connection)
    index.add("note", [Passage(1, 0, 30, "The cat is called Minka.")])
    # THEN what it says is found, and what it does not say is not
    assert index.find("What is the cat called?", ["note"])
    assert not index.find("What is the dog eating?", ["note"])


def test_adding_again_replaces(index: PassageIndex) -> None:
    index.add("en", [Passage(7, 0, 9, "Lunch is at two.")])
    assert [found.passage.part for found in index.find("When is lunch?", ["en"])] == [7]
    assert index.find("How many days of vacation?", ["en"]) == ()


def test_what_is_removed_is_gone_from_the_file(
    index: PassageIndex, connection: sqlite3.Connection, tmp_path: Path
) -> None:
    connection.execute("PRAGMA secure_delete = ON")
    index.remove("en")
    assert not index.has("en") and index.has("zh")
    assert index.find("Who repairs the printer?", ["en", "zh"]) == ()
    assert index.find("打印机坏了怎么办？", ["zh"])
    connection.execute("VACUUM")
    content = (tmp_path / "documents.db").read_bytes()
    assert b"Tanaka" not in content and b"tanaka" not in content and "田中".encode() in content
    index.remove("en")  # it is not there any more, which nobody minds


def test_a_change_that_fails_leaves_all_as_it_was(index: PassageIndex) -> None:
    def broken() -> Iterator[Passage]:
        yield Passage(1, 0, 4, "Fish")
        raise OSError

    with pytest.raises(OSError):
        index.add("en", broken())
    assert index.find("Who repairs the printer?", ["en"])


def test_other_rules_make_the_index_anew(
    connection: sqlite3.Connection, index: PassageIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN an index that was made by other rules
    connection.execute("INSERT INTO passage_words (passage_words) VALUES ('delete-all')")
    assert index.find("When is lunch?", ["en"]) == ()
    monkeypatch.setattr(index_module, "_RULES", 99)
    # WHEN it is opened by this program
    again = PassageIndex(connection)
    # THEN everything is found
    assert again.find("When is lunch?", ["en"])
    again.remove("en")
    assert again.find("When is lunch?", ["en"]) == ()


def test_a_long_text_as_a_question_is_no_trouble(index: PassageIndex) -> None:
    index.find("word " * 20_000 + "猫狗" * 20_000, ["en"])
    index.support('"quoted" AND (NOT NEAR) * ^ : {} ' * 1000, ["en"])
