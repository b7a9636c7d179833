"""A real server, with a real model: llama_cpp.server, as people run it. What it says is that of a small model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.common.errors import MessageTooLongError
from desktop.engine.types import BegunAnswer, Finished, FinishReason, Message, Role, Sampling, Token
from tests.support.asked_servers import NAME, Questions, question
from tests.support.llama_server import serve_llama
from tests.support.weights import smollm2

_KEY = "sk-real"
_GREEDY = Sampling(temperature=0.0, seed=1, max_tokens=24)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serve_llama(smollm2(), "--api_key", _KEY, "--chat_format", "chatml") as url:
        yield url


@pytest.fixture
def asked(url: str, tmp_path: Path) -> Iterator[Questions]:
    with Questions(tmp_path, url) as asked:
        office = asked.servers.get(NAME)
        asked.keys.keep(office.address, _KEY)
        asked.servers.put(replace(office, has_key=True))
        yield asked


def test_it_answers_and_the_same_twice(asked: Questions) -> None:
    capital = question("What is the capital of France?", sampling=_GREEDY)
    answer = asked.ask(capital, model="")
    assert "Paris" in answer and asked.stats.generated_tokens > 3 and asked.stats.ttft_s > 0
    assert asked.ask(capital, model="smollm2") == answer
    assert asked.servers.get(NAME).found.kind == "llama-cpp-python"


def test_it_is_stopped(asked: Questions) -> None:
    request_id = asked.begin(question("Tell me a long story.", sampling=Sampling(seed=1)), model="smollm2")
    asked.until(Token)
    asked.answers.cancel(request_id)
    asked.until(Finished)
    assert asked.reason is FinishReason.STOPPED
    assert "Paris" in asked.ask(question("What is the capital of France?", sampling=_GREEDY), model="smollm2")


def test_it_keeps_to_a_schema(asked: Questions) -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string", "maxLength": 20}}, "required": ["city"]}
    limits = replace(_GREEDY, max_tokens=60)
    wanted = question("Name the capital of France.", schema=json.dumps(schema), sampling=limits)
    assert set(json.loads(asked.ask(wanted, model="smollm2"))) == {"city"}


def test_it_says_that_a_message_is_too_long(asked: Questions) -> None:
    error = asked.refused(question("word " * 3000), model="smollm2")
    assert isinstance(error, MessageTooLongError)
    assert error.room == 1024 and 3000 < error.tokens < 3100


def test_a_long_conversation_goes_on(asked: Questions) -> None:
    turns = tuple(Message((Role.USER, Role.ASSISTANT)[number % 2], "word " * 250) for number in range(6))
    last = Message(Role.USER, "What is the capital of France?")
    assert asked.ask(question("", messages=(*turns, last), sampling=_GREEDY), model="smollm2")


def test_an_answer_goes_on(asked: Questions) -> None:
    begun = BegunAnswer("The capital of France is")
    wanted = question("What is the capital of France?", begun=begun, sampling=_GREEDY)
    assert "Paris" in asked.ask(wanted, model="smollm2")


def test_a_wrong_key_is_told(asked: Questions) -> None:
    office = asked.servers.get(NAME)
    asked.keys.keep(office.address, "sk-wrong")
    error = asked.refused(model="smollm2")
    assert "does not accept the key" in error.title


def test_a_wrong_path_is_told(url: str, tmp_path: Path) -> None:
    with Questions(tmp_path, f"{url}/elsewhere") as asked:
        assert "nothing at this address" in asked.refused().title
