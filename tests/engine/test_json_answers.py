"""An answer that keeps to a JSON Schema, through the engine's process: whole, or said not to be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from desktop.engine.schema.checking import parse_answer
from desktop.engine.schema.reading import read_schema
from desktop.engine.types import BegunAnswer, Failed, Finished, FinishReason, Sampling
from tests.support.engine_harness import GREEDY, Harness, config_for, user
from tests.support.parrot import PARROT_TEXT, make_parrot
from tests.support.weights import smollm2

_PERSON = json.dumps(
    {
        "type": "object",
        "properties": {
            "name": {"type": "string", "maxLength": 12},
            "\u5e74\u9f84": {"type": "integer", "minimum": 0, "maximum": 120},
            "born": {"type": "string", "format": "date"},
            "colour": {"enum": ["red", 'a "b"', "\u84dd"]},
            "tags": {"type": "array", "items": {"type": "string", "maxLength": 5}, "maxItems": 3},
            "note": {"type": ["string", "null"], "maxLength": 8},
        },
        "required": ["name", "\u5e74\u9f84", "born", "colour", "tags"],
    }
)
_LIST = json.dumps({"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "number", "maximum": 9.5}})
_WORD = json.dumps({"enum": ["yes", "no", "\u4e0d\u77e5\u9053"]})
_NESTED = json.dumps(
    {
        "type": "object",
        "properties": {"to": {"$ref": "#"}, "n": {"type": "boolean"}},
        "required": ["n"],
    }
)
_SCHEMAS = (_PERSON, _LIST, _WORD, _NESTED)
_WILD = Sampling(temperature=1.5, top_k=0, top_p=1.0, min_p=0.0, repeat_penalty=1.1)


@pytest.fixture
def tiny(tiny_model: Path) -> Iterator[Harness]:
    with Harness(config_for(tiny_model, n_ctx=1024)) as engine:
        yield engine


@pytest.mark.parametrize("schema", _SCHEMAS, ids=["person", "list", "word", "nested"])
def test_noise_becomes_json_that_fits(tiny: Harness, schema: str) -> None:
    # GIVEN a model of random weights, whose tokens are bytes, and no order in how they are chosen
    for seed in range(8):
        # WHEN it answers
        request = tiny.send(user("hello"), sampling=replace(_WILD, seed=seed), schema=schema)
        end = tiny.end_of(request)
        # THEN that is JSON, fits, and ends by itself
        assert isinstance(end, Finished) and end.reason is FinishReason.COMPLETE, end
        parse_answer(tiny.text(request), read_schema(schema))
    # AND an answer without a schema is as free as before
    free = tiny.send(user("hello"), sampling=replace(_WILD, seed=1, max_tokens=20))
    assert isinstance(tiny.end_of(free), Finished)
    with pytest.raises(ValueError, match="JSON"):
        parse_answer(tiny.text(free), read_schema(schema))


@pytest.mark.parametrize("length", [1, 7, 23, 40])
def test_a_cut_off_answer_is_said_to_be_and_goes_on_to_its_end(tiny: Harness, length: int) -> None:
    # GIVEN an answer that was cut off
    request = tiny.send(user("hello"), sampling=replace(_WILD, seed=5, max_tokens=length), schema=_PERSON)
    end = tiny.end_of(request)
    assert isinstance(end, Finished) and end.reason is FinishReason.LENGTH
    begun = BegunAnswer(tiny.text(request))
    # WHEN it goes on
    rest = tiny.send(user("hello"), sampling=replace(_WILD, seed=6), schema=_PERSON, begun=begun)
    end = tiny.end_of(rest)
    # THEN the whole is JSON that fits
    assert isinstance(end, Finished) and end.reason is FinishReason.COMPLETE
    parse_answer(begun.text + tiny.text(rest), read_schema(_PERSON))


def test_it_does_not_go_on_from_what_does_not_fit(tiny: Harness) -> None:
    for text in ("Hello", '{"name": 3', '{"name":"a"}}'):
        end = tiny.end_of(tiny.send(user("hello"), schema=_PERSON, begun=BegunAnswer(text)))
        assert isinstance(end, Failed) and "cannot be continued" in end.error.title
    assert isinstance(tiny.ask(user("hello"), sampling=replace(GREEDY, max_tokens=2)), Finished)  # it lives


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("no JSON", "no JSON"),
        ('{"type": "object"}', "fields"),
        (json.dumps({"type": "string", "pattern": "a"}), "pattern"),
        (json.dumps({"anyOf": [{"$ref": "#"}] * 2}), "without end"),
        (json.dumps({"enum": list(range(10_000))}), "values to choose from"),
    ],
)
def test_a_schema_that_cannot_be_used_is_refused_before_anything_is_read(
    tiny: Harness, schema: str, words: str
) -> None:
    end = tiny.end_of(tiny.send(user("hello"), schema=schema))
    assert isinstance(end, Failed) and words in str(end.error)
    assert end.stats.prompt_tokens == 0 and ".gguf" not in str(end.error)


@pytest.mark.parametrize(
    "schema",
    [
        {"enum": [f"value {number}" for number in range(200)]},
        {"type": "object", "properties": {f"f{number}": {"type": "string"} for number in range(290)}},
        {"anyOf": [{"type": "string", "maxLength": 90 - number} for number in range(90)]},
        {"items": {"items": {"items": {"type": "string", "maxLength": 2_000}}}, "minItems": 1},
    ],
    ids=["values", "optional fields", "alternatives", "lists"],
)
def test_the_largest_schemas_take_no_engine_down(tiny: Harness, schema: dict[str, Any]) -> None:
    request = tiny.send(user("hello"), sampling=replace(_WILD, seed=2, max_tokens=6), schema=json.dumps(schema))
    assert isinstance(tiny.end_of(request), Finished)


def test_thoughts_that_a_template_opens_stand_before_the_answer(tmp_path: Path) -> None:
    # GIVEN a model whose template opens a thought, whatever anybody says
    template = (
        "{% for message in messages %}{{ message['role'] + ': ' + message['content'] + '\\n' }}{% endfor %}"
        "{% if add_generation_prompt %}{{ 'assistant: <think>\\n' }}{% endif %}"
    )
    said = f"Let me think: {PARROT_TEXT}\n</think>\n\nCertainly!"
    model = make_parrot(tmp_path / "thinker.gguf", said, chat_template=template)
    with Harness(config_for(model)) as engine:
        # WHEN it answers with a schema
        request = engine.send(user("hello"), schema=_WORD, thinking=True)
        end = engine.end_of(request)
        # THEN the thoughts are its own, and the answer is what was asked for
        assert isinstance(end, Finished) and end.reason is FinishReason.COMPLETE
        assert engine.text(request, thinking=True) == f"Let me think: {PARROT_TEXT}"
        assert parse_answer(engine.text(request), read_schema(_WORD))
        # AND thoughts that were cut off are no answer
        cut = engine.send(user("hello"), schema=_WORD, sampling=replace(GREEDY, max_tokens=4))
        end = engine.end_of(cut)
        assert isinstance(end, Finished) and end.reason is FinishReason.LENGTH
        assert engine.text(cut) == ""


def test_tags_within_a_value_are_a_part_of_it(tmp_path: Path) -> None:
    # GIVEN a model that says an answer with what looks like a thought in it
    said = '{"a":"<think>b</think>"}'
    schema = json.dumps({"type": "object", "properties": {"a": {"enum": ["<think>b</think>"]}}, "required": ["a"]})
    with Harness(config_for(make_parrot(tmp_path / "tags.gguf", said))) as engine:
        request = engine.send(user("hello"), schema=schema, thinking=True)
        assert isinstance(engine.end_of(request), Finished)
        assert engine.text(request).replace(" ", "") == said
        assert engine.text(request, thinking=True) == ""


@pytest.mark.parametrize("question", ["Describe a cat.", "\u8bf7\u4ecb\u7ecd\u4e00\u5ea7\u57ce\u5e02\u3002"])
def test_a_real_model(question: str) -> None:
    with Harness(config_for(smollm2(), n_ctx=1024)) as engine:
        for schema in _SCHEMAS:
            for sampling in (GREEDY, Sampling(seed=3)):
                request = engine.send(user(question), sampling=replace(sampling, max_tokens=400), schema=schema)
                end = engine.end_of(request)
                assert isinstance(end, Finished) and end.reason is FinishReason.COMPLETE
                parse_answer(engine.text(request), read_schema(schema))
