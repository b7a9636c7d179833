"""Two bundles of one commit: what counts as a difference."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from bundle.compare import differences


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    one = tmp_path / "one"
    (one / "_internal").mkdir(parents=True)
    (one / "catnap").write_bytes(b"program")
    (one / "_internal" / "build.json").write_text('{"date": "2026-11-27"}')
    (one / "_internal" / "lib.so").write_bytes(b"library")
    (one / "_internal" / "link.so").symlink_to("lib.so")
    other = tmp_path / "other"
    shutil.copytree(one, other, symlinks=True)
    return one, other


def test_times_are_no_difference(two: tuple[Path, Path]) -> None:
    one, other = two
    os.utime(other / "catnap", (1, 1))
    assert differences(one, other) == ()


def test_the_stamp_may_differ_and_is_named(two: tuple[Path, Path]) -> None:
    one, other = two
    (other / "_internal" / "build.json").write_text('{"date": "2026-11-28"}')
    (found,) = differences(one, other)
    assert found.path == "_internal/build.json"
    assert found.reason


def test_a_stamp_of_another_commit_may_not(two: tuple[Path, Path]) -> None:
    one, other = two
    (other / "_internal" / "build.json").write_text('{"date": "2026-11-27", "commit": "0123456789"}')
    (found,) = differences(one, other)
    assert not found.reason


def test_nothing_else_may(two: tuple[Path, Path]) -> None:
    one, other = two
    (other / "catnap").chmod(0o755)
    (one / "catnap").chmod(0o644)
    (other / "_internal" / "lib.so").write_bytes(b"library.")
    (other / "_internal" / "link.so").unlink()
    (other / "_internal" / "link.so").symlink_to("elsewhere.so")
    (other / "_internal" / "more").mkdir()
    found = differences(one, other)
    assert [each.path for each in found] == ["_internal/lib.so", "_internal/link.so", "_internal/more", "catnap"]
    assert not any(each.reason for each in found)
