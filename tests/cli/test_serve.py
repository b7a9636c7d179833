"""``catnap serve``: programs use the sleeping model without a window."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.api_rig import CHAT, MODELS, Answered, read_response
from tests.support.command_line import catnap, interrupt, python, start
from tests.support.parrot import PARROT_TEXT
from tests.support.patience import PATIENCE_S


@dataclass
class Served:
    process: subprocess.Popen[bytes]
    said: dict[str, Any]

    @property
    def port(self) -> int:
        return int(self.said["address"].rsplit(":", 1)[1].partition("/")[0])

    def ask(self, path: str, document: Any = None, token: str | None = None) -> Answered:
        body = b"" if document is None else json.dumps(document).encode()
        head = (
            f"{'POST' if body else 'GET'} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"Authorization: Bearer {token or self.said['token']}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S) as client:
            client.sendall(head.encode() + body)
            return read_response(client)


@pytest.fixture
def home(tmp_path: Path, parrot_model: Path) -> Path:
    home = tmp_path / "home"
    assert catnap("models", "import", str(parrot_model), "--data-dir", str(home)).code == 0
    return home


@contextlib.contextmanager
def _served(home: Path, *arguments: str) -> Iterator[Served]:
    process = start(["serve", "--port", "0", "--json", "--data-dir", str(home), *arguments])
    assert process.stdout is not None
    try:
        yield Served(process, json.loads(process.stdout.readline()))
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=PATIENCE_S)


def test_a_program_is_answered_and_the_token_is_shown_once(home: Path) -> None:
    with _served(home) as served:
        assert served.ask(MODELS).json["data"][0]["id"] == "catnap"
        answered = served.ask(CHAT, {"messages": [{"role": "user", "content": "Hello"}]})
        assert answered.json["choices"][0]["message"]["content"] == PARROT_TEXT
        assert served.ask(MODELS, token="other").status == 401
        token = served.said["token"]
        code, out, err = interrupt(served.process)
        assert (code, out, err) == (130, b"", b"")
    # AND the next one does not show it, and takes it all the same
    with _served(home) as served:
        assert served.said["token"] is None and served.ask(MODELS, token=token).status == 200
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(PATIENCE_S) == 0
    with _served(home, "--new-token") as served:
        assert served.ask(MODELS).status == 200 and served.ask(MODELS, token=token).status == 401


def test_it_says_in_words_where_and_how(home: Path) -> None:
    process = start(["serve", "--port", "0", "--data-dir", str(home)])
    assert process.stdout is not None
    lines = [process.stdout.readline().decode() for _line in range(4)]
    interrupt(process)
    assert lines[0].startswith("address: http://127.0.0.1:") and lines[0].endswith("/v1\n")
    assert lines[1].startswith("token: catnap-") and "this once" in lines[2] and "Ctrl+C" in lines[3]


def test_a_port_that_is_taken_is_said_and_whether_by_catnap(home: Path) -> None:
    with _served(home) as served:
        again = catnap("serve", "--port", str(served.port), "--data-dir", str(home))
        assert again.code == 1 and "Catnap answers other programs there already" in again.err
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = str(taken.getsockname()[1])
        other = catnap("serve", "--port", port, "--data-dir", str(home))
        assert other.code == 1 and "Another program uses this port" in other.err and "Traceback" not in other.err


def test_without_a_model_it_says_how_to_get_one(tmp_path: Path) -> None:
    done = catnap("serve", "--data-dir", str(tmp_path / "home"))
    assert done.code == 1 and "catnap models download" in done.err
    assert not (tmp_path / "home" / "api.json").exists()


def test_only_a_model_that_is_known_is_served(home: Path, tiny_model: Path) -> None:
    done = catnap("serve", "--model", str(tiny_model), "--data-dir", str(home))
    assert done.code == 1 and "catnap models import" in done.err
    assert "no such model" in catnap("serve", "--model", "nothing", "--data-dir", str(home)).err


def test_the_settings_stay_as_they_are(home: Path) -> None:
    before = {file.name: file.read_bytes() for file in home.glob("settings*.json")}
    with _served(home):
        pass
    assert {file.name: file.read_bytes() for file in home.glob("settings*.json")} == before


def test_it_imports_no_window() -> None:
    code = (
        "import sys, desktop.cli.serve; print([name for name in sys.modules if name.startswith(('PySide6', 'httpx'))])"
    )
    assert python(code).out == "[]\n"
