"""The guards of conftest.py hold: a test that reaches out fails, even when it swallows the exception."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest

from desktop.common.paths import Paths, resolve_paths
from tests import conftest as this_conftest
from tests.conftest import ForbiddenError, Sandbox

REAL_HOME = this_conftest._REAL_HOME
HOME = Path("/home/somebody")


@pytest.fixture
def own() -> Sandbox:
    """A sandbox of its own, so that its violations do not fail the test that provokes them."""
    return Sandbox(HOME)


@pytest.mark.parametrize(
    "address", [("192.0.2.1", 80), ("2001:db8::1", 80, 0, 0), ("models.example", 443), (b"192.0.2.1", 80)]
)
def test_connections_beyond_loopback_are_refused(own: Sandbox, address: tuple[object, ...]) -> None:
    with pytest.raises(ForbiddenError):
        own.audit("socket.connect", (None, address))
    with pytest.raises(ForbiddenError):
        own.audit("socket.getaddrinfo", (address[0], 80, 0, 0, 0))
    assert len(own.violations) == 2


@pytest.mark.parametrize("address", [("127.0.0.1", 80), ("::1", 80, 0, 0), ("localhost", 80), "/tmp/x.sock", b"\0x"])
def test_loopback_and_local_sockets_are_allowed(own: Sandbox, address: object) -> None:
    own.audit("socket.connect", (None, address))
    assert own.violations == []


def test_what_others_read_too_is_read_only(own: Sandbox, tmp_path: Path) -> None:
    shared, mine = tmp_path / "shared.gguf", tmp_path / "mine.gguf"
    own.shared.add(shared)
    own.audit("open", (str(shared), "rb", os.O_RDONLY))
    own.audit("open", (str(mine), "wb", os.O_WRONLY))
    for event, arguments in (
        ("open", (str(shared), "wb", os.O_WRONLY)),
        ("os.rename", (str(mine), str(shared), -1, -1)),
        ("os.remove", (str(shared), -1)),
    ):
        with pytest.raises(ForbiddenError, match="a copy"):
            own.audit(event, arguments)
    assert len(own.violations) == 3


def test_the_home_is_read_only(own: Sandbox) -> None:
    target = str(HOME / ".local" / "share" / "catnap" / "x")
    own.audit("open", (target, "r", os.O_RDONLY))
    for event, arguments in (
        ("open", (target, "w", os.O_WRONLY | os.O_CREAT)),
        ("open", (target.encode(), None, os.O_RDWR)),
        ("os.mkdir", (target, 0o777, -1)),
        ("os.rename", ("/tmp/x", target, -1, -1)),
        ("os.remove", (target, -1)),
        ("sqlite3.connect", (target,)),
    ):
        with pytest.raises(ForbiddenError):
            own.audit(event, arguments)


def test_temporary_folders_and_the_checkout_are_writable(tmp_path: Path) -> None:
    everything_is_home = Sandbox(Path("/"))
    for path in (tmp_path / "x", Path(__file__).parents[2] / ".pytest_cache" / "x"):
        everything_is_home.audit("open", (str(path), "w", os.O_WRONLY))
    everything_is_home.audit("sqlite3.connect", (":memory:",))


def test_a_file_that_a_test_leaves_where_it_was_started_is_seen(tmp_path: Path) -> None:
    # GIVEN a folder with what a project has, and what tools keep there
    for name in ("pyproject.toml", ".coverage", "build"):
        (tmp_path / name).touch()
    before = this_conftest.names_in(tmp_path)
    # WHEN a name was taken for a path, and a tool has written something
    with sqlite3.connect(f"file:{tmp_path}/:memory:?mode=rwc", uri=True) as made:
        made.execute("CREATE TABLE x (y)")
    made.close()
    (tmp_path / ".pytest_cache").mkdir()
    # THEN it is seen
    assert this_conftest.names_in(tmp_path) - before == {":memory:"}


def test_the_real_thing_is_guarded(sandbox: Sandbox) -> None:
    with pytest.raises(ForbiddenError), socket.socket() as client:
        client.connect(("192.0.2.1", 9))
    assert len(sandbox.violations) == 1
    sandbox.violations.clear()


@pytest.mark.skipif(
    any(REAL_HOME.is_relative_to(folder) for folder in this_conftest._WRITABLE),
    reason="this user's home lies in a folder that tests may write to",
)
def test_the_real_home_is_guarded(sandbox: Sandbox) -> None:
    with pytest.raises(ForbiddenError):
        sqlite3.connect(REAL_HOME / ".catnap-sandbox-test.sqlite3")
    assert len(sandbox.violations) == 1
    sandbox.violations.clear()


def test_the_home_folder_of_a_test_is_its_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    assert Path.home() != REAL_HOME
    for folder in (resolve_paths(None).data, resolve_paths(None).cache, resolve_paths(None).log_dir):
        assert folder.is_relative_to(tmp_path_factory.getbasetemp())


def test_data_dir_is_made_and_empty(data_dir: Paths) -> None:
    assert data_dir.data.is_dir()
    assert not data_dir.history_file.exists()


SINS = {
    ("a swallowed connection", "only loopback is allowed"): """
        import contextlib, socket
        def test_sin():
            with contextlib.suppress(Exception), socket.socket() as client:
                client.connect(("192.0.2.1", 9))
    """,
    ("a thread left running", "threads left running"): """
        import threading
        import tests.conftest
        stop = threading.Event()
        def test_sin(monkeypatch):
            monkeypatch.setattr(tests.conftest, "_THREAD_GRACE_S", 0.1)
            threading.Thread(target=stop.wait, daemon=True).start()
    """,
    ("an exception in a thread", "PytestUnhandledThreadExceptionWarning"): """
        import threading
        def work():
            raise ValueError("unseen")
        def test_sin():
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
    """,
    ("a file left open", "unclosed file"): """
        def test_sin(tmp_path):
            (tmp_path / "x").write_text("x")
            open(tmp_path / "x")
    """,
    ("a warning of Qt", "something is wrong"): """
        from PySide6.QtCore import qWarning
        def test_sin(qapp):
            qWarning("something is wrong")
    """,
    ("an exception in a slot", "ValueError: unseen"): """
        from PySide6.QtCore import QTimer
        def work():
            raise ValueError("unseen")
        def test_sin(qtbot):
            done = []
            QTimer.singleShot(0, work)
            QTimer.singleShot(0, lambda: done.append(True))
            qtbot.waitUntil(lambda: bool(done))
    """,
}


WELL = """
    import socket, threading
    def test_well(tmp_path, qapp, data_dir):
        (data_dir.data / "x").write_text("x")
        with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
            pass
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()
"""


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[str]]:
    """Runs a test file for each sin, in one process, under this project's own configuration and guards.

    Returns:
        What pytest says of the tests that failed, by the name of the file.
    """
    root, folder = Path(__file__).parents[2], tmp_path_factory.mktemp("sins")
    (folder / "conftest.py").write_text("from tests.conftest import *\n")
    for (sin, _complaint), source in SINS.items():
        (folder / f"{_file(sin)}.py").write_text(textwrap.dedent(source))
    (folder / "test_well.py").write_text(textwrap.dedent(WELL))
    command = [sys.executable, "-m", "pytest", "-c", str(root / "pyproject.toml"), f"--rootdir={folder}"]
    command += ["-p", "no:cacheprovider", f"--basetemp={folder / 'tmp'}", f"--junitxml={folder / 'report.xml'}", "."]
    ended = subprocess.run(
        command, cwd=folder, env={**os.environ, "PYTHONPATH": str(root)}, capture_output=True, text=True, check=False
    )
    assert ended.returncode == pytest.ExitCode.TESTS_FAILED, ended.stdout + ended.stderr
    found: dict[str, list[str]] = {}
    for case in ElementTree.parse(folder / "report.xml").iter("testcase"):
        said = found.setdefault(case.attrib["classname"].rpartition(".")[2], [])
        said += [f"{one.attrib.get('message', '')}\n{one.text}" for one in case if one.tag in ("failure", "error")]
    return found


def _file(sin: str) -> str:
    return f"test_{sin.replace(' ', '_')}"


@pytest.mark.parametrize(("sin", "complaint"), SINS)
def test_pytest_fails_on(sin: str, complaint: str, complaints: Mapping[str, list[str]]) -> None:
    (said,) = complaints[_file(sin)]
    assert complaint in said


def test_pytest_passes_what_is_well(complaints: Mapping[str, list[str]]) -> None:
    assert complaints["test_well"] == [] and len(complaints) == len(SINS) + 1


def test_the_process_of_the_tests_does_not_end_without_a_word() -> None:
    with pytest.raises(pytest.fail.Exception, match="with status 1"):
        os._exit(1)
