"""What is chosen of a training, its curve, its process: without PyTorch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.gguf.copying import read_values
from desktop.gguf.header import read_header
from desktop.student.environment import TrainingEnvironment
from desktop.student.project import Project
from desktop.student.pruning import write_pruned
from desktop.student.sequences import open_for_more, read_sequences
from desktop.student.training.curve import CURVE, CurvePoint, append_point, cut_curve, read_curve
from desktop.student.training.launching import TrainingProcess, command, surroundings
from desktop.student.training.preparation import (
    finish_questions,
    finish_training,
    layers_of,
    prepare_questions,
    prepare_training,
    settings_for,
)
from desktop.student.training.questions import id_of, read_texts
from desktop.student.training.settings import (
    BEST,
    CHECKPOINT,
    JOB,
    AnswersJob,
    Job,
    TrainingSettings,
    digest_of,
    settings_from,
)
from tests.student.conftest import PROMPTS, SETTINGS, make_project
from tests.support.tiny import make_tiny

POINT = CurvePoint(0, 0, 1.5, 0.0, 2.25, 0.125)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kl_share": 1.5},
        {"masked_tail": 1.0},
        {"dropout": 1.0},
        {"temperature": 0.5},
        {"batch": 0},
        {"batch": 100_000},
        {"lora_rank": 100_000},
        {"rate": 0.0},
        {"hidden": -1.0},
        {"steps": 0, "minutes": 0.0},
        {"precision": "f8"},
        {"device": "tpu"},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(UserFacingError, match="cannot be trained in this way"):
        TrainingSettings(**wrong)  # type: ignore[arg-type]  # of any name


def test_a_temperature_is_no_higher_than_the_answers_are_good_for() -> None:
    assert TrainingSettings(temperature=3.0).capped(1.4).temperature == 1.4
    assert TrainingSettings(temperature=1.2).capped(1.4).temperature == 1.2


def test_what_hangs_on_the_machine_does_not_part_two_trainings() -> None:
    settings = TrainingSettings()
    assert digest_of(settings, "x") == digest_of(replace(settings, threads=4, minutes=9.0, device="cuda"), "x")
    others = [replace(settings, seed=2), replace(settings, rate=1e-3), replace(settings, steps=7)]
    assert len({digest_of(each, "x") for each in (settings, *others)} | {digest_of(settings, "y")}) == 5


def test_a_job_is_read_as_it_was_written(tmp_path: Path) -> None:
    settings = TrainingSettings(steps=3, temperature=1.4)
    job = Job(settings, Path("/s"), None, (Path("/a"), Path("/b")), ("x",), Path("/l"), (0, 2), tmp_path)
    job.write()
    assert Job.read(tmp_path) == job
    document = json.loads((tmp_path / JOB).read_bytes())
    assert settings_from({**document["settings"], "of_a_later_version": 1}) == settings


def test_a_wish_for_more_answers_is_read_as_it_was_written(tmp_path: Path) -> None:
    job = AnswersJob(Path("/t"), Path("/k"), Path("/a"), rounds=3, most=40, temperature=0.7, threads=2)
    for wish in (job, replace(job, questions=9, texts=Path("/x"), taken=("Why?", "Who?"), room=256)):
        wish.write(tmp_path)
        assert AnswersJob.read(tmp_path) == wish


def test_the_curve_is_a_table_that_goes_on_from_where_a_checkpoint_is(tmp_path: Path) -> None:
    file = tmp_path / CURVE
    assert read_curve(file) == ()
    points = [replace(POINT, step=step, tokens=10 * step) for step in (0, 10, 20)]
    for point in points:
        append_point(file, point)
    head = file.read_text(encoding="ascii").splitlines()[0]
    assert head == "step,tokens,cpu_seconds,training_loss,kl,top1,kl_plain,kl_averaged"
    assert read_curve(file) == tuple(points)
    # WHEN the line of a program that was killed is cut off
    file.write_bytes(file.read_bytes()[:-9])
    assert read_curve(file) == tuple(points[:2])
    cut_curve(file, 0)
    assert read_curve(file) == (POINT,)
    cut_curve(file, -1)
    assert not file.exists()
    # AND that of an earlier version, which averaged nothing, is read
    file.write_text("step,tokens,cpu_seconds,training_loss,kl,top1\n0,0,1.5,0,2.25,0.125\n", encoding="ascii")
    assert read_curve(file) == (POINT,)


def test_a_student_that_has_learnt_goes_on_at_a_low_rate_unless_another_is_named(project: Project) -> None:
    project.add_run("train", settings={"name": "night"})
    pruned, trained = (settings_for(project, Path(f"/models/{name}.gguf"), {"steps": 9}) for name in ("new", "night"))
    assert pruned == TrainingSettings(steps=9)
    assert trained.rate < pruned.rate and (trained.falling, trained.steps) == (1.0, 9)
    assert settings_for(project, Path("night.gguf"), {"rate": 0.003, "falling": 0.25}).rate == 0.003


def test_a_training_of_before_weights_were_averaged_goes_on() -> None:
    later = ("averaged", "mixed")
    said = {name: value for name, value in asdict(TrainingSettings()).items() if name not in later}
    for name in ("threads", "device", "minutes", "save_minutes"):
        del said[name]
    said["dropout"] = 0.1
    before = hashlib.sha256(json.dumps([said, "x"]).encode()).hexdigest()[:16]
    assert digest_of(TrainingSettings(), "x") == before != digest_of(TrainingSettings(averaged=9), "x")
    # AND one that is mixed with its beginning at the end, since all steps are the same
    assert digest_of(TrainingSettings(mixed=True), "x") == before
    # AND dropout counts only where it is used
    twice = TrainingSettings(consistency=0.5)
    assert digest_of(TrainingSettings(dropout=0.3), "x") == before
    assert digest_of(twice, "x") != digest_of(replace(twice, dropout=0.3), "x")


def test_the_process_gets_the_modules_of_this_program_and_little_else(tmp_path: Path) -> None:
    environment = TrainingEnvironment(Path("/e/bin/python"), "3.11.7", "2.13.0", "", bf16=False)
    assert command(environment, tmp_path) == [
        "/e/bin/python", "-P", "-m", "desktop.student.training.inside", "train", str(tmp_path),
    ]  # fmt: skip
    told = surroundings({"PYTHONPATH": "/elsewhere", "LD_LIBRARY_PATH": "/bundle", "PATH": "/bin"}, 2)
    assert "/elsewhere" not in told["PYTHONPATH"] and "LD_LIBRARY_PATH" not in told
    assert told["PATH"] == "/bin" and told["OMP_NUM_THREADS"] == "2"
    assert (Path(told["PYTHONPATH"]) / "desktop" / "student" / "training" / "inside" / "__main__.py").is_file()


def make_python(folder: Path, script: str) -> TrainingEnvironment:
    python = folder / "python"
    python.write_text(f"#!/bin/sh\n{script}\n", encoding="ascii")
    python.chmod(0o755)
    return TrainingEnvironment(python, "3.11.7", "2.13.0", "", bf16=False)


def test_what_the_process_says_is_told_and_what_a_library_prints_is_not(tmp_path: Path) -> None:
    environment = make_python(
        tmp_path, 'echo hello; echo \'{"kind": "plan"}\'; echo \'[1]\'; echo \'{"kind": "done"}\''
    )
    with TrainingProcess(environment, tmp_path) as process:
        assert [event["kind"] for event in process.events()] == ["plan", "done"]


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo 'Killed by fate' >&2; exit 3", "Killed by fate"),
        ("exit 0", "it ended with 0"),
        ('echo \'{"kind": "refused", "title": "No.", "detail": "d", "remedy": "r"}\'; exit 1', "No. d"),
    ],
)
def test_a_process_that_dies_is_told(script: str, words: str, tmp_path: Path) -> None:
    with (
        TrainingProcess(make_python(tmp_path, script), tmp_path) as process,
        pytest.raises(UserFacingError, match=words),
    ):
        list(process.events())


def test_a_process_is_told_to_stop_by_the_end_of_its_input(tmp_path: Path) -> None:
    environment = make_python(tmp_path, 'echo \'{"kind": "plan"}\'; cat; echo \'{"kind": "paused", "step": 3}\'')
    with TrainingProcess(environment, tmp_path) as process:
        events = process.events()
        assert next(events)["kind"] == "plan"
        process.stop()
        assert next(events)["step"] == 3


def test_a_python_that_is_not_there_is_told(tmp_path: Path) -> None:
    missing = TrainingEnvironment(tmp_path / "none", "3.11.7", "2.13.0", "", bf16=False)
    with pytest.raises(UserFacingError, match="ended unexpectedly"):
        TrainingProcess(missing, tmp_path)


def test_a_folder_is_prepared_once_and_tidied_in_the_end(collected: Project) -> None:
    student = write_pruned(collected, (2,), 6, collected.student("to-prepare"), 1)
    settings = TrainingSettings(hidden=0.1)

    def prepare(*, anew: bool = False) -> Path:
        return prepare_training(collected, student, "prepared", settings, left_out=["x"], anew=anew)

    folder = prepare()
    job = Job.read(folder)
    assert job.pieces is None and job.layers == (0, 1, 3, 4, 5)
    assert {tensor.type for tensor in read_header(job.student).tensors} == {"F16", "F32"}
    assert job.teacher is not None and read_header(job.teacher).n_layers == 6
    # WHEN it is prepared again after a checkpoint
    (folder / CHECKPOINT).write_bytes(b"there")
    before = job.student.stat().st_mtime_ns
    prepare()
    assert job.student.stat().st_mtime_ns == before
    # WHEN it has ended
    job.student.replace(folder / BEST)
    append_point(folder / CURVE, POINT)
    plan = {
        "precision": "f32", "device": "cpu", "torch": "2", "temperature": 1.0, "digest": "d",
        "learnt_ids": ["a"], "looked_at_ids": ["b"],
    }  # fmt: skip
    done = {"best_step": 0, "step": 0, "steps": 20, "tokens": 0, "cpu_seconds": 1.5, "best_share": 0.35}
    target = finish_training(collected, folder, settings, student, plan, done)
    assert target.is_file() and [file.name for file in folder.iterdir()] == [CURVE]
    with pytest.raises(UserFacingError, match="such a student already"):
        prepare()
    prepare(anew=True)
    assert not target.exists() and not (folder / CHECKPOINT).exists()


def test_only_what_came_of_a_training_is_forgotten_for_a_new_one(project: Project, collected: Project) -> None:
    project.collected.parent.mkdir()
    project.collected.write_bytes(collected.collected.read_bytes())
    pruned = write_pruned(project, (2,), 6, project.student("pruned"), 1)
    other = write_pruned(project, (3,), 6, project.student("other"), 1)

    def again(student: Path, name: str) -> None:
        prepare_training(project, student, name, TrainingSettings(), left_out=[], anew=True)

    # GIVEN students that no training has made, and one that a training begins with
    with pytest.raises(UserFacingError, match="such a student already"):
        again(pruned, "other")
    with pytest.raises(UserFacingError, match="such a student already"):
        again(pruned, "pruned")
    project.add_run("train", settings={"name": "other"})
    with pytest.raises(UserFacingError, match="such a student already"):
        again(other, "other")
    # AND names that lead out of the folder of trainings, to the project itself
    for name in ("..", "../..", "."):
        with pytest.raises(UserFacingError, match="cannot be called so"):
            again(pruned, name)
    # THEN all of them stay; what came of a training goes
    assert pruned.exists() and other.exists() and project.collected.exists()
    again(pruned, "other")
    assert not other.exists()


def test_what_is_needed_for_questions_names_each_prompt_that_must_not_come(collected: Project) -> None:
    folder = prepare_questions(collected, PROMPTS, 9, 1)
    job = AnswersJob.read(folder)
    assert job.questions == 9 and job.target == collected.own_questions and job.known == collected.collected
    assert job.taken == tuple(prompt.text for prompt in PROMPTS) and job.room == SETTINGS.n_ctx
    texts = read_texts(job.texts)
    assert len(texts) == len(read_values(collected.teacher)["tokenizer.ggml.tokens"].texts)
    # What the template is made of is in no question.
    first = next(read_sequences(collected.collected))
    assert texts[ord("?")] == b"?" and None in {texts[token] for token in first.tokens[: first.first]}
    # WHEN some were made, they are learnt from like the others, and the manifest tells of them
    with open_for_more(collected.own_questions, first.layout) as file:
        file.add(replace(first, id=id_of("Why?")))
    finish_questions(collected, folder, 9, {"kind": "paused"})
    run = collected.manifest.last("questions")
    assert run is not None and run.figures == {"questions": 1, "tokens": first.length}
    assert run.sequences == (id_of("Why?"),) and folder.is_dir()
    finish_questions(collected, folder, 9, {"kind": "done"})
    assert not folder.exists()
    collected.own_questions.unlink()


def test_layers_stand_for_those_they_were_or_evenly(collected: Project, teacher: Path) -> None:
    header = read_header(teacher)
    pruned = write_pruned(collected, (1, 4), 6, collected.student("known-layers"), 1)
    assert layers_of(collected, pruned, read_header(pruned), header) == (1, 2, 3, 5)
    collected.add_run("prune", settings={"name": "known-layers", "without": [1, 4]})
    assert layers_of(collected, pruned, read_header(pruned), header) == (0, 2, 3, 5)


def test_other_families_and_other_teachers_are_refused(
    collected: Project, teacher: Path, tmp_path: Path, copied: Callable[[Project, Path], Project]
) -> None:
    gemma = make_tiny(tmp_path / "gemma.gguf", architecture="gemma3")
    with pytest.raises(UserFacingError, match="family"):
        prepare_training(collected, gemma, "g", TrainingSettings(), left_out=())
    other = copied(make_project(tmp_path / "other", gemma), collected.collected)
    with pytest.raises(UserFacingError, match="another teacher"):
        prepare_training(collected, teacher, "o", TrainingSettings(), left_out=(), also=[other])


@pytest.fixture
def copied() -> Callable[[Project, Path], Project]:
    """Gives a project the answers of another one."""

    def copy(project: Project, answers: Path) -> Project:
        project.collected.parent.mkdir()
        project.collected.write_bytes(answers.read_bytes())
        return project

    return copy
