"""What the engine's process cannot do once its walls stand, tried from inside; and that it can do it without them."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("the walls of Linux", allow_module_level=True)

from desktop.engine.cage import landlock, seccomp
from tests.support import caged
from tests.support.command_line import python
from tests.support.patience import PATIENCE_S

_ROOT = Path(__file__).parents[3]
_SINCE_FILES, _SINCE_TRUNCATE, _SINCE_NETWORK, _SINCE_SCOPE = 1, 3, 4, 6

needs_seccomp = pytest.mark.skipif(seccomp._machine() is None, reason="no filter for this processor")


def _needs(revision: int) -> None:
    found = landlock.version()
    if found < revision:
        pytest.skip(f"this kernel has Landlock {found}, and {revision} is needed" if found else "no Landlock here")


@dataclass(frozen=True)
class Outcome:
    code: int
    outcome: str = ""
    detail: str = ""
    walls: tuple[str, ...] = ()


def _try(which: str, probe: str, folder: Path, abstract: str = "") -> Outcome:
    """Runs a probe in a process of its own, behind the walls named."""
    command = [sys.executable, "-P", "-m", "tests.support.caged", which, probe, str(folder)]
    environment = {
        **os.environ,
        "PYTHONPATH": str(_ROOT),
        "CATNAP_TEST_ABSTRACT": abstract,
        "HOME": str(folder / "home"),
    }
    done = subprocess.run(command, env=environment, capture_output=True, timeout=PATIENCE_S, check=False)
    said = json.loads(done.stdout or "{}")
    if done.returncode == 0 and not said:  # another program has spoken
        return Outcome(0, "done")
    assert said or done.returncode, done.stderr
    return Outcome(done.returncode, said.get("outcome", ""), said.get("detail", ""), tuple(said.get("walls", ())))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    caged.Places(tmp_path).make()
    return tmp_path


@pytest.mark.parametrize("probe", caged.OF_FILES)
def test_files_that_are_not_its_own_are_out_of_reach(folder: Path, probe: str) -> None:
    _needs(_SINCE_TRUNCATE if probe == "shorten the model" else _SINCE_FILES)
    behind = _try("landlock", probe, folder)
    places = caged.Places(folder)
    assert (behind.code, behind.outcome) == (0, "refused"), behind
    assert places.model.read_text() == places.secret.read_text() == "GGUF and nothing more"
    assert not places.beside.exists()

    free = _try("none", probe, folder)
    assert (free.code, free.outcome) == (0, "done"), f"refused for another reason: {free}"


@pytest.mark.parametrize("probe", caged.OF_NETWORK)
def test_no_other_machine_is_in_reach_even_if_it_had_a_socket(folder: Path, probe: str) -> None:
    _needs(_SINCE_NETWORK)
    assert _try("landlock", probe, folder).outcome == "refused"
    assert _try("none", probe, folder).outcome == "done"


@pytest.mark.parametrize("probe", caged.OF_SCOPE)
def test_no_other_process_is_in_reach(folder: Path, probe: str) -> None:
    _needs(_SINCE_SCOPE)
    name = f"@catnap-{secrets.token_hex(8)}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name.replace("@", "\0"))
        server.listen()
        assert _try("landlock", probe, folder, name).outcome == "refused"
        assert _try("none", probe, folder, name).outcome == "done"


@needs_seccomp
@pytest.mark.parametrize("probe", caged.OF_CALLS)
def test_calls_it_has_no_use_for_are_refused(folder: Path, probe: str) -> None:
    behind = _try("seccomp", f"calls: {probe}", folder)
    assert (behind.code, behind.outcome) == (0, "refused"), behind

    free = _try("none", f"calls: {probe}", folder)
    assert (free.code, free.outcome) == (0, "done"), f"refused for another reason: {free}"


@pytest.mark.parametrize("probe", caged.OF_MEMORY)
def test_memory_beyond_the_limit_is_an_error_of_its_own_and_not_the_machine_s(folder: Path, probe: str) -> None:
    assert _try("all", probe, folder).outcome == "refused"
    assert _try("none", probe, folder).outcome == "done"


@pytest.mark.parametrize("probe", caged.NEEDED)
def test_what_it_needs_is_left_to_it(folder: Path, probe: str) -> None:
    behind = _try("all", probe, folder)
    assert (behind.code, behind.outcome) == (0, "done"), behind


def test_it_can_still_end_itself_in_either_way(folder: Path) -> None:
    assert _try("all", "abort", folder).code == -signal.SIGABRT
    assert _try("all", "end", folder).code == 7


def test_there_is_one_thread_when_the_walls_are_raised() -> None:
    # Landlock binds the thread that asks for it, and those it starts.
    count = "print(len(os.listdir('/proc/self/task')))"
    code = f"import os; from desktop.engine.llama import bindings; bindings.load(); {count}"
    done = python(code)
    assert done.out.strip() == "1", done.err


@needs_seccomp
def test_all_walls_are_said(folder: Path) -> None:
    _needs(_SINCE_FILES)
    walls = _try("all", "read the model", folder).walls
    assert [wall.partition(":")[0] for wall in walls] == ["memory", "no new privileges", "files", "system calls"]
    assert f"Landlock {landlock.version()}" in walls[2]
