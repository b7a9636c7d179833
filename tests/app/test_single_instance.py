"""One Catnap for each data folder: real processes, real locks, real sockets, and everything a stranger could send."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from desktop.app.single_instance import (
    Refused,
    Request,
    SingleInstance,
    decode_answer,
    decode_request,
    encode_answer,
    encode_request,
)
from desktop.common.errors import UserFacingError
from desktop.common.paths import Paths, resolve_paths
from tests.support.patience import PATIENCE_MS, PATIENCE_S

# A start as the program makes it: says what it became, and as the first stays until told to quit.
START = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from desktop.common.paths import resolve_paths
from desktop.app import single_instance
patience = single_instance.PATIENCE_S = single_instance.STARTING_S = float(sys.argv[4])
app = QCoreApplication([])
instance = single_instance.SingleInstance(resolve_paths(Path(sys.argv[1])))
if not instance.acquire():
    reply = instance.send(sys.argv[2], patience, sys.argv[3])
    print("second", reply.ok, reply.problem or "", flush=True)
    sys.exit(0 if reply.ok else 1)
print("first", flush=True)
instance.requested.connect(lambda verb, token, action: print("asked", verb, flush=True))
instance.requested.connect(lambda verb, token, action: app.quit() if verb == "quit" else None)
app.exec()
instance.close()
"""

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    paths = resolve_paths(tmp_path / "data")
    paths.create()
    return paths


