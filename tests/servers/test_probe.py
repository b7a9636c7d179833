"""A server is tried: who answers, how fast, and which models it has."""

from __future__ import annotations

import pytest

from desktop.common.errors import ServerAwayError, UserFacingError
from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
from desktop.servers.addresses import parse_address
from desktop.servers.probe import Probe, probe
from desktop.servers.registry import Server
from tests.support.asked_servers import PATIENT
from tests.support.chat_server import ChatServer, Reply, refused, said


def _probe(server: ChatServer, model: str = "", key: str | None = None) -> Probe:
    return probe(Server("office", parse_address(server.url), model=model), key, ProxyAccounts(), PATIENT)


def test_who_answers_how_fast_and_which_models(server: ChatServer) -> None:
    server.offer("a", owned_by="vllm", max_model_len=4096)
    server.script(said("Hello", "!"))
    seen = _probe(server, key="sk-1")
    assert (seen.found.kind, seen.found.models, seen.found.contexts) == ("vllm", ("a",), {"a": 4096})
    assert (seen.model, seen.answer, seen.problem) == ("a", "Hello!", None)
    assert seen.seconds > 0 and seen.stats is not None and seen.stats.ttft_s > 0
    # AND only Catnap's own words have gone there, with the key
    assert len(server.questions) == 1 and server.questions[0]["messages"][0]["content"] == "Say hello in one word."
    assert server.asked[-1].headers["authorization"] == "Bearer sk-1"


def test_of_several_models_none_is_asked_that_nobody_has_chosen(server: ChatServer) -> None:
    server.offer("a", "b")
    seen = _probe(server)
    assert seen.found.models == ("a", "b") and seen.stats is None and not server.questions
    assert seen.problem is not None and "several models" in seen.problem.title
    assert _probe(server, "b").model == "b" and server.questions[0]["model"] == "b"


def test_what_it_refuses_is_found_out_and_what_goes_wrong_is_said(server: ChatServer) -> None:
    server.script(refused(400, "Unsupported", param="temperature"), said("Hi"))
    assert _probe(server).found.refused == ("temperature",)
    server.script(Reply((b"{}",), 503))
    seen = _probe(server)
    assert isinstance(seen.problem, ServerAwayError) and seen.found.models == ("parrot",)
    server.at("/v1/models", refused(401, "no"))
    with pytest.raises(UserFacingError, match="does not accept the key"):
        _probe(server)
