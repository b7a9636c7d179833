"""Who changes a file that several programs share: one after another, and nobody waits for the dead."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from desktop.common.file_lock import changing_alone
from tests.support.command_line import environment

_HOLDING = (
    "import sys; from pathlib import Path; from desktop.common.file_lock import changing_alone\n"
    "with changing_alone(Path(sys.argv[1])):\n"
    "    print('held', flush=True); sys.stdin.read()\n"
)


@pytest.fixture
def other(tmp_path: Path) -> subprocess.Popen[bytes]:
    """Another program that is changing the file."""
    command = [sys.executable, "-c", _HOLDING, str(tmp_path / "list.json")]
    process = subprocess.Popen(command, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def test_another_program_is_waited_for_in_vain(other: subprocess.Popen[bytes], tmp_path: Path) -> None:
    with pytest.raises(OSError, match="another program is changing it"), changing_alone(tmp_path / "list.json", 0.1):
        pytest.fail("two at once")
    other.communicate()
    with changing_alone(tmp_path / "list.json", 0.1):
        pass


def test_one_that_was_killed_holds_nothing(other: subprocess.Popen[bytes], tmp_path: Path) -> None:
    other.kill()
    other.communicate()
    with changing_alone(tmp_path / "list.json", 0.1):
        pass


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    with changing_alone(tmp_path / "list.json"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_without_a_folder_whoever_writes_is_told_why(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with changing_alone(tmp_path / "file" / "list.json"):
        pass
