"""Answers as tables, forms and CSV files."""

from __future__ import annotations

import csv
import io

import pytest

from desktop.engine.schema.nodes import Value
from desktop.structured.fields import Field, FieldKind, Form
from desktop.structured.tables import csv_cell, csv_of, csv_text, markdown_form, markdown_json, markdown_table

FORM = Form("Bills", (Field("name"), Field("amount", FieldKind.NUMBER), Field("paid", FieldKind.YES_NO)), many=True)
VALUE: Value = [
    {"name": "A|B\nC", "amount": 12.0, "paid": True},
    {"name": '=HYPERLINK("x")', "amount": -3.5, "paid": None},
]


def test_a_table_stays_a_table() -> None:
    assert markdown_table(VALUE, FORM).splitlines() == [
        "| name | amount | paid |",
        "| --- | --- | --- |",
        "| A\\|B C | 12 | \u2713 |",
        '| =HYPERLINK("x") | -3.5 |  |',
    ]


def test_a_form_shows_words_as_they_are() -> None:
    shown = markdown_form({"name": "*a* <b>", "amount": 1, "paid": False}, Form("", FORM.fields))
    assert shown.splitlines() == ["- **name**: \\*a\\* \\<b\\>", "- **amount**: 1", "- **paid**: \u2717"]


def test_json_in_a_block_of_its_own() -> None:
    assert markdown_json({"\u540d": "```"}).startswith("````json\n{")
    assert "\u540d" in markdown_json({"\u540d": 1})


def test_csv_opens_as_it_was_meant() -> None:
    text = csv_of(VALUE, FORM)
    assert text.startswith("\ufeffname,amount,paid\r\n")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert rows[1:] == [["A|B\nC", "12", "true"], ['\'=HYPERLINK("x")', "-3.5", ""]]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "  =", "\uff1d", "\uff0b", "\uff20"])
def test_no_text_is_a_formula(start: str) -> None:
    assert csv_cell(f"{start}cmd|' /C calc'!A0").startswith("'")
    assert csv_cell([f"{start}1"]).startswith("'")


def test_what_is_no_formula_stays() -> None:
    values: tuple[Value, ...] = (-3, 1e20, "a=b", None, ["a", "b"], False)
    assert [csv_cell(value) for value in values] == ["-3", "1e+20", "a=b", "", "a; b", "false"]
    assert csv_text([['a "b"', "c,d", "e\r\nf"]]) == '"a ""b""","c,d","e\r\nf"\r\n'
