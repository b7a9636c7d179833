"""``catnap check`` as a process: figures, pause, comparison, files of tasks."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from desktop.engine.types import Role
from desktop.history.records import MessageState
from desktop.history.store import History
from tests.support.command_line import catnap, interrupt, python, start
from tests.support.patience import wait_for


def task(name: str, *, kind: str = "facts", tokens: int = 64, **expect: Any) -> dict[str, Any]:
    return {
        "id": name,
        "kind": kind,
        "language": "en",
        "question": f"Who are you, number {name}?",
        "max_tokens": tokens,
        "expect": expect or {"type": "any", "words": ["parrot"]},
    }


@pytest.fixture
def places(tmp_path: Path) -> list[str]:
    return ["--data-dir", str(tmp_path / "data"), "--anyway"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Three tasks that the parrot does, and one that it does not."""
    tasks = [
        task("a"),
        task("b"),
        task("c", type="any", words=["cat"]),
        task("d", kind="json", type="any", words=["4"]),
    ]
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"version": 1, "tasks": tasks}))
    return path


def test_figures_with_intervals_and_a_summary(places: list[str], file: Path, parrot_model: Path) -> None:
    # WHEN a model is checked with tasks of one's own
    done = catnap("check", str(parrot_model), "--tasks", str(file), *places)
    # THEN each kind has its line, its interval, and there is a sentence
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert lines[0].startswith("parrot.gguf, ")
    assert "KV type f16" in lines[0]
    assert " ".join(lines[1].split()) == "facts from a text English 2 of 3 67% 95 %: 21% to 94%"
    assert lines[3] == "Not enough tasks to tell: facts from a text, JSON."
    # AND the second time it is known already
    again = catnap("check", str(parrot_model), "--tasks", str(file), "--json", *places)
    assert again.err == ""
    assert again.json["wrong"] == ["c"]
    assert [(each["kind"], each["right"], each["asked"]) for each in again.json["kinds"]] == [
        ("facts", 2, 3),
        ("json", 1, 1),
    ]
    assert again.json["task_file"] == "mine.json"


