"""Which build this is: the bundle's stamp, a checkout's commit, and no lie where nobody knows."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from desktop import __version__
from desktop.system import build_info
from desktop.system.build_info import Build, read_build, read_facts

STAMPED = {"commit": "1a2b3c4d5e+", "date": "2026-11-21", "page": "https://catnap.invalid"}


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=A", "-c", "user.email=a@invalid", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The inside of a bundle."""
    monkeypatch.setattr("sys.frozen", True, raising=False)
    monkeypatch.setattr("sys._MEIPASS", str(tmp_path), raising=False)
    return tmp_path


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the program in it, not yet a repository."""
    package = tmp_path / "checkout" / "desktop"
    package.mkdir(parents=True)
    (package.parent / "pyproject.toml").touch()
    monkeypatch.setattr(build_info, "__file__", str(package / "system" / "build_info.py"))
    return package.parent


def test_a_bundle_tells_its_stamp(bundle: Path) -> None:
    (bundle / "build.json").write_text(json.dumps(STAMPED))
    assert read_build() == Build("bundle", "1a2b3c4d5e+", "2026-11-21", "https://catnap.invalid")
    facts = read_facts()
    assert (facts.version, facts.page) == (__version__, "https://catnap.invalid")
    assert facts.lines[0] == "Build: bundle of 2026-11-21, commit 1a2b3c4d5e+"


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"commit": 1}', "\udcff"])
def test_a_bundle_without_a_good_stamp_is_still_a_bundle(bundle: Path, text: str | None) -> None:
    if text is not None:
        (bundle / "build.json").write_text(text, errors="surrogateescape")
    assert read_build().words() == "bundle of unknown date, commit unknown"


def test_a_checkout_tells_its_commit(checkout: Path) -> None:
    git(checkout, "init")
    assert read_build() == Build("source")  # nothing committed yet
    git(checkout, "add", ".")
    git(checkout, "commit", "-m", "First", "--date=2026-01-02T03:04:05Z")
    build = read_build()
    assert len(build.commit) >= 10
    assert build.words() == f"source, commit {build.commit} of {build.date}"
    assert len(build.date.split("-")) == 3


def test_without_git_it_is_just_the_source(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(checkout, "init")
    git(checkout, "commit", "--allow-empty", "-m", "First")
    monkeypatch.setenv("PATH", "")
    assert read_build().words() == "source"


def test_a_checkout_of_something_else_around_the_package_is_not_taken_for_ours(checkout: Path) -> None:
    git(checkout.parent, "init")
    git(checkout.parent, "commit", "--allow-empty", "-m", "Foreign")
    assert read_build() == Build("source")
