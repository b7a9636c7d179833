from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from desktop.common.atomic_file import append_whole, replaced_atomically, sweep_scratch, write_atomically


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


# What killed writers leave

MINUTE = 60


def scratch(folder: Path, name: str, age: float = 0) -> Path:
    file = folder / name
    file.write_bytes(b"private")
    moment = file.stat().st_mtime - age
    os.utime(file, (moment, moment))
    return file


@pytest.mark.parametrize(
    ("name", "age", "alive", "swept"),
    [
        (".a.json-4711-0123abcd.tmp", 0, False, True),
        (".a.json-4711-0123abcd.tmp", 30 * MINUTE, True, False),
        (".a.json-4711-0123abcd.tmp", 90 * MINUTE, True, True),
        (".a.json-4711-0123abcd.tmp", -90 * MINUTE, True, True),
        (".a.json-0123abcd.tmp", 0, False, False),
        (".a.json-x_y_z_01.tmp", 2 * MINUTE, False, True),
        (".b.json-4711-0123abcd.tmp", 90 * MINUTE, False, False),
        ("a.json-4711-0123abcd.tmp", 90 * MINUTE, False, False),
        (".a.json-4711-0123abcd.tmp.bak", 90 * MINUTE, False, False),
        (".a.json", 90 * MINUTE, False, False),
    ],
)
def test_scratch_files_of_the_dead_are_swept(tmp_path: Path, name: str, age: float, alive: bool, swept: bool) -> None:
    file = scratch(tmp_path, name, age)
    found = sweep_scratch(tmp_path, "a.json".__eq__, lambda _pid: alive)
    assert (found, file.exists()) == (([file], False) if swept else ([], True))


def test_who_is_alone_sweeps_all_but_his_own(tmp_path: Path) -> None:
    old, living = scratch(tmp_path, ".a.json-0123abcd.tmp"), scratch(tmp_path, ".a.json-4711-0123abcd.tmp")
    own = scratch(tmp_path, f".a.json-{os.getpid()}-0123abcd.tmp")
    everything = {"is_ours": lambda _name: True, "is_alive": lambda _pid: True, "alone": lambda _name: True}
    assert sorted(sweep_scratch(tmp_path, **everything)) == sorted([old, living])
    assert own.exists()


def test_folders_links_and_missing_folders_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".a.json-4711-0123abcd.tmp").mkdir()
    assert sweep_scratch(tmp_path, "a.json".__eq__, lambda _pid: False) == []
    assert sweep_scratch(tmp_path / "missing", "a.json".__eq__, lambda _pid: False) == []


def test_a_long_name_has_a_scratch_file_as_well(tmp_path: Path) -> None:
    file = tmp_path / ("喵" * 84 + ".j")
    write_atomically(file, b"x")
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="files always have names there")
@pytest.mark.parametrize("content", [b"", b"x" * 3_000_000])
def test_what_is_written_has_no_name_before_it_is_whole(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "all.json"
    file.write_bytes(b"old")
    with replaced_atomically(file, unnamed=True) as stream:
        stream.write(content)
        assert [each.name for each in tmp_path.iterdir()] == ["all.json"]
        assert file.read_bytes() == b"old"
    assert file.read_bytes() == content
    assert [each.name for each in tmp_path.iterdir()] == ["all.json"]
    assert file.stat().st_mode & 0o777 == 0o600


def test_where_the_file_system_cannot_it_has_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.common.atomic_file._open_unnamed", lambda _folder: None)
    file = tmp_path / "all.json"
    with replaced_atomically(file, unnamed=True) as stream:
        stream.write(b"new")
        assert len(list(tmp_path.iterdir())) == 1
    assert file.read_bytes() == b"new"


def test_what_fails_without_a_name_leaves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "all.json"
    with pytest.raises(ValueError, match="no"), replaced_atomically(file, unnamed=True):
        raise ValueError("no")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="Windows makes links only for some users")
def test_for_people_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    file, link = tmp_path / "here" / "table.csv", tmp_path / "link.csv"
    file.write_text("old")
    link.symlink_to(file)
    write_atomically(link, b"new", unnamed=True)
    assert link.is_symlink() and file.read_text() == "new"
    assert [path.name for path in (tmp_path / "here").iterdir()] == ["table.csv"]


# Lines that are appended


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "head\nnew\n"),
        ("", "head\nnew\n"),
        ("hea", "head\nnew\n"),
        ("head\n", "head\nnew\n"),
        ("head\nold\n", "head\nold\nnew\n"),
        ("head\nold\nha", "head\nold\nnew\n"),
        ("head\n" + "x" * 200_000, "head\nnew\n"),
        ("x" * 200_000, "head\nnew\n"),
    ],
)
def test_what_a_kill_has_cut_off_is_taken_away_by_the_next_line(tmp_path: Path, before: str | None, after: str) -> None:
    file = tmp_path / "table.csv"
    if before is not None:
        file.write_text(before)
    append_whole(file, b"new\n", head=b"head\n")
    assert file.read_text() == after


def test_lines_that_cannot_be_written_leave_nothing_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "table.csv"
    file.write_text("old\n")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        append_whole(file, b"new\n")
    assert file.read_text() == "old\n"