def test_ctrl_c_pauses_and_the_next_call_goes_on(
    places: list[str], tmp_path: Path, long_parrot_model: Path, endless_parrot_model: Path
) -> None:
    # GIVEN a task that is done at once, and one that takes for ever
    path = tmp_path / "slow.json"
    expect: dict[str, Any] = {"type": "any", "words": ["keyboard"], "room": 20_000}
    path.write_text(
        json.dumps({"version": 1, "tasks": [task("quick", tokens=30, **expect), task("slow", tokens=2_000, **expect)]})
    )
    checks = tmp_path / "data" / "checks"
    process = start(
        ["check", str(endless_parrot_model), "--tasks", str(path), *places],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    wait_for("the first result", lambda: list(checks.glob("*.json")))
    # WHEN somebody presses Ctrl+C in the second one
    code, _, err = interrupt(process)
    # THEN it says how far it was, and the first answer is kept
    assert code == 130
    assert b"paused after 1 of 2 tasks; the same command goes on" in err
    (kept,) = checks.glob("*.json")
    assert [each["task"] for each in json.loads(kept.read_text())["results"]] == ["quick"]
    # AND there is nothing to go on with for another model
    other = catnap("check", str(long_parrot_model), "--tasks", str(path), "--resume", *places)
    assert other.code == 1
    assert "no check of this model to go on with" in other.err


def test_two_kv_types_are_compared(places: list[str], file: Path, parrot_model: Path) -> None:
    # WHEN the parrot is asked with both
    done = catnap("check", str(parrot_model), "--tasks", str(file), "--compare", "kv_type=q8_0", "--json", *places)
    # THEN both did the same, and that is said
    assert done.code == 0, done.err
    compared = done.json["compared"]
    assert compared["kv_type"] == "q8_0"
    assert (compared["both"], compared["only_first"], compared["only_second"], compared["neither"]) == (3, 0, 0, 1)
    assert compared["p"] == 1.0
    assert compared["words"] == "Both did exactly the same 3 of 4 tasks."


def test_a_result_is_compared_with_and_what_is_none_stays_where_it_is(
    places: list[str], file: Path, tmp_path: Path, parrot_model: Path, long_parrot_model: Path
) -> None:
    first = catnap("check", str(parrot_model), "--tasks", str(file), "--json", *places).json
    result = tmp_path / "data" / "checks" / f"{first['id']}.json"
    done = catnap("check", str(long_parrot_model), "--tasks", str(file), "--compare", str(result), *places)
    assert done.code == 0, done.err
    assert "parrot.gguf" in done.out.splitlines()[-1]
    assert "No difference can be told: of 4 tasks" in done.out.splitlines()[-1]
    for wrong in (str(file), "kv_type=q9", "threads=2", str(tmp_path)):
        refused = catnap("check", str(parrot_model), "--tasks", str(file), "--compare", wrong, *places)
        assert refused.code == 1
        assert refused.out == ""
    assert file.exists()


def test_what_is_wrong_with_a_file_or_a_kind_is_said_before_anything_is_asked(
    places: list[str], file: Path, parrot_model: Path
) -> None:
    file.write_text(file.read_text().replace('"words": ["cat"]', '"word": ["cat"]'))
    done = catnap("check", str(parrot_model), "--tasks", str(file), *places)
    assert done.code == 1
    assert 'mine.json: task 3 (c): "expect" of type "any" knows no "word"' in done.err
    done = catnap("check", str(parrot_model), "--kinds", "poems", *places)
    assert done.code == 1
    assert "There is no such kind of tasks. poems." in done.err


def test_on_battery_nothing_is_asked_unless_it_is_wanted_anyway(file: Path, tmp_path: Path, parrot_model: Path) -> None:
    def check(*more: str) -> tuple[int, str]:
        arguments = ["check", str(parrot_model), "--tasks", str(file), "--data-dir", str(tmp_path / "data"), *more]
        code = (
            "import sys\nfrom desktop.machine import battery\n"
            "battery.read_battery = lambda: battery.Battery(64.0, True)\n"
            f"from desktop.__main__ import main\nsys.exit(main({arguments!r}))"
        )
        done = python(code)
        return done.code, done.err

    code, err = check()
    assert code == 1
    assert "this machine lives on its battery. 64 % left. Plug it in, or add --anyway." in err
    assert not (tmp_path / "data" / "checks").exists()
    code, err = check("--anyway")
    assert code == 0, err
    assert "on battery, as you wished" in err


def test_where_memory_is_short_it_stops_and_goes_on_later(file: Path, tmp_path: Path, parrot_model: Path) -> None:
    arguments = ["check", str(parrot_model), "--tasks", str(file), "--data-dir", str(tmp_path / "data")]

    def check(pressure: str, *more: str) -> tuple[int, str]:
        code = (
            "import sys\nfrom desktop.machine import memory_pressure\n"
            f"memory_pressure.LinuxPressure.read = lambda self: memory_pressure.Pressure.{pressure}\n"
            f"from desktop.__main__ import main\nsys.exit(main({[*arguments, *more]!r}))"
        )
        done = python(code)
        return done.code, done.err

    code, err = check("SHORT")
    assert code == 1 and "short of memory, so the check has stopped" in err and "What was answered is kept" in err
    assert check("SHORT", "--anyway")[0] == 0
    assert check("NONE", "--again")[0] == 0


def test_answers_marked_down_become_a_file_of_tasks(places: list[str], tmp_path: Path, parrot_model: Path) -> None:
    # GIVEN nothing, then a conversation with one answer marked down and one marked up
    target = tmp_path / "marked.json"
    nothing = catnap("check", "--from-ratings", str(target), *places)
    assert nothing.code == 1
    assert "No answer was marked down" in nothing.err
    data = tmp_path / "data"
    data.mkdir(exist_ok=True)
    history = History(data / "history.sqlite3")
    talk = history.create("Talk")
    for question, rating in (("Who are you?", -1), ("And now?", 1)):
        asked = history.add_user_message(talk.id, question)
        assert asked.role is Role.USER
        answer = history.add_answer(
            talk.id, "I am a cat.", thinking="", state=MessageState.COMPLETE, model="Parrot", stats=None
        )
        history.set_rating(answer.id, rating)
    history.close()
    # WHEN they are written
    done = catnap("check", "--from-ratings", str(target), *places)
    # THEN the check reads them, and the parrot says something else
    assert (done.code, done.out) == (0, f"1 tasks in {target}\n"), done.err
    checked = catnap("check", str(parrot_model), "--tasks", str(target), "--json", *places)
    assert [(each["kind"], each["right"], each["asked"]) for each in checked.json["kinds"]] == [("rated", 1, 1)]
    # AND a file that is there is not written over
    assert catnap("check", "--from-ratings", str(target), *places).code == 1
