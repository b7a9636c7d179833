"""The Python that students are trained with is found, or it is said what is missing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.student.environment import find_environment, interpreter_in, variables

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


def test_none_at_all_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserFacingError, match="cannot train students"):
        find_environment(tmp_path / "none")


def test_another_python_does_not_get_modules_of_this_one() -> None:
    assert variables({"PYTHONPATH": "/a", "PYTHONHOME": "/b", "HOME": "/c"}) == {"HOME": "/c"}
