"""What tests of students share: processes that obey, and an empty list of projects."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.lifecycle.students.projects import StudentProjects, Wish
from tests.support.led_process import LedProcesses


@pytest.fixture
def processes() -> Iterator[LedProcesses]:
    with LedProcesses() as made:
        yield made


@pytest.fixture
def projects(tmp_path: Path) -> StudentProjects:
    return StudentProjects(tmp_path / "students")


@pytest.fixture
def wish(tmp_path: Path) -> Wish:
    return Wish("small", "Small 135M", tmp_path / "small.gguf", 23, 30)
