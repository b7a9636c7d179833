"""The teacher's answers are collected: how many logits they need, and that a run goes on where it stopped."""

from __future__ import annotations

import os
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.engine.distillation.client import AskedModel
from desktop.student.collecting import Collecting, make_plan, planned
from desktop.student.manifest import ProjectSettings
from desktop.student.project import Project
from desktop.student.prompts import Prompt, split
from desktop.student.sequences import read_layout, read_sequences
from tests.student.conftest import PROMPTS, SETTINGS, collect, make_project


def test_each_prompt_has_its_answer_and_what_was_thought(collected: Project) -> None:
    training, held_out = split(PROMPTS, 3, 7)
    answers = list(read_sequences(collected.collected))
    assert [answer.id for answer in answers] == [prompt.id for prompt in training]
    assert [answer.id for answer in read_sequences(collected.held_out)] == [prompt.id for prompt in held_out]
    for answer in answers:
        assert 0 < answer.length <= 8
        for place in range(answer.length):
            thought = answer.thought(place)
            assert list(thought.logits) == sorted(thought.logits, reverse=True)
            assert 0 < thought.mass(0, 1.0) <= 1.001
    # AND of those held out more is kept
    assert read_layout(collected.collected).kept == 32 and read_layout(collected.held_out).kept == 259
    run = collected.manifest.last("collect")
    assert run is not None and run.figures == {"training": 5, "held_out": 3, "left_out": 0}
    assert run.sequences == tuple(prompt.id for prompt in (*training, *held_out))


def test_a_run_that_was_interrupted_ends_with_the_same_bytes(
    project: Project, collected: Project, asked: AskedModel
) -> None:
    for most in (2, 1, 0):
        collect(project, asked, most)
        # a kill in the middle of writing leaves half an answer
        with project.collected.open("ab") as stream:
            stream.write(b"\x99\x01\x00\x00half an answer")
    collect(project, asked)
    assert project.collected.read_bytes() == collected.collected.read_bytes()
    assert project.held_out.read_bytes() == collected.held_out.read_bytes()
    assert planned(project) == planned(collected)
    # AND there is nothing more to do
    training, held_out = split(PROMPTS, 3, 7)
    plan = planned(project)
    assert plan is not None
    collecting = Collecting(project, asked, training, held_out, plan)
    assert collecting.left == 0 and [step.tokens for step in collecting.steps()] == [0]
    collecting.close()


def test_an_answer_that_was_kept_when_it_was_interrupted_counts(
    project: Project, asked: AskedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN Ctrl+C between the disk's word that an answer is kept, and ours
    collecting = Collecting(project, asked, PROMPTS[:3], (), make_plan(asked, PROMPTS, SETTINGS))

    def interrupted(handle: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", interrupted)
        with pytest.raises(KeyboardInterrupt):
            list(collecting.steps())
    # WHEN what there is is written down THEN that answer is among it
    collecting.write_down()
    collecting.close()
    run = project.manifest.last("collect")
    assert run is not None and run.sequences == (PROMPTS[0].id,) and run.figures["training"] == 1


def test_another_seed_has_other_answers(tmp_path: Path, teacher: Path, asked: AskedModel, collected: Project) -> None:
    other = make_project(tmp_path / "other", teacher, replace(SETTINGS, seed=8, held_out=1))
    collect(other, asked)
    theirs = {answer.id: answer.tokens for answer in read_sequences(other.collected)}
    mine = {answer.id: answer.tokens for answer in read_sequences(collected.collected)}
    both = mine.keys() & theirs.keys()
    assert both and any(mine[each] != theirs[each] for each in both)


def test_as_many_logits_are_kept_as_the_temperature_needs(asked: AskedModel) -> None:
    def plan(**wanted: float | int) -> tuple[int, float, bool]:
        found = make_plan(asked, PROMPTS, replace(ProjectSettings(max_tokens=8, n_ctx=256), **wanted))  # type: ignore[arg-type]
        assert 0 < found.mass <= 1.001 and found.tokens_per_second > 0
        return found.kept, found.temperature, found.is_capped

    # GIVEN a vocabulary of 259 tokens, of which 95 are likely
    warm, few = plan(temperature=5.0), plan(temperature=5.0, kept=4)
    # THEN at 5 a few are not enough, and with few the temperature is lower, which is said
    assert warm[0] > 64 and warm[1:] == (5.0, False)
    assert few[0] == 4 and few[1] < 5.0 and few[2]
    assert plan(temperature=1.0)[1:] == (1.0, False)


def test_a_prompt_that_does_not_fit_is_left_out(project: Project, asked: AskedModel) -> None:
    long = Prompt("word " * 200)
    plan = make_plan(asked, PROMPTS, project.manifest.settings)
    collecting = Collecting(project, asked, (long, PROMPTS[0]), (), plan)
    last = list(collecting.steps())[-1]
    collecting.write_down()
    collecting.close()
    assert collecting.left_out == [long.id] and last.done == last.total == 2
    assert [answer.id for answer in read_sequences(project.collected)] == [PROMPTS[0].id]


def test_the_first_prompts_may_be_too_long_but_not_all(asked: AskedModel) -> None:
    long = tuple(Prompt(f"{number} word " * 100) for number in range(9))
    assert make_plan(asked, (*long, PROMPTS[0]), SETTINGS).tokens_per_second > 1
    with pytest.raises(UserFacingError, match="No prompt fits into the context") as refused:
        make_plan(asked, long, SETTINGS)
    assert "--ctx" in refused.value.remedy


def test_a_plan_of_another_version_is_read(project: Project, asked: AskedModel) -> None:
    plan = make_plan(asked, PROMPTS, SETTINGS)
    project.add_run("collect", settings={**asdict(plan), "later": 1})
    assert planned(project) == plan
    project.add_run("collect", settings={"kept": 1})
    assert planned(project) is None


def test_what_it_will_take_is_said_from_what_was_seen(asked: AskedModel) -> None:
    plan = make_plan(asked, PROMPTS, SETTINGS)
    assert plan.seconds(100, SETTINGS) == pytest.approx(800 / plan.tokens_per_second)
    assert plan.size(10, SETTINGS) == 10 * 8 * (plan.layout(259).token_bytes + 4)
