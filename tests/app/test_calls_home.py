"""Catnap never calls anybody by itself: neither at the start nor in an hour of waiting."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command_line import environment
from tests.support.idle_hour import Watch
from tests.support.patience import PATIENCE_S

# Whatever Qt would like to speak to on a desktop is not there, so that only Catnap itself is looked at.
ALONE = {"QT_QPA_PLATFORM": "offscreen", "DBUS_SESSION_BUS_ADDRESS": "disabled:"}


def hour(*arguments: str) -> list[str]:
    """Returns what the app did in an hour of waiting that it had no reason to do."""
    command = [sys.executable, "-m", "tests.support.idle_hour", *arguments]
    done = subprocess.run(command, capture_output=True, env=environment(ALONE), timeout=PATIENCE_S, check=False)
    assert done.returncode == 0, done.stderr.decode()
    seen: list[str] = json.loads(done.stdout)
    return seen


@pytest.mark.parametrize("way", [["--hidden"], []], ids=["as at login", "with its windows"])
def test_an_idle_hour_opens_no_socket(tmp_path: Path, way: list[str]) -> None:
    assert hour("--data-dir", str(tmp_path / "data"), *way) == []


def test_a_call_home_late_in_the_hour_would_be_found(tmp_path: Path) -> None:
    assert hour("--phone-home", "--data-dir", str(tmp_path / "data"), "--hidden") == ["opened an Internet socket"]


@pytest.mark.skipif(not Path("/proc/self/net").exists(), reason="only Linux lists sockets in files")
def test_a_socket_of_native_code_would_be_found() -> None:
    watch = Watch()
    watch.sample()
    assert watch.seen == []
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        opened.listen()
        watch.sample()
    assert watch.seen == ["holds an Internet socket"]
