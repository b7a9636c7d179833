"""Real servers with a real model, as people run them: what they can do is what ``docs/compatibility.json`` says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import pytest

from desktop.engine.types import Sampling
from tests.compatibility.record import SERVERS, load
from tests.servers.real.checks import CHECKS, Served
from tests.support.asked_servers import Questions, question
from tests.support.llama_server import http_get, serve_llama, serve_llama_cpp_python
from tests.support.llama_source import chat_template_file
from tests.support.patience import wait_for
from tests.support.weights import smollm2

_KEY = "sk-real"
_SERVED = Served()
_HOW: Mapping[str, Callable[[], AbstractContextManager[str]]] = MappingProxyType(
    {
        "llama_cpp.server": lambda: serve_llama_cpp_python(smollm2(), "--api_key", _KEY, "--chat_format", "chatml"),
        "llama-server": lambda: serve_llama(smollm2(), "--api-key", _KEY, n_ctx=_SERVED.n_ctx),
    }
)


@dataclass(frozen=True)
class Running:
    """A server that runs.

    Attributes:
        name: Of it in the record.
        url: Where it is.
    """

    name: str
    url: str


@pytest.fixture(scope="module", params=tuple(_HOW))
def running(request: pytest.FixtureRequest) -> Iterator[Running]:
    with _HOW[request.param]() as url:
        yield Running(request.param, url)


@pytest.mark.parametrize("check", CHECKS)
def test_it_does_what_is_recorded(running: Running, tmp_path: Path, check: str) -> None:
    known = load().entry(SERVERS, running.name)
    assert {*known.works, *known.cannot} - {"thoughts", "sleep"} == set(CHECKS)
    with Questions(tmp_path, running.url, key=_KEY) as asked:
        if check in known.works:
            CHECKS[check](asked, _SERVED)
            return
        with pytest.raises(AssertionError):
            CHECKS[check](asked, _SERVED)


def test_a_wrong_path_is_told(running: Running, tmp_path: Path) -> None:
    with Questions(tmp_path, f"{running.url}/elsewhere", key=_KEY) as asked:
        assert "nothing at this address" in asked.refused().title


@pytest.fixture(scope="module")
def thinking() -> Iterator[str]:
    """A llama-server whose model thinks, to hear its template: all that it says is a thought."""
    template = chat_template_file("deepseek-ai-DeepSeek-R1-Distill-Qwen-32B")
    arguments = ("--jinja", "--chat-template-file", str(template))
    with serve_llama(smollm2(), *arguments, "--sleep-idle-seconds", "1", n_ctx=_SERVED.n_ctx) as url:
        yield url


def test_thoughts_come_apart_from_the_answer(thinking: str, tmp_path: Path) -> None:
    with Questions(tmp_path, thinking) as asked:
        few = Sampling(temperature=0.0, seed=1, max_tokens=40)
        asked.ask(question("What is the capital of France?", sampling=few, thinking=True), model=_SERVED.model)
        assert "Paris" in asked.thoughts and not asked.text
    assert "thoughts" in load().entry(SERVERS, "llama-server").works


def test_a_server_that_sleeps_wakes_for_a_question(thinking: str, tmp_path: Path) -> None:
    def is_asleep() -> bool:
        return json.loads(http_get(f"{thinking}/props"))["is_sleeping"] is True

    with Questions(tmp_path, thinking) as asked:
        wait_for("the server to fall asleep", is_asleep)
        few = replace(Sampling(), seed=1, max_tokens=30)
        asked.ask(question("Hello!", sampling=few), model=_SERVED.model)
        assert not is_asleep()
    assert "sleep" in load().entry(SERVERS, "llama-server").works
