"""What servers send, by their sources and documents, or recorded from one that is too large for the tests.

A file of ``documented/SERVER`` has a head, an empty line, and the body as it comes over the wire. The head says where
that is from (``source``), its ``status`` and ``kind`` where they are not those of a stream, and what must become of it:

    text, thoughts, usage (prompt and answer), reused    of an answer
    ends     complete, length, or the name of an error
    told     words of the error's title
    room, tokens    of an error of length; of ``models.txt``: the context
    program, offers    of ``models.txt``: whose program that is, and its models
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from desktop.common.errors import MessageTooLongError
from desktop.engine.types import FinishReason, Sampling
from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
from desktop.servers.addresses import parse_address
from desktop.servers.capabilities import Capabilities, look
from desktop.servers.client import ServerClient
from tests.support.asked_servers import Questions, question
from tests.support.chat_server import JSON, STREAM, ChatServer, Reply, event, said

_FOLDER = Path(__file__).with_name("documented")
_ENDS = {"complete": FinishReason.COMPLETE, "length": FinishReason.LENGTH}
_MODELS = "models"


@dataclass(frozen=True)
class Documented:
    """What a server sends.

    Attributes:
        head: What is known of it.
        body: As it comes.
    """

    head: dict[str, str]
    body: bytes

    @property
    def reply(self) -> Reply:
        """It as an answer of the loopback server, in a chunk for each event."""
        kind = self.head.get("kind", STREAM)
        chunks = tuple(part + b"\n\n" for part in self.body.split(b"\n\n")) if kind == STREAM else (self.body,)
        return Reply(chunks, int(self.head.get("status", "200")), kind)


def read(path: Path) -> Documented:
    head, _, body = path.read_text(encoding="utf-8").partition("\n\n")
    lines = dict(line.split(": ", 1) for line in head.splitlines())
    assert lines["source"].startswith(("https://", "recorded from ")), path
    return Documented(lines, body.strip("\n").encode())


def _files(*, are_models: bool) -> list[Path]:
    found = [path for path in sorted(_FOLDER.glob("*/*.txt")) if (path.stem == _MODELS) is are_models]
    assert len(found) >= 5
    return found


def _name(path: Path) -> str:
    return f"{path.parent.name}-{path.stem}"


@pytest.mark.parametrize("path", _files(are_models=False), ids=_name)
def test_what_a_server_sends_becomes_the_right_events(server: ChatServer, asked: Questions, path: Path) -> None:
    documented = read(path)
    head = documented.head
    # Once for a stream, and again for a server that is asked once more for the whole.
    server.script(documented.reply, documented.reply)
    if head["ends"] in _ENDS:
        assert asked.ask(question("Which city?", thinking=True)) == head["text"]
        assert asked.thoughts == head.get("thoughts", "")
        assert asked.reason is _ENDS[head["ends"]]
        if "usage" in head:
            assert f"{asked.stats.prompt_tokens} {asked.stats.generated_tokens}" == head["usage"]
        assert asked.stats.reused_tokens == int(head.get("reused", "0"))
        return
    error = asked.refused("Which city?")
    assert (type(error).__name__, asked.text) == (head["ends"], head.get("text", ""))
    assert head.get("told", "") in error.title
    if isinstance(error, MessageTooLongError) and "room" in head:
        assert (error.room, error.tokens) == (int(head["room"]), int(head["tokens"]))


@pytest.mark.parametrize("path", _files(are_models=True), ids=_name)
def test_its_list_of_models_is_understood(server: ChatServer, path: Path) -> None:
    documented = read(path)
    server.at("/v1/models", documented.reply)
    seen = asyncio.run(_look(server.url))
    assert seen.kind == documented.head["program"]
    assert ", ".join(each.name for each in seen.models) == documented.head["offers"]
    room = documented.head.get("room")
    assert {each.n_ctx for each in seen.models} == {int(room) if room else None}


async def _look(url: str) -> Capabilities:
    client = ServerClient(parse_address(url), None, accounts=ProxyAccounts())
    try:
        return await look(client)
    finally:
        await client.aclose()


def _in_stream(message: str, **more: object) -> Reply:
    return Reply((event({"error": {"message": message, **more}}), event("[DONE]")))


@pytest.mark.parametrize(
    "refusal",
    [
        # TGI 3.3.7, router/src/validation.rs; it wants less than the 1 that others take for "all"
        _in_stream("Input validation error: `top_p` must be > 0.0 and < 1.0", http_status_code=422),
        Reply(
            (b'{"error":"Input validation error: `top_p` must be > 0.0 and < 1.0","error_type":"validation"}',),
            422,
            JSON,
        ),
    ],
)
def test_what_is_refused_within_the_stream_is_left_out(server: ChatServer, asked: Questions, refusal: Reply) -> None:
    server.script(refusal, said("Paris."))
    assert asked.ask(question("Which city?", sampling=Sampling(top_p=1.0))) == "Paris."
    first, second = server.questions
    assert "top_p" in first and "top_p" not in second


def test_what_goes_wrong_before_the_first_word_is_told_by_its_status(server: ChatServer, asked: Questions) -> None:
    server.script(_in_stream("The model crashed without additional information"))  # LM Studio
    assert "went wrong on the server" in asked.refused().title
    server.script(_in_stream("Invalid token", code=401))
    assert "does not accept the key" in asked.refused().title
