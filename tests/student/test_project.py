"""A project's folder and what its manifest says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.student.project import MANIFEST, Project, differences
from tests.student.conftest import SETTINGS, make_project


def test_what_was_written_is_read(project: Project) -> None:
    project.add_run("collect", settings={"kept": 32}, sequences=("a" * 32,), figures={"training": 1})
    project.add_run("collect", settings={"kept": 32}, sequences=("a" * 32, "b" * 32), replaces=True)
    project.add_run("prune", settings={"without": [1, 2]})
    again = Project.open(project.folder)
    assert again.manifest == project.manifest
    assert [run.step for run in again.manifest.runs] == ["collect", "prune"]
    run = again.manifest.last("collect")
    assert run is not None and len(run.sequences) == 2


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path, teacher: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UserFacingError, match="not empty"):
        make_project(tmp_path, teacher)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("content", [None, "", "{}", '{"version": 1}', '{"version": 9}', "[" * 100_000])
def test_what_is_no_project_is_a_sentence_and_stays(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / MANIFEST).write_text(content)
    with pytest.raises(UserFacingError, match="no project of a student"):
        Project.open(tmp_path)
    assert content is None or (tmp_path / MANIFEST).read_text() == content


def test_a_teacher_that_is_another_file_is_told(tmp_path: Path, teacher: Path) -> None:
    copy = tmp_path / "copy.gguf"
    copy.write_bytes(teacher.read_bytes())
    project = make_project(tmp_path / "project", copy)
    assert project.teacher == copy
    copy.write_bytes(b"short")
    with pytest.raises(UserFacingError, match="teacher's file"):
        _ = project.teacher


def test_two_projects_are_compared(tmp_path: Path, teacher: Path) -> None:
    one = make_project(tmp_path / "one", teacher)
    other = make_project(tmp_path / "other", teacher, replace(SETTINGS, seed=8))
    assert list(differences(one.manifest, one.manifest)) == []
    one.add_run("collect", settings={"kept": 32}, sequences=("a" * 32,))
    assert list(differences(one.manifest, other.manifest)) == ["seed: 7 against 8", "collect: done in the first only"]
    other.add_run("collect", settings={"kept": 64}, sequences=("b" * 32,))
    found = list(differences(one.manifest, other.manifest))
    assert found[1].startswith("collect, sequences: 1 (") and found[2] == "collect, kept: 32 against 64"
