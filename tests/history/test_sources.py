"""What an answer was taken from, and what is thought of it: kept, carried out and in, and never believed."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from desktop.history.exchange.exporting import ExportFormat, pieces
from desktop.history.exchange.extent import Extent
from desktop.history.exchange.importing import import_file
from desktop.history.exchange.words import ExportWords
from desktop.history.records import MessageState
from desktop.history.sources import Source, Support, read_support, support_text
from desktop.history.store import History

SOURCES = (Source("d1", 3, 0, 120), Source("d2", 1, 40, 41))
MADE_UP = ("2.50", "Bartholomew")
SHAPE = '{"look": "table", "name": "账单", "fields": [{"name": "a", "kind": "text"}]}'
SUPPORT = Support(SOURCES, MADE_UP, SHAPE)


def answered(history: History) -> str:
    """Returns a conversation with an answer that names its sources and was found good."""
    conversation = history.create("About a document").id
    history.add_user_message(conversation, "Q")
    answer = history.add_answer(
        conversation, "A", thinking="", state=MessageState.COMPLETE, model="m", stats=None, support=SUPPORT
    )
    history.set_rating(answer.id, 1)
    return conversation


def told(history: History, conversation: str) -> list[tuple[Support, int]]:
    return [
        (Support(one.sources, one.not_in_the_text, one.shape), one.rating)
        for one in history.transcript(conversation).messages
    ]


def test_they_come_back_after_a_restart(history: History, tmp_path: Path) -> None:
    conversation = answered(history)
    history.close()
    with closing(History(tmp_path / "history.sqlite3")) as again:
        assert told(again, conversation) == [(Support(), 0), (SUPPORT, 1)]
        answer = again.transcript(conversation).messages[-1].id
        again.set_rating(answer, 0)
        assert told(again, conversation)[-1] == (SUPPORT, 0)


@pytest.mark.parametrize(
    "stored",
    [
        *("", "[", "null", "{}", "7", "[1, null, {}]", b"[]", 5, "[" * 100, "x" * 5_000),
        '[{"document": "", "part": 1, "start": 0, "end": 1}]',
        '[{"document": "d", "part": 0, "start": 0, "end": 1}]',
        '[{"document": "d", "part": 1, "start": 1, "end": 1}]',
        '[{"document": "d", "part": 1, "start": -1, "end": 1}]',
        '[{"document": "d", "part": true, "start": 0, "end": 1}]',
        '[{"document": "d", "part": 1, "start": 0, "end": 1e300}]',
    ],
)
def test_what_is_no_source_names_nothing(stored: object) -> None:
    assert read_support(stored) == Support()
    assert read_support(f'{{"sources": {stored}, "not_in_the_text": {stored}}}') == Support()


def test_more_than_an_answer_may_name_is_left_out() -> None:
    many = Support(tuple(Source("d", part, 0, 9) for part in range(1, 9)), tuple(map(str, range(20))))
    assert read_support(support_text(many)) == Support(
        tuple(Source("d", part, 0, 9) for part in (1, 2, 3)), tuple(map(str, range(8)))
    )
    assert support_text(Support()) is None


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ('[{"document": "d", "part": 1, "start": 0, "end": 9}]', Support((Source("d", 1, 0, 9),))),
        ('{"not_in_the_text": ["2.50"]}', Support((), ("2.50",))),
        ('{"not_in_the_text": ["", " ", "a\\n b", 7, null, "' + "x" * 61 + '", "a b"]}', Support((), ("a b",))),
        ('{"sources": {}, "not_in_the_text": "2.50"}', Support()),
        (f'{{"shape": {SHAPE}}}', Support(shape=SHAPE)),
        *((f'{{"shape": {odd}}}', Support()) for odd in ('"x"', "[]", "{}", "7", '{"a": "' + "x" * 200_000 + '"}')),
    ],
)
def test_what_another_catnap_has_kept_is_read_as_far_as_it_goes(stored: str, expected: Support) -> None:
    assert read_support(stored) == expected


def test_an_archive_keeps_them_on_the_way_to_another_computer(history: History, tmp_path: Path) -> None:
    # GIVEN an archive of a conversation
    conversation = answered(history)
    archive = "".join(pieces(history, [conversation], ExportFormat.JSON, ExportWords(), 0.0, Extent()))
    # WHEN another computer takes it in THEN nothing is missing, nothing is left aside
    with closing(History(tmp_path / "other.sqlite3")) as other:
        import_file(other, io.BytesIO(archive.encode()), 0.0)
        (found,) = other.conversations()
        assert told(other, found.id) == [(Support(), 0), (SUPPORT, 1)]
        assert "aside" not in json.loads(
            "".join(pieces(other, [found.id], ExportFormat.JSON, ExportWords(), 0.0, Extent()))
        )["conversations"][0]  # fmt: skip


def test_a_damaged_file_gives_them_up(history: History, tmp_path: Path) -> None:
    # GIVEN a history of which the head is lost
    conversation = answered(history)
    history.close()
    file = tmp_path / "history.sqlite3"
    content = bytearray(file.read_bytes())
    content[:50] = bytes(50)
    file.write_bytes(content)
    # THEN what was recovered has them
    with closing(History(file)) as again:
        assert again.load_problem is not None
        assert told(again, conversation) == [(Support(), 0), (SUPPORT, 1)]


def test_what_others_have_written_into_the_file_is_not_believed(history: History, tmp_path: Path) -> None:
    conversation = answered(history)
    with closing(sqlite3.connect(tmp_path / "history.sqlite3")) as other:
        other.execute("UPDATE messages SET sources = x'ff', rating = 'very good'")
        other.commit()
    assert told(history, conversation) == [(Support(), 0), (Support(), 0)]
