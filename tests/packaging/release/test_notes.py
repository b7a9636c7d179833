"""The notes of a release (packaging/release/notes.py)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from release.notes import NOT_YET_RUN, changes, check_tag, not_yet_run, notes
from setup.commands import BuildError

ROOT = Path(__file__).parents[3]
CHANGELOG = """# Changelog

## Unreleased

- Something to come.

## 1.2.0 - 2026-11-21

- Napping.
- Waking.

## [1.1.0]

- Being.
"""


def test_the_section_of_the_version() -> None:
    assert changes(CHANGELOG, "1.2.0") == "- Napping.\n- Waking."
    assert changes(CHANGELOG, "1.1.0") == "- Being."


def test_a_version_without_a_section_takes_what_is_unreleased() -> None:
    assert changes(CHANGELOG, "1.3.0") == "- Something to come."


def test_silence_is_refused() -> None:
    with pytest.raises(BuildError, match="says nothing about 2"):
        changes("# Changelog\n\n## Unreleased\n\n## 1.0.0\n\n- x\n", "2.0.0")


def test_our_own_changelog_has_something_to_say() -> None:
    assert changes((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), "99.0.0")


def test_what_nobody_ran_is_said_for_each_download() -> None:
    names = ["Catnap-1.2.0-windows-x64.zip", "Catnap-1.2.0-macos-arm64.dmg", "Catnap-1.2.0-amiga.lha"]
    text = notes(CHANGELOG, "1.2.0", names)
    assert "### Not yet run" in text
    assert all(f"- `{name}`: " in text for name in names)
    assert "`Catnap-1.2.0-amiga.lha`: not yet run by anybody or anything." in text


def test_nothing_is_said_where_all_was_run() -> None:
    assert "Not yet run" not in notes(CHANGELOG, "1.2.0", [])


def test_each_download_is_one_kind_only() -> None:
    names = [
        "Catnap-0.1.0-linux-x86_64.tar.xz",
        "Catnap-0.1.0-linux-x86_64.AppImage",
        "Catnap-0.1.0-linux-aarch64.tar.xz",
        "Catnap-0.1.0-windows-x64.zip",
        "Catnap-0.1.0-windows-x64-setup.exe",
        "Catnap-0.1.0-macos-arm64.dmg",
        "Catnap-0.1.0-macos-x86_64.dmg",
    ]
    assert [sum(bool(re.search(proof.pattern, name)) for proof in NOT_YET_RUN) for name in names] == [1] * len(names)
    assert not any("anybody or anything" in line for line in not_yet_run(names))
    assert len(NOT_YET_RUN) == len(names)


def test_a_tag_is_that_of_the_version() -> None:
    check_tag("v1.2.0", "1.2.0")
    with pytest.raises(BuildError, match="must agree"):
        check_tag("v1.2.1", "1.2.0")
