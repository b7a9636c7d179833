"""Which build of PyTorch is tried where (packaging/setup/student.py), and that its hashes are those of one set."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from setup import student
from setup.venv import REQUIREMENTS


def locked(name: str) -> dict[str, str]:
    text = (REQUIREMENTS / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z-]+)==(\S+)", text, re.MULTILINE))


def test_both_builds_are_of_the_same_release_and_every_package_has_hashes() -> None:
    large, small = locked("student.txt"), locked("student-cpu.txt")
    assert small["torch"] == f"{large['torch']}+cpu" and not any(name.startswith("nvidia") for name in small)
    others = {name: version for name, version in small.items() if name not in ("torch", "networkx")}
    assert others.items() <= large.items()  # networkx has one for each Python
    for name in ("student.txt", "student-cpu.txt"):
        text = (REQUIREMENTS / name).read_text(encoding="utf-8")
        assert text.count("--hash=sha256:") >= len(locked(name)) and "://" not in text


@pytest.mark.parametrize(
    ("platform", "machine", "version", "wanted", "tried"),
    [
        ("linux", "x86_64", (3, 11), "", ["student-cpu.txt", "student.txt"]),
        ("linux", "x86_64", (3, 11), "cpu", ["student-cpu.txt"]),
        ("linux", "x86_64", (3, 11), "gpu", ["student.txt"]),
        ("linux", "x86_64", (3, 12), "", ["student.txt"]),
        ("linux", "aarch64", (3, 11), "", ["student.txt"]),
        ("darwin", "arm64", (3, 11), "", ["student.txt"]),
    ],
)
def test_the_small_build_is_tried_where_its_hash_is_known(
    platform: str,
    machine: str,
    version: tuple[int, int],
    wanted: str,
    tried: list[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr("platform.machine", lambda: machine)
    monkeypatch.setattr("sys.version_info", version)
    monkeypatch.setattr(student, "NVIDIA", tmp_path / "none")
    assert [lock.name for lock in student.locks(wanted)] == tried
    monkeypatch.setattr(student, "NVIDIA", tmp_path)
    assert wanted or [lock.name for lock in student.locks("")] == ["student.txt"]
