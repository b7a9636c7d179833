"""A few answers of a real teacher: it is itself, a layer can go, and the student answers like any model."""

from __future__ import annotations

from pathlib import Path

from desktop.engine.distillation.client import AskedModel
from desktop.gguf.header import read_header
from desktop.student.collecting import Collecting, make_plan
from desktop.student.judging import judge
from desktop.student.project import ProjectSettings
from desktop.student.prompts import builtin_prompts, of_languages, split
from desktop.student.pruning import write_pruned
from desktop.student.sequences import read_sequences
from tests.student.conftest import make_project
from tests.support.command_line import catnap
from tests.support.weights import smollm2


def test_a_real_teacher_and_a_student_of_it(tmp_path: Path) -> None:
    settings = ProjectSettings(languages=("en",), held_out=3, max_tokens=10, n_ctx=256)
    project = make_project(tmp_path / "project", smollm2(), settings)
    training, held_out = split(of_languages(builtin_prompts(), settings.languages), 3, settings.seed)
    # WHEN a few answers are collected
    with AskedModel(smollm2(), settings.n_ctx) as model:
        plan = make_plan(model, training[:2], settings)
        collecting = Collecting(project, model, training[:1], held_out, plan)
        list(collecting.steps())
        collecting.close()
        # THEN the best 64 of 49,152 hold nearly all at temperature 1, and half a kilobyte is enough for a token
        assert plan.kept == 64 and plan.mass > 0.9 and plan.layout(model.vocabulary).token_bytes < 500
        # AND the teacher, reading its answers, thinks what it thought when it wrote them
        answers = list(read_sequences(project.held_out))
        itself = judge(model, answers)
    assert itself.kl.value < 0.01 and itself.top1.value > 0.9
    # WHEN two layers go that influence little
    student = write_pruned(project, (4, 5), read_header(smollm2()).n_layers, "student", 1)
    with AskedModel(student, settings.n_ctx) as model:
        figures = judge(model, answers)
    assert 0.05 < figures.kl.value < 2 and figures.top1.value > 0.4
    # THEN the app takes the student like any model
    done = catnap("ask", "Name a colour.", "--model", str(student), "--data-dir", str(tmp_path / "data"),
                  "--max-tokens", "8", "--temperature", "0")  # fmt: skip
    assert done.code == 0 and done.out.strip(), done.err
