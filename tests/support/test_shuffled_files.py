"""``--shuffle-files`` changes the order of the files and of nothing else; ``--share`` parts them, and loses none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
NAMES = [f"test_{letter}.py" for letter in "abcdefgh"]


@pytest.fixture
def files(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Eight files of two tests each, under this project's own conftest.py."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makeconftest("from tests.conftest import *")
    for name in NAMES:
        (pytester.path / name).write_text("def test_two(): pass\ndef test_one(): pass\n", encoding="utf-8")
    return pytester


def order(files: pytest.Pytester, *arguments: str) -> tuple[list[str], str]:
    """Returns the files in the order they are run in, and all that was said."""
    done = files.runpytest_subprocess("-p", "no:cacheprovider", "-v", *arguments)
    assert done.ret == 0
    said = done.stdout.str()
    tests = re.findall(r"^(test_\w\.py)::(\w+) PASSED", said, re.MULTILINE)
    assert tests == [(name, test) for name, _ in tests[::2] for test in ("test_two", "test_one")]
    return [name for name, _ in tests[::2]], said


def test_only_when_asked_for(files: pytest.Pytester) -> None:
    found, said = order(files)
    assert found == NAMES
    assert "random order" not in said


def test_a_seed_gives_its_order_again(files: pytest.Pytester) -> None:
    first, said = order(files, "--shuffle-files=1")
    assert "files in random order: --shuffle-files=1\n" in said
    assert sorted(first) == NAMES != first
    assert order(files, "--shuffle-files=1")[0] == first
    assert order(files, "--shuffle-files=2")[0] != first


def test_without_a_seed_one_is_made_and_told(files: pytest.Pytester) -> None:
    found, said = order(files, "--shuffle-files")
    seed = re.search(r"--shuffle-files=(\d+)", said)
    assert seed is not None
    assert order(files, seed[0])[0] == found


@pytest.mark.parametrize("shuffled", [(), ("--shuffle-files=1",)])
def test_shares_are_all_files_and_none_twice(files: pytest.Pytester, shuffled: tuple[str, ...]) -> None:
    shares = [order(files, f"--share={number}/3", *shuffled)[0] for number in (1, 2, 3)]
    assert [len(share) for share in shares] == [3, 3, 2]
    assert sorted(file for share in shares for file in share) == NAMES
