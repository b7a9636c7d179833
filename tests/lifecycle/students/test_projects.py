"""The list of students outlives the program, and says what is wrong with it where it does not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.lifecycle.students.projects import Goal, StudentProjects, Wish


def test_what_is_wanted_is_known_after_a_restart(projects: StudentProjects, wish: Wish, tmp_path: Path) -> None:
    project = projects.begin(replace(wish, goal=Goal.SMALLER, minutes=0))
    failed = project.failed(UserFacingError("No.", "Because.", "Do."))
    projects.put(replace(failed, memory=7, sentence="It is.", file="/f", report="/r"))
    again = StudentProjects(tmp_path / "students")
    assert again.all() == projects.all()
    assert again.of_teacher("small") == projects.all()[0]
    assert again.all()[0].problem is not None
    assert again.all()[0].going().problem is None


def test_each_has_a_folder_of_its_own(projects: StudentProjects, wish: Wish) -> None:
    names = [projects.begin(replace(wish, teacher_name=name)).id for name in ("Small 135M", "Small 135M", "小", "..")]
    assert names == ["small-135m-23-1", "small-135m-23-2", "model-23-1", "model-23-2"]
    assert all(projects.folder_of(each).parent.name == "students" for each in projects.all())


def test_a_project_of_a_list_that_was_lost_is_gone_on_with(projects: StudentProjects, wish: Wish) -> None:
    project = projects.begin(wish)
    projects.folder_of(project).mkdir()
    projects.forget(project)
    assert projects.begin(wish).id == project.id


def test_what_somebody_has_written_beside_is_kept(projects: StudentProjects, wish: Wish) -> None:
    projects.begin(wish)
    file = projects._file.path
    file.write_text(json.dumps({**json.loads(file.read_text()), "options": ["--quick"]}))
    again = StudentProjects(file.parent)
    again.put(again.all()[0].failed(UserFacingError("No.")))
    assert StudentProjects(file.parent).options == ("--quick",)


def test_files_are_found_where_the_folder_was_moved_to(projects: StudentProjects, wish: Wish, tmp_path: Path) -> None:
    project = projects.begin(wish)
    said = projects.folder_of(project) / "models" / "a.gguf"
    (tmp_path / "students").rename(tmp_path / "moved")
    moved = StudentProjects(tmp_path / "moved")
    assert moved.place_of(project, str(said)) == tmp_path / "moved" / project.id / "models" / "a.gguf"
    assert moved.place_of(project, "/elsewhere/a.gguf") == Path("/elsewhere/a.gguf")


def test_where_pytorch_is_is_kept(projects: StudentProjects, wish: Wish, tmp_path: Path) -> None:
    assert projects.python is None
    projects.choose_python(tmp_path / "env")
    projects.begin(wish)
    assert StudentProjects(tmp_path / "students").python == tmp_path / "env"


def test_one_is_forgotten_and_its_folder_removed(projects: StudentProjects, wish: Wish) -> None:
    project = projects.begin(wish)
    folder = projects.folder_of(project)
    (folder / "models").mkdir(parents=True)
    projects.log_of(project).write_text("log")
    projects.forget(project)
    projects.remover(project)()
    assert not folder.exists()
    assert not projects.log_of(project).exists()
    assert projects.all() == ()
    projects.remover(project)()  # nothing is there any more


def test_a_link_in_place_of_a_folder_is_not_followed(projects: StudentProjects, wish: Wish, tmp_path: Path) -> None:
    project = projects.begin(wish)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    projects.folder_of(project).symlink_to(elsewhere)
    projects.remover(project)()
    assert elsewhere.exists()


@pytest.mark.parametrize("name", ["../up", "a/b", "", "-a", "A"])
def test_a_name_that_is_no_folder_of_ours_is_not_believed(projects: StudentProjects, wish: Wish, name: str) -> None:
    projects.begin(wish)
    file = projects._file.path
    document = json.loads(file.read_text())
    document["students"][0]["id"] = name
    file.write_text(json.dumps(document))
    again = StudentProjects(file.parent)
    assert again.all() == ()
    assert again.problem is not None


def test_a_list_that_cannot_be_written_is_said(projects: StudentProjects, wish: Wish, tmp_path: Path) -> None:
    (tmp_path / "students").write_text("in the way")
    with pytest.raises(UserFacingError):
        projects.begin(wish)
    assert projects.all() == ()
