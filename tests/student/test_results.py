"""What a comparison has found is kept as it comes, and is void where the answers are others."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.student.judging import ModelFigures, PromptFigures
from desktop.student.results import NAME, CheckFile, Contestant, Role, Round
from desktop.student.sequences import Layout, TaughtSequence

LAYOUT = Layout(300, 4, (1.0,))
STUDENT = Contestant("small", Role.STUDENT, "small.gguf", 10, "Q4_0", "print", "sha", 4, 300)


def sequence(number: int, token: int = 2) -> TaughtSequence:
    return TaughtSequence(f"{number:032x}", (1, token), 1, True, LAYOUT, bytes(LAYOUT.token_bytes))


def begun(folder: Path, token: int = 2) -> CheckFile:
    file = CheckFile(folder)
    file.begin([sequence(1, token)], [STUDENT], {sequence(1).id: "What?"})
    return file


def test_what_was_found_is_there_after_a_kill(tmp_path: Path) -> None:
    file = begun(tmp_path)
    file.keep_figures("print", ModelFigures((PromptFigures(sequence(1).id, 1, 0.25, 1, 0.5),)))
    file.keep_answer("print", sequence(1).id, "That 😀 <b>")
    file.keep_rounds({"print": [Round(1.0, 0.5, 40.0, 20.0), Round(3.0, 0.5, 20.0, 30.0)]})
    file.ask({"a": "digest"})
    # WHEN another process opens it
    found = begun(tmp_path).compared
    assert found.figures["print"].kl.value == pytest.approx(0.25)
    assert found.answers["print"] == {sequence(1).id: "That 😀 <b>"}
    assert found.contestants == (STUDENT,) and found.prompts == {sequence(1).id: "What?"}
    assert found.asked == {"a": "digest"}
    speed = found.speed(STUDENT)
    assert speed is not None and (speed.cold, speed.speed) == (2.0, 30.0)
    ratio = found.ratio(STUDENT, STUDENT)
    assert ratio is not None and ratio.warm == ratio.processor == 1.0


def test_other_answers_make_it_void_but_not_the_speed(tmp_path: Path) -> None:
    file = begun(tmp_path)
    file.keep_figures("print", ModelFigures((PromptFigures(sequence(1).id, 1, 0.25, 1, 0.5),)))
    file.keep_rounds({"print": [Round(1.0, 0.5, 40.0)]})
    found = begun(tmp_path, token=3).compared
    assert found.figures == {} and found.answers == {} and found.rounds["print"]


def test_a_damaged_file_is_set_aside_and_all_begins_anew(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text('{"version": 1, "contestants": [{"name": 1}]}')
    assert begun(tmp_path).compared.figures == {}
    assert [path.name for path in tmp_path.iterdir()] != [NAME]
