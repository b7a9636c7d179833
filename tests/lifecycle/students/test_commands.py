"""What the app tells ``catnap student`` is what that understands."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.arguments.parsing import parse
from desktop.common.errors import UserFacingError
from desktop.lifecycle.students.commands import install, last_words, run_arguments, student_verb
from desktop.lifecycle.students.projects import Goal, StudentProject, Wish


def test_a_student_is_made_as_it_was_wished(wish: Wish, tmp_path: Path) -> None:
    project = StudentProject("small", replace(wish, minutes=300, goal=Goal.SMALLER, kind="IQ4_NL"))
    words = run_arguments(project, tmp_path, "zh", ["--quick"])
    parsed = parse(["student", "run", *words])
    assert (parsed.target, parsed.teacher) == (str(tmp_path), str(wish.teacher))
    assert (parsed.layers, parsed.kind, parsed.train, parsed.language) == (23, "IQ4_NL", "--minutes 300", "zh")
    assert parsed.plain and parsed.progress and parsed.anyway and parsed.quick and not parsed.untrained
    assert parsed.threads == 1
    assert parsed.parse_step("train", [str(tmp_path), "small", *parsed.train.split()]).minutes == 300


def test_one_that_does_not_learn_is_made_so(wish: Wish, tmp_path: Path) -> None:
    project = StudentProject("small", replace(wish, minutes=0))
    parsed = parse(["student", "run", *run_arguments(project, tmp_path, "en")])
    assert parsed.untrained and parsed.train is None and not parsed.plain


def test_it_is_the_same_program_with_the_same_folder(tmp_path: Path) -> None:
    assert student_verb(tmp_path, "run")[-4:] == ["student", "run", "--data-dir", str(tmp_path)]
    assert student_verb(None, "install")[-2:] == ["student", "install"]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ('print(\'{"id": "file:a", "problem": null}\')', "file:a"),
        ("import sys; print('catnap: There is no room.', file=sys.stderr); sys.exit(1)", "There is no room."),
        ("print('[]')", ""),
    ],
)
def test_what_comes_of_an_installation_is_known(tmp_path: Path, script: str, expected: str) -> None:
    def verb(action: str) -> Sequence[str]:
        assert action == "install"
        return [sys.executable, "-c", script]

    if expected.startswith("file:"):
        assert install(verb, tmp_path, tmp_path / "a.gguf") == expected
    else:
        with pytest.raises(UserFacingError) as refused:
            install(verb, tmp_path, tmp_path / "a.gguf")
        assert refused.value.detail == expected


def test_a_program_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserFacingError):
        install(lambda _action: [str(tmp_path / "nothing")], tmp_path, tmp_path / "a.gguf")


def test_the_last_words_are_those_of_the_program() -> None:
    assert last_words(b"catnap: one\ncatnap: two\nggml: bye\n") == "two"
    assert last_words(b"\n") == ""