@pytest.fixture
def start(paths: Paths) -> Iterator[Start]:
    """Starts a process; whatever still runs at the end of the test is killed."""
    started: list[subprocess.Popen[str]] = []

    def go(verb: str = "show", token: str = "") -> subprocess.Popen[str]:
        command = [sys.executable, "-c", START, str(paths.data), verb, token, str(PATIENCE_S)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
        started.append(process)
        return process

    yield go
    for process in started:
        process.kill()
        process.communicate()


def be_patient(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Says how long a Catnap waits for another one."""
    for name in ("PATIENCE_S", "STARTING_S"):
        monkeypatch.setattr(f"desktop.app.single_instance.{name}", seconds)


@pytest.fixture
def first(qapp: object, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> Iterator[SingleInstance]:
    be_patient(monkeypatch, PATIENCE_S)
    instance = SingleInstance(paths)
    assert instance.acquire()
    yield instance
    instance.close()


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _raw(qtbot: QtBot, paths: Paths, data: bytes) -> bytes:
    """Sends bytes and returns all that comes back until the first instance hangs up."""
    socket = QLocalSocket()
    socket.connectToServer(paths.instance_name)
    assert socket.waitForConnected(PATIENCE_MS)
    with qtbot.waitSignal(socket.disconnected):
        socket.write(data)
    return bytes(socket.readAll().data())


def test_a_second_process_is_heard_by_the_first_and_leaves_with_0(start: Start) -> None:
    first = start()
    assert _line(first) == "first"

    second = start("quick-ask")
    assert second.communicate(timeout=PATIENCE_S)[0].strip() == "second True"
    assert second.returncode == 0
    assert _line(first) == "asked quick-ask"

    assert start("quit").wait(PATIENCE_S) == 0
    assert _line(first) == "asked quit"
    assert first.wait(PATIENCE_S) == 0


def test_of_many_starts_at_once_exactly_one_is_the_first(start: Start) -> None:
    processes = [start() for _ in range(5)]
    lines = [_line(process) for process in processes]
    assert sorted(lines) == ["first"] + ["second True"] * 4


def test_what_a_killed_process_left_behind_is_taken_over(start: Start, paths: Paths) -> None:
    crashed = start()
    assert _line(crashed) == "first"
    crashed.kill()
    crashed.wait(PATIENCE_S)
    assert paths.lock_file.exists()

    heir = start()
    assert _line(heir) == "first"
    assert start("show").wait(PATIENCE_S) == 0
    assert _line(heir) == "asked show"


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="a process cannot be stopped here")
def test_a_hung_first_instance_is_named_within_the_time_given(start: Start, paths: Paths) -> None:
    hung = start()
    assert _line(hung) == "first"
    hung.send_signal(signal.SIGSTOP)

    second = SingleInstance(paths)
    assert not second.acquire()
    reply = second.send("show", timeout=0.5)

    assert reply.running
    assert reply.problem is not None
    assert reply.problem.title == "Catnap is running already, but it does not answer."
    assert reply.problem.remedy


def test_a_lock_holder_without_a_socket_is_waited_for_and_keeps_its_lock(
    qapp: object, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    be_patient(monkeypatch, 0.2)
    starting = SingleInstance(paths)
    assert starting.acquire(listen=False)

    second = SingleInstance(paths)
    assert not second.acquire()
    problem = second.send("show").problem
    assert problem is not None
    assert problem.title == "Catnap is running already, but it does not answer."
    assert paths.lock_file.exists()

    starting.listen()
    assert not second.acquire()
    starting.close()


def test_one_that_is_on_its_way_out_is_followed(qapp: object, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    be_patient(monkeypatch, PATIENCE_S)
    leaving = SingleInstance(paths)
    assert leaving.acquire(listen=False)
    timer = threading.Timer(0.3, leaving.close)
    timer.start()
    heir = SingleInstance(paths)
    assert heir.acquire()
    timer.join()
    heir.close()


def test_a_lock_whose_pid_belongs_to_another_program_now_is_taken_over(
    qapp: object, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    be_patient(monkeypatch, 0.2)
    crashed = SingleInstance(paths)
    assert crashed.acquire(listen=False)
    content = paths.lock_file.read_bytes()  # names this process, which lives
    crashed.close()
    paths.lock_file.write_bytes(content)

    heir = SingleInstance(paths)
    assert heir.acquire()
    heir.close()


def test_the_lock_needs_no_application() -> None:
    code = (
        "import sys; from pathlib import Path; from desktop.common.paths import resolve_paths\n"
        "from desktop.app.single_instance import SingleInstance\n"
        "from PySide6.QtCore import QCoreApplication\n"
        "import tempfile\n"
        "with tempfile.TemporaryDirectory() as folder:\n"
        "    instance = SingleInstance(resolve_paths(Path(folder)))\n"
        "    assert instance.acquire(listen=False)\n"
        "    app = QCoreApplication([])\n"
        "    instance.listen()\n"
        "    instance.close()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_activation_token_comes_along(qtbot: QtBot, first: SingleInstance, start: Start) -> None:
    with qtbot.waitSignal(first.requested) as asked:
        start("quick-ask", "token-4711")
    assert asked.args == ["quick-ask", "token-4711", ""]


@pytest.mark.parametrize("name", ["Explain", "Mach es kürzer, bitte", "翻译成英语", 'a "b" \\ c', "x" * 200])
def test_an_action_comes_along_whatever_it_is_called(
    qtbot: QtBot, first: SingleInstance, paths: Paths, name: str
) -> None:
    with qtbot.waitSignal(first.requested) as asked:
        line = encode_request(Request("action", "token", name))
        assert json.loads(_raw(qtbot, paths, line)) == {"ok": True}
    assert asked.args == ["action", "token", name]


def test_an_older_catnap_is_asked_in_its_own_version() -> None:
    # An older one understands version 1 alone, and says of a newer one that it is too old for it.
    assert json.loads(encode_request(Request("show")))["version"] == 1
    assert json.loads(encode_request(Request("action", "", "Explain")))["version"] == 2


def test_without_a_first_there_is_nobody_to_ask(qapp: object, paths: Paths) -> None:
    reply = SingleInstance(paths).send("quit", timeout=0.2)
    assert not reply.running
    assert reply.problem is not None
    assert reply.problem.title == "Catnap is not running."


def test_after_close_the_next_start_is_the_first(qapp: object, paths: Paths) -> None:
    for _ in range(2):
        instance = SingleInstance(paths)
        assert instance.acquire()
        instance.close()
        instance.close()


@pytest.mark.skipif(os.name == "nt", reason="pipes have no mode")
def test_the_socket_is_for_its_owner_only(first: SingleInstance, paths: Paths) -> None:
    mode = Path(paths.instance_name).stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) & 0o077 == 0


def test_another_data_folder_is_another_catnap(first: SingleInstance, tmp_path: Path) -> None:
    other = resolve_paths(tmp_path / "other")
    other.create()
    instance = SingleInstance(other)
    assert instance.acquire()
    instance.close()


def test_a_folder_that_is_not_there_is_a_sentence(qapp: object, paths: Paths) -> None:
    paths.cache.rmdir()
    paths.log_dir.rmdir()
    paths.runtime.rmdir()
    with pytest.raises(UserFacingError) as caught:
        SingleInstance(paths).acquire()
    assert str(paths.lock_file) in caught.value.detail
    assert caught.value.remedy


def test_a_socket_that_cannot_be_made_is_a_sentence_and_leaves_no_lock(qapp: object, paths: Paths) -> None:
    Path(paths.instance_name).mkdir()
    with pytest.raises(UserFacingError) as caught:
        SingleInstance(paths).acquire()
    assert paths.instance_name in caught.value.detail
    Path(paths.instance_name).rmdir()
    instance = SingleInstance(paths)
    assert instance.acquire()
    instance.close()


def test_a_request_survives_the_wire() -> None:
    request = Request("quick-ask", "t0ken")
    assert decode_request(encode_request(request)) == request
    assert decode_answer(encode_answer(None)) is None


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"\xff\xfe\n", "malformed"),
        (b"show\n", "malformed"),
        (b"[]\n", "malformed"),
        (b"\n", "malformed"),
        (b"[" * 900 + b"\n", "malformed"),
        (b'{"verb": "show", "activation_token": ""}\n', "malformed"),
        (b'{"version": "1", "verb": "show", "activation_token": ""}\n', "malformed"),
        (b'{"version": true, "verb": "show", "activation_token": ""}\n', "malformed"),
        (b'{"version": 0, "verb": "show", "activation_token": ""}\n', "malformed"),
        (b'{"version": 1, "verb": "show"}\n', "malformed"),
        (b'{"version": 1, "verb": ["show"], "activation_token": ""}\n', "malformed"),
        (b'{"version": 1, "verb": "show", "activation_token": 7}\n', "malformed"),
        (b'{"version": 1, "verb": "show", "activation_token": "a\\nb"}\n', "malformed"),
        (b'{"version": 1, "verb": "show", "activation_token": "\\u4e2d"}\n', "malformed"),
        (b'{"version": 1, "verb": "show", "activation_token": "", "more": 1}\n', "malformed"),
        (b'{"version": 1, "verb": "format-disk", "activation_token": ""}\n', "unknown-verb"),
        (b'{"version": 3, "anything": "else"}\n', "newer-version"),
        (b'{"version": 2, "anything": "else"}\n', "malformed"),
        (b'{"version": 2, "verb": "action", "activation_token": ""}\n', "malformed"),
        (b'{"version": 2, "verb": "action", "activation_token": "", "action": 7}\n', "malformed"),
        (b'{"version": 2, "verb": "show", "activation_token": "", "action": "Explain"}\n', "malformed"),
        (b'{"version": 1, "verb": "action", "activation_token": "", "action": "Explain"}\n', "unknown-verb"),
        (
            json.dumps({"version": 2, "verb": "action", "activation_token": "", "action": "x" * 201}).encode() + b"\n",
            "malformed",
        ),
        (json.dumps({"version": 1, "verb": "show", "activation_token": "x" * 300}).encode() + b"\n", "malformed"),
    ],
)
def test_whatever_a_stranger_sends_is_refused(line: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        decode_request(line)
    assert refused.value.code == code
    problem = decode_answer(encode_answer(code))
    assert problem is not None
    assert problem.title.endswith(".")
    assert problem.remedy


@pytest.mark.parametrize(
    "line", [b"", b"ok\n", b"[true]\n", b'{"ok": 1}\n', b'{"ok": false}\n', b'{"ok": false, "error": 3}\n']
)
def test_an_answer_that_is_none_is_not_taken_for_one(line: bytes) -> None:
    assert decode_answer(line) is not None


def test_the_socket_refuses_and_goes_on(qtbot: QtBot, first: SingleInstance, paths: Paths) -> None:
    asked: list[str] = []
    first.requested.connect(lambda verb, _token, _action: asked.append(verb))
    newer = b'{"version": 3}\n'
    assert json.loads(_raw(qtbot, paths, newer)) == {"ok": False, "error": "newer-version"}
    assert json.loads(_raw(qtbot, paths, b"x" * 9000)) == {"ok": False, "error": "malformed"}
    assert asked == []
    assert json.loads(_raw(qtbot, paths, encode_request(Request("show")))) == {"ok": True}
    assert asked == ["show"]


def test_only_the_first_line_of_a_connection_counts(qtbot: QtBot, first: SingleInstance, paths: Paths) -> None:
    asked: list[str] = []
    first.requested.connect(lambda verb, _token, _action: asked.append(verb))
    answers = _raw(qtbot, paths, encode_request(Request("show")) + encode_request(Request("quit")))
    assert answers == encode_answer(None)
    assert asked == ["show"]


def test_one_who_says_nothing_is_shown_out(
    qtbot: QtBot, first: SingleInstance, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    be_patient(monkeypatch, 0.1)
    assert _raw(qtbot, paths, b"half a li") == b""


def test_an_unknown_verb_is_a_bug_of_the_caller(first: SingleInstance) -> None:
    with pytest.raises(ValueError, match="dance"):
        first.send("dance")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="names that are no text")
def test_a_data_folder_whose_name_is_no_text_has_one_catnap_as_well(qapp: object, tmp_path: Path) -> None:
    paths = resolve_paths(tmp_path / os.fsdecode(b"caf\xe9"))
    paths.create()
    first, second = SingleInstance(paths), SingleInstance(paths)
    assert first.acquire()
    assert not second.acquire()
    first.close()
    assert second.acquire()
    second.close()
