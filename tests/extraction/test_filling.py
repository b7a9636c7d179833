"""A form filled in from documents: what is asked, what becomes of what cannot be read, and what a row says."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.common.errors import MessageTooLongError, UserFacingError
from desktop.documents.types import Document, DocumentKind, Note, NoteKind, Part, PartKind
from desktop.extraction.filling import Filler, FillingProgress, cut_off
from desktop.extraction.places import Place, place_of
from desktop.extraction.rows import Row, csv_of_rows, markdown_of_rows
from desktop.extraction.sources import Source
from desktop.structured.extraction import Finding
from desktop.structured.fields import parse_fields

FORM = parse_fields("name, total: number", "Bills")
SOURCE = Source(Path("a.txt"), "a.txt")


def document(text: str, *notes: Note) -> Document:
    return Document("a.txt", DocumentKind.TEXT, (Part(PartKind.WHOLE, 1, "", text),), notes)


def filled(answer: Callable[[str, str], str], text: str, *notes: Note, form: str = "name, total: number") -> Row:
    read = lambda _path, _show, _given_up: document(text, *notes)  # noqa: E731
    return Filler(parse_fields(form), answer, read=read).fill_in(SOURCE)


def test_values_come_from_the_answer_and_are_held_against_the_text() -> None:
    asked: list[str] = []

    def answer(question: str, schema: str) -> str:
        asked.append(question)
        assert list(json.loads(schema)["properties"]) == ["name", "total"]
        return '{"name": " Miller", "total": " 99 EUR"}'

    row = filled(answer, "Miller & Sons. Total: 12 EUR.", Note(NoteKind.PICTURES, "3"))
    assert asked == ["Extract name, total from this text as JSON.\n\nMiller & Sons. Total: 12 EUR."]
    assert {name: each.value for name, each in row.found.items()} == {"name": "Miller", "total": 99}
    assert row.not_found == ("total",) and row.error is None
    assert row.remarks == ("Pages that are pictures without text: 3.",)


def test_what_is_too_long_is_asked_about_in_parts_until_all_is_found() -> None:
    lengths: list[int] = []

    def answer(question: str, _schema: str) -> str:
        lengths.append(len(question))
        if len(question) > 1000:
            raise MessageTooLongError(len(question), 1000)
        return '{"name": " Miller", "total": " 12"}' if "Miller 12" in question else '{"name": " ", "total": " "}'

    row = filled(answer, "word " * 500 + "Miller 12. " + "word " * 5000)
    assert {name: each.value for name, each in row.found.items()} == {"name": "Miller", "total": 12}
    assert row.pieces > 1 and all(length <= 1000 for length in lengths[1:])
    assert len(lengths) < 10  # what comes behind is not asked about


@pytest.mark.parametrize(
    ("problem", "words"),
    [(cut_off(), "cut off"), (MessageTooLongError(100_000, 10), "leaves no room"), ("not JSON", "does not fit")],
)
def test_what_goes_wrong_is_a_row_with_its_sentence(problem: UserFacingError | str, words: str) -> None:
    def answer(_question: str, _schema: str) -> str:
        if isinstance(problem, str):
            return problem
        raise problem

    row = filled(answer, "word " * 500)
    assert words in row.error_words and not row.found


def test_a_document_that_cannot_be_read_is_one_too_and_nobody_is_asked() -> None:
    def read(_path: Path, _show: object, _given_up: threading.Event) -> Document:
        raise UserFacingError("It is locked.", "", "Unlock it.")

    def ask(_question: str, _schema: str) -> str:
        raise AssertionError

    row = Filler(FORM, ask, read=read).fill_in(SOURCE)
    assert row.error_words == "It is locked. Unlock it."


def test_progress_tells_reading_and_parts() -> None:
    seen: list[FillingProgress] = []
    read = lambda _path, _show, _given_up: document("Miller 12")  # noqa: E731
    Filler(FORM, lambda _q, _s: '{"name": " Miller", "total": " 12"}', read=read).fill_in(SOURCE, seen.append)
    assert seen == [FillingProgress(9, 1, 1)]


ROWS = (
    Row("=b.txt", {"name": Finding("@SUM(A1)", True), "total": Finding(-3, True)}, 1),
    Row("发票.txt", {"name": Finding('Say "hi",\nnow', False), "total": Finding(None)}, 2),
    Row("c.txt", error=UserFacingError("It is locked.")),
)


def test_the_file_is_one_that_a_spreadsheet_reads_as_it_was_meant() -> None:
    assert csv_of_rows(ROWS, FORM) == (
        "\ufeffdocument,name,total,not found in the text,remark,error\r\n"
        "'=b.txt,'@SUM(A1),-3,,,\r\n"
        '发票.txt,"Say ""hi"",\nnow",,name,read in 2 parts,\r\n'
        "c.txt,,,,,It is locked.\r\n"
    )


def test_the_same_as_markdown() -> None:
    assert markdown_of_rows(ROWS, FORM).splitlines() == [
        "| document | name | total | not found in the text | remark | error |",
        "| --- | --- | --- | --- | --- | --- |",
        "| =b.txt | @SUM(A1) | -3 |  |  |  |",
        '| 发票.txt | Say "hi", now |  | name | read in 2 parts |  |',
        "| c.txt |  |  |  |  | It is locked. |",
    ]
    assert markdown_of_rows(ROWS[:1], FORM).splitlines()[0] == "| document | name | total |"


@pytest.mark.parametrize(
    ("form", "written", "value", "text", "said"),
    [
        ("who", "Miller & Sons", "Miller & Sons", "From: **Miller &\nSons** Ltd.", "Miller &\nSons"),
        ("total: number", "1,250.40 EUR", 1250.4, "250.40, then 1.250,40 EUR", "1.250,40"),
        ("due: date", "2 May 2023", "2023-05-02", "Due 1 May 2023 or 2023-05-02", "2023-05-02"),
        ("金额：数字", "１２元", 12, "合计１２元", "１２元"),
        ("n: number", "12", 12, "2012 and 12", "12"),
        ("who", "Smith", "Smith", "Miller", None),
        ("state: choice(open|paid)", "open", "open", "open", None),
    ],
)
def test_where_a_document_says_a_value(
    form: str, written: str, value: str | float, text: str, said: str | None
) -> None:
    fields = parse_fields(form).fields
    row = Row("a.txt", {fields[0].name: Finding(value, True, written)})
    place = place_of(row, fields, document(text))
    assert (place and text[place.start : place.end]) == said
    assert place is None or place.part == 1


def test_the_first_value_that_is_found_is_shown() -> None:
    row = Row("a.txt", {"name": Finding("Smith", False, "Smith"), "total": Finding(12, True, "12")})
    assert place_of(row, FORM.fields, document("Miller: 12")) == Place(1, 8, 10)
