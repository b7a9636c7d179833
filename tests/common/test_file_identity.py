"""Tests for telling files apart."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path

import pytest

from desktop.common.file_identity import FileIdentity


def test_the_same_file_is_known_again_by_path_by_link_and_by_handle(tmp_path: Path) -> None:
    # GIVEN
    path = tmp_path / "model.gguf"
    path.write_bytes(b"one")
    link = tmp_path / "hard.gguf"
    os.link(path, link)

    # WHEN
    with path.open("rb") as file:
        identities = {FileIdentity.of(path), FileIdentity.of(link), FileIdentity.of_handle(file.fileno())}

    # THEN
    assert len(identities) == 1


def test_another_size_another_time_and_another_file_are_told_apart(tmp_path: Path) -> None:
    # GIVEN
    path = tmp_path / "model.gguf"
    path.write_bytes(b"one")
    os.utime(path, ns=(0, 1_000_000_000))
    first = FileIdentity.of(path)

    # WHEN
    path.write_bytes(b"longer")
    os.utime(path, ns=(0, 1_000_000_000))
    grown = FileIdentity.of(path)
    path.write_bytes(b"two")
    os.utime(path, ns=(0, 1_000_000_100))
    touched = FileIdentity.of(path)
    other = tmp_path / "other.gguf"
    other.write_bytes(b"one")
    os.utime(other, ns=(0, 1_000_000_000))
    replaced = FileIdentity.of(other)

    # THEN
    assert len({first, grown, touched, replaced}) == 4


def test_it_survives_json(tmp_path: Path) -> None:
    identity = FileIdentity.of(tmp_path)
    assert FileIdentity(**json.loads(json.dumps(asdict(identity)))) == identity


def test_nothing_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        FileIdentity.of(tmp_path / "gone.gguf")
