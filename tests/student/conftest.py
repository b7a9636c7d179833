"""A small teacher, a project for it, and prompts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.engine.distillation.client import AskedModel
from desktop.gguf.copying import copy_with, read_values, texts_value
from desktop.student.collecting import Collecting, Plan, make_plan
from desktop.student.manifest import InputFile, Manifest, ProjectSettings, now
from desktop.student.project import Project
from desktop.student.prompts import Prompt, digest_of, split
from desktop.student.teachers import TranslatedTeacher
from tests.support.tiny import make_tiny

PROMPTS = tuple(Prompt(f"Question number {number}?", "daily", "en") for number in range(8))
SETTINGS = ProjectSettings(held_out=3, max_tokens=8, kept=32, n_ctx=256, seed=7)


@pytest.fixture(scope="session")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of six layers that says printable characters. Read only."""
    return make_tiny(tmp_path_factory.mktemp("teacher") / "teacher.gguf", layers=6, ascii_only=True)


@pytest.fixture(scope="session")
def asked(teacher: Path) -> Iterator[AskedModel]:
    with AskedModel(teacher, SETTINGS.n_ctx) as model:
        yield model


def two_bytes(model: Path, text: bytes) -> Path:
    """Writes a copy of a model beside it that has a token for two bytes; returns the file."""
    values = read_values(model)
    tokens = list(values["tokenizer.ggml.tokens"].texts)
    tokens[200] = text
    values["tokenizer.ggml.tokens"] = texts_value(tokens)
    values["tokenizer.ggml.merges"] = texts_value([b" ".join((text[:1], text[1:]))])
    target = model.with_name(f"{model.stem}-two-bytes.gguf")
    copy_with(model, target, values, {})
    return target


def make_project(
    folder: Path, teacher: Path, settings: ProjectSettings = SETTINGS, student: Path | None = None
) -> Project:
    manifest = Manifest(
        teacher=InputFile.of(teacher),
        teacher_name="tiny",
        prompts=None,
        prompts_digest=digest_of(PROMPTS),
        settings=settings,
        build="test",
        at=now(),
        student=None if student is None else InputFile.of(student),
    )
    return Project.create(folder, manifest)


def collect(project: Project, model: AskedModel | TranslatedTeacher, most: int | None = None) -> Plan:
    """Collects answers, or only so many of them."""
    settings = project.manifest.settings
    training, held_out = split(PROMPTS, settings.held_out, settings.seed)
    # How fast the machine is stands in the plan, and must not part two runs.
    plan = replace(make_plan(model, training, settings), tokens_per_second=100.0)
    collecting = Collecting(project, model, training, held_out, plan)
    try:
        for done, _ in enumerate(collecting.steps()):
            if done == most:
                break
        else:
            collecting.write_down()
    finally:
        collecting.close()
    return plan


@pytest.fixture
def project(tmp_path: Path, teacher: Path) -> Project:
    return make_project(tmp_path / "project", teacher)


@pytest.fixture(scope="session")
def collected(tmp_path_factory: pytest.TempPathFactory, teacher: Path, asked: AskedModel) -> Project:
    """A project with all its answers. Read only but for new files."""
    project = make_project(tmp_path_factory.mktemp("collected") / "project", teacher)
    collect(project, asked)
    return project
