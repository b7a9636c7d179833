"""Who answers which request: a real engine with a tiny model here, a server on loopback there."""

from __future__ import annotations

import queue
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.engine.routing import RoutedAnswers, ServerModel, named, server_model
from desktop.engine.types import EngineConfig, EngineEvent, Failed, Finished, FinishReason, Message, Role, Token, Waking
from desktop.engine.worker import EngineWorker
from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
from desktop.servers.addresses import parse_address
from desktop.servers.answers import ServerAnswers
from desktop.servers.keys import ServerKeys
from desktop.servers.registry import Server, ServerList
from tests.support.asked_servers import question
from tests.support.chat_server import Reply, delta, said, serve_chat
from tests.support.patience import PATIENCE_S

_THERE = ServerModel("office", "parrot").choice


def _answer(events: queue.SimpleQueue[EngineEvent], request_id: int) -> tuple[str, list[EngineEvent]]:
    heard: list[EngineEvent] = []
    while not (heard and isinstance(heard[-1], Finished | Failed) and heard[-1].request_id == request_id):
        heard.append(events.get(timeout=PATIENCE_S))
    assert isinstance(heard[-1], Finished), heard[-1]
    return "".join(each.text for each in heard if isinstance(each, Token)), heard


def test_one_conversation_here_there_and_here_again(tmp_path: Path, parrot_model: Path) -> None:
    events: queue.SimpleQueue[EngineEvent] = queue.SimpleQueue()
    servers = ServerList(tmp_path / "servers.json")
    with serve_chat() as server, EngineWorker(events.put, EngineConfig(parrot_model, n_ctx=512, threads=1)) as here:
        servers.put(Server("office", parse_address(server.url)))
        there = ServerAnswers(events.put, servers, ServerKeys(tmp_path / "keys.json"), ProxyAccounts())
        answers = RoutedAnswers(here, there)
        # WHEN the server is asked first, and what is written is prepared
        answers.prepare(replace(question("Who"), request_id=1, model_file=_THERE))
        _, heard = _answer(events, 1)
        answers.generate(replace(question("Who?"), request_id=2, model_file=_THERE))
        text, more = _answer(events, 2)
        # THEN nothing wakes here
        assert text == "Hello there."
        assert here.process_id is None and not any(isinstance(each, Waking) for each in (*heard, *more))
        # AND the conversation goes on here, and there again, with all that was said
        turns = (*question("Who?").messages, Message(Role.ASSISTANT, text), Message(Role.USER, "And?"))
        answers.generate(replace(question(""), messages=turns, request_id=3))
        said_here, _ = _answer(events, 3)
        assert said_here
        server.script(said("Good."))
        turns = (*turns, Message(Role.ASSISTANT, said_here), Message(Role.USER, "And now?"))
        answers.generate(replace(question(""), messages=turns, request_id=4, model_file=_THERE))
        assert _answer(events, 4)[0] == "Good."
        assert [each["content"] for each in server.questions[-1]["messages"]] == [each.text for each in turns]
        # AND Stop finds it wherever it is
        server.script(Reply((delta("Once "),), waits=True))
        answers.generate(replace(question("?"), request_id=5, model_file=_THERE))
        assert server.waiting.wait(PATIENCE_S)
        answers.cancel(5)
        _, heard = _answer(events, 5)
        assert isinstance(heard[-1], Finished) and heard[-1].reason is FinishReason.STOPPED
        assert there.stop(PATIENCE_S)


@pytest.mark.parametrize(
    ("choice", "meant"),
    [
        ("server:office/meta-llama/Llama-3", ServerModel("office", "meta-llama/Llama-3")),
        ("server:office/", ServerModel("office", "")),
        ("server:office", None),  # a file may be called so
        ("model.gguf", None),
        (None, None),
    ],
)
def test_a_choice_is_a_file_or_a_model_on_a_server(choice: str | None, meant: ServerModel | None) -> None:
    assert server_model(choice) == meant
    if meant is not None:
        assert meant.choice == choice


def test_what_is_written_on_the_command_line() -> None:
    assert named("office") == ServerModel("office")
    assert named("office/a/b:7b") == ServerModel("office", "a/b:7b")
