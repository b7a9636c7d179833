"""Whatever a program sends becomes a request within its bounds, or a refusal: never an error of ours."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.api.errors import ApiError
from desktop.api.requests.chat import read_chat
from desktop.api.requests.completion import read_completion
from desktop.api.requests.embedding import read_embedding
from desktop.api.requests.fields import read_document
from desktop.common.errors import UserFacingError
from desktop.engine.types import Role, Sampling
from tests.support.properties import JSON, PROPERTY, damaged

_CHAT = {
    "model": "catnap",
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "A"}]},
        {"role": "assistant", "content": "B"},
        {"role": "user", "content": "C"},
    ],
    "max_tokens": 5,
    "max_completion_tokens": 6,
    "temperature": 0.5,
    "top_p": 0.5,
    "top_k": 5,
    "seed": 1,
    "stop": ["a"],
    "n": 1,
    "stream": True,
    "stream_options": {"include_usage": True},
    "frequency_penalty": 0.5,
    "logit_bias": {},
    "tools": [],
    "modalities": ["text"],
    "chat_template_kwargs": {"enable_thinking": False},
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "x", "schema": {"type": "object", "properties": {"a": {"type": "string"}}}},
    },
}
_TEXT = {"prompt": "Once", "max_tokens": 5, "suffix": "", "echo": False, "best_of": 1}
_VECTORS = {"input": ["a", "b"], "encoding_format": "float", "dimensions": 5}
_READERS = ((read_chat, _CHAT), (read_completion, _TEXT), (read_embedding, _VECTORS))

_Read = Callable[[Mapping[str, Any]], Any]


@pytest.mark.parametrize(("read", "document"), _READERS)
def test_they_are_read(read: _Read, document: Any) -> None:
    assert read(document)


@PROPERTY
@given(document=damaged(_CHAT))
def test_a_damaged_chat_is_a_request_or_a_refusal(document: Any) -> None:
    try:
        asked = read_chat(document)
    except (ApiError, UserFacingError):
        return
    turns = [each.role for each in asked.messages if each.role is not Role.SYSTEM]
    assert turns[0] is turns[-1] is Role.USER  # and no two of one kind in a row: templates may refuse that for ever
    assert all(one is not other for one, other in itertools.pairwise(turns))
    assert all(each.role is not Role.SYSTEM for each in asked.messages[1:])
    sampling = asked.options.sampling(Sampling())
    assert 0 <= sampling.temperature <= 2 and (sampling.max_tokens is None or sampling.max_tokens > 0)


@PROPERTY
@given(document=damaged(_TEXT) | damaged(_VECTORS))
def test_so_are_other_damaged_requests(document: Any) -> None:
    for read in (read_completion, read_embedding):
        try:
            read(document)
        except (ApiError, UserFacingError):
            continue


@PROPERTY
@given(body=st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_a_body_is_an_object_or_a_refusal(body: bytes) -> None:
    try:
        assert isinstance(read_document(body), dict)
    except ApiError as refusal:
        assert refusal.status == 400 and refusal.document()["error"]["message"]


@PROPERTY
@given(
    roles=st.lists(st.sampled_from(["system", "developer", "user", "assistant"]), min_size=1, max_size=8),
    content=st.text(max_size=5) | st.none() | st.just([]),
)
def test_any_order_of_messages_becomes_one_that_templates_take(roles: list[str], content: Any) -> None:
    try:
        asked = read_chat({"messages": [{"role": role, "content": content} for role in roles]})
    except ApiError:
        return
    turns = [each.role for each in asked.messages if each.role is not Role.SYSTEM]
    assert turns[0] is turns[-1] is Role.USER
    assert all(one is not other for one, other in itertools.pairwise(turns))


def test_nothing_of_what_was_said_is_lost() -> None:
    said = [("system", "a"), ("system", "b"), ("user", "c"), ("developer", "d"), ("user", "e"), ("assistant", "f")]
    asked = read_chat({"messages": [{"role": role, "content": text} for role, text in said]})
    assert [each.text for each in asked.messages] == ["a\n\nb", "c\n\nd\n\ne"] and asked.begun == "f"
    told = read_chat({"messages": [{"role": "user", "content": "a"}, {"role": "system", "content": "b"}]})
    assert [each.text for each in told.messages] == ["a\n\nb"]
