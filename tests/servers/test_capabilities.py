"""What servers tell of their models, in the forms of several."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
from desktop.servers.addresses import parse_address
from desktop.servers.capabilities import Capabilities, OfferedModel, look
from desktop.servers.client import ServerClient
from desktop.servers.registry import Findings
from tests.support.asked_servers import PATIENT
from tests.support.chat_server import ChatServer, document


def _look(server: ChatServer, model: str = "") -> Capabilities:
    async def ask() -> Capabilities:
        client = ServerClient(parse_address(server.url), None, accounts=ProxyAccounts(), patience=PATIENT)
        try:
            return await look(client, model)
        finally:
            await client.aclose()

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("entry", "kind", "n_ctx"),
    [
        ({"owned_by": "vllm", "max_model_len": 4096}, "vllm", 4096),
        ({"owned_by": "sglang", "max_model_len": 8192}, "sglang", 8192),
        ({"owned_by": "openrouter", "context_length": 131072}, "other", 131072),
        ({"owned_by": "me"}, "llama-cpp-python", None),
        ({"meta": {"n_ctx_train": 2048}}, "other", 2048),
        ({"max_model_len": "many"}, "other", None),
        ({"max_model_len": -1}, "other", None),
        ({"max_model_len": 10**30}, "other", None),
        ({"owned_by": ["vllm"]}, "other", None),
    ],
)
def test_lists_of_models(server: ChatServer, entry: dict[str, Any], kind: str, n_ctx: int | None) -> None:
    server.offer("a/b", **entry)
    assert _look(server) == Capabilities(kind, (OfferedModel("a/b", n_ctx),))


def test_the_server_of_llama_cpp_tells_what_it_gives_a_model(server: ChatServer) -> None:
    server.offer("a", owned_by="llamacpp", meta={"n_ctx_train": 32768})
    assert _look(server).models == (OfferedModel("a", 32768),)  # it keeps that to itself
    server.at("/props", document({"default_generation_settings": {"n_ctx": 4096}}))
    assert _look(server) == Capabilities("llama.cpp", (OfferedModel("a", 4096),))


def test_ollama_is_asked_about_the_model(server: ChatServer) -> None:
    server.offer("a:7b", "b", owned_by="library")
    server.at("/api/show", document({"parameters": 'stop "x"\nnum_ctx                        8192'}))
    assert _look(server, "a:7b") == Capabilities("ollama", (OfferedModel("a:7b", 8192), OfferedModel("b", None)))


def test_names_that_cannot_be_shown_are_left_out(server: ChatServer) -> None:
    server.offer("a", "a", "", " ", "b\x1b[2J", "c\u202e", "x" * 400, "模型")
    assert [each.name for each in _look(server).models] == ["a", "模型"]


def test_what_was_found_out_stays_as_long_as_it_is_the_same_program(server: ChatServer) -> None:
    server.offer("a", owned_by="vllm", max_model_len=4096)
    seen = _look(server)
    assert seen.findings(Findings("", ("seed",))) == Findings("vllm", ("seed",), {"a": 4096}, ("a",))
    assert seen.findings(Findings("vllm", ("seed",))).refused == ("seed",)
    assert seen.findings(Findings("ollama", ("seed",))).refused == ()
