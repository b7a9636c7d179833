"""The stamp that a bundle gets, as the program reads it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from bundle.stamp import NAME, commit_of, page_of, write_stamp

from desktop.system.build_info import STAMP, Build, read_build

ROOT = Path(__file__).parents[3]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "pyproject.toml").write_text('[project]\nname = "catnap"\n')
    return folder


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=A", "-c", "user.email=a@invalid", "-c", "init.defaultBranch=main"]
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_the_program_reads_what_is_written(tmp_path: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(checkout, "init")
    git(checkout, "add", ".")
    git(checkout, "commit", "-m", "First")
    inside = tmp_path / "bundle"
    assert write_stamp(checkout, inside, {"SOURCE_DATE_EPOCH": "1763679600"}) == inside / STAMP == inside / NAME
    monkeypatch.setattr("sys.frozen", True, raising=False)
    monkeypatch.setattr("sys._MEIPASS", str(inside), raising=False)
    assert read_build() == Build("bundle", git(checkout, "rev-parse", "--short=10", "HEAD"), "2025-11-20", "")


def test_a_change_that_is_not_committed_shows(checkout: Path) -> None:
    git(checkout, "init")
    git(checkout, "add", ".")
    git(checkout, "commit", "-m", "First")
    (checkout / "untracked").touch()
    assert not commit_of(checkout).endswith("+")
    (checkout / "pyproject.toml").write_text("[project]\n")
    assert commit_of(checkout).endswith("+")


def test_an_unpacked_archive_has_no_commit(checkout: Path, tmp_path: Path) -> None:
    git(tmp_path, "init")  # of something else, around it
    git(tmp_path, "commit", "--allow-empty", "-m", "Foreign")
    assert commit_of(checkout) == ""


def test_the_page_is_the_one_of_the_project_file(checkout: Path) -> None:
    assert page_of(checkout) == ""
    (checkout / "pyproject.toml").write_text('[project.urls]\nHomepage = "https://catnap.invalid"\n')
    assert page_of(checkout) == "https://catnap.invalid"
    assert isinstance(page_of(ROOT), str)


def test_two_stamps_of_one_day_are_the_same(checkout: Path, tmp_path: Path) -> None:
    first, second = (
        write_stamp(checkout, tmp_path / name, {"SOURCE_DATE_EPOCH": seconds}).read_bytes()
        for name, seconds in (("a", "1763679600"), ("b", "1763679700"))
    )
    assert first == second
