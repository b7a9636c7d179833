"""Keys of servers: in the keyring of the system, and what is done where there is none."""

from __future__ import annotations

import stat
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.servers.addresses import parse_address
from desktop.servers.keys import KeyPlace, ServerKeys, checked_key
from desktop.system.keyring import open_keyring
from desktop.system.patient_keyring import Keyring
from tests.support.memory_keyring import MemoryKeyring
from tests.support.secret_service import SecretServer, has_bus, serve_secrets

_OFFICE = parse_address("https://office.example/v1")
_OTHER = parse_address("https://other.example/v1")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "server-keys.json"


def test_without_a_keyring_it_lies_where_only_its_owner_reads(file: Path) -> None:
    keys = ServerKeys(file)
    assert keys.find(_OFFICE) is None
    assert keys.keep(_OFFICE, "k1") is KeyPlace.FILE
    assert keys.keep(_OTHER, "k2") is KeyPlace.FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (keys.find(_OFFICE), keys.find(_OTHER)) == ("k1", "k2")
    keys.forget(_OFFICE)
    assert (keys.find(_OFFICE), keys.find(_OTHER)) == (None, "k2")
    keys.forget(_OTHER)
    assert not file.exists()


def test_what_is_wrong_is_not_said_to_be_a_full_disk_where_there_is_room(tmp_path: Path) -> None:
    keys = ServerKeys(tmp_path / "gone" / "server-keys.json")
    with pytest.raises(UserFacingError, match="could not be kept") as found:
        keys.keep(_OFFICE, "k1")
    assert "writable" in found.value.remedy


def test_a_keyring_takes_it_and_no_file_has_it(file: Path) -> None:
    ServerKeys(file).keep(_OFFICE, "old")
    ring = MemoryKeyring()
    keys = ServerKeys(file, lambda: ring)
    assert keys.keep(_OFFICE, "new") is KeyPlace.KEYRING
    assert not file.exists() and keys.find(_OFFICE) == "new"
    # AND it belongs to host and port, not to another of the same name
    assert keys.find(parse_address("https://office.example:8443/v1")) is None
    assert keys.find(parse_address("http://office.example/v1")) is None
    keys.forget(_OFFICE)
    assert not ring.kept


def test_a_keyring_that_only_says_so_is_not_believed(file: Path) -> None:
    class Forgetful(MemoryKeyring):
        def write(self, name: str, secret: str) -> None:
            pass

    keys = ServerKeys(file, Forgetful)
    assert keys.keep(_OFFICE, "k") is KeyPlace.FILE
    assert keys.find(_OFFICE) == "k"


@pytest.mark.parametrize("hangs", [True, False])
def test_a_keyring_that_hangs_or_raises_is_none(file: Path, hangs: bool) -> None:
    never = threading.Event()

    def broken() -> Keyring:
        if hangs:
            never.wait()
        raise RuntimeError("no bus")

    keys = ServerKeys(file, broken, patience=0.05)
    assert keys.keep(_OFFICE, "k") is KeyPlace.FILE
    assert keys.find(_OFFICE) == "k"
    never.set()


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretServer]:
    if not has_bus():
        pytest.skip("no dbus-daemon here")
    with serve_secrets() as server:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", server.address)
        yield server


def test_the_keyring_of_the_desktop(file: Path, secrets: SecretServer) -> None:
    keys = ServerKeys(file, open_keyring)
    assert keys.keep(_OFFICE, "sk-1") is KeyPlace.KEYRING
    assert [secret for _, secret in secrets.items.values()] == [b"sk-1"]
    assert keys.find(_OFFICE) == "sk-1"
    keys.forget(_OFFICE)
    assert not secrets.items and not file.exists()


def test_a_paste_brings_more_along_than_a_key() -> None:
    assert checked_key("  Bearer sk-abc123\n") == "sk-abc123"


@pytest.mark.parametrize("text", ["", "  ", "two words", "sk-\u00fc", "sk\r\nX-Evil: 1", "x" * 5000])
def test_what_no_head_takes_is_no_key(text: str) -> None:
    with pytest.raises(UserFacingError, match="no key of a server") as caught:
        checked_key(text)
    assert not caught.value.detail


def test_what_many_keep_at_once_is_all_there(file: Path) -> None:
    places = [parse_address(f"https://{number}.example/v1") for number in range(8)]
    with ThreadPoolExecutor(len(places)) as pool:
        list(pool.map(lambda each: ServerKeys(file).keep(each, "key"), places))
    assert [ServerKeys(file).find(each) for each in places] == ["key"] * len(places)
