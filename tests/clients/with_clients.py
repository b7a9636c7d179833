"""Other programs ask ``catnap serve``, as their users have them: what works is what ``docs/compatibility.json`` says.

Not among the tests of ``make test``, whose environment has none of these programs: ``make test-clients`` installs them
into one of their own and runs this. The model is real and small.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from setup.clients import NPM_FOLDER, python

from tests.compatibility.record import CLIENTS, load
from tests.support.command_line import catnap, start
from tests.support.e5 import e5_small
from tests.support.patience import LONG_PATIENCE_S, PATIENCE_S
from tests.support.weights import smollm2

_PROGRAMS = Path(__file__).with_name("programs")
_NODE = shutil.which("node") or "node"
# By their names in the record: what runs them.
_HOW: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "openai": (str(python()), str(_PROGRAMS / "with_openai.py")),
        "langchain-openai": (str(python()), str(_PROGRAMS / "with_langchain.py")),
        "llm": (str(python()), str(_PROGRAMS / "with_llm.py")),
        "npm-openai": (_NODE, str(_PROGRAMS / "with_npm_openai.mjs")),
    }
)


@dataclass(frozen=True)
class Served:
    """Catnap, as other programs see it.

    Attributes:
        url: Its address with the path.
        token: That opens it.
        embedding: Name of its embedding model.
    """

    url: str
    token: str
    embedding: str


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("served")
    place = ("--data-dir", str(home))
    for arguments in (("models", "import", str(smollm2())), ("libraries", "meaning", str(e5_small()))):
        done = catnap(*arguments, *place)
        assert done.code == 0, done.err
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = start(["serve", "--port", str(port), "--json", *place], stderr=None)
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        yield Served(told["address"], told["token"], e5_small().stem)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0


@dataclass(frozen=True)
class Outcome:
    """What a program said of itself.

    Attributes:
        version: Of the library.
        worked: By the name of the check.
        said: What went wrong, likewise.
    """

    version: str
    worked: Mapping[str, bool]
    said: Mapping[str, str]


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    """Each program runs once, and all that it tries is one run."""
    return {}


def _outcome(client: str, served: Served, outcomes: dict[str, Outcome], folder: Path) -> Outcome:
    if client not in outcomes:
        # Nothing of the person who runs the tests, and nobody told of what is run.
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LANGSMITH_TRACING": "false",
            "no_proxy": "127.0.0.1",
        }
        command = [*_HOW[client], served.url, served.token, "catnap", served.embedding]
        done = subprocess.run(
            command,
            cwd=NPM_FOLDER,
            env=environment,
            capture_output=True,
            text=True,
            timeout=LONG_PATIENCE_S,
            check=False,
        )
        lines: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
        assert done.returncode == 0 and lines, done.stderr
        outcomes[client] = Outcome(
            lines[0]["version"],
            {each["check"]: each["worked"] for each in lines[1:]},
            {each["check"]: each["said"] for each in lines[1:]},
        )
    return outcomes[client]


@pytest.mark.parametrize("client", _HOW)
def test_it_does_what_is_recorded(client: str, served: Served, outcomes: dict[str, Outcome], tmp_path: Path) -> None:
    known = load().entry(CLIENTS, client)
    found = _outcome(client, served, outcomes, tmp_path)
    assert found.version == known.version
    assert {name for name, worked in found.worked.items() if worked} == set(known.works), found.said
    assert {name for name, worked in found.worked.items() if not worked} == set(known.cannot), found.said
