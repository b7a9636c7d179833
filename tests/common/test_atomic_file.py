from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from desktop.common.atomic_file import write_atomically


def permissions(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


@pytest.mark.parametrize("durable", [True, False])
def test_the_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path, durable: bool) -> None:
    file = tmp_path / "a.json"
    write_atomically(file, b"old", durable=durable)
    write_atomically(file, "新".encode(), durable=durable)
    assert file.read_text(encoding="utf-8") == "新"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such permissions")
def test_it_is_the_users_alone_unless_others_shall_read_it(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    write_atomically(file, b"x")
    assert permissions(file) == 0o600
    write_atomically(file, b"x", mode=0o644)
    assert permissions(file) == 0o644


def test_what_cannot_be_written_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.json"
    write_atomically(file, b"old")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(file, b"new")
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "missing" / "a.json", b"x")
