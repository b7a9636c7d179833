"""The grammar of a schema lets through what is JSON and fits, byte by byte, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.common.errors import UserFacingError
from desktop.engine.llama import bindings
from desktop.engine.llama.bindings import Native
from desktop.engine.llama.grammar import Grammar, grammar_of
from desktop.engine.llama.number_grammar import number_rule
from desktop.engine.llama.session import Session
from desktop.engine.schema.nodes import NumberNode
from desktop.engine.schema.numbers import is_within, whole_limits
from desktop.engine.schema.reading import ANY_OBJECT, read_schema
from tests.support.opened_session import opened


@pytest.fixture(scope="module")
def native() -> Native:
    return bindings.load()


@pytest.fixture(scope="module")
def session(native: Native, tiny_model: Path) -> Iterator[Session]:
    with opened(native, tiny_model) as session:
        yield session


def _lets_through(native: Native, session: Session, schema: dict[str, Any], content: bytes) -> bool:
    """Tells whether bytes are a whole answer; the vocabulary has a token for each byte."""
    tokenizer = session.model.tokenizer
    end = next(token for token in range(tokenizer.size) if tokenizer.is_end(token))
    by_piece = {tokenizer.piece(token): token for token in range(tokenizer.size)}
    grammar = Grammar(native, tokenizer, grammar_of(read_schema(json.dumps(schema))))
    try:
        for byte in content:
            token = by_piece[bytes([byte])]
            if not grammar.allows(token):
                return False
            grammar.accept(token)
        return grammar.allows(end)
    finally:
        grammar.close()


def _object(others: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    members = {**(others or {}), **properties}
    return {"type": "object", "properties": members, "required": list(members)}


_ANY = json.loads(ANY_OBJECT)
_STRING = _object(a={"type": "string", "maxLength": 6})


@pytest.mark.parametrize(
    ("schema", "text", "expected"),
    [
        (_STRING, '{"a":"b"}', True),
        (_STRING, '{ "a": "b" }', True),
        (_STRING, '{"a":"b"', False),
        (_STRING, '{"a":"b"}}', False),
        (_STRING, '{"a":"1234567"}', False),
        (_STRING, '{"a":"\u4e2d\u6587\U0001f431"}', True),
        (_STRING, '{"a":"1\n2"}', False),
        (_STRING, '{"a":"1\x002"}', False),
        (_STRING, '{"a":"1\\n2"}', True),
        (_STRING, '{"a":"\\u4e2d"}', True),
        (_STRING, '{"a":"\\ud83d"}', False),
        (_STRING, '{"a":"\\x41"}', False),
        (_STRING, '{"b":"b"}', False),
        (_STRING, "{}", False),
        (_object({'q"u\\o\nte': {"type": "null"}}), json.dumps({'q"u\\o\nte': None}), True),
        (_object({"\u540d\u79f0": {"type": "null"}, "\u540d\u5b57": {"type": "boolean"}}),
         '{"\u540d\u79f0":null,"\u540d\u5b57":true}', True),
        (_object({"\U0001f431": {"enum": ["\U0001f431", 'a"b', "1\n"]}}), '{"\U0001f431":"\U0001f431"}', True),
        (_object(a={"enum": ["1\n", 'a"b', "\\"]}), json.dumps({"a": 'a"b'}), True),
        (_object(a={"enum": ["1\n", 'a"b', "\\"]}), json.dumps({"a": "1\n"}), True),
        (_object(a={"enum": ["1\n", 'a"b', "\\"]}), json.dumps({"a": "\\"}), True),
        (_object(a={"enum": ["1\n"]}), '{"a":"1\n"}', False),
        # Names that the library has rules of its own for.
        (_object(string={"type": "null"}, space={"type": "null"}, char={"type": "null"}, n0={"const": 1}),
         '{"string":null,"space":null,"char":null,"n0":1}', True),
        ({"type": "object", "properties": {"a": {"const": 1}, "b": {"const": 2}}}, '{"b":2}', True),
        ({"type": "object", "properties": {"a": {"const": 1}, "b": {"const": 2}}}, "{}", True),
        ({"items": {"type": "integer"}, "minItems": 1, "maxItems": 2}, "[1,2]", True),
        ({"items": {"type": "integer"}, "minItems": 1, "maxItems": 2}, "[]", False),
        ({"items": {"type": "integer"}, "minItems": 1, "maxItems": 2}, "[1,2,3]", False),
        ({"items": {"type": "integer"}, "minItems": 1, "maxItems": 2}, "[01]", False),
        ({"type": ["integer", "null"]}, "null", True),
        (_ANY, "{}", True),
        (_ANY, '{"a": [1, "x\\n", null, {"b": -2.5, "\u4e2d": []}], "c": false}', True),
        (_ANY, '{"a": 1,}', False),
        (_ANY, '{"a" 1}', False),
        (_ANY, '{a: 1}', False),
        (_ANY, '{"a": NaN}', False),
        (_ANY, '{"a": "1\n2"}', False),
        (_ANY, "[]", False),
        ({"type": "number"}, "-1.5", True),
        ({"type": "number"}, "1.", False),
        ({"type": "number"}, "1e5", False),
        ({"type": "string", "format": "date"}, '"2024-02-29"', True),
        ({"type": "string", "format": "date"}, '"2000-02-29"', True),
        ({"type": "string", "format": "date"}, '"2023-02-29"', False),
        ({"type": "string", "format": "date"}, '"1900-02-29"', False),
        ({"type": "string", "format": "date"}, '"2023-06-31"', False),
        ({"type": "string", "format": "date-time"}, '"2024-12-31T23:59:59Z"', True),
        ({"type": "string", "format": "time"}, '"24:00:00Z"', False),
        ({"type": "string", "format": "uuid"}, '"01234567-89ab-cdef-0123-456789abcdef"', True),
    ],
)  # fmt: skip
def test_what_it_lets_through(
    native: Native, session: Session, schema: dict[str, Any], text: str, expected: bool
) -> None:
    assert _lets_through(native, session, schema, text.encode()) is expected


@pytest.mark.parametrize(
    "content", [b'{"a":"\xff"}', b'{"a":"\xc3"}', b'{"a":"\xed\xa0\xbd"}', b'{"a":"\x80"}', b'{"a":"\xc0\xa2}']
)
def test_bytes_that_are_no_text_do_not_come_through(native: Native, session: Session, content: bytes) -> None:
    assert not _lets_through(native, session, _STRING, content)


def test_a_grammar_that_the_library_refuses_is_a_sentence(native: Native, session: Session) -> None:
    for text in ("root ::= unknown", "root ::= root", 'root ::= "', "other ::= [a]"):
        with pytest.raises(UserFacingError, match="cannot be used"):
            Grammar(native, session.model.tokenizer, text)


_LIMITS = st.none() | st.integers(-1_200, 1_200) | st.floats(-20, 20)


@given(st.booleans(), _LIMITS, _LIMITS, _LIMITS, _LIMITS, st.integers(-1_500, 1_500), st.integers(0, 999))
def test_numbers_keep_their_limits(
    whole: bool, low: float | None, high: float | None, above: float | None, below: float | None, number: int, rest: int
) -> None:
    node = NumberNode(whole, low, high, above, below)
    least, most = whole_limits(node)
    if least > most:
        return  # left to whoever checks the answer
    rule = re.compile(
        re.sub(r'"([^"]*)"', lambda found: re.escape(found[1]), number_rule(node).removesuffix(" space")), re.X
    )
    assert bool(rule.fullmatch(str(number))) == is_within(number, node)
    fraction = f"{number}.{rest:03}"
    assert not rule.fullmatch(fraction) or (not whole and is_within(float(fraction), node))
