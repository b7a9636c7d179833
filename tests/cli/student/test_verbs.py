"""``catnap student`` as a process: a project from its beginning to a verdict, killed and interrupted between."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from desktop.student.project import Project
from desktop.student.sequences import read_layout, read_sequences
from tests.support.chat_server import refused, serve_chat, told
from tests.support.command_line import Done, catnap, interrupt, python, start
from tests.support.gguf_build import LLAMA3
from tests.support.patience import wait_for
from tests.support.tiny import make_tiny


@pytest.fixture
def teacher(tmp_path: Path) -> Path:
    return make_tiny(tmp_path / "teacher.gguf", layers=5, ascii_only=True)


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    file = tmp_path / "prompts.txt"
    file.write_text("\n".join(f"Question {number}?" for number in range(8)))
    return file


def student(action: str, folder: Path, *arguments: str) -> Done:
    return catnap("student", action, str(folder), *arguments, "--data-dir", str(folder.parent / "data"))


def begin(folder: Path, teacher: Path, prompts: Path, *more: str) -> Done:
    said = ("--teacher", str(teacher), "--prompts", str(prompts), "--held-out", "3", "--max-tokens", "6")
    return student("new", folder, *said, "--ctx", "128", *more)


def test_from_a_teacher_to_a_verdict(tmp_path: Path, teacher: Path, prompts: Path) -> None:
    folder = tmp_path / "project"
    begun = begin(folder, teacher, prompts)
    assert begun.code == 0 and "8 prompts for tiny, 3 of them held out" in begun.out, begun.err
    assert "not empty" in begin(folder, teacher, prompts).err
    # WHEN what is wanted makes no sense, that is said before there is a project
    nowhere = tmp_path / "nowhere"
    (tmp_path / "one.txt").write_text("Only one?")
    assert "too few prompts. 1." in begin(nowhere, teacher, tmp_path / "one.txt").err
    assert "must fit into the context" in begin(nowhere, teacher, prompts, "--max-tokens", "128").err
    assert "8,192 at the most" in begin(nowhere, teacher, prompts, "--ctx", "100000").err
    assert "no codes of languages" in begin(nowhere, teacher, prompts, "--languages", "../x").err
    assert not nowhere.exists()
    assert "8 prompts for tiny, 4 of them held out" in begin(nowhere, teacher, prompts, "--held-out", "99").out
    # WHEN something is asked for too early, that is said
    assert "First: catnap student collect" in student("train", folder).err
    assert "cannot be read" in student("check", folder, str(teacher)).err
    # WHEN its answers are collected, cost is said first
    collected = student("collect", folder)
    assert collected.code == 0 and "tokens a second" in collected.out, collected.err
    assert "5 answers to learn from, 3 held out" in collected.out
    assert "First: catnap student prune" in student("train", folder).err
    # WHEN layers go, named and searched for
    named = student("prune", folder, "--drop", "1,3", "--name", "three", "--tokens", "12", "--json")
    assert named.json["without"] == [1, 3] and (folder / "models" / "three.gguf").is_file()
    searched = student("prune", folder, "--layers", "4", "--breadth", "2", "--tokens", "12")
    assert searched.code == 0 and "2 tries" in searched.out and "layers-4.gguf: without the layers" in searched.out
    assert "no such layers" in student("prune", folder, "--drop", "9").err
    assert "no such layers" in student("prune", folder, "--drop", "0-4").err
    assert "no such layers" in student("prune", folder, "--drop", "0-999999999").err
    assert "no list of layers" in student("prune", folder, "--drop", "3-1").err
    # AND the first layer is one like the others, and a name is no way out of the folder
    first = student("prune", folder, "--drop", "0", "--name", "but-the-first", "--tokens", "6", "--json")
    assert first.json["without"] == [0], first.err
    (folder / "models" / "but-the-first.gguf").unlink()
    assert "cannot be called so" in student("prune", folder, "--drop", "1", "--name", "../esc").err
    assert not (folder / "esc.gguf").exists()
    assert "How many layers" in student("prune", folder, "--layers", "5").err
    # WHEN one is to learn by a Python that has no PyTorch, that is said
    for more in ((), ("--hidden", "0.5", "--falling", "1", "--averaged", "40")):
        assert "PyTorch" in student("train", folder, "three", *more, "--python", sys.executable).err
    assert "PyTorch" in student("answers", folder, "--questions", "9", "--python", sys.executable).err
    # WHEN a student is written smaller, weighed by the answers
    written = student("export", folder, "three", "--type", "q4_0", "--importance", "--json")
    assert Path(written.json["file"]).name == "three-Q4_0-protected-weighed.gguf", written.err
    # THEN all of them are compared, and the verdict is plain
    checked = student("check", folder, "three", "three-Q4_0-protected-weighed", "--without-functions", "--quick")
    assert checked.code == 0, checked.err
    lines = checked.out.splitlines()
    assert lines[0].startswith("3 held-out answers") and lines[1].split()[0] == "teacher"
    assert sum("plain quantisation" in line for line in lines) == 2
    assert any(line.startswith("three ") and "plain quantisation" in line for line in lines)
    assert lines[-1] == f"Report: {folder / 'report.html'}"
    # AND the manifest knows the sequences of each step
    manifest = Project.open(folder).manifest
    assert [run.step for run in manifest.runs] == ["collect", "prune", "prune", "prune", "export", "check"]
    assert [len(run.sequences) for run in manifest.runs] == [8, 2, 2, 1, 5, 3]
    status = student("status", folder)
    assert "check: 3 sequences" in status.out and "three.gguf" in status.out


def test_the_next_step_is_named_in_every_state(tmp_path: Path, teacher: Path, prompts: Path) -> None:
    folder = tmp_path / "my project"
    begin(folder, teacher, prompts)

    def following() -> str:
        return student("status", folder).out.splitlines()[-1]

    assert following() == f"Next: catnap student collect '{folder}'"
    student("collect", folder, "--limit", "5")
    assert (
        following().startswith(f"Next: catnap student prune '{folder}' --layers N") and "all 8 prompts" in following()
    )
    student("collect", folder)
    assert following().endswith("--ffn N or --heads N")
    student("prune", folder, "--drop", "2", "--tokens", "6")
    assert following().startswith(f"Next: catnap student train '{folder}'")
    project = Project.open(folder)
    for step, then in (("train", "export"), ("export", "check"), ("check", "nothing")):
        project.add_run(step, settings={})
        assert following().startswith(f"Next: {'' if then == 'nothing' else 'catnap student '}{then}")


def test_a_model_is_made_narrower(tmp_path: Path, teacher: Path, prompts: Path) -> None:
    folder = tmp_path / "project"
    begin(folder, teacher, prompts)
    student("collect", folder)
    narrow = student("prune", folder, "--ffn", "96", "--tokens", "12")
    assert narrow.code == 0 and "ffn-96.gguf: width 64, 2 heads on 1, feed-forward 96" in narrow.out, narrow.err
    both = student("prune", folder, "--layers", "4", "--keep-ends", "1", "--ffn", "96", "--tokens", "12", "--json")
    assert Path(both.json["file"]).name == "layers-4-ffn-96.gguf" and len(both.json["without"]) == 1, both.err
    assert not {0, 4} & {*both.json["without"]}
    assert "How many layers" in student("prune", folder, "--layers", "2", "--keep-ends", "2").err
    assert "multiples of 32" in student("prune", folder, "--ffn", "100").err
    assert "2 of 32 make 64, and the width is 32" in student("prune", folder, "--width", "32").err
    run = Project.open(folder).manifest.last("prune")
    assert run is not None and run.settings["ffn"] == 96 and run.settings["keep_ends"] == 1


def test_a_teacher_on_a_server(tmp_path: Path, teacher: Path, prompts: Path) -> None:
    folder, data = tmp_path / "project", str(tmp_path / "data")
    added = catnap("servers", "add", "office", "http://127.0.0.1:9", "--data-dir", data)
    assert added.code == 0, added.err
    said = ("--server", "office/big", "--prompts", str(prompts), "--held-out", "3", "--max-tokens", "6")
    assert "--student ID or PATH" in student("new", folder, *said).err
    hello = told(("Hi", {"Hi": 0.6, "Yo": 0.3}), ended="length")
    answer = told(("y", {"y": 0.8, "t": 0.15}), ("e", {"e": 0.9}), ("s", {"s": 0.97}))
    with serve_chat() as server:
        server.offer("big")
        server.script(hello, hello, hello, *[answer] * 7)
        catnap("servers", "add", "office", server.url, "--data-dir", data)
        begun = student("new", folder, *said, "--student", str(teacher))
        assert begun.code == 0 and "8 prompts for big on 127.0.0.1" in begun.out, begun.err
        assert "its tokens are what answers are kept in" in begun.out
        # WHEN the server refuses, what there is stays, and the same command goes on
        server.script(refused(401, "no key"))
        broken = student("collect", folder)
        assert broken.code == 1 and "does not accept the key" in broken.err
        assert len(list(read_sequences(folder / "collected" / "training.kd"))) == 2
        server.script(hello, hello, hello, *[answer] * 7)
        collected = student("collect", folder)
        assert collected.code == 0 and "5 answers to learn from, 3 held out" in collected.out, collected.err
        assert "8 prompts go to 127.0.0.1" in collected.err and "the likeliest 2 of each token" in collected.err
    # AND what is made of it is made of the student
    assert student("prune", folder, "--drop", "1", "--tokens", "6").code == 0
    checked = student("check", folder, "layers-4", "--without-functions", "--quick")
    assert checked.code == 0 and "layers-4 " in checked.out, checked.err
    status = student("status", folder)
    assert "Teacher: big (server:office/big)" in status.out and "Students are made of: " in status.out
    # AND elsewhere somebody must agree first
    catnap("servers", "add", "office", "http://192.168.1.5:1", "--data-dir", data)
    assert "Nobody has agreed yet" in student("collect", folder).err


def test_a_teacher_of_another_family(tmp_path: Path, teacher: Path, prompts: Path) -> None:
    folder = tmp_path / "project"
    other = make_tiny(tmp_path / "other.gguf", layers=3, ascii_only=True, control=LLAMA3, seed=4)
    begun = begin(folder, teacher, prompts, "--student", str(other))
    assert begun.code == 0 and "Students are made of tiny" in begun.out, begun.err
    collected = student("collect", folder)
    assert collected.code == 0 and "5 answers to learn from" in collected.out, collected.err
    # THEN they are in the student's tokens, which has one more
    assert read_layout(folder / "collected" / "training.kd").vocabulary == 260
    assert student("prune", folder, "--drop", "1", "--tokens", "6").code == 0


def has_answer(file: Path) -> bool:
    """Returns whether a whole answer is kept: a file that grows may have its head and a part of one."""
    return file.is_file() and file.stat().st_size > 200 and any(True for _ in read_sequences(file))


def test_a_killed_run_goes_on_and_is_the_same(tmp_path: Path, teacher: Path, prompts: Path) -> None:
    folders = [tmp_path / "killed", tmp_path / "whole"]
    for folder in folders:
        assert begin(folder, teacher, prompts, "--kept", "16").code == 0
    answers = folders[0] / "collected" / "training.kd"
    process = start(["student", "collect", str(folders[0]), "--data-dir", str(tmp_path / "data")])
    wait_for("an answer", lambda: has_answer(answers))
    process.kill()
    process.communicate()
    assert student("collect", folders[0]).code == student("collect", folders[1]).code == 0
    for name in ("training.kd", "held-out.kd"):
        one, other = ((folder / "collected" / name).read_bytes() for folder in folders)
        assert one == other
    compared = student("status", folders[0], "--against", str(folders[1]))
    assert compared.out == "no difference\n"


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be sent Ctrl+C alone")
def test_ctrl_c_pauses(tmp_path: Path, teacher: Path) -> None:
    prompts = tmp_path / "many.txt"
    prompts.write_text("\n".join(f"Question {number}?" for number in range(3000)))
    folder = tmp_path / "project"
    assert begin(folder, teacher, prompts).code == 0
    answers = folder / "collected" / "training.kd"
    process = start(["student", "collect", str(folder), "--data-dir", str(tmp_path / "data")])
    wait_for("an answer", lambda: has_answer(answers))
    code, _, err = interrupt(process)
    assert code == 130 and b"prompts left; the same command goes on" in err
    run = Project.open(folder).manifest.last("collect")
    assert run is not None and 0 < len(run.sequences) < 3000


def test_other_prompts_than_before_are_told(tmp_path: Path, teacher: Path, prompts: Path) -> None:
    folder = tmp_path / "project"
    begin(folder, teacher, prompts)
    prompts.write_text("Another question?\nAnd one more?")
    assert "The prompts are others" in student("collect", folder).err
    assert "no project of a student" in student("collect", tmp_path).err


def test_the_app_and_other_verbs_import_nothing_of_it() -> None:
    done = python(
        "import sys, json\n"
        "import desktop.app.services, desktop.app.run, desktop.cli.check, desktop.cli.bench\n"
        "rooms = ('desktop.student', 'desktop.cli.student', 'desktop.engine.distillation')\n"
        "print(json.dumps([name for name in sys.modules if name.startswith(rooms)]))"
    )
    assert json.loads(done.out) == [], done.err
