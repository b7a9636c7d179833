"""The launch agent of macOS in a temporary home."""

from __future__ import annotations

import plistlib
from pathlib import Path
from typing import Any

import pytest

from desktop import IDENTIFIER
from desktop.system.login.launch_agent import LaunchAgent
from desktop.system.login.types import Entry

COMMAND = ("/Applications/Catnap.app/Contents/MacOS/catnap", "--hidden")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "Library" / "LaunchAgents" / f"{IDENTIFIER}.plist"


@pytest.fixture
def agent(file: Path) -> LaunchAgent:
    return LaunchAgent(file.parent, IDENTIFIER)


def write(file: Path, content: dict[str, Any], form: plistlib.PlistFormat = plistlib.PlistFormat.FMT_XML) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(plistlib.dumps(content, fmt=form))


def test_on_and_off_again(agent: LaunchAgent, file: Path) -> None:
    assert agent.read() is None
    agent.disable()
    assert not file.parent.exists()
    agent.enable(COMMAND)
    assert agent.read() == Entry(COMMAND, True)
    assert agent.place == str(file)
    agent.disable()
    assert list(file.parent.iterdir()) == []


def test_the_agent_starts_once_with_a_screen_and_is_not_kept_alive(agent: LaunchAgent, file: Path) -> None:
    agent.enable(COMMAND)
    assert plistlib.loads(file.read_bytes()) == {
        "Label": IDENTIFIER,
        "ProgramArguments": list(COMMAND),
        "RunAtLoad": True,
        "ProcessType": "Interactive",
        "LimitLoadToSessionType": "Aqua",
    }


@pytest.mark.parametrize("form", plistlib.PlistFormat)
@pytest.mark.parametrize("change", [{"Disabled": True}, {"RunAtLoad": False}, {"ProgramArguments": "catnap"}])
def test_what_launchd_would_not_start_is_off(
    agent: LaunchAgent, file: Path, change: dict[str, Any], form: plistlib.PlistFormat
) -> None:
    write(file, {"Label": IDENTIFIER, "ProgramArguments": list(COMMAND), "RunAtLoad": True} | change, form)
    entry = agent.read()
    assert entry is not None
    assert not entry.enabled
    agent.enable(COMMAND)
    assert agent.read() == Entry(COMMAND, True)


def test_what_a_person_wrote_into_it_is_not_lost(agent: LaunchAgent, file: Path) -> None:
    agent.enable(COMMAND)
    own = plistlib.loads(file.read_bytes()) | {"Nice": 5, "ProcessType": "Background"}
    write(file, own)
    agent.disable()
    entry = agent.read()
    assert entry is not None
    assert not entry.enabled
    agent.enable(COMMAND)
    assert plistlib.loads(file.read_bytes()) == own


@pytest.mark.parametrize("content", [b"", b"<plist>", b"bplist00\xff", b"\xff\xfe", plistlib.dumps(["a list"])])
def test_a_broken_file_counts_as_none_and_is_set_aside(agent: LaunchAgent, file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    assert agent.read() is None
    agent.enable(COMMAND)
    assert agent.read() == Entry(COMMAND, True)
    assert file.with_suffix(".broken").read_bytes() == content
