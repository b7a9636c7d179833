"""A form filled in from a document: what is believed, what is marked, how parts are put together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop.engine.schema.reading import read_schema
from desktop.structured.extraction import (
    Finding,
    extraction_question,
    extraction_schema,
    findings,
    is_filled_in,
    merged,
    pieces,
)
from desktop.structured.fields import parse_fields

FORM = parse_fields("name, total: number, date: date, paid: yes/no?, tags: list")
TEXT = "Invoice of Miller & Sons, 17 April 2023: 1,250.40 EUR. Tags: new, paid."


def test_values_are_read_by_code_and_looked_for_in_the_text() -> None:
    answer = {
        "name": " Miller & Sons", "total": " 1,250.40 EUR", "date": " 17 April 2023", "paid": None, "tags": [" new"]
    }  # fmt: skip
    found = findings(FORM, answer, TEXT)  # type: ignore[arg-type]
    assert found == {
        "name": Finding("Miller & Sons", True),
        "total": Finding(1250.4, True),
        "date": Finding("2023-04-17", True),
        "paid": Finding(None, None),
        "tags": Finding(["new"], True),
    }


def test_what_the_model_invents_is_kept_and_marked() -> None:
    found = findings(FORM, {"name": " Smith", "total": " much", "date": " 1 May 1999", "tags": []}, TEXT)
    assert found["name"] == Finding("Smith", in_text=False)
    assert found["total"] == Finding("much", in_text=False)
    assert found["date"] == Finding("1999-05-01", in_text=False)
    assert not is_filled_in(found)


def test_of_two_parts_the_first_that_says_it_wins() -> None:
    first = findings(FORM, {"name": " Smith", "total": " 12", "date": "", "tags": [" new"]}, "12 new")
    then = findings(
        FORM, {"name": " Miller", "total": " 13", "date": " 2 May 2023", "tags": []}, "Miller 13 2 May 2023"
    )
    found = merged(FORM, first, then)
    assert {name: each.value for name, each in found.items()} == {
        "name": "Miller", "total": 12, "date": "2023-05-02", "paid": None, "tags": ["new"]
    }  # fmt: skip


def test_the_schema_can_be_kept_to_and_the_question_is_in_the_language_of_the_form() -> None:
    schema = read_schema(extraction_schema(FORM))
    assert (schema.checked, schema.ignored) == ((), ())
    assert extraction_question(FORM, TEXT).startswith("Extract name, total, date")
    assert extraction_question(parse_fields("\u59d3\u540d"), TEXT).startswith("\u8bf7")


@given(st.text(alphabet="ab \n.\u3002", max_size=200), st.integers(1, 50))
def test_pieces_hold_everything_and_are_short(text: str, most: int) -> None:
    found = pieces(text, most)
    assert all(0 < len(each) <= most for each in found)
    assert "".join("".join(found).split()) == "".join(text.split())
