"""``catnap servers``: which there are, and what is said when one is added."""

from __future__ import annotations

import io
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.cli.common import Places, ProgressLine
from desktop.cli.server_ask import ServerAsker
from tests.support.chat_server import ChatServer, Reply, delta, refused, said, serve_chat
from tests.support.command_line import Done, catnap, interrupt, start
from tests.support.patience import PATIENCE_S


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


# --- asked


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with serve_chat() as server:
        yield server


def _add(home: Path, server: ChatServer, *arguments: str) -> None:
    added = _servers(home, "add", "office", server.url, *arguments)
    assert added.code == 0, added.err


def _ask(home: Path, *arguments: str) -> Done:
    return catnap("ask", *arguments, "--data-dir", str(home), env=_NO_BUS)


def test_a_server_answers_on_stdout(home: Path, server: ChatServer) -> None:
    _add(home, server)
    done = _ask(home, "Who is there?", "--server", "office")
    assert (done.code, done.out) == (0, "Hello there.\n")
    place = server.url.partition("//")[2]
    assert f"answered by {place}" in done.err and "read 12 tokens" in done.err
    assert server.questions[0]["messages"][-1] == {"role": "user", "content": "Who is there?"}


def test_the_settings_and_arguments_go_along(home: Path, server: ChatServer) -> None:
    server.offer("a", "b/c")
    _add(home, server, "--model", "a")
    done = _ask(
        *(home, "?", "--server", "Office/b/c", "--seed", "3", "--temperature", "0.5", "--max-tokens", "7"),
        *("--system", "Be brief.", "--json"),
    )
    assert done.json["answer"] == "Hello there." and done.json["model"] == "server:office/b/c"
    sent = server.questions[0]
    assert (sent["model"], sent["seed"], sent["temperature"], sent["max_tokens"]) == ("b/c", 3, 0.5, 7)
    assert sent["messages"][0] == {"role": "system", "content": "Be brief."}
    # AND where none is named it is the one that was chosen for the server
    assert _ask(home, "?", "--server", "office").code == 0
    assert server.questions[1]["model"] == "a"


def test_a_document_goes_along_or_passages_of_it(home: Path, server: ChatServer, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("The library opens at nine.\n" * 400, encoding="utf-8")
    _add(home, server)
    server.script(
        refused(400, "too long", type="exceed_context_size_error", n_prompt_tokens=3000, n_ctx=1000), said("At nine.")
    )
    done = _ask(home, "When does it open?", "--file", str(note), "--server", "office")
    assert (done.code, done.out) == (0, "At nine.\n"), done.err
    assert "asked with" in done.err and "--ctx" not in done.err
    first, second = (each["messages"][-1]["content"] for each in server.questions)
    assert len(second) < len(first) and "opens at nine" in second


def test_a_schema_goes_along(home: Path, server: ChatServer, tmp_path: Path) -> None:
    file = tmp_path / "schema.json"
    file.write_text('{"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}')
    _add(home, server)
    server.script(said('{"n": ', "7}"), said('{"n": "seven"}'))
    done = _ask(home, "?", "--json-schema", str(file), "--server", "office")
    assert (done.code, done.out) == (0, '{"n": 7}\n'), done.err
    done = _ask(home, "?", "--json-schema", str(file), "--server", "office")
    assert (done.code, done.out) == (1, "") and "does not keep to the JSON Schema" in done.err


def test_ctrl_c_stops_it_and_what_came_stays(home: Path, server: ChatServer) -> None:
    _add(home, server)
    server.script(Reply((delta("Once "),), waits=True))
    with start(["ask", "?", "--server", "office", "--data-dir", str(home)]) as process:
        assert process.stdout is not None
        assert process.stdout.read(5) == b"Once "
        code, _, err = interrupt(process)
    assert code == 130 and b"Traceback" not in err
    assert server.left.wait(PATIENCE_S)


def test_models_and_test(home: Path, server: ChatServer) -> None:
    server.offer("a", "evil\x1b[2J", max_model_len=4096)
    _add(home, server)
    assert _servers(home, "models", "office").out == "a  4,096 tokens\n"
    assert _servers(home, "models", "office", "--json").json["models"] == [{"name": "a", "n_ctx": 4096}]
    tested = _servers(home, "test", "office")
    assert (tested.code, tested.out) == (0, "Hello there.\n") and "first word after" in tested.err


def test_nothing_is_sent_before_somebody_has_agreed(home: Path) -> None:
    _servers(home, "add", "far", "https://api.example.com")
    done = _ask(home, "A secret?", "--server", "far")
    assert done.code == 1 and "Nobody has agreed yet" in done.err and done.out == ""


def test_an_answer_that_breaks_off_is_kept_and_said(home: Path, server: ChatServer) -> None:
    _add(home, server)
    server.script(Reply((delta("Once "),), is_cut=True))
    done = _ask(home, "?", "--server", "office")
    assert (done.code, done.out) == (1, "Once \n") and "broke off" in done.err


@pytest.mark.parametrize("more", [["--model", "x"], ["--ctx", "512"], ["--threads", "1"]])
def test_what_is_about_this_computer_goes_without_a_server(home: Path, more: list[str]) -> None:
    assert _ask(home, "?", "--server", "office", *more).code == 2


def test_it_is_asked_once_at_a_terminal(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _servers(home, "add", "far", "https://api.example.com")

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    places = Places.of(home, None)
    for typed, agreed in (("\n", False), ("n\n", False), ("Y\n", True)):
        monkeypatch.setattr(sys, "stdin", Terminal(typed))
        assert ServerAsker(places, "far", ProgressLine()).server.may_be_asked is agreed
        assert "goes to api.example.com. Go on? [y/N]" in capsys.readouterr().err
    # AND not again
    assert ServerAsker(places, "far", ProgressLine()).server.may_be_asked
    assert not capsys.readouterr().err
