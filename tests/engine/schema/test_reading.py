"""A JSON Schema becomes a bounded tree; what cannot be kept, or is too much, is a sentence that names it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from desktop.engine.schema.nodes import ChoiceNode, EitherNode, ListNode, NumberNode, ObjectNode, TextNode, inner_nodes
from desktop.engine.schema.reading import MOST_ITEMS, MOST_TEXT, USUAL_ITEMS, USUAL_TEXT, SchemaError, read_schema

_PERSON: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "age": {"type": "integer", "minimum": 0},
        "\u57ce\u5e02": {"enum": ["\u5317\u4eac", "\u4e0a\u6d77"]},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 10}},
        "married": {"type": ["boolean", "null"]},
    },
    "required": ["name", "\u57ce\u5e02"],
}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def _message(schema: object) -> str:
    with pytest.raises(SchemaError) as caught:
        read_schema(schema if isinstance(schema, str) else json.dumps(schema))
    assert caught.value.title == "This JSON Schema cannot be used."
    return str(caught.value)


def test_every_text_and_list_is_bounded() -> None:
    root = read_schema(json.dumps(_PERSON)).root
    assert isinstance(root, ObjectNode)
    name, age, city, tags, married = root.members
    assert name.node == TextNode(0, USUAL_TEXT)
    assert age.node == NumberNode(whole=True, minimum=0)
    assert city.node == ChoiceNode(("\u5317\u4eac", "\u4e0a\u6d77"))
    assert tags.node == ListNode(TextNode(0, 10), 0, USUAL_ITEMS)
    assert married.node == EitherNode((ChoiceNode((True, False)), ChoiceNode((None,))))
    assert [member.required for member in root.members] == [True, False, True, False, False]


def test_longer_limits_are_cut_to_ours() -> None:
    schema = _object(a={"type": "string", "maxLength": 10**9}, b={"items": {"type": "null"}, "maxItems": 10**9})
    texts = [node for node in inner_nodes(read_schema(json.dumps(schema)).root) if isinstance(node, TextNode)]
    lists = [node for node in inner_nodes(read_schema(json.dumps(schema)).root) if isinstance(node, ListNode)]
    assert (texts[0].most, lists[0].most) == (MOST_TEXT, MOST_ITEMS)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("{", "no JSON"),
        ('{"type": "object", "type": "string"}', "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[]", "#: list"),
        ("true", "#: true, false"),
        ("{}", "no type that is known"),
        ({"type": "text"}, "no type that is known"),
        ({"type": {}}, "no type that is known"),
        ({"type": []}, "#: type"),
        ({"type": "object"}, "must say which fields"),
        ({"type": "object", "properties": {}}, "must say which fields"),
        ({"type": "array"}, "must say what its items are"),
        (_object(a={"type": "string", "pattern": "(a+)+$"}), "#/properties/a: Catnap cannot keep to pattern"),
        (_object(a={"not": {"type": "string"}}), "cannot keep to not"),
        (_object(a={"if": {}, "then": {}}), "cannot keep to if, then"),
        (_object(a={"allOf": [{"type": "string"}, {"type": "string"}]}), "cannot keep to allOf"),
        (_object(a={"anyOf": [{"type": "string"}], "maxLength": 4}), "cannot keep to anyOf, maxLength"),
        (_object(a={"$ref": "https://example.org/schema"}), "another file, https://example.org/schema"),
        (_object(a={"$ref": "#/nowhere"}), "#/nowhere is nowhere"),
        (_object(a={"$ref": 3}), "another file, 3"),
        (_object(a={"type": "string", "minLength": 5, "maxLength": 4}), "minLength > 4"),
        (_object(a={"type": "string", "maxLength": -1}), "maxLength"),
        (_object(a={"type": "string", "maxLength": "4"}), "maxLength"),
        (_object(a={"type": "string", "minLength": 10**9}), "minLength > 2,000"),
        (_object(a={"type": "integer", "minimum": 2, "maximum": 1}), "2 > 1"),
        (_object(a={"type": "integer", "minimum": True}), "minimum"),
        (_object(a={"type": "number", "multipleOf": 0}), "multipleOf"),
        (_object(a={"enum": []}), "enum"),
        (_object(a={"enum": [["a"]]}), "texts and numbers only"),
        (_object(a={"enum": ["\ud800"]}), "texts and numbers only"),
        (_object(a={"type": "integer", "enum": ["a"]}), "enum, type"),
        ({**_object(a={"type": "null"}), "required": ["b"]}, "required: b"),
        ({**_object(a={"type": "null"}), "required": "a"}, "required"),
        (_object(**{"\ud800": {"type": "null"}}), "?"),
        (_object(**{"n" * 201: {"type": "null"}}), "nnn"),
        ({"$ref": "#"}, "without end"),
        ({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}, "without end"),
        ({**_object(a={"$ref": "#"}), "required": ["a"]}, "without end"),
    ],
)
def test_what_cannot_be_used_is_said_by_name(schema: object, words: str) -> None:
    assert words in _message(schema)


@pytest.mark.parametrize(
    "schema",
    [
        _object(**{f"f{n}": {"type": "null"} for n in range(1_000)}),
        {"enum": list(range(1_000))},
        {"anyOf": [{"type": "null"}] * 1_000},
        _object(**{f"f{n}": {"type": "string", "maxLength": 1_000 + n} for n in range(200)}),
        # Each level of it is two of the one below.
        {
            **_object(a={"$ref": "#/$defs/d0"}),
            "$defs": {
                **{
                    f"d{n}": _object(a={"$ref": f"#/$defs/d{n + 1}"}, b={"$ref": f"#/$defs/d{n + 1}"})
                    for n in range(40)
                },
                "d40": {"type": "null"},
            },
        },
        {"$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}] * 50}}, "$ref": "#/$defs/a"},
        "9" * 200_000,
    ],
    ids=["fields", "values", "alternatives", "texts", "doubling", "recursive", "long"],
)
def test_too_much_is_refused_at_once(schema: object) -> None:
    text = schema if isinstance(schema, str) else json.dumps(schema)
    assert _message(text)  # of what doubles with every level, nobody would live to see the end


def test_a_schema_that_nests_without_end_is_cut_where_it_can_be() -> None:
    # GIVEN a tree, whose branches are trees
    tree = {
        **_object(name={"type": "string"}, branches={"type": "array", "items": {"$ref": "#"}}),
        "required": ["name"],
    }
    # WHEN it is read
    root = read_schema(json.dumps(tree)).root
    # THEN the innermost list is empty
    lists = [node for node in inner_nodes(root) if isinstance(node, ListNode)]
    assert [each.most for each in lists][-1] == 0
    assert len(lists) > 2


def test_what_is_only_checked_afterwards_or_ignored_is_named() -> None:
    schema = _object(
        a={"type": "string", "format": "email"},
        b={"type": "number", "multipleOf": 0.5},
        c={"type": "array", "items": {"type": "null"}, "uniqueItems": True},
        d={"type": "string", "x-order": 3, "description": "said"},
        e={"oneOf": [{"type": "string"}, {"type": "integer"}]},
        f={"type": "string", "minimum": 3},
        g={"type": "number", "minimum": 0.2, "maximum": 0.8},
    )
    read = read_schema(json.dumps(schema))
    assert read.checked == ("multipleOf", "uniqueItems", "oneOf", "minimum")
    assert read.ignored == ("format: email", "x-order")


def test_references_and_names_may_be_of_any_script() -> None:
    schema = {**_object(a={"$ref": "#/definitions/a~1b%20\u540d"}), "definitions": {"a/b \u540d": {"type": "null"}}}
    assert read_schema(json.dumps(schema)).root == read_schema(json.dumps(_object(a={"type": "null"}))).root
