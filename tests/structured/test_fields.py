"""Forms for people: typed in a line, kept as a JSON Schema, and back."""

from __future__ import annotations

import json

import pytest

from desktop.common.errors import UserFacingError
from desktop.engine.schema.reading import read_schema
from desktop.structured.fields import Field, FieldKind, Form, checked_form, form_of_schema, parse_fields, schema_of


def test_fields_in_a_line() -> None:
    form = parse_fields("name, amount: number, paid:yes/no; due : date?, state: choice(open|paid, late), tags:list?")
    assert form.fields == (
        Field("name"),
        Field("amount", FieldKind.NUMBER),
        Field("paid", FieldKind.YES_NO),
        Field("due", FieldKind.DATE, optional=True),
        Field("state", FieldKind.CHOICE, ("open", "paid", "late")),
        Field("tags", FieldKind.LIST, optional=True),
    )


def test_fields_in_lines_and_in_chinese() -> None:
    form = parse_fields(
        "\u59d3\u540d\uff1a\u6587\u5b57\n\u91d1\u989d\uff1a\u6570\u5b57\uff1f\n\n\u72b6\u6001\uff1a\u9009\u62e9\uff08\u672a\u4ed8\u3001\u5df2\u4ed8\uff09"
    )
    assert form.fields == (
        Field("\u59d3\u540d"),
        Field("\u91d1\u989d", FieldKind.NUMBER, optional=True),
        Field("\u72b6\u6001", FieldKind.CHOICE, ("\u672a\u4ed8", "\u5df2\u4ed8")),
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no field"),
        (" , ,", "no field"),
        ("a: colour", "a: colour is no field"),
        ("a: text: text", "is no field"),
        ("a, A", "two fields with the name A"),
        ("a: choice", "between 2 and"),
        ("a: choice(x|x)", "between 2 and"),
        (", ".join(f"f{number}" for number in range(41)), "more than 40"),
        ("n" * 81, "up to 80"),
        ('{"type": "string"}', "no form"),
        ('{"properties": {"a": {"properties": {"b": {"type": "null"}}}}}', "no form: a"),
        ("{", "JSON"),
        ("x" * 200_000, "more than 40"),
    ],
)
def test_what_is_no_form_is_a_sentence_with_a_remedy(text: str, words: str) -> None:
    with pytest.raises(UserFacingError, match=words):
        parse_fields(text)


@pytest.mark.parametrize("many", [False, True])
def test_a_form_is_a_schema_and_back(many: bool) -> None:
    kinds = [kind for kind in FieldKind if kind is not FieldKind.CHOICE]
    fields = [Field(f"\u540d {kind.value}", kind, (), number % 2 == 0, "a hint") for number, kind in enumerate(kinds)]
    form = checked_form(Form("Test", (*fields, Field("c", FieldKind.CHOICE, ("a", '"b"'), True)), many))
    text = schema_of(form)
    assert form_of_schema(text, "Test") == form
    assert read_schema(text).ignored == read_schema(text).checked == ()
    assert json.loads(text)
