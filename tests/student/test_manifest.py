"""What a manifest says of the files that go in, and in what two projects differ."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.student.manifest import InputFile, differences
from desktop.student.project import Project
from tests.student.conftest import SETTINGS, make_project
from tests.support.split_models import split_model


@pytest.mark.parametrize("number", [0, 1, 2])
def test_of_a_teacher_in_parts_each_part_counts(tmp_path: Path, teacher: Path, number: int) -> None:
    # GIVEN a project whose teacher lies in three files
    parts = split_model(teacher, tmp_path / "parts")
    project = make_project(tmp_path / "project", parts[0])
    assert project.manifest.teacher.size == sum(part.stat().st_size for part in parts)
    assert project.teacher == parts[0]
    # WHEN a byte of one is another THEN it is another teacher
    part, before = parts[number], parts[number].read_bytes()
    part.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
    with pytest.raises(UserFacingError, match="teacher's file"):
        _ = Project.open(project.folder).teacher
    # BUT not where it is put back
    part.write_bytes(before)
    assert Project.open(project.folder).teacher == parts[0]
    # AND one that is gone is told
    part.unlink()
    with pytest.raises(UserFacingError, match="teacher's file"):
        _ = Project.open(project.folder).teacher


def test_a_single_file_has_the_hash_that_everybody_knows(tmp_path: Path) -> None:
    file = tmp_path / "prompts.txt"
    file.write_bytes(b"abc")
    assert InputFile.of(file).sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_two_projects_are_compared(tmp_path: Path, teacher: Path) -> None:
    one = make_project(tmp_path / "one", teacher)
    other = make_project(tmp_path / "other", teacher, replace(SETTINGS, seed=8))
    assert list(differences(one.manifest, one.manifest)) == []
    one.add_run("collect", settings={"kept": 32}, sequences=("a" * 32,))
    assert list(differences(one.manifest, other.manifest)) == ["seed: 7 against 8", "collect: done in the first only"]
    other.add_run("collect", settings={"kept": 64}, sequences=("b" * 32,))
    found = list(differences(one.manifest, other.manifest))
    assert found[1].startswith("collect, sequences: 1 (") and found[2] == "collect, kept: 32 against 64"
