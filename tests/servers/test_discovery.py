"""Servers that are looked for: announced on loopback by the test itself, and at the ports of this computer."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import zeroconf.asyncio
from zeroconf import ServiceInfo, Zeroconf

from desktop.cli.common import Places
from desktop.cli.servers import ServersRequest, run
from desktop.common.errors import UserFacingError
from desktop.servers import discovery
from desktop.servers.addresses import parse_address
from desktop.servers.discovery import Found, ask_usual_ports, discover
from desktop.servers.registry import Server, ServerList
from tests.support.chat_server import JSON, ChatServer, Reply, document, refused, serve_chat
from tests.support.command_line import catnap, python
from tests.support.patience import wait_for

_LOOPBACK = ("127.0.0.1",)
# Other tests on this computer may announce something at the same time.
_MINE = f"{os.getpid()}"


class Announcer:
    """Announces services on loopback, and finds those that were announced here."""

    def __init__(self) -> None:
        self._zeroconf = Zeroconf(interfaces=list(_LOOPBACK))

    def announce(
        self, service: str, name: str, port: int, *, address: str = "127.0.0.1", path: str | None = None
    ) -> None:
        properties = {} if path is None else {"path": path}
        info = ServiceInfo(
            service,
            f"{name} {_MINE}.{service}",
            port,
            properties=properties,
            server=f"catnap-{_MINE}-{port}.local.",
            parsed_addresses=[address],
        )
        self._zeroconf.register_service(info, cooperating_responders=True)

    def found(self) -> dict[str, Found]:
        """Listens for a moment, and returns what is from here, by its name without the mark."""
        there = discover(0.4, _LOOPBACK)
        return {each.name.removesuffix(_MINE).strip(): each for each in there if each.name.endswith(_MINE)}

    def close(self) -> None:
        self._zeroconf.close()


@pytest.fixture
def network() -> Iterator[Announcer]:
    announcer = Announcer()
    yield announcer
    announcer.close()


def test_what_announces_itself_is_found(network: Announcer) -> None:
    network.announce("_ollama._tcp.local.", "Upstairs", 11434)
    network.announce("_openai._tcp.local.", "Office", 8000, path="/llm/v1")
    network.announce("_http._tcp.local.", "Printer on floor 2", 80)
    network.announce("_http._tcp.local.", "my vLLM box", 8001)
    wait_for("the announcements", lambda: {"Upstairs", "Office", "my vLLM box"} <= network.found().keys())
    found = network.found()
    assert set(found) == {"Upstairs", "Office", "my vLLM box"}  # the printer's page is nobody's model
    assert (found["Upstairs"].address.url, found["Upstairs"].program) == ("http://127.0.0.1:11434/v1", "Ollama")
    assert (found["Office"].address.url, found["Office"].program) == ("http://127.0.0.1:8000/llm/v1", "")
    assert not any(each.wants_key for each in found.values())


def test_no_word_of_an_announcement_is_trusted(network: Announcer, tmp_path: Path) -> None:
    # GIVEN a name that would turn a line round and end a choice, a path that would lead elsewhere, a foreign address
    network.announce("_ollama._tcp.local.", "a/b:c\u202egpj", 11434, path="/../../etc?x=http://evil")
    network.announce("_llm._tcp.local.", "elsewhere", 80, address="93.184.216.34")
    network.announce("_llm._tcp.local.", "seen last", 8002)
    wait_for("the announcements", lambda: len(network.found()) >= 2)
    found = network.found()
    assert "elsewhere" not in found
    (odd,) = (each for name, each in found.items() if name != "seen last")
    assert odd.name.isprintable() and not set("/:\\\u202e") & set(odd.name)
    assert odd.address.url == "http://127.0.0.1:11434/v1"
    # THEN a server can be called so, and words do not go there before somebody agrees
    servers = ServerList(tmp_path / "servers.json")
    assert servers.put(Server(odd.name, parse_address("http://192.168.1.9:11434"))).may_be_asked is False


@pytest.mark.parametrize("problem", [OSError("Network is unreachable"), RuntimeError("No interfaces to listen on")])
def test_a_network_that_cannot_be_asked_is_told(monkeypatch: pytest.MonkeyPatch, problem: Exception) -> None:
    def refuse(**_: object) -> None:
        raise problem

    monkeypatch.setattr(zeroconf.asyncio, "AsyncZeroconf", refuse)
    with pytest.raises(UserFacingError, match="could not be asked for servers"):
        discover(0.1, _LOOPBACK)


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with serve_chat() as server:
        yield server


def test_a_computer_is_asked_at_the_ports_that_are_usual(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch, free_port: int
) -> None:
    server.at("/v1/models", document({"object": "list", "data": [{"id": "m", "owned_by": "vllm"}]}))
    place = parse_address(server.url)
    assert place.port is not None
    monkeypatch.setattr(discovery, "_PORTS", {place.port: "Ollama", free_port: "Jan"})
    # THEN what it says of itself counts more than the port, and where nobody listens there is nothing
    assert ask_usual_ports("127.0.0.1") == (Found("vLLM", place, "vLLM"),)
    assert [each.path for each in server.asked] == ["/v1/models"]
    assert "authorization" not in server.asked[0].headers


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places.of(tmp_path, None)


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        (refused(401, "Invalid API Key"), True),
        (Reply((b"<html>Please sign in</html>",), 401, "text/html"), False),
        (Reply((b"<html>It works!</html>",), 200, "text/html"), False),
        (refused(404, "Not Found"), False),
        (Reply((b'{"status": "ok"}',), 200, JSON), False),
    ],
)
def test_only_what_answers_like_a_server_is_one(server: ChatServer, reply: Reply, found: bool) -> None:
    server.at("/v1/models", reply)
    assert [each.wants_key for each in ask_usual_ports(server.url)] == ([True] if found else [])


@pytest.mark.parametrize("computer", ["api.example.com", "8.8.8.8", "https://example.com:8000/v1"])
def test_computers_of_others_are_not_searched(computer: str) -> None:
    with pytest.raises(UserFacingError, match="Only computers of the own network"):
        ask_usual_ports(computer)


def test_the_command_line_shows_what_is_there(server: ChatServer, tmp_path: Path, free_port: int) -> None:
    done = catnap("servers", "discover", server.url, "--data-dir", str(tmp_path))
    place = parse_address(server.url)
    assert (done.code, done.out) == (0, f"{place.place.replace(':', ' ')}  {place.url}\n")
    assert "nobody has checked" in done.err
    assert catnap("servers", "discover", server.url, "--json", "--data-dir", str(tmp_path)).json["found"] == [
        {"name": place.place.replace(":", " "), "address": place.url, "program": "", "key": False}
    ]
    nothing = catnap("servers", "discover", f"127.0.0.1:{free_port}", "--data-dir", str(tmp_path))
    assert nothing.code == 0 and "answers at none of the ports" in nothing.err


def test_the_command_line_says_that_most_servers_never_announce_themselves(
    places: Places, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(discovery, "discover", tuple)
    assert run(places, ServersRequest("discover"), as_json=False) == 0
    assert "most servers never do" in capsys.readouterr().err
    heard = Found("Upstairs", parse_address("http://192.168.1.5:11434"), "Ollama", wants_key=True)
    monkeypatch.setattr(discovery, "discover", lambda: (heard,))
    assert run(places, ServersRequest("discover"), as_json=False) == 0
    assert capsys.readouterr().out == "Upstairs  http://192.168.1.5:11434/v1  Ollama  wants a key\n"
    assert run(places, ServersRequest("discover"), as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["found"][0]["key"] is True


def test_nothing_listens_before_somebody_asks() -> None:
    code = "import sys, desktop.servers.discovery; print({'zeroconf', 'httpx', 'ifaddr'} & set(sys.modules))"
    assert python(code).out.strip() == "set()"
