"""``catnap servers``: which there are, and what is said when one is added."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.support.command_line import Done, catnap


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


# No bus of this session is asked for a keyring.
_NO_BUS = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"}


def _servers(home: Path, *arguments: str, stdin: bytes = b"") -> Done:
    return catnap("servers", *arguments, "--data-dir", str(home), stdin=stdin, env=_NO_BUS)


def test_a_server_is_added_listed_and_removed(home: Path) -> None:
    assert "catnap servers add" in _servers(home, "list").out
    added = _servers(home, "add", "office", "192.168.1.5:8000", "--model", "owner/name")
    assert (added.code, added.err) == (0, "")
    assert added.out == "office  http://192.168.1.5:8000/v1  owner/name  not agreed to yet\n"
    listed = _servers(home, "list", "--json").json["servers"]
    assert [(each["name"], each["address"], each["agreed"], each["encrypted"]) for each in listed] == [
        ("office", "http://192.168.1.5:8000/v1", False, False)
    ]
    assert _servers(home, "add", "OFFICE", "192.168.1.5:8000", "--agree").out.count("not agreed") == 0
    removed = _servers(home, "remove", "office")
    assert removed.code == 0 and "is forgotten" in removed.out
    assert not (home / "servers.json").exists()


def test_a_key_without_a_keyring_is_kept_and_that_is_said(home: Path) -> None:
    added = _servers(home, "add", "cloud", "http://api.example.com", "--key-from-stdin", stdin=b"Bearer sk-42\n")
    file = home / "server-keys.json"
    assert added.code == 0 and f"lies in {file}" in added.err
    assert "without encryption" in added.err and "the key" in added.err
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and "sk-42" in file.read_text(encoding="utf-8")
    assert "sk-42" not in (home / "servers.json").read_text(encoding="utf-8") + added.out + added.err
    # AND an address that was given another name has it still, until both are gone
    assert "with a key" in _servers(home, "add", "again", "http://api.example.com/v1").out
    _servers(home, "remove", "cloud")
    assert file.exists()
    _servers(home, "remove", "again")
    assert not file.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["add", "a/b", "host"], "cannot be called so"),
        (["add", "a", "wss://host"], "by http or https"),
        (["add", "a", "https://u:pw@host"], "password stands in the address"),
        (["add", "a", "host", "--key-from-stdin"], "no key of a server"),
        (["remove", "a"], "no such server"),
        (["models", "a"], "no such server"),
        (["test", "a"], "no such server"),
    ],
)
def test_what_cannot_be_is_a_sentence(home: Path, arguments: list[str], words: str) -> None:
    done = _servers(home, *arguments)
    assert done.code == 1 and words in done.err and "Traceback" not in done.err
    assert not (home / "servers.json").exists()
