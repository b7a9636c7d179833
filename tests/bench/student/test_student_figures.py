"""``make student-figures`` without PyTorch: what is left to do, the table, and a small teacher from its beginning."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench.student.__main__ import main
from tests.bench.student.recipe import FUNCTIONS, JUDGED, Names, Narrow, Progress, Recipe, Wish
from tests.bench.student.speed import ratio
from tests.bench.student.targets import abilities, figures_of
from tests.support.command_line import catnap
from tests.support.tiny import make_tiny

WISH = Wish(Path("teacher.gguf"))
TASKS = [
    {"id": f"t{n}", "kind": "facts", "language": "en", "question": f"Who are you, {n}?", "max_tokens": 4,
     "expect": {"type": "any", "words": ["a"]}}
    for n in range(2)
]  # fmt: skip


def left(folder: Path, recipe: Recipe, part: str) -> list[str]:
    return list(dict.fromkeys(work.action for work in Progress(folder).left(recipe.parts[part])))


def put(file: Path, text: str = "") -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_what_is_there_needs_nothing_before_it(tmp_path: Path) -> None:
    recipe = Recipe(WISH)
    # THEN each command comes behind what it needs
    steps = ["new", "collect", "prune", "answers", "train", "export", "vocabulary", "check"]
    assert left(tmp_path, recipe, "students") == steps
    assert "long" not in recipe.parts and "long" in Recipe(replace(WISH, long_minutes=70)).parts
    # AND who brings a student that has learnt trains none
    put(tmp_path / "models" / "trained-22.gguf")
    assert left(tmp_path, recipe, "students") == ["export", "vocabulary", "check"]
    assert left(tmp_path, recipe, "functions") == ["export", "check"]
    # AND a check stands until one of its models is made anew
    for work in Progress(tmp_path).left(recipe.parts["students"]):
        put(tmp_path / work.leaves)
    assert left(tmp_path, recipe, "students") == []
    put(tmp_path / "models" / "trained-22-Q8_0.gguf", "anew")
    assert left(tmp_path, recipe, "students") == ["check"]


def test_what_leaves_no_file_of_its_own_is_noted(tmp_path: Path) -> None:
    progress = Progress(tmp_path)
    begun, collect, *_ = progress.left(Recipe(WISH).parts["widths"])
    assert (begun.action, collect.action) == ("new", "collect")
    progress.note(collect)
    assert Progress(tmp_path).is_done(collect) and not Progress(tmp_path).is_done(begun)


def test_ratios_are_of_pairs_and_of_answers_that_are_long_enough() -> None:
    def answer(first: float, speed: float, tokens: int = 40) -> dict[str, float]:
        return {"ttft_s": first, "gen_tps": speed, "generated_tokens": tokens}

    rounds = [
        {"a": answer(1.0, 30.0), "b": answer(2.0, 20.0)},
        {"a": answer(9.0, 90.0), "b": answer(10.0, 45.0)},
        {"a": answer(1.4, 1.0, tokens=2), "b": answer(2.0, 50.0)},
    ]
    assert ratio(rounds, "ttft_s", "a", "b") == (0.7, 3)
    assert ratio(rounds, "gen_tps", "a", "b") == (1.75, 2)
    assert ratio([], "gen_tps", "a", "b") is None and ratio(rounds, "ttft_s", "a", "c") is None


def checked(name: str, kl: float, top1: float) -> dict[str, object]:
    share = {"right": 3, "asked": 20, "interval": [0.05, 0.36]}
    model = {"name": name, "bytes": 86_700_000, "kl": [kl, kl - 0.1, kl + 0.1], "top1": [top1, 0.6, 0.7]}
    lines = [{"kind": "facts", "language": "en", **share}]
    verdict = {"student": name, "rival": "teacher, IQ4_NL", "further": [0.5, 0.4, 0.6], "beats": False, "words": "No."}
    return {"models": [{**model, "abilities": lines, "all": share}], "verdicts": [verdict]}


def test_the_table_says_what_is_met_and_what_nobody_has_measured(tmp_path: Path) -> None:
    names = Names()
    assert {figure.verdict for figure in figures_of(tmp_path, WISH, names, [])} == {"not measured"}
    run = {"step": "train", "settings": {"name": "trained-22"}, "figures": {"cpu_seconds": 313.5, "tokens": 78_068}}
    put(tmp_path / "project.json", json.dumps({"runs": [run]}))
    put(tmp_path / JUDGED, json.dumps(checked("trained-22", 0.58, 0.67)))
    put(tmp_path / FUNCTIONS, json.dumps(checked(names.final.format(names.short), 0.61, 0.66)))
    found = {figure.name: figure for figure in figures_of(tmp_path, WISH, names, [])}
    assert found["22 layers: training, of one processor"].verdict == "OVER"
    assert found["22 layers: KL, held out"].verdict == found["22 layers: top-1, held out"].verdict == "ok"
    assert found["26 layers: top-1, held out"].verdict == "not measured"
    beside = found["22 layers, Q4_0: further from the teacher than plain quantisation of its bytes"]
    assert beside.verdict == "OVER" and "0.400 to 0.600; teacher, IQ4_NL" in beside.note
    assert found["tasks done: trained-22-Q4_0-protected-weighed"].value == 15
    assert list(abilities(checked("small", 0.6, 0.6)))[2:] == [
        "| facts, en | 3 of 20 (5% to 36%) |",
        "| all | 3 of 20 (5% to 36%) |",
    ]


def test_without_pytorch_nothing_is_begun(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "project"
    words = ["--project", str(folder), "--python", sys.executable]
    assert main([*words, "--plan"]) == 0
    said = capsys.readouterr().out
    assert "catnap student train" in said and "minutes of one processor" in said
    assert main(words) == 1
    assert "PyTorch" in capsys.readouterr().err and not folder.exists()


@pytest.fixture
def wish(tmp_path: Path) -> Wish:
    """What is made of a small teacher."""
    prompts, tasks = tmp_path / "prompts.txt", tmp_path / "tasks.json"
    prompts.write_text("\n".join(f"Question {number}?" for number in range(6)))
    tasks.write_text(json.dumps({"version": 1, "tasks": TASKS}))
    return Wish(
        make_tiny(tmp_path / "teacher.gguf", layers=4, ascii_only=True),
        seed=5,
        new=("--prompts", str(prompts), "--held-out", "2", "--max-tokens", "6", "--ctx", "128"),
        drop=("1", "2"),
        words=270,
        narrow=(Narrow("columns-96", ("--ffn", "96")),),
        tasks=("--tasks", str(tasks), "--quick"),
        pairs=1,
    )


def test_a_small_teacher_from_its_beginning(tmp_path: Path, wish: Wish, capfd: pytest.CaptureFixture[str]) -> None:
    words = ["--project", str(tmp_path / "project"), "--part", "widths"]
    assert main(words, wish) == 0
    said = capfd.readouterr().out
    assert "columns-96, Q4_0, not trained: KL" in said and "hand-22, Q4_0, not trained: KL" in said
    kept = json.loads((tmp_path / "project" / "figures" / "table.json").read_text())
    measured = [each["name"] for each in kept["figures"] if each["verdict"] != "not measured"]
    assert kept["seed"] == 5 and measured == ["hand-22, Q4_0, not trained: KL", "columns-96, Q4_0, not trained: KL"]
    # AND nothing is done twice
    assert main(words, wish) == 0
    assert "About 0 minutes" in capfd.readouterr().out


def test_a_student_that_is_there_is_measured(tmp_path: Path, wish: Wish, capfd: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "project"
    # GIVEN a project with a student that stands for one that has learnt
    for work in Progress(folder).left(Recipe(wish).parts["students"]):
        name = ["--drop", "1", "--name", "trained-22", "--tokens", "6"]
        words = name if work.action == "prune" else work.words
        assert catnap("student", work.action, str(folder), *words).code == 0
        if work.action == "prune":
            break
    # WHEN it is gone on with
    assert main(["--project", str(folder), "--part", "students", "--part", "functions"], wish) == 0
    # THEN the table has its figures, and the tasks their intervals
    said = capfd.readouterr().out
    kept = json.loads((folder / "figures" / "table.json").read_text())
    values = {figure["name"]: figure["value"] for figure in kept["figures"]}
    assert values["22 layers: KL, held out"] > 0, said
    assert values["22 layers, Q8_0: first word"] > 0 and values["22 layers, 270 tokens, Q8_0: first word"] > 0
    assert "| facts, en | " in said and " of 2 (" in said
