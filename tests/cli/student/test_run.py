"""``catnap student run``: all steps, killed and ended between, and the student in the app."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

import pytest

from desktop.gguf.header import read_header
from desktop.student.project import Project
from desktop.student.steps import Finished, Planned, Refused, Step, StepProgress, decode
from tests.support.command_line import Done, catnap, start
from tests.support.patience import PATIENCE_S
from tests.support.tiny import make_tiny

TASKS = [
    {"id": f"t{n}", "kind": kind, "language": "en", "question": f"Who are you, {n}?", "max_tokens": 6,
     "expect": {"type": "any", "words": ["a"]}}
    for n, kind in enumerate(("facts", "facts", "json"))
]  # fmt: skip


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    """Returns the words of a run over a small teacher."""
    teacher = make_tiny(tmp_path / "teacher.gguf", layers=4, ascii_only=True)
    (tmp_path / "prompts.txt").write_text("\n".join(f"Question {number}?" for number in range(9)))
    (tmp_path / "tasks.json").write_text(json.dumps({"version": 1, "tasks": TASKS}))
    new = f"--prompts {tmp_path / 'prompts.txt'} --held-out 4 --max-tokens 6 --ctx 128 --seed 7"
    return [
        *("run", str(tmp_path / "project"), "--teacher", str(teacher), "--new", new, "--untrained", "--quick"),
        *("--tasks", str(tmp_path / "tasks.json"), "--anyway", "--data-dir", str(tmp_path / "data")),
    ]


def student(words: list[str], *more: str) -> Done:
    return catnap("student", *words, *more)


def test_from_a_teacher_to_a_model_of_the_app(tmp_path: Path, words: list[str]) -> None:
    done = student(words, "--layers", "3", "--prune", "--tokens 12 --breadth 2", "--name", "three", "--install",
                   "--progress", "--language", "zh")  # fmt: skip
    assert done.code == 0, done.err
    told = [decode(line) for line in done.out.splitlines()]
    # THEN every line is one of those that are promised, in order
    assert isinstance(told[0], Planned) and told[0].disk > 0 and told[0].memory > 0
    assert told[0].steps == (Step.COLLECT, Step.PRUNE, Step.EXPORT, Step.CHECK, Step.INSTALL)
    steps = [each.step for each in told if isinstance(each, StepProgress)]
    assert len(steps) == len(told) - 2 and tuple(dict.fromkeys(steps)) == told[0].steps
    end = told[-1]
    assert isinstance(end, Finished) and "同样大小" in end.sentence and Path(end.report).is_file()
    # AND cost was said beforehand to people
    assert "In all about" in done.err and "Ctrl+C pauses it" in done.err
    # AND the student is a model of the app, that answers, with its card and what was found of it
    file = Path(end.file)
    assert file == tmp_path / "data" / "models" / "teacher-three-Q4_0-protected-weighed.gguf" and file.is_file()
    assert read_header(file).metadata["general.description"] == "Student of teacher", (
        "no makers and no licence are known"
    )
    data = ["--data-dir", str(tmp_path / "data")]
    (listed,) = (each for each in catnap("models", "list", "--json", *data).json["models"] if each["installed"])
    assert listed["id"] == f"file:{file}" and listed["name"] == "teacher, 3 of 4 layers, Q4_0"
    assert catnap("ask", "Hello?", "--max-tokens", "4", *data).code == 0
    info = catnap("models", "info", listed["id"], *data).out
    assert "student of     teacher; reads texts: " in info and "of 2 facts" in info
    assert len(list((tmp_path / "data" / "checks").glob("*.json"))) == 1
    assert catnap("models", "verify", listed["id"], *data).out.endswith("intact\n")
    # WHEN it is run once more THEN nothing is left to do, and the sentence is the same
    again = student(words, "--layers", "3", "--prune", "--tokens 12 --breadth 2", "--name", "three", "--progress",
                    "--language", "zh")  # fmt: skip
    lines = [decode(line) for line in again.out.splitlines()]
    assert len(lines) == 2 and isinstance(lines[0], Planned) and lines[0].steps == (), again.err
    assert isinstance(lines[1], Finished) and lines[1].sentence == end.sentence
    # WHEN it is removed THEN its file goes, and the project keeps its own
    removed = catnap("models", "remove", listed["id"], *data)
    assert removed.code == 0 and not file.exists() and "is removed" in removed.out
    assert (tmp_path / "project" / "models" / "three-Q4_0-protected-weighed.gguf").is_file()
    # AND seeds and hashes stand in the manifest
    manifest = Project.open(tmp_path / "project").manifest
    assert manifest.settings.seed == 7 and [run.step for run in manifest.runs] == [
        "collect",
        "prune",
        "export",
        "check",
    ]
    assert len(manifest.runs[-1].settings["students"]["three-Q4_0-protected-weighed"]) == 64


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGTERM that a process hears")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_what_was_done_is_not_done_again(tmp_path: Path, words: list[str], number: signal.Signals) -> None:
    options = ["--drop", "1", "--name", "three", "--type", "copy", "--without-functions", "--progress"]
    process = start(["student", *words, *options])
    assert process.stdout is not None
    # WHEN it is ended while models are read
    for line in process.stdout:
        told = decode(line.decode())
        if isinstance(told, StepProgress) and told.step is Step.CHECK and told.done > 4:
            break
    process.send_signal(number)
    _, err = process.communicate(timeout=PATIENCE_S)
    if number == signal.SIGTERM:
        assert process.returncode == 130 and b"the same command goes on" in err
    kept = json.loads((tmp_path / "project" / "check.json").read_text())
    left = len(kept["contestants"]) - len(kept["figures"])
    assert kept["figures"] and left > 0
    # THEN the same command goes on with the models that are left
    done = student(words, *options)
    assert done.code == 0, done.err
    lines = [decode(line) for line in done.out.splitlines()]
    assert isinstance(lines[0], Planned) and lines[0].steps == (Step.CHECK,)
    first = next(each for each in lines if isinstance(each, StepProgress) and each.total)
    assert (first.step, first.total) == (Step.CHECK, left * 4), "four answers for each model that was not judged"


def test_what_is_missing_is_said(tmp_path: Path, words: list[str]) -> None:
    nothing = student(["run", str(tmp_path / "none"), "--layers", "2", "--data-dir", str(tmp_path / "data")])
    assert nothing.code == 1 and "Add --teacher MODEL" in nothing.err
    assert "What is to become of the teacher?" in student(words).err
    # AND what there cannot be, before anything is asked
    for cut, why in (("--layers", "9"), "How many layers"), (("--drop", "0-3"), "no such layers"):
        refused = student(words, *cut, "--without-functions")
        assert refused.code == 1 and why in refused.err
    assert not (tmp_path / "project" / "collected").exists()
    # AND a Python without PyTorch, before anything is written by it
    with_training = [word for word in words if word != "--untrained"]
    trained = student(with_training, "--drop", "1", "--train", f"--python {sys.executable}", "--without-functions")
    assert trained.code == 1 and "PyTorch" in trained.err
    assert not (tmp_path / "project" / "collected").exists(), "before hours of answers"
    # AND a family that cannot be trained, likewise
    make_tiny(tmp_path / "teacher.gguf", architecture="gemma3", layers=4, ascii_only=True)
    other = [str(tmp_path / "other") if word == str(tmp_path / "project") else word for word in with_training]
    refused = student(other, "--drop", "1", "--without-functions")
    assert refused.code == 1 and "family cannot be trained" in refused.err
    assert not (tmp_path / "other" / "collected").exists()
    assert not (tmp_path / "project" / "report.html").exists()


def test_a_teacher_that_was_moved_is_found_again(tmp_path: Path, words: list[str]) -> None:
    options = ["--type", "copy", "--without-functions"]
    assert student(words, "--drop", "1", *options).code == 0
    # WHEN its file lies elsewhere, and that is named THEN the project goes on with it
    moved = (tmp_path / "teacher.gguf").rename(tmp_path / "moved.gguf")
    named = [str(moved) if word == str(tmp_path / "teacher.gguf") else word for word in words]
    done = student(named, "--drop", "2", *options)
    assert done.code == 0, done.err
    assert Project.open(tmp_path / "project").manifest.teacher.path == str(moved)
    # AND another model beside it, or in its place, is refused
    make_tiny(tmp_path / "other.gguf", layers=4, ascii_only=True, seed=2)
    named = [str(tmp_path / "other.gguf") if word == str(moved) else word for word in named]
    assert "has another teacher" in student(named, "--drop", "3", *options).err
    moved.unlink()
    assert "not there any more" in student(named, "--drop", "3", *options).err


def test_a_smaller_vocabulary_needs_no_layers_to_go(tmp_path: Path, words: list[str]) -> None:
    done = student(words, "--vocabulary", "270", "--without-functions", "--json")
    assert done.code == 0, done.err
    made = tmp_path / "project" / "models" / "teacher-words-270.gguf"
    assert made.is_file() and done.json["file"] == str(made) and done.json["step"] == "done"
    (run,) = (run for run in Project.open(tmp_path / "project").manifest.runs if run.step == "vocabulary")
    assert run.figures["file"] == made.name and run.figures["tokens"] == run.figures["before"]


def test_the_formats_to_compare_with_can_be_chosen(tmp_path: Path, words: list[str]) -> None:
    chosen = ["--drop", "1", "--type", "copy", "--without-functions", "--against"]
    unknown = student(words, *chosen, "Q9_9")
    assert unknown.code == 1 and "Q9_9" in unknown.err
    plain = tmp_path / "project" / "plain"
    assert not plain.exists(), "that is found out before anything is asked"
    # WHEN one is chosen THEN no other is written, and the report says that there are others
    assert student(words, *chosen, "q4_0").code == 0
    assert [path.name for path in plain.iterdir()] == ["Q4_0.gguf"]
    assert "held against Q4_0 alone" in (tmp_path / "project" / "report.html").read_text()
    run = Project.open(tmp_path / "project").manifest.last("check")
    assert run is not None and run.settings["against"] == ["Q4_0"]
    # AND the same choice needs no other check, a wider one does
    again = student(words, *chosen, "Q4_0", "--progress")
    wider = student(words, *chosen, "Q4_0,Q5_0", "--progress")
    steps = [decode(done.out.splitlines()[0]) for done in (again, wider)]
    assert [each.steps for each in steps if isinstance(each, Planned)] == [(), (Step.CHECK,)]
    assert len([*plain.iterdir()]) == 2


def test_a_report_can_be_had_in_the_other_language(tmp_path: Path, words: list[str]) -> None:
    assert student(words, "--drop", "1", "--type", "copy", "--without-functions").code == 0
    report = tmp_path / "project" / "report.html"
    assert 'lang="en"' in report.read_text()
    folder = str(tmp_path / "project")
    done = catnap("student", "report", folder, "--language", "zh", "--data-dir", str(tmp_path / "data"))
    assert done.code == 0 and 'lang="zh-Hans"' in report.read_text()


def test_what_cannot_be_done_is_told_in_its_parts(tmp_path: Path) -> None:
    data, folder = str(tmp_path / "data"), str(tmp_path / "project")
    done = catnap("student", "run", folder, "--layers", "3", "--untrained", "--progress", "--data-dir", data)
    assert done.code == 1
    assert [decode(line) for line in done.out.splitlines()] == [
        Refused("There is no project of a student here.", f"{folder}.", "Add --teacher MODEL to begin one.")
    ]
    assert "There is no project of a student here." in done.err, "for whoever reads it in a terminal"
