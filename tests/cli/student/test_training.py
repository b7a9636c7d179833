"""Ctrl+C in a training is no end of it: what the process still says is heard, and nobody else trains meanwhile."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from desktop.cli.student.alone import alone_at, alone_in
from desktop.cli.student.training import _heard
from desktop.common.errors import UserFacingError
from desktop.student.environment import TrainingEnvironment
from desktop.student.project import Project
from desktop.student.training.launching import TrainingProcess
from tests.student.conftest import make_project
from tests.support.tiny import make_tiny

HERE = TrainingEnvironment(Path(sys.executable), "3.12.1", "2.13.0", "", bf16=False)
# Tells of a step, presses Ctrl+C on whoever listens, and says when it has ended that that is what happened.
PRESSES = """
import json, os, signal, sys
print(json.dumps({"kind": "step", "step": 1}), flush=True)
os.kill(os.getppid(), signal.SIGINT)
sys.stdin.read()
print(json.dumps({"kind": "step", "step": 2}), flush=True)
print(json.dumps({"kind": "paused", "step": 2}), flush=True)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "training" / "small"
    made.mkdir(parents=True)
    return made


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be sent Ctrl+C alone")
def test_what_is_said_after_ctrl_c_is_heard(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.student.training.launching.command", lambda *_: [sys.executable, "-c", PRESSES])
    before = signal.getsignal(signal.SIGINT)
    shown: list[str] = []
    with TrainingProcess(HERE, folder) as process:
        told = [(each["kind"], each["step"]) for each in _heard(process, shown.append)]
    # THEN it is known that it was paused, which is not the end
    assert told == [("step", 1), ("step", 2), ("paused", 2)]
    assert set(shown) == {"stopping, with everything kept"}  # once or twice, as it has read on by then
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.skipif(sys.platform == "win32", reason="no process outlives the one that has started it there")
def test_a_process_that_was_left_alone_keeps_others_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = "import sys; sys.stdin.read()"
    monkeypatch.setattr("desktop.student.training.launching.command", lambda *_: [sys.executable, "-c", script])
    with alone_in(folder) as held:
        process = TrainingProcess(HERE, folder, held=held)
    # GIVEN a training whose program is gone THEN the next one waits for it
    with pytest.raises(UserFacingError, match="trained already"), alone_in(folder, seconds=0):
        pass
    with process:
        process.stop()
    with alone_in(folder, seconds=0):
        pass


def test_a_folder_is_trained_in_by_one_at_a_time(folder: Path) -> None:
    with alone_in(folder), pytest.raises(UserFacingError, match="trained already"), alone_in(folder, seconds=0):
        pass
    with alone_in(folder, seconds=0):
        pass


def test_a_step_is_done_by_one_command_at_a_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    teacher = make_tiny(tmp_path / "teacher.gguf")
    project = make_project(tmp_path / "project", teacher)
    with (
        alone_at(project, "collect"),
        pytest.raises(UserFacingError, match="Another command is at this step"),
        alone_at(Project.open(project.folder), "collect", seconds=0.3),
    ):
        pass
    assert "waits for it" in capsys.readouterr().err
    # BUT another step may be done beside it, and the same afterwards
    with alone_at(project, "collect", seconds=0), alone_at(project, "prune", seconds=0):
        pass
