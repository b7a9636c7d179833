"""A project's folder and what its manifest says."""

from __future__ import annotations

import errno
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.student.project import MANIFEST, Project
from tests.student.conftest import make_project


def test_what_was_written_is_read(project: Project) -> None:
    project.add_run("collect", settings={"kept": 32}, sequences=("a" * 32,), figures={"training": 1})
    project.add_run("collect", settings={"kept": 32}, sequences=("a" * 32, "b" * 32), replaces=True)
    project.add_run("prune", settings={"without": [1, 2]})
    again = Project.open(project.folder)
    assert again.manifest == project.manifest
    assert [run.step for run in again.manifest.runs] == ["collect", "prune"]
    run = again.manifest.last("collect")
    assert run is not None and len(run.sequences) == 2


def test_what_another_command_has_done_meanwhile_stays(project: Project) -> None:
    first, second = Project.open(project.folder), Project.open(project.folder)
    first.add_run("prune", settings={"name": "a"})
    second.add_run("collect", settings={}, sequences=("a" * 32,), replaces=True)
    first.add_run("export", settings={})
    assert [run.step for run in Project.open(project.folder).manifest.runs] == ["prune", "collect", "export"]
    assert first.manifest == Project.open(project.folder).manifest


def test_what_several_write_down_at_once_is_all_there(project: Project) -> None:
    projects = [Project.open(project.folder) for _ in range(6)]
    with ThreadPoolExecutor(len(projects)) as pool:
        list(
            pool.map(lambda each: [each.add_run("prune", settings={"name": str(id(each))}) for _ in range(5)], projects)
        )
    names = [run.settings["name"] for run in Project.open(project.folder).manifest.runs]
    assert sorted(names) == sorted(str(id(each)) for each in projects for _ in range(5))


def test_a_student_is_in_the_manifest_before_it_has_its_name(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    made, target = project.unfinished("prune"), project.student("small")
    made.write_bytes(b"GGUF")
    # WHEN the disk is full for the manifest THEN the name is free, and the same command goes on
    with monkeypatch.context() as patch:
        patch.setattr(Project, "_write", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
        with pytest.raises(OSError, match="full"):
            project.add_student(made, target, "prune", settings={"name": "small"})
    assert made.exists() and not target.exists()
    assert project.add_student(made, target, "prune", settings={"name": "small"}) == 4
    assert target.read_bytes() == b"GGUF" and not made.exists()
    run = Project.open(project.folder).manifest.last("prune")
    assert run is not None and run.figures == {"bytes": 4}
    # AND what a killed command has left goes
    made.write_bytes(b"half")
    assert not project.unfinished("prune").exists()


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "../b", "/b", "a\\b", "CON", "x" * 300, "字" * 80, "a\nb", " a", "-x"]
)
def test_names_that_lead_elsewhere_or_nowhere_are_refused(project: Project, name: str) -> None:
    with pytest.raises(UserFacingError, match="cannot be called so"):
        project.student(name)


@pytest.mark.parametrize("name", ["layers-22", "small 1", "小的", "a.b", "x" * 100])
def test_other_names_are_files_among_the_students(project: Project, name: str) -> None:
    file = project.student(name)
    assert file.parent == project.models and file.stem == name


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path, teacher: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UserFacingError, match="not empty"):
        make_project(tmp_path, teacher)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("content", [None, "", "{}", '{"version": 1}', '{"version": 9}', "[" * 100_000])
def test_what_is_no_project_is_a_sentence_and_stays(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / MANIFEST).write_text(content)
    words = "no project of a student" if content is None else "newer Catnap" if "9" in content else "damaged"
    with pytest.raises(UserFacingError, match=words) as refused:
        Project.open(tmp_path)
    assert content is None or (tmp_path / MANIFEST).read_text() == content
    assert ("put back a copy" in refused.value.remedy) == (content is not None)


def test_a_manifest_of_another_version_is_read_and_a_wrong_one_is_damaged(project: Project) -> None:
    project.add_run("collect", settings={"kept": 32})
    file = project.folder / MANIFEST
    written = json.loads(file.read_text())
    written["settings"]["later"] = written["later"] = written["runs"][0]["later"] = [1]
    del written["teacher"]["written_ns"], written["settings"]["mass"]
    file.write_text(json.dumps(written))
    assert Project.open(project.folder).manifest.settings == project.manifest.settings
    assert Project.open(project.folder).teacher == project.teacher
    for wrong in (None, "x", [1], 1.5, True):
        file.write_text(json.dumps({**written, "settings": {**written["settings"], "n_ctx": wrong}}))
        with pytest.raises(UserFacingError, match="damaged"):
            Project.open(project.folder)


def test_a_teacher_that_is_another_file_is_told(tmp_path: Path, teacher: Path) -> None:
    copy = tmp_path / "copy.gguf"
    copy.write_bytes(teacher.read_bytes())
    project = make_project(tmp_path / "project", copy)
    assert project.teacher == copy
    # WHEN it is another one, of another size or of the same
    other = bytearray(teacher.read_bytes())
    other[-1] ^= 1
    for content in (b"short", bytes(other)):
        copy.write_bytes(content)
        with pytest.raises(UserFacingError, match="teacher's file"):
            _ = Project.open(project.folder).teacher
    # BUT the same that was copied once more is the same
    copy.write_bytes(teacher.read_bytes())
    assert Project.open(project.folder).teacher == copy
