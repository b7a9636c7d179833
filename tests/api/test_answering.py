"""What programs get for what they ask, over a socket, from an engine that the test plays."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterator
from typing import Any

import pytest

from desktop.common.errors import MessageTooLongError, UserFacingError
from desktop.engine.types import BegunAnswer, Failed, Finished, FinishReason, Message, Role, Stats, Token
from tests.support.api_rig import CHAT, MODELS, TEXT, VECTORS, Api, read_response, serve_api
from tests.support.patience import PATIENCE_S

_HI = [{"role": "user", "content": "Hi"}]


@pytest.fixture(scope="module")
def running() -> Iterator[Api]:
    with serve_api() as api:
        yield api


@pytest.fixture
def api(running: Api) -> Api:
    running.has_model, running.refusal, running.backstage.embedding = True, "", None
    return running


def _ask(api: Api, document: Any, said: str, reason: FinishReason = FinishReason.COMPLETE, path: str = CHAT) -> Any:
    reply = api.ask(path, document)
    api.say(api.engine.taken(), said, reason, prompt_tokens=9, generated_tokens=3, reused_tokens=4)
    return reply.result(PATIENCE_S)


def test_an_answer_has_the_form_that_clients_expect(api: Api) -> None:
    answered = _ask(api, {"model": "catnap", "messages": _HI}, "Hello| there")
    assert answered.status == 200 and answered.headers["content-type"] == "application/json"
    document = answered.json
    assert document["object"] == "chat.completion" and document["model"] == "catnap"
    assert document["choices"] == [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Hello there", "refusal": None},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ]
    assert document["usage"] == {
        "prompt_tokens": 9,
        "completion_tokens": 3,
        "total_tokens": 12,
        "prompt_tokens_details": {"cached_tokens": 4},
    }


@pytest.mark.parametrize(
    ("reason", "word"),
    [(FinishReason.COMPLETE, "stop"), (FinishReason.LENGTH, "length"), (FinishReason.REPEATED, "length")],
)
def test_why_it_ended_is_said(api: Api, reason: FinishReason, word: str) -> None:
    assert _ask(api, {"messages": _HI}, "x", reason).json["choices"][0]["finish_reason"] == word


def test_a_stream_comes_piece_by_piece_and_ends_with_its_figures(api: Api) -> None:
    wish = {"messages": _HI, "stream": True, "stream_options": {"include_usage": True}}
    answered = _ask(api, wish, "Hel|lo, 世界")
    assert answered.headers["content-type"].startswith("text/event-stream")
    *pieces, figures, done = answered.events
    deltas = [piece["choices"][0]["delta"] for piece in pieces]
    assert deltas == [{"role": "assistant", "content": ""}, {"content": "Hel"}, {"content": "lo, 世界"}, {}]
    assert [piece["choices"][0]["finish_reason"] for piece in pieces] == [None, None, None, "stop"]
    assert len({piece["id"] for piece in pieces}) == 1 and pieces[0]["object"] == "chat.completion.chunk"
    assert figures["choices"] == [] and figures["usage"]["total_tokens"] == 12 and done is None
    assert not any("usage" in piece for piece in pieces)


def test_a_stream_without_that_wish_has_no_figures(api: Api) -> None:
    *pieces, done = _ask(api, {"messages": _HI, "stream": True}, "Hi").events
    assert done is None and all(piece["choices"] for piece in pieces)


def test_words_are_sent_before_the_answer_is_over(api: Api) -> None:
    with api.connect() as client:
        client.sendall(api.post(CHAT, {"messages": _HI, "stream": True}))
        request = api.engine.taken()
        api.tell(Token(request.request_id, "first"))
        seen = b""
        while b"first" not in seen:
            seen += client.recv(4096)
        api.say(request, "second", FinishReason.COMPLETE)
        while b"[DONE]" not in seen:
            seen += client.recv(4096)


def test_thoughts_are_told_apart(api: Api) -> None:
    reply = api.ask(CHAT, {"messages": _HI, "chat_template_kwargs": {"enable_thinking": True}})
    request = api.engine.taken()
    assert request.thinking
    api.tell(Token(request.request_id, "Hm.", thinking=True))
    api.say(request, "Yes", FinishReason.COMPLETE)
    message = reply.result(PATIENCE_S).json["choices"][0]["message"]
    assert (message["reasoning_content"], message["content"]) == ("Hm.", "Yes")


def test_what_is_asked_reaches_the_engine(api: Api) -> None:
    reply = api.ask(
        CHAT,
        {
            "model": "other",
            "messages": [
                {"role": "developer", "content": "Be brief."},
                {"role": "user", "content": [{"type": "text", "text": "A"}, {"type": "text", "text": "B"}]},
                {"role": "assistant", "content": "C"},
                {"role": "system", "content": "Now in French."},
                {"role": "user", "content": "D"},
            ],
            "max_tokens": 5,
            "max_completion_tokens": 7,
            "temperature": 0,
            "top_p": 0.5,
            "frequency_penalty": 0.5,
            "presence_penalty": -0.5,
            "seed": 42,
            "user": "somebody",
            "metadata": {"unknown": True},
        },
    )
    request = api.engine.taken()
    api.say(request, "x", FinishReason.COMPLETE)
    assert reply.result(PATIENCE_S).json["model"] == "other"
    assert request.messages == (
        Message(Role.SYSTEM, "Be brief."),
        Message(Role.USER, "A\nB"),
        Message(Role.ASSISTANT, "C"),
        Message(Role.USER, "Now in French.\n\nD"),
    )
    sampling = request.sampling
    assert (sampling.max_tokens, sampling.temperature, sampling.top_p, sampling.seed) == (7, 0.0, 0.5, 42)
    assert (sampling.frequency_penalty, sampling.presence_penalty) == (0.5, -0.5)
    assert sampling.top_k == 40 and request.model_file == "other.gguf"  # what is not said is as in the settings


def test_an_answer_that_has_begun_goes_on(api: Api) -> None:
    reply = api.ask(CHAT, {"messages": [*_HI, {"role": "assistant", "content": "The capital is"}]})
    request = api.engine.taken()
    assert request.begun == BegunAnswer("The capital is") and request.messages == (Message(Role.USER, "Hi"),)
    api.say(request, " Paris", FinishReason.COMPLETE)
    assert reply.result(PATIENCE_S).json["choices"][0]["message"]["content"] == " Paris"


@pytest.mark.parametrize("streams", [False, True])
def test_a_stop_ends_the_answer_before_it(api: Api, streams: bool) -> None:
    reply = api.ask(CHAT, {"messages": _HI, "stop": ["\nUser:", "END"], "stream": streams})
    request = api.engine.taken()
    api.say(request, "one E|N|Dx| two")
    assert api.engine.cancelled.get(timeout=PATIENCE_S) == request.request_id
    api.tell(Finished(request.request_id, FinishReason.STOPPED, Stats(prompt_tokens=5, generated_tokens=4)))
    answered = reply.result(PATIENCE_S)
    if streams:
        pieces = [event["choices"][0] for event in answered.events[:-1]]
        assert "".join(piece["delta"].get("content", "") for piece in pieces) == "one "
        assert pieces[-1]["finish_reason"] == "stop"
    else:
        assert answered.json["choices"][0]["message"]["content"] == "one "
        assert answered.json["usage"]["total_tokens"] == 9


def test_what_only_begins_like_a_stop_is_said(api: Api) -> None:
    assert _ask(api, {"messages": _HI, "stop": "END"}, "the E|N").json["choices"][0]["message"]["content"] == "the EN"


@pytest.mark.parametrize(
    ("wish", "schema"),
    [
        (None, None),
        ({"type": "text"}, None),
        ({"type": "json_object"}, "x-catnap-any"),
        (
            {
                "type": "json_schema",
                "json_schema": {"name": "a", "schema": {"type": "object", "properties": {"n": {"type": "integer"}}}},
            },
            '"integer"',
        ),
    ],
)
def test_a_form_of_the_answer_becomes_a_schema(api: Api, wish: Any, schema: str | None) -> None:
    reply = api.ask(CHAT, {"messages": _HI, "response_format": wish})
    request = api.engine.taken()
    api.say(request, "{}", FinishReason.COMPLETE)
    assert reply.result(PATIENCE_S).status == 200
    assert request.schema is None if schema is None else schema in (request.schema or "")


def test_a_text_is_gone_on_with(api: Api) -> None:
    reply = api.ask(TEXT, {"prompt": "Once", "echo": True, "max_tokens": 3})
    request = api.engine.taken()
    assert request.plain and request.messages == (Message(Role.USER, "Once"),)
    assert not request.keep_state
    api.say(request, " upon", FinishReason.LENGTH)
    document = reply.result(PATIENCE_S).json
    assert document["object"] == "text_completion"
    assert (document["choices"][0]["text"], document["choices"][0]["finish_reason"]) == ("Once upon", "length")
    streamed = _ask(
        api, {"prompt": ["Once"], "stream": True, "stream_options": {"include_usage": True}}, " a| b", path=TEXT
    )
    *pieces, figures, done = streamed.events
    assert "".join(piece["choices"][0]["text"] for piece in pieces) == " a b"
    assert figures["usage"]["completion_tokens"] == 3 and done is None


def test_models_are_listed_and_found(api: Api) -> None:
    listed = api.send(api.head("GET", MODELS)).json
    assert listed["object"] == "list" and [each["id"] for each in listed["data"]] == ["catnap", "other"]
    assert api.send(api.head("GET", f"{MODELS}/other")).json["id"] == "other"
    unknown = api.send(api.head("GET", f"{MODELS}/gpt-9"))
    assert (unknown.status, unknown.code) == (404, "model_not_found")


def test_a_model_that_is_not_there_is_said(api: Api) -> None:
    unknown = api.send(api.post(CHAT, {"model": "gpt-9", "messages": _HI}))
    assert (unknown.status, unknown.code, unknown.json["error"]["param"]) == (404, "model_not_found", "model")
    api.has_model = False
    none = api.send(api.post(CHAT, {"messages": _HI}))
    assert (none.status, none.code) == (503, "no_model") and none.headers["retry-after"]


@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize(
    ("problem", "status", "code"),
    [
        (MessageTooLongError(4000, 1500), 400, "context_length_exceeded"),
        (UserFacingError("The engine has died."), 500, "engine_error"),
    ],
)
def test_what_goes_wrong_before_the_first_word_has_a_status(
    api: Api, streams: bool, problem: UserFacingError, status: int, code: str
) -> None:
    reply = api.ask(CHAT, {"messages": _HI, "stream": streams})
    api.tell(Failed(api.engine.taken().request_id, problem, Stats()))
    answered = reply.result(PATIENCE_S)
    assert (answered.status, answered.code) == (status, code)


def test_what_goes_wrong_later_is_said_in_the_stream(api: Api) -> None:
    reply = api.ask(CHAT, {"messages": _HI, "stream": True})
    request = api.engine.taken()
    api.say(request, "One")
    api.tell(Failed(request.request_id, UserFacingError("It died."), Stats()))
    answered = reply.result(PATIENCE_S)
    assert answered.status == 200 and answered.events[-1]["error"]["message"] == "It died."


def test_too_little_memory_is_a_reason_to_come_later(api: Api) -> None:
    api.refusal = "There is too little memory."
    answered = api.send(api.post(CHAT, {"messages": _HI}))
    assert (answered.status, answered.code) == (503, "model_unavailable") and answered.headers["retry-after"]


@pytest.mark.parametrize(
    ("document", "param"),
    [
        ({}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": "Hi"}, "messages"),
        ({"messages": ["Hi"]}, "messages[0]"),
        ({"messages": [{"role": "boss", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]},
            "messages[0].content[0]",
        ),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0]"),
        ({"messages": _HI, "tools": [{"type": "function"}]}, "tools"),
        ({"messages": _HI, "functions": [{}]}, "functions"),
        ({"messages": _HI, "n": 2}, "n"),
        ({"messages": _HI, "logprobs": True}, "logprobs"),
        ({"messages": _HI, "logit_bias": {"1": 5}}, "logit_bias"),
        ({"messages": _HI, "temperature": 3}, "temperature"),
        ({"messages": _HI, "temperature": "hot"}, "temperature"),
        ({"messages": _HI, "max_tokens": 0}, "max_tokens"),
        ({"messages": _HI, "max_tokens": True}, "max_tokens"),
        ({"messages": _HI, "seed": 1.5}, "seed"),
        ({"messages": _HI, "stream": "yes"}, "stream"),
        ({"messages": _HI, "stream_options": {"include_usage": True}}, "stream_options"),
        ({"messages": _HI, "stop": 5}, "stop"),
        ({"messages": _HI, "model": 5}, "model"),
        ({"messages": _HI, "response_format": {"type": "xml"}}, "response_format.type"),
        ({"messages": _HI, "response_format": {"type": "json_schema"}}, "response_format.json_schema.schema"),
        (
            {"messages": _HI, "response_format": {"type": "json_schema", "json_schema": {"schema": {"not": {}}}}},
            "response_format",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_name(api: Api, document: Any, param: str) -> None:
    refused = api.send(api.post(CHAT, document))
    assert refused.status == 400
    assert refused.json["error"]["param"] == param and refused.json["error"]["type"] == "invalid_request_error"


def test_tools_that_must_not_be_used_are_no_reason_to_refuse(api: Api) -> None:
    assert _ask(api, {"messages": _HI, "tools": [{"type": "function"}], "tool_choice": "none"}, "x").status == 200


class _Vectors:
    name = "e5"

    def embed(self, texts: tuple[str, ...], *, is_question: bool) -> tuple[bytes, ...]:
        return tuple(struct.pack("=2f", len(text), float(is_question)) for text in texts)


def test_texts_become_vectors_where_there_is_a_model_for_that(api: Api) -> None:
    none = api.send(api.post(VECTORS, {"input": "x"}))
    assert (none.status, none.code) == (404, "model_not_found")
    api.backstage.embedding = _Vectors()
    answered = api.send(api.post(VECTORS, {"model": "e5", "input": ["ab", "abcd"]})).json
    assert [each["embedding"] for each in answered["data"]] == [[2.0, 0.0], [4.0, 0.0]]
    wish = {"input": "ab", "encoding_format": "base64", "input_type": "query", "dimensions": 2}
    encoded = api.send(api.post(VECTORS, wish)).json["data"][0]["embedding"]
    assert struct.unpack("<2f", base64.b64decode(encoded)) == (2.0, 1.0)
    assert [each["id"] for each in api.send(api.head("GET", MODELS)).json["data"]] == ["catnap", "other", "e5"]
    wrong_ones: list[dict[str, Any]] = [
        {"input": []},
        {"input": [1, 2]},
        {"input": " "},
        {"input": "x", "dimensions": 5},
        {"input": ["x"] * 300},
    ]
    for wrong in wrong_ones:
        assert api.send(api.post(VECTORS, wrong)).status == 400
    assert api.send(api.post(VECTORS, {"input": "x", "model": "ada"})).status == 404


def test_a_client_that_goes_away_stops_its_answer(api: Api) -> None:
    for document in ({"messages": _HI}, {"messages": _HI, "stream": True}):
        with api.connect() as client:
            client.sendall(api.post(CHAT, document))
            request = api.engine.taken()
            api.say(request, "One")
        assert api.engine.cancelled.get(timeout=PATIENCE_S) == request.request_id
        api.tell(Finished(request.request_id, FinishReason.STOPPED, Stats()))
    assert not api.on_side(lambda: api.questions.is_busy)


def test_more_than_can_wait_are_told_to_come_later(api: Api) -> None:
    with serve_api() as other:
        from desktop.api.questions import MOST_WAITING

        replies = [other.ask(CHAT, {"messages": _HI}) for _number in range(MOST_WAITING + 3)]
        running = other.engine.taken()
        late = next(reply.result(PATIENCE_S) for reply in _as_they_end(replies))
        assert (late.status, late.code) == (429, "rate_limit_exceeded") and late.headers["retry-after"]
        other.say(running, "x", FinishReason.COMPLETE)


def _as_they_end(replies: list[Any]) -> Iterator[Any]:
    from concurrent.futures import as_completed

    yield from as_completed(replies, PATIENCE_S)


def test_a_connection_serves_one_request_after_the_other(api: Api) -> None:
    with api.connect() as client:
        for word in ("one", "two"):
            client.sendall(api.post(CHAT, {"messages": _HI}))
            api.say(api.engine.taken(), word, FinishReason.COMPLETE)
            assert read_response(client).json["choices"][0]["message"]["content"] == word


def test_texts_that_no_utf8_can_hold_are_no_harm(api: Api) -> None:
    raw = json.dumps({"messages": [{"role": "user", "content": "\ud83d"}]}).encode()
    reply = api.ask(CHAT, raw)
    api.say(api.engine.taken(), "x", FinishReason.COMPLETE)
    assert reply.result(PATIENCE_S).status == 200
