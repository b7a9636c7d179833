"""Where things lie: below --data-dir or where the platform wants them; private; never mixed between two of them."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import stat
import sys
import tempfile
from dataclasses import fields
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.common.paths import Paths, resolve_paths, shipped


def folders_of(value: Paths) -> list[Path]:
    return [getattr(value, field.name) for field in fields(value)]


def test_a_data_folder_moves_everything(tmp_path: Path) -> None:
    value = resolve_paths(tmp_path / "cat")
    files = [value.settings_file, value.history_file, value.models_dir, value.snapshots_dir, value.log_file]
    for path in [*folders_of(value), *files, value.lock_file]:
        assert path.is_relative_to(tmp_path / "cat")


def test_nothing_is_made_before_create(tmp_path: Path) -> None:
    resolve_paths(tmp_path / "cat")
    assert list(tmp_path.iterdir()) == []


def test_create_makes_private_folders_and_may_be_repeated(tmp_path: Path) -> None:
    value = resolve_paths(tmp_path / "a" / "猫 cat")
    value.create()
    value.create()
    for folder in folders_of(value):
        assert folder.is_dir()
        if os.name == "posix":
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert list(value.log_dir.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="the XDG variables of Linux")
def test_the_platform_s_places_follow_its_rules(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if sys.platform == "darwin":
        pytest.skip("macOS does not know XDG")
    for name in ("DATA", "CONFIG", "CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    value = resolve_paths(None)
    assert value.data == tmp_path / "DATA" / "catnap"
    assert value.settings_file == tmp_path / "CONFIG" / "catnap" / "settings.json"
    assert value.snapshots_dir == tmp_path / "CACHE" / "catnap" / "snapshots"
    assert value.log_file.is_relative_to(tmp_path / "STATE" / "catnap")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the XDG variables of Linux")
def test_relative_places_are_ignored_as_the_specification_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # GIVEN variables that would mean another place with each start
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("DATA", "CONFIG", "CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", "relative")
    # THEN the usual places below the home folder are used
    value = resolve_paths(None)
    assert value.data == value.runtime == tmp_path / ".local" / "share" / "catnap"
    assert value.config == tmp_path / ".config" / "catnap"
    assert value.cache == tmp_path / ".cache" / "catnap"
    assert value.log_dir == tmp_path / ".local" / "state" / "catnap" / "log"
    # AND a home folder that is relative is none, so that of the user's account is
    monkeypatch.setenv("HOME", "relative")
    assert resolve_paths(None).data.is_absolute()


def test_a_relative_data_folder_does_not_follow_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    value = resolve_paths(Path("cat"))
    monkeypatch.chdir("/")
    assert value.data == tmp_path / "cat"


def test_a_tilde_is_the_home_folder_and_a_stranger_s_tilde_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert resolve_paths(Path("~/cat")).data == tmp_path / "cat"
    if os.name == "posix":
        assert resolve_paths(Path("~nobody-of-that-name/cat")).data == tmp_path / "~nobody-of-that-name" / "cat"


def test_two_data_folders_have_two_addresses(tmp_path: Path) -> None:
    assert resolve_paths(tmp_path / "a").instance_name != resolve_paths(tmp_path / "b").instance_name
    assert resolve_paths(tmp_path / "a").instance_name == resolve_paths(tmp_path / "a").instance_name


@pytest.mark.skipif(os.name != "posix", reason="socket paths have no such limit on Windows")
@pytest.mark.parametrize("length", [10, 60, 100, 200])
def test_the_socket_s_path_is_never_too_long(length: int) -> None:
    value = resolve_paths(Path("/data") / ("x" * length))
    other = resolve_paths(Path("/data") / ("x" * (length - 1) + "y"))
    assert len(value.instance_name.encode()) <= 104 - len(".XXXXXX")
    assert value.instance_name != other.instance_name


def test_a_file_in_the_way_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "cat").write_text("not a folder")
    with pytest.raises(UserFacingError) as caught:
        resolve_paths(tmp_path / "cat").create()
    assert str(tmp_path / "cat") in caught.value.detail
    assert "--data-dir" in caught.value.remedy


def test_a_full_disk_is_said_before_anything_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a disk that takes new names and no bytes, as a full one does
    class Full(io.BytesIO):
        def flush(self) -> None:
            if not self.closed and self.getvalue():
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: contextlib.nullcontext(Full()))
    with pytest.raises(UserFacingError) as caught:
        resolve_paths(tmp_path / "cat").create()
    assert caught.value.title == "The disk is full, so Catnap cannot start."
    assert str(tmp_path / "cat") in caught.value.detail
    assert "Make room" in caught.value.remedy


@pytest.mark.skipif(os.name != "posix", reason="the home folder comes from HOME and passwd")
def test_a_user_without_a_home_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(os, "getuid", lambda: 3_999_999)  # nobody has this number
    with pytest.raises(UserFacingError, match="does not know your home folder") as caught:
        resolve_paths(None)
    assert "--data-dir" in caught.value.remedy


def test_a_folder_that_cannot_be_written_to_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a folder on a disk that is mounted read-only, which the superuser cannot write to either
    def refuse(dir: Path) -> None:  # noqa: A002 (named by tempfile)
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(UserFacingError, match="Read-only file system"):
        resolve_paths(tmp_path / "cat").create()


def test_what_is_shipped_is_found_from_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert json.loads(shipped("models.json").read_bytes())
    assert shipped("resources/icons").is_dir()


def test_a_bundle_s_own_files_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models.json").write_text("{}")
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert shipped("models.json") == tmp_path / "models.json"


def test_an_incomplete_installation_is_noticed() -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere\.json"):
        shipped("nowhere.json")
