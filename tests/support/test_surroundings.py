"""What whoever starts the tests has set, ignored or closed reaches neither them nor the programs that they start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.support.patience import LONG_PATIENCE_S
from tests.support.surroundings import clean, colour_wish

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
ODD = {
    "LC_ALL": "C",
    "LANGUAGE": "zh_CN",
    "TZ": "Asia/Kolkata",
    "XDG_DATA_HOME": "/nowhere",
    "QT_QPA_PLATFORM": "xcb",
    "QT_SCALE_FACTOR": "2",
    "DISPLAY": ":987",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "no_proxy": "*",
    "PYTHONWARNINGS": "ignore",
    "CATNAP_DEMO_OFFSCREEN": "1",
    "MAKEFLAGS": "n",
    "COLUMNS": "20",
}

# Prints what a program finds that a test starts, and what the test finds itself.
LOOK = """
import json, os, signal, subprocess, sys
CHILD = '''
import json, os, signal
print(json.dumps([
    {signal.Signals(number).name: signal.getsignal(number) is not signal.SIG_IGN for number in (1, 2, 3, 15)},
    sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, ()))),
    dict(os.environ),
    [os.fstat(number).st_mode is not None for number in range(3)],
]))
'''
def test_look():
    done = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, check=True)
    handled, blocked, environment, _ = json.loads(done.stdout)
    assert all(handled.values()), handled
    assert blocked == []
    for name in ODD_NAMES:
        assert environment.get(name) in (None, "C.UTF-8", "offscreen"), name
    assert environment["LANG"] == "C.UTF-8"
    assert "ö".encode() == subprocess.run(
        [sys.executable, "-c", "print(chr(246), end='')"], capture_output=True, check=True
    ).stdout
    os.kill(os.getpid(), signal.SIGINT)  # goes on being ignored here
    os.kill(os.getpid(), signal.SIGHUP)
"""


def ignore_and_close() -> None:
    """What a shell does for a job in its background, and some starters of programs do besides."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    os.close(0)


@pytest.mark.skipif(sys.platform == "win32", reason="signals and descriptors of Unix")
def test_the_starter_makes_no_difference(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("from tests.conftest import *")
    pytester.makepyfile(textwrap.dedent(LOOK).replace("ODD_NAMES", repr(sorted(ODD))))
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), f"--rootdir={pytester.path}"]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", "."],
        cwd=pytester.path,
        env={**os.environ, **ODD, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        preexec_fn=ignore_and_close,
        timeout=LONG_PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode()
    assert b"1 passed" in done.stdout


def test_what_pytest_and_the_tests_of_the_bundle_need_stays() -> None:
    needed = {
        "CATNAP_E2E_COMMAND": "/opt/catnap",
        "CATNAP_BUILD_CACHE": "/c",
        "PATH": "/bin",
        "HOME": "/h",
        "USER": "u",
    }
    environment = {**needed, **ODD}
    clean(environment)
    assert environment == {**needed, "LANG": "C.UTF-8", "QT_QPA_PLATFORM": "offscreen"}


@pytest.mark.parametrize(
    ("environment", "wish"),
    [({}, "auto"), ({"NO_COLOR": "1"}, "no"), ({"TERM": "dumb"}, "no"), ({"FORCE_COLOR": "1"}, "yes")],
)
def test_colours_are_those_that_were_wished_for(environment: dict[str, str], wish: str) -> None:
    assert colour_wish(environment) == wish
