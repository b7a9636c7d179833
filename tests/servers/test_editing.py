"""Servers with their keys, as the command line and the window add, change and remove them."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.servers.addresses import parse_address
from desktop.servers.editing import ServerEntry, remove_server, save_server
from desktop.servers.keys import KeyPlace, ServerKeys
from desktop.servers.registry import Findings, Server, ServerList


@pytest.fixture
def servers(tmp_path: Path) -> ServerList:
    return ServerList(tmp_path / "servers.json")


@pytest.fixture
def keys(tmp_path: Path) -> ServerKeys:
    return ServerKeys(tmp_path / "server-keys.json")


_OFFICE = ServerEntry("office", "computer:8000", "sk-1", "a", agreed=True)


def test_a_server_is_added_with_its_key_and_changed_without_it(servers: ServerList, keys: ServerKeys) -> None:
    saved = save_server(servers, keys, _OFFICE)
    assert saved.key_place is KeyPlace.FILE and saved.server.has_key and saved.server.agreed
    assert keys.find(saved.server.address) == "sk-1" and keys.is_in_file(saved.server.address)
    servers.note("office", saved.server.address, Findings("vllm", ("seed",)))
    # WHEN nothing is said of the key THEN it stays, and so does what was found out
    changed = save_server(servers, keys, replace(_OFFICE, key="", model="b"))
    assert changed.key_place is None and changed.server.has_key and changed.server.model == "b"
    assert servers.get("office").found.refused == ("seed",)
    # AND it can go
    assert not save_server(servers, keys, replace(_OFFICE, key="", without_key=True)).server.has_key
    assert keys.find(saved.server.address) is None


def test_another_address_is_another_server(servers: ServerList, keys: ServerKeys) -> None:
    old = save_server(servers, keys, _OFFICE).server
    servers.note("office", old.address, Findings("vllm"))
    new = save_server(servers, keys, replace(_OFFICE, address="elsewhere:8000", key="", agreed=False)).server
    # THEN neither key nor consent nor findings go along, and the key that nobody needs is gone
    assert not new.has_key and not new.agreed and new.found == Findings()
    assert keys.find(old.address) is None


@pytest.mark.parametrize(
    "entry",
    [replace(_OFFICE, name="a/b"), replace(_OFFICE, address="wss://host"), replace(_OFFICE, key="two words")],
)
def test_what_cannot_be_kept_changes_nothing(servers: ServerList, keys: ServerKeys, entry: ServerEntry) -> None:
    with pytest.raises(UserFacingError):
        save_server(servers, keys, entry)
    assert servers.all() == () and not keys.is_in_file(parse_address("computer:8000"))


def test_a_key_stays_as_long_as_a_server_needs_it(servers: ServerList, keys: ServerKeys) -> None:
    address = save_server(servers, keys, _OFFICE).server.address
    save_server(servers, keys, replace(_OFFICE, name="again", address="computer:8000/other", key=""))
    remove_server(servers, keys, "office")
    assert keys.find(address) == "sk-1"
    remove_server(servers, keys, "again")
    assert keys.find(address) is None


def test_several_threads_do_not_undo_each_others_work(servers: ServerList) -> None:
    for number in range(8):
        servers.put(Server(f"s{number}", parse_address("computer")))

    def work(number: int) -> None:
        for turn in range(10):
            name = f"s{number}"
            if number % 2:
                servers.note(name, servers.get(name).address, Findings("vllm", (f"p{turn}",)))
            else:
                servers.put(replace(servers.get(name), model=f"m{turn}"))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each.found.refused or each.model for each in servers.all()] == ["m9", ("p9",)] * 4
