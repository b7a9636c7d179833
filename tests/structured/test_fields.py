"""Forms for people: typed in a line, kept as a JSON Schema, and back."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desktop.common.errors import UserFacingError
from desktop.engine.schema.reading import read_schema
from desktop.structured.entries import shape_of_text, shape_text
from desktop.structured.extraction import extraction_question, extraction_schema
from desktop.structured.fields import (
    MOST_FIELDS,
    Field,
    FieldKind,
    Form,
    checked_form,
    form_of_schema,
    join_choices,
    parse_fields,
    schema_of,
    split_choices,
)
from desktop.structured.shape import AnswerShape, Look


def test_fields_in_a_line() -> None:
    form = parse_fields("name, amount: number, paid:yes/no; due : date?, state: choice(open|paid|late), tags:list?")
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


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("state: choice(yes, please|no, thanks)", (Field("state", FieldKind.CHOICE, ("yes, please", "no, thanks")),)),
        ("speed: choice(km/h, mph)", (Field("speed", FieldKind.CHOICE, ("km/h", "mph")),)),
        ("paid: choice(yes / no)", (Field("paid", FieldKind.CHOICE, ("yes", "no")),)),
        ("tags: list(text)", (Field("tags", FieldKind.LIST),)),
        ("due?: date", (Field("due", FieldKind.DATE, optional=True),)),
        ('"name": text, "price (EUR)": number', (Field("name"), Field("price (EUR)", FieldKind.NUMBER))),
        ("a\u202eb, c\u200dd, e\ud83df", (Field("ab"), Field("c\u200dd"), Field("e\ufffdf"))),
        ('the "real" name, {0}, =SUM(A1), __proto__', (
            Field('the "real" name'), Field("{0}"), Field("=SUM(A1)"), Field("__proto__")
        )),
    ],
)  # fmt: skip
def test_odd_fields_are_taken_as_they_were_meant(text: str, fields: tuple[Field, ...]) -> None:
    assert parse_fields(text).fields == fields


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("n: number(1-5)", "only a choice has values"),
        ("rows: list(name|age)", "only a choice has values"),
        ("?", "A field needs a name"),
        ("\u200d", "A field needs a name"),
        ("amount, \uff41mount", "two fields"),
        ("caf\u00e9, cafe\u0301", "two fields"),
        ("due  date, due\u3000date", "two fields"),
        (f"a: choice({'x' * 81}|y)", "up to 80"),
        (", ".join(f"f{at}: choice({'|'.join(map(str, range(40)))})" for at in range(4)), "more than 120 values"),
        (
            '{"properties": {"a": {"type": "array", "items": {"type": "array", "items": {"type": "string"}}}}}',
            "no form",
        ),
    ],
)
def test_odd_fields_that_nobody_could_fill_in_are_a_sentence(text: str, words: str) -> None:
    with pytest.raises(UserFacingError, match=words):
        parse_fields(text)


_NAMES = st.text(max_size=30)


@given(
    st.lists(
        st.builds(
            Field, _NAMES, st.sampled_from(FieldKind), st.lists(_NAMES, max_size=45).map(tuple), st.booleans(), _NAMES
        ),
        max_size=42,
    ),
    _NAMES,
    st.booleans(),
)
@example([Field("0", FieldKind.TEXT)], "0 \ud7fc\x850", False)
@example([Field("a \u202e\u0301", FieldKind.TEXT, (), False, f"{'h' * 199} h")], "", False)
def test_a_form_that_is_taken_can_be_asked_for_kept_and_written_down(
    fields: list[Field], name: str, many: bool
) -> None:
    try:
        form = checked_form(Form(name, tuple(fields), many))
    except UserFacingError:
        return
    assert checked_form(form) == form
    for look in Look:
        shape = AnswerShape(form, look)
        assert read_schema(shape.schema).ignored == ()
        assert shape.question("Who?").startswith("Who?")
        assert shape_of_text(shape_text(shape)) == shape
    assert read_schema(extraction_schema(form)).ignored == ()
    json.dumps(extraction_question(form, "x")).encode()


def test_the_largest_form_can_be_asked_for() -> None:
    fields = [Field(f"{at}" + "\u5b57" * 70, FieldKind.TEXT, (), True, "h" * 200) for at in range(MOST_FIELDS - 4)]
    values = [tuple(f"{at}-{number}" + "\u5b57" * 70 for number in range(30)) for at in range(4)]
    form = checked_form(
        Form("F", (*fields, *(Field(str(at), FieldKind.CHOICE, each, True) for at, each in enumerate(values))))
    )
    for look in Look:
        shape = AnswerShape(form, look)
        read_schema(shape.schema)
        assert shape_of_text(shape_text(shape)) == shape
    read_schema(extraction_schema(form))


@pytest.mark.parametrize(
    "choices", [("open", "paid"), ("yes, please", "no"), ("\u662f\uff0c\u597d", "\u5426"), ("km/h", "mph")]
)
def test_choices_are_read_as_they_are_shown(choices: tuple[str, ...]) -> None:
    assert split_choices(join_choices(choices)) == choices
