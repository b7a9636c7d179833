"""An answer is checked as the reference implementation of JSON Schema would, within what Catnap lets a schema ask."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

from desktop.engine.schema.checking import InvalidAnswerError, check_value, parse_answer
from desktop.engine.schema.reading import ANY_OBJECT, SchemaError, read_schema

_TEXTS = st.text(alphabet="ab1\u4e2d", max_size=4)
_SCALARS = st.none() | st.booleans() | st.integers(-6, 6) | st.sampled_from([0.5, 1.0, -2.25]) | _TEXTS
_DATES = st.sampled_from(["2024-02-29", "2023-02-29", "2023-2-9", "x", "20230209", "2023-06-31"])
_VALUES = st.recursive(
    _SCALARS | _DATES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


def _optional(**parts: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=parts)


def _typed(kind: str, keywords: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return keywords.map(lambda found: {"type": kind, **found})


_LIMITS = _optional(
    minimum=st.integers(-3, 0), maximum=st.integers(1, 5), exclusiveMinimum=st.just(-1), exclusiveMaximum=st.just(2.5),
    multipleOf=st.sampled_from([2, 0.5, 0.1]),
)  # fmt: skip
_LEAVES = st.one_of(
    _typed("string", _optional(minLength=st.integers(0, 2), maxLength=st.integers(2, 4))),
    st.just({"type": "string", "format": "date"}),
    _typed("integer", _LIMITS),
    _typed("number", _LIMITS),
    st.just({"type": ["boolean", "null"]}),
    st.lists(_SCALARS, min_size=1, max_size=4).map(lambda values: {"enum": values}),
    _SCALARS.map(lambda value: {"const": value}),
)


def _composed(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    lists = _optional(minItems=st.integers(0, 1), maxItems=st.integers(1, 3), uniqueItems=st.booleans())
    names = st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=3)
    return st.one_of(
        st.tuples(inner, lists).map(lambda pair: {"type": "array", "items": pair[0], **pair[1]}),
        names.flatmap(
            lambda found: st.lists(st.sampled_from(sorted(found)), unique=True).map(
                lambda required: {
                    "type": "object", "properties": found, "required": required, "additionalProperties": False
                }
            )
        ),
        st.tuples(st.sampled_from(["anyOf", "oneOf"]), st.lists(inner, min_size=1, max_size=3)).map(
            lambda pair: {pair[0]: pair[1]}
        ),
    )  # fmt: skip


_SCHEMAS = st.recursive(_LEAVES, _composed, max_leaves=5)


@given(_SCHEMAS, _VALUES)
def test_it_decides_as_the_reference_implementation_does(schema: dict[str, Any], value: Any) -> None:
    read = read_schema(json.dumps(schema))
    reference = Draft202012Validator(schema, format_checker=FormatChecker(("date",)))
    try:
        check_value(value, read.root)
        fits = True
    except InvalidAnswerError:
        fits = False
    assert fits == reference.is_valid(value)


@given(st.recursive(_SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(
    ["type", "properties", "items", "enum", "anyOf", "$ref", "a", "required", "maxLength", "format", "minimum"]
), inner), max_leaves=12))  # fmt: skip
def test_any_json_is_a_schema_or_a_sentence(schema: Any) -> None:
    try:
        read_schema(json.dumps(schema))
    except SchemaError as problem:
        assert str(problem)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 1', "no JSON"),
        ('{"a": 1} and more', "no JSON"),
        ('{"a": 1, "a": 2}', "no JSON"),
        ('{"a": "x"}', r"\$\.a: x does not fit"),
        ('{"a": 1, "b": 2}', "nobody asked for b"),
        ("{}", "a is missing"),
        ("[]", "does not fit"),
    ],
)
def test_what_does_not_fit_is_said_with_its_place(text: str, words: str) -> None:
    schema = read_schema('{"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}')
    assert parse_answer('{"a": 1}', schema) == {"a": 1}
    with pytest.raises(InvalidAnswerError, match=words):
        parse_answer(text, schema)


@pytest.mark.parametrize(
    ("form", "good", "bad"),
    [
        ("time", "23:59:00Z", "24:00:00Z"),
        ("date-time", "2024-02-29T08:00:00+01:00", "2023-02-29T08:00:00Z"),
        ("uuid", "01234567-89ab-cdef-0123-456789abcdef", "0123"),
    ],
)
def test_forms(form: str, good: str, bad: str) -> None:
    node = read_schema(json.dumps({"type": "string", "format": form})).root
    check_value(good, node)
    with pytest.raises(InvalidAnswerError):
        check_value(bad, node)


def test_any_object_is_one_and_nothing_else_is() -> None:
    schema = read_schema(ANY_OBJECT)
    assert parse_answer('{"a": [1, {"b": null}]}', schema) == {"a": [1, {"b": None}]}
    for other in ("[]", "1", "null", '"a"'):
        with pytest.raises(InvalidAnswerError):
            parse_answer(other, schema)
