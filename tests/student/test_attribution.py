"""Licence and makers of a teacher stay with its students."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from desktop.engine.distillation.client import rewrite_model
from desktop.engine.distillation.messages import Rewrite
from desktop.gguf.header import read_header
from desktop.student.attribution import Attribution, attribution_of
from desktop.student.exporting import Format, export
from desktop.student.manifest import InputFile
from desktop.student.project import Project
from tests.student.conftest import make_project


def test_a_students_file_keeps_the_licence_and_says_whose_it_is(teacher: Path, tmp_path: Path) -> None:
    # GIVEN a teacher whose file names a licence and its makers
    licensed = tmp_path / "Teacher-1B-Q8_0.gguf"
    said = (("general.license", "apache-2.0"), ("general.organization", "Makers"), ("general.name", "Teacher 1B"))
    rewrite_model(Rewrite(teacher, licensed, "copy", 0, texts=said))
    project = make_project(tmp_path / "project", licensed)
    owner = attribution_of(project)
    assert owner == Attribution("Teacher 1B", "apache-2.0", "Makers")
    assert owner.of_student() == "Student of Teacher 1B, by Makers, licence: apache-2.0"
    # WHEN a student of it is written without a layer, and in another format
    project.models.mkdir()
    pruned, student = project.models / "pruned.gguf", project.models / "student.gguf"
    rewrite_model(Rewrite(licensed, pruned, "copy", 0, (1,)))
    export(pruned, student, Format("Q8_0"), 1, description=owner.of_student())
    # THEN its file says all of it
    values = read_header(student).metadata
    assert values["general.license"] == "apache-2.0" and values["general.organization"] == "Makers"
    assert values["general.description"] == owner.of_student()


def test_what_is_gone_or_elsewhere_keeps_its_name(teacher: Path, tmp_path: Path) -> None:
    project = make_project(tmp_path / "project", teacher)
    project.manifest = replace(project.manifest, teacher=InputFile(str(tmp_path / "gone.gguf"), 1, ""))
    assert attribution_of(project) == Attribution("tiny")
    # AND where students are made of another model, its makers count and the teacher's name does
    project.manifest = replace(project.manifest, student=InputFile.of(teacher), teacher_name="Big one")
    assert attribution_of(Project(project.folder, project._file, project.manifest)).name == "Big one"
