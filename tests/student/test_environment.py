"""The Python that students are trained with is found, or it is said what is missing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.student.environment import (
    commands_for,
    find_environment,
    interpreter_in,
    is_about_python,
    own_folder,
    variables,
)

GOOD = {"python": [3, 12, 1], "torch": "2.13.0+cpu", "numpy": "2.4.6", "gpu": "", "bf16": True}


def make_environment(folder: Path, said: object, code: int = 0) -> Path:
    python = interpreter_in(folder)
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\necho '{json.dumps(said)}'\necho 'last words' >&2\nexit {code}\n", encoding="ascii")
    python.chmod(0o755)
    return folder


def test_an_environment_is_found_by_its_folder_or_its_python(tmp_path: Path) -> None:
    folder = make_environment(tmp_path / "env", GOOD)
    found = find_environment(folder)
    assert (found.torch_version, found.python_version, found.bf16) == ("2.13.0+cpu", "3.12.1", True)
    assert find_environment(interpreter_in(folder)) == found == find_environment(None, [tmp_path / "none", folder])


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        ({**GOOD, "python": [3, 10, 2]}, 0, r"Python 3\.10\.2; 3\.11 is the oldest"),
        ({**GOOD, "torch": "2.4.1"}, 0, r"PyTorch 2\.4\.1; 2\.5 is the oldest"),
        ({"python": [3, 12, 0], "missing": "No module named 'torch'"}, 0, "lacks PyTorch"),
        ("nonsense", 0, "last words"),
        (GOOD, 1, "last words"),
    ],
    ids=["python", "torch", "none", "nonsense", "fails"],
)
def test_one_that_will_not_do_is_refused_with_what_to_do(said: object, code: int, words: str, tmp_path: Path) -> None:
    with pytest.raises(UserFacingError, match=words) as refused:
        find_environment(make_environment(tmp_path / "env", said, code))
    assert "make student" in refused.value.remedy


def test_one_of_ones_own_is_found_beside_the_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a bundle, which has no source
    monkeypatch.setattr("sys._MEIPASS", str(tmp_path), raising=False)
    monkeypatch.setattr("desktop.student.environment.own_folder", lambda: tmp_path / "own")
    # THEN it is said where one is looked for, and how it is made
    with pytest.raises(UserFacingError) as missing:
        find_environment()
    assert is_about_python(missing.value) and str(tmp_path / "own") in missing.value.detail
    assert "student-env" not in str(missing.value)
    assert all(str(tmp_path / "own") in line for line in commands_for(tmp_path / "own"))
    # WHEN it is there THEN it is taken
    make_environment(tmp_path / "own", GOOD)
    assert find_environment().torch_version == "2.13.0+cpu"


def test_the_usual_place_is_where_catnap_keeps_things() -> None:
    assert own_folder().name == "pytorch" and "catnap" in str(own_folder()).lower()


def test_none_at_all_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserFacingError, match="cannot train students"):
        find_environment(tmp_path / "none")


def test_another_python_does_not_get_modules_of_this_one() -> None:
    assert variables({"PYTHONPATH": "/a", "PYTHONHOME": "/b", "HOME": "/c"}) == {"HOME": "/c"}
