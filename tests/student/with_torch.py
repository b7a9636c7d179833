"""Small students learn, in the environment that `make student` makes: they come nearer, pause, are killed, and go on.

Not among the tests of ``make test``, whose environment has no PyTorch: ``make test-student``.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from desktop.common.errors import UserFacingError
from desktop.engine.distillation.client import AskedModel
from desktop.gguf.copying import read_values
from desktop.gguf.header import read_header
from desktop.student.checking import held_out
from desktop.student.environment import TrainingEnvironment, find_environment
from desktop.student.judging import judge
from desktop.student.project import Project
from desktop.student.pruning import write_pruned
from desktop.student.sequences import read_sequences
from desktop.student.teachers import TranslatedTeacher
from desktop.student.training.curve import CURVE, CurvePoint, read_curve
from desktop.student.training.launching import TrainingProcess, command, surroundings
from desktop.student.training.preparation import (
    finish_answers,
    finish_questions,
    finish_training,
    folder_of,
    prepare_answers,
    prepare_questions,
    prepare_training,
)
from desktop.student.training.questions import is_made
from desktop.student.training.settings import BEST, CHECKPOINT, Job, TrainingSettings
from desktop.student.vocabulary import write_smaller
from tests.student.conftest import PROMPTS, SETTINGS, collect, make_project, two_bytes
from tests.support.patience import PATIENCE_S
from tests.support.tiny import Dimensions, make_tiny

TRAINING = TrainingSettings(
    steps=20, batch=3, rate=0.003, warm_up=2, every=5, validation=2, patience=0, precision="f32", device="cpu"
)


@pytest.fixture(scope="session")
def environment() -> TrainingEnvironment:
    return find_environment()


@pytest.fixture
def student(collected: Project) -> Path:
    """The teacher without two of its layers."""
    path = collected.models / "pruned.gguf"
    return path if path.exists() else write_pruned(collected, (1, 4), 6, collected.student("pruned"), 1)


def prepare(project: Project, student: Path, name: str, settings: TrainingSettings = TRAINING) -> Path:
    return prepare_training(project, student, name, settings, left_out=[])


def run(
    environment: TrainingEnvironment, folder: Path, until: int | None = None, number: int | None = None
) -> list[Mapping[str, Any]]:
    """Has the process train; to its end, or until it has made a step: then it is told to stop, or gets a signal."""
    told = []
    with TrainingProcess(environment, folder) as process:
        try:
            for event in process.events():
                told.append(event)
                if until is not None and event["kind"] == "step" and event["step"] == until:
                    if number is None:
                        process.stop()
                    else:
                        os.kill(process.pid, number)
        except UserFacingError:
            if number != signal.SIGKILL:
                raise
    return told


def curve(folder: Path) -> list[CurvePoint]:
    """Returns the curve without what hangs on the machine."""
    return [replace(point, cpu_seconds=0.0) for point in read_curve(folder / CURVE)]


def test_a_student_comes_nearer_to_its_teacher(
    environment: TrainingEnvironment, collected: Project, student: Path
) -> None:
    # WHEN it learns for twenty steps
    folder = prepare(collected, student, "nearer")
    told = run(environment, folder)
    # THEN the plan says what that takes before the first of them, and the curve falls
    plan, done = told[0], told[-1]
    assert (plan["kind"], done["kind"], done["step"]) == ("plan", "done", 20)
    assert plan["memory"] > 0 and plan["answers"] + plan["looked_at"] == 5 and not plan["resumed"]
    points = curve(folder)
    assert [point.step for point in points] == [0, 5, 10, 15, 20]
    assert points[-1].kl < 0.8 * points[0].kl and points[-1].tokens == 20 * 3 * 8
    # AND the file is nearer as llama.cpp computes it, on answers that nobody has learnt from
    target = finish_training(collected, folder, TRAINING, student, plan, done)
    figures = []
    for path in (student, target):
        with AskedModel(path, SETTINGS.n_ctx) as model:
            figures.append(judge(model, held_out(collected)).kl.value)
    assert figures[1] < figures[0]
    # AND the manifest tells how it was made; nothing large stays but the student
    written = collected.manifest.last("train")
    assert written is not None and written.settings["seed"] == 1 and len(written.sequences) == plan["answers"]
    assert {file.name for file in folder.iterdir()} == {CURVE, "errors.log"}


@pytest.mark.parametrize("precision", ["f32", "bf16"])
@pytest.mark.parametrize("number", [None, signal.SIGINT, signal.SIGKILL], ids=["told", "SIGINT", "SIGKILL"])
@pytest.mark.parametrize("averaged", [0, 8], ids=["plain", "averaged"])
def test_a_training_that_was_cut_off_ends_as_one_that_was_not(
    environment: TrainingEnvironment,
    collected: Project,
    student: Path,
    number: int | None,
    precision: str,
    averaged: int,
) -> None:
    settings = replace(TRAINING, consistency=0.5, precision=precision, save_minutes=0.0, averaged=averaged)
    name = f"{precision}-{number}-{averaged}"
    whole = prepare(collected, student, f"whole-{name}", settings)
    ended = run(environment, whole)[-1]
    # WHEN another one is cut off in the middle, and begun again with the same order
    folder = prepare(collected, student, f"cut-{name}", settings)
    first = run(environment, folder, until=7, number=number)
    assert first[-1]["kind"] == ("paused" if number != signal.SIGKILL else "step")
    assert prepare(collected, student, f"cut-{name}", settings) == folder
    told = run(environment, folder)
    # THEN it goes on from there, and everything is the same to the last bit
    assert told[0]["resumed"] and 0 < told[0]["step"] <= 8
    assert {**told[-1], "cpu_seconds": 0} == {**ended, "cpu_seconds": 0}
    assert (folder / BEST).read_bytes() == (whole / BEST).read_bytes()
    assert curve(folder) == curve(whole)


def test_one_that_nobody_listens_to_any_more_keeps_what_it_has_learnt(
    environment: TrainingEnvironment, collected: Project, student: Path
) -> None:
    # GIVEN a training whose program is gone without a word
    folder = prepare(collected, student, "alone", replace(TRAINING, steps=100_000))
    process = subprocess.Popen(
        command(environment, folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=surroundings(os.environ, 1),
    )
    assert process.stdin is not None and process.stdout is not None
    while b'"step": 6' not in process.stdout.readline():
        pass
    process.stdout.close()
    process.stdin.close()
    # THEN it ends by itself, and the next one goes on there
    assert process.wait(PATIENCE_S) == 0
    with TrainingProcess(environment, folder) as next_one:
        plan = next(next_one.events())
        next_one.stop()
        assert plan["resumed"] and plan["step"] >= 6


def test_other_minutes_change_how_long_a_training_that_goes_on_will_take(
    environment: TrainingEnvironment, collected: Project, student: Path
) -> None:
    long = replace(TRAINING, steps=0, minutes=60.0)
    told = run(environment, prepare(collected, student, "minutes", long), until=8)
    assert told[-1]["kind"] == "paused" and told[-1]["steps"] > 1_000
    told = run(environment, prepare(collected, student, "minutes", replace(long, minutes=0.001)))
    assert told[-1]["kind"] == "done" and told[0]["step"] < told[-1]["step"] == told[-1]["steps"] < 12


def test_a_checkpoint_of_other_settings_or_of_another_kind_is_refused(
    environment: TrainingEnvironment, collected: Project, student: Path
) -> None:
    folder = prepare(collected, student, "other")
    run(environment, folder, until=2)
    prepare(collected, student, "other", replace(TRAINING, rate=0.001))
    with pytest.raises(UserFacingError, match="other settings"):
        run(environment, folder)
    # What would run something is not run: pickle is not read.
    (folder / CHECKPOINT).write_bytes(b"cos\nsystem\n(S'touch pwned'\ntR.")
    with pytest.raises(UserFacingError, match="cannot go on"):
        run(environment, folder)
    assert not Path("pwned").exists()
    # AND one that is cut off is told from one that is whole
    (folder / CHECKPOINT).write_bytes(b"PK\x03\x04")
    with pytest.raises(UserFacingError, match="cannot go on"):
        run(environment, folder)


def test_written_without_training_it_is_the_same_file(
    environment: TrainingEnvironment, collected: Project, student: Path
) -> None:
    # WHEN a rate that changes nothing is taken
    folder = prepare(collected, student, "same", replace(TRAINING, steps=1, rate=1e-30, every=1))
    run(environment, folder)
    # THEN what is written is what was read, to the last bit
    assert (folder / BEST).read_bytes() == (folder / "start.gguf").read_bytes()


@pytest.mark.parametrize(
    "wanted",
    [
        replace(TRAINING, lora_rank=4, rate=0.02),
        replace(TRAINING, lora_rank=4, rate=0.02, averaged=8),
        replace(TRAINING, hidden=0.5),
        replace(TRAINING, kl_share=0.5, masked_tail=0.15),
        replace(TRAINING, consistency=1.0),
        replace(TRAINING, embedding=True),
        replace(TRAINING, precision="bf16"),
    ],
    ids=["lora", "lora, averaged", "hidden", "words", "consistency", "embedding", "bf16"],
)
def test_each_way_of_learning_comes_nearer(
    environment: TrainingEnvironment,
    collected: Project,
    student: Path,
    wanted: TrainingSettings,
    request: pytest.FixtureRequest,
) -> None:
    folder = prepare(collected, student, request.node.callspec.id.replace(", ", "-"), wanted)
    run(environment, folder)
    points = curve(folder)
    assert points[-1].kl < 0.9 * points[0].kl
    changed = (folder / BEST).read_bytes() != (folder / "start.gguf").read_bytes()
    assert changed and read_header(folder / BEST).tensors == read_header(folder / "start.gguf").tensors


def test_a_narrower_student_is_compared_through_a_projection(
    environment: TrainingEnvironment, collected: Project, tmp_path: Path
) -> None:
    narrow = make_tiny(
        tmp_path / "narrow.gguf", layers=3, seed=5, ascii_only=True, dimensions=Dimensions(width=32, heads=1)
    )
    folder = prepare(collected, narrow, "narrow", replace(TRAINING, hidden=0.3))
    told = run(environment, folder)
    points = curve(folder)
    assert points[-1].kl < points[0].kl
    # AND the projection learns, and is no part of the student
    assert told[0]["learning"] > sum(1 for _ in read_header(narrow).tensors)
    assert {tensor.name for tensor in read_header(folder / BEST).tensors} == {
        tensor.name for tensor in read_header(narrow).tensors
    }


def test_answers_collected_for_a_temperature_are_learnt_at_no_higher_one(
    environment: TrainingEnvironment, teacher: Path, tmp_path: Path
) -> None:
    project = make_project(tmp_path / "warm", teacher, replace(SETTINGS, temperature=2.0, kept=128, mass=0.6))
    with AskedModel(teacher, SETTINGS.n_ctx) as asked:
        plan = collect(project, asked)
    student = write_pruned(project, (1,), 6, project.student("pruned"), 1)
    told = run(environment, prepare(project, student, "warm", replace(TRAINING, temperature=4.0)))
    assert told[0]["temperature"] == pytest.approx(plan.temperature) and 1 < plan.temperature <= 2
    assert curve(folder_of(project, "warm"))[-1].kl < curve(folder_of(project, "warm"))[0].kl


def test_a_smaller_vocabulary_learns_from_the_same_answers(
    environment: TrainingEnvironment, collected: Project, student: Path
) -> None:
    shorter = collected.folder / "shorter.gguf"
    before, after = write_smaller(student, shorter, (), 200)
    assert after <= before
    folder = prepare(collected, shorter, "shorter")
    run(environment, folder)
    points = curve(folder)
    assert points[-1].kl < points[0].kl


def test_what_is_written_is_the_nearer_of_the_weights_and_their_average(
    environment: TrainingEnvironment, collected: Project, student: Path
) -> None:
    # WHEN the rate is so high that the weights leap about
    settings = replace(TRAINING, rate=0.02, falling=0.0, averaged=12)
    folder = prepare(collected, student, "averaged", settings)
    told = run(environment, folder)
    # THEN their average is nearer to the teacher, and is what comes of it
    points = curve(folder)
    assert points[0].kl_averaged == 0 and all(point.kl_plain > 0 < point.kl_averaged for point in points[1:])
    assert all(point.kl == min(point.kl_plain, point.kl_averaged) for point in points[1:])
    best = min(points, key=lambda point: point.kl)
    assert best.kl == best.kl_averaged < best.kl_plain and told[-1]["best_step"] == best.step
    # AND it changes nothing of how the weights themselves go
    plain = prepare(collected, student, "not-averaged", replace(settings, averaged=0))
    run(environment, plain)
    assert [point.kl for point in curve(plain)][1:] == [point.kl_plain for point in points[1:]]
    # AND the file is the average, as a training that begins with it sees at its first look
    again = prepare(collected, folder / BEST, "again", replace(TRAINING, steps=1))
    run(environment, again)
    assert curve(again)[0].kl == pytest.approx(best.kl_averaged, rel=1e-2) != pytest.approx(best.kl_plain, rel=1e-2)


@pytest.mark.parametrize("adapters", [0, 4], ids=["all weights", "adapters"])
def test_a_student_that_goes_on_keeps_a_share_of_what_it_was_where_that_is_nearer(
    environment: TrainingEnvironment, collected: Project, student: Path, adapters: int
) -> None:
    # GIVEN a student that has learnt already
    first = prepare(collected, student, f"first-{adapters}")
    run(environment, first)
    learnt = first / BEST
    # WHEN it goes on at a rate so high that its weights leap about
    settings = replace(TRAINING, rate=0.02, falling=0.0, lora_rank=adapters)
    plain = prepare(collected, learnt, f"leaping-{adapters}", settings)
    run(environment, plain)
    mixed = prepare(collected, learnt, f"mixed-{adapters}", replace(settings, mixed=True))
    told = run(environment, mixed)
    # THEN the steps are the same
    assert curve(mixed)[:-1] == curve(plain)[:-1]
    last = curve(mixed)[-1]
    if adapters:
        assert last == curve(plain)[-1] and told[-1]["best_share"] == 0
        return
    # AND at the end a mean with what it began with is nearer, and is what comes of it
    assert last.kl < curve(plain)[-1].kl
    again = prepare(collected, mixed / BEST, f"again-{adapters}", replace(TRAINING, steps=1))
    run(environment, again)
    best = min(curve(mixed), key=lambda point: point.kl)
    assert curve(again)[0].kl == pytest.approx(best.kl, rel=1e-2)
    assert (told[-1]["best_share"] > 0) == (best == last)


def test_the_teacher_makes_questions_of_its_own_and_goes_on_after_a_pause(
    environment: TrainingEnvironment, teacher: Path, tmp_path: Path
) -> None:
    project = make_project(tmp_path / "project", teacher)
    with AskedModel(teacher, SETTINGS.n_ctx) as asked:
        collect(project, asked)
        # WHEN it is paused after a few answers, and goes on
        for until in (2, None):
            folder = prepare_questions(project, PROMPTS, 12, 1)
            with TrainingProcess(environment, folder, what="answer") as process:
                for told in process.events():
                    if told["kind"] == "answers" and told["done"] == until:
                        process.stop()
            finish_questions(project, folder, 12, told)
            assert told["kind"] == ("paused" if until else "done")
        # THEN there are as many questions as were wanted, each another one, with its answer
        answers = [*read_sequences(project.own_questions)]
        assert told["answers"] == len(answers) == 12 and not folder.exists()
        assert len({answer.id for answer in answers}) == 12 and all(is_made(answer.id) for answer in answers)
        known = {answer.tokens[: answer.first] for answer in (*read_sequences(project.collected), *held_out(project))}
        made = {answer.tokens[: answer.first] for answer in answers}
        assert len(made) == 12 and not made & known
        # AND answers are what the teacher itself would think, as llama.cpp computes it
        figures = judge(asked, answers)
    assert figures.kl.value < 0.01 and figures.top1.value > 0.9
    written = project.manifest.last("questions")
    assert written is not None and written.settings == {"wanted": 12, "seed": SETTINGS.seed}
    assert written.figures == {"questions": 12, "tokens": sum(answer.length for answer in answers)}
    assert [*written.sequences] == [answer.id for answer in answers]
    # AND they are learnt from, and not looked at
    student = write_pruned(project, (1,), 6, project.student("pruned"), 1)
    plan = run(environment, prepare(project, student, "own"), until=1)[0]
    assert plan["answers"] == 12 + 5 - 2 and not any(map(is_made, plan["looked_at_ids"]))


def test_held_out_prompts_are_not_learnt_from(
    environment: TrainingEnvironment, collected: Project, student: Path
) -> None:
    known = {sequence.id for sequence in held_out(collected)}
    left_out = [prompt.id for prompt in PROMPTS if prompt.id not in known][:2]
    folder = prepare_training(collected, student, "left-out", TRAINING, left_out=left_out)
    told = run(environment, folder)
    assert not {*left_out} & {*told[0]["learnt_ids"], *told[0]["looked_at_ids"]}


def test_the_teacher_answers_once_more_side_by_side_and_goes_on_after_a_pause(
    environment: TrainingEnvironment, teacher: Path, tmp_path: Path
) -> None:
    project = make_project(tmp_path / "project", teacher)
    with AskedModel(teacher, SETTINGS.n_ctx) as asked:
        collect(project, asked)
        prompts = [sequence.id for sequence in read_sequences(project.collected)]
        # WHEN it is paused after a few answers, and goes on
        folder = prepare_answers(project, 3, 1)
        with TrainingProcess(environment, folder, what="answer") as process:
            for told in process.events():
                if told["kind"] == "answers" and told["done"] == 2:
                    process.stop()
        finish_answers(project, folder, 3, told)
        assert told["kind"] == "paused"
        folder = prepare_answers(project, 3, 1)
        with TrainingProcess(environment, folder, what="answer") as process:
            told = [*process.events()][-1]
        finish_answers(project, folder, 3, told)
        # THEN each prompt to learn from has three more answers, and those held out have none
        answers = [*read_sequences(project.more_answers)]
        assert told["kind"] == "done" and sorted(answer.id for answer in answers) == sorted(prompts * 3)
        assert len({answer.tokens for answer in answers}) > len(prompts)
        # AND they are what the teacher itself would think, as llama.cpp computes it
        figures = judge(asked, answers)
    assert figures.kl.value < 0.01 and figures.top1.value > 0.9
    assert not folder.exists()
    assert project.manifest.last("answers").figures == {"answers": 15}  # type: ignore[union-attr]
    # AND they are learnt from
    student = write_pruned(project, (1,), 6, project.student("pruned"), 1)
    plan = run(environment, prepare(project, student, "more"), until=1)[0]
    assert plan["answers"] == 4 * (5 - 2) and plan["looked_at"] == 2


def test_a_student_of_other_tokens_learns_from_answers_that_are_in_its_own(
    environment: TrainingEnvironment, teacher: Path, asked: AskedModel, tmp_path: Path
) -> None:
    # GIVEN a model of another family, which writes "he" with one token, and a project for it
    student = two_bytes(make_tiny(tmp_path / "tiny.gguf", architecture="llama", layers=4, ascii_only=True), b"he")
    project = make_project(tmp_path / "project", teacher, student=student)
    with AskedModel(student, SETTINGS.n_ctx) as own:
        collect(project, TranslatedTeacher(asked, own))
    # WHEN it learns
    folder = prepare(project, student, "other")
    told = run(environment, folder)
    # THEN it comes nearer, in its own tokens
    assert Job.read(folder).pieces is None
    points = curve(folder)
    assert points[-1].kl < points[0].kl
    target = finish_training(project, folder, TRAINING, student, told[0], told[-1])
    assert read_values(target)["tokenizer.ggml.tokens"].texts == read_values(student)["tokenizer.ggml.tokens"].texts
    # AND further answers are refused, since that teacher would give them in others
    with pytest.raises(UserFacingError, match="other tokens"):
        prepare_answers(project, 1, 1)
