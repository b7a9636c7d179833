"""Which servers there are, over restarts and in files that came to harm."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.servers.addresses import parse_address
from desktop.servers.registry import Findings, Server, ServerList


@pytest.fixture
def servers(tmp_path: Path) -> ServerList:
    return ServerList(tmp_path / "servers.json")


def _server(name: str = "office", address: str = "10.0.0.7:8000") -> Server:
    return Server(name, parse_address(address))


def test_what_is_kept_comes_back(servers: ServerList) -> None:
    kept = Server(
        "Büro",
        parse_address("https://api.example.com/v1"),
        agreed=True,
        has_key=True,
        through_proxy=True,
        model="owner/name",
        found=Findings("vllm", ("seed",), {"owner/name": 4096}),
    )
    assert servers.put(kept) == kept
    assert servers.all() == (kept,)
    assert servers.get(" BÜRO") == kept


def test_the_same_name_replaces_and_asks_again_for_another_place(servers: ServerList) -> None:
    servers.put(replace(_server(), agreed=True))
    assert servers.put(_server("Office")).agreed  # the same place
    assert not servers.put(_server("OFFICE", "10.0.0.8:8000")).agreed
    assert [each.name for each in servers.all()] == ["OFFICE"]


def test_what_is_removed_leaves_nothing(servers: ServerList, tmp_path: Path) -> None:
    servers.put(_server())
    assert servers.remove("office").name == "office"
    assert servers.all() == () and not (tmp_path / "servers.json").exists()
    with pytest.raises(UserFacingError, match="no such server"):
        servers.remove("office")


def test_what_is_wrong_is_not_said_to_be_a_full_disk_where_there_is_room(tmp_path: Path) -> None:
    servers = ServerList(tmp_path / "gone" / "servers.json")
    with pytest.raises(UserFacingError, match="could not be kept") as found:
        servers.put(_server())
    assert "writable" in found.value.remedy


@pytest.mark.parametrize("name", ["", "  ", "a/b", "a:b", "a\\b", "x" * 61])
def test_names_that_would_be_taken_for_something_else(servers: ServerList, name: str) -> None:
    with pytest.raises(UserFacingError, match="cannot be called so"):
        servers.put(_server(name))


def test_findings_are_kept_only_where_they_belong(servers: ServerList) -> None:
    office = servers.put(_server())
    servers.note("office", office.address, Findings("vllm"))
    assert servers.get("office").found.kind == "vllm"
    servers.note("office", parse_address("elsewhere"), Findings("ollama"))
    servers.note("gone", office.address, Findings("ollama"))
    assert servers.get("office").found.kind == "vllm"


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "x"},
        {"name": "", "address": "host"},
        {"name": "x", "address": "ws://host"},
        {"name": "x", "address": 7},
        "x",
    ],
)
def test_a_file_that_means_nothing_is_put_aside(servers: ServerList, tmp_path: Path, entry: object) -> None:
    (tmp_path / "servers.json").write_text(json.dumps({"version": 1, "servers": [entry]}))
    assert servers.all() == ()
    servers.put(_server())
    assert len(list(tmp_path.iterdir())) == 2


def test_odd_values_beside_a_good_server_do_not_cost_it(servers: ServerList, tmp_path: Path) -> None:
    entry = {"name": "x", "address": "host", "agreed": "yes", "model": 7, "refused": [1, "seed"], "contexts": {"a": -1}}
    (tmp_path / "servers.json").write_text(json.dumps({"version": 1, "servers": [entry]}))
    assert servers.all() == (Server("x", parse_address("host"), found=Findings(refused=("seed",))),)


def test_there_is_an_end_to_them(servers: ServerList) -> None:
    for number in range(50):
        servers.put(_server(f"s{number}"))
    with pytest.raises(UserFacingError, match="as many servers"):
        servers.put(_server("one more"))
    servers.put(_server("s1", "elsewhere"))  # one that is there can still be changed


def test_what_many_add_at_once_is_all_there(tmp_path: Path) -> None:
    names = [f"server {number}" for number in range(8)]
    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(lambda each: ServerList(tmp_path / "servers.json").put(_server(each)), names))
    assert {each.name for each in ServerList(tmp_path / "servers.json").all()} == set(names)


@pytest.mark.parametrize("name", ["a\nb", " a  b ", "a\u200bb"])
def test_a_server_is_found_by_the_name_that_it_was_given(servers: ServerList, name: str) -> None:
    kept = servers.put(_server(name))
    assert servers.get(name) == kept == servers.remove(name)
