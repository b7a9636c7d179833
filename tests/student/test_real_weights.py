"""A few answers of a real teacher: it is itself, a layer can go, and the student answers like any model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from desktop.engine.distillation.client import AskedModel
from desktop.engine.types import Asleep, Dozing
from desktop.gguf.header import read_header
from desktop.student.collecting import Collecting, make_plan
from desktop.student.judging import judge
from desktop.student.manifest import ProjectSettings
from desktop.student.prompts import builtin_prompts, of_languages, split
from desktop.student.pruning import write_pruned
from desktop.student.sequences import read_sequences
from desktop.student.vocabulary import write_smaller
from tests.student.conftest import make_project
from tests.support.command_line import catnap
from tests.support.engine_harness import GREEDY, Harness, assistant, config_for, user
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
    student = write_pruned(project, (4, 5), read_header(smollm2()).n_layers, project.student("student"), 1)
    with AskedModel(student, settings.n_ctx) as model:
        figures = judge(model, answers)
    assert 0.05 < figures.kl.value < 2 and figures.top1.value > 0.4
    # THEN the app takes the student like any model
    done = catnap("ask", "Name a colour.", "--model", str(student), "--data-dir", str(tmp_path / "data"),
                  "--max-tokens", "8", "--temperature", "0")  # fmt: skip
    assert done.code == 0 and done.out.strip(), done.err


# Conversations of fewer than 64 tokens are not kept: they are read again as soon.
LONG = "You are asked by a child of six years, who is tired and wants short answers. " * 4


@pytest.fixture(scope="module", params=["layers", "words"])
def student(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A student that was not trained: of fewer layers, or of fewer words."""
    folder = tmp_path_factory.mktemp("student")
    if request.param == "layers":
        project = make_project(folder / "project", smollm2())
        return write_pruned(project, (4, 5), 30, project.student("student"), 1)
    write_smaller(smollm2(), folder / "words.gguf", ("en",), 32_000)
    return folder / "words.gguf"


def test_a_student_dozes_sleeps_and_keeps_its_conversation_like_any_model(student: Path, tmp_path: Path) -> None:
    short = replace(GREEDY, max_tokens=12)

    def talk(folder: Path, *, naps: bool) -> list[tuple[str, int, int]]:
        config = replace(config_for(student, n_ctx=512, idle_seconds=0.2 if naps else None), snapshots_dir=folder)
        found, messages = [], []
        with Harness(config) as engine:
            for question in (f"{LONG} What is the opposite of hot?", "And of large?", "Name a colour."):
                messages.append(user(question))
                end = engine.ask(*messages, sampling=short)
                answer = engine.text(end.request_id)
                messages.append(assistant(answer))
                found.append((answer, end.stats.prompt_tokens, end.stats.reused_tokens))
                engine.rest()
                if naps:
                    engine.wait(Dozing)
                if naps and len(found) == 2:
                    engine.worker.sleep()
                    engine.wait(Asleep)
        return found

    awake, napping = talk(tmp_path / "awake", naps=False), talk(tmp_path / "naps", naps=True)
    assert napping == awake, "a doze and a sleep cost no word, and nothing is read again"
    assert awake[1][2] > 0 and awake[0][0].strip()
