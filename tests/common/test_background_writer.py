"""Small files that are written on a thread of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.common.background_writer import BackgroundWriter, StateFileWriter
from desktop.common.errors import UserFacingError
from desktop.common.json_file import StateFile
from tests.support.patience import PATIENCE_S

A, B = Path("a"), Path("b")


class Disk:
    """One that is slow: the first write lasts until it is let go."""

    def __init__(self) -> None:
        self.writer = BackgroundWriter()
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.written: list[str] = []
        self.threads: set[int] = set()

    def put(self, file: Path, content: str) -> None:
        self.writer.put(file, self._write(content))

    def _write(self, content: str) -> Callable[[], None]:
        def write() -> None:
            self.threads.add(threading.get_ident())
            self.begun.set()
            assert self.go_on.wait(PATIENCE_S)
            self.written.append(content)

        return write


def test_nobody_waits_and_of_each_file_only_the_newest_is_written() -> None:
    disk = Disk()
    disk.put(A, "a1")
    assert disk.begun.wait(PATIENCE_S)
    # WHEN more comes while the disk is busy
    for file, content in ((A, "a2"), (B, "b1"), (A, "a3")):
        disk.put(file, content)
    assert not disk.writer.flush(0.0)
    disk.go_on.set()
    # THEN what was begun is finished, and the last of each follows in its order
    assert disk.writer.flush(PATIENCE_S)
    assert disk.written == ["a1", "b1", "a3"]
    assert threading.get_ident() not in disk.threads
    assert disk.writer.close(PATIENCE_S)


def test_the_end_writes_what_waits_and_what_comes_later_too() -> None:
    disk = Disk()
    disk.put(A, "a1")
    disk.put(B, "b1")
    disk.go_on.set()
    assert disk.writer.close(PATIENCE_S)
    assert sorted(disk.written) == ["a1", "b1"]
    disk.put(A, "a2")
    assert disk.written[-1] == "a2"
    assert disk.writer.close(PATIENCE_S)


def test_a_disk_that_hangs_holds_the_end_no_longer_than_allowed() -> None:
    disk = Disk()
    disk.put(A, "a1")
    assert disk.begun.wait(PATIENCE_S)
    assert not disk.writer.close(0.01)
    disk.go_on.set()
    assert disk.writer.close(PATIENCE_S)


def test_one_write_that_goes_wrong_keeps_no_other_back(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise RuntimeError("a bug")

    disk = Disk()
    disk.go_on.set()
    disk.writer.put(A, fail)
    disk.put(B, "b1")
    assert disk.writer.close(PATIENCE_S)
    assert disk.written == ["b1"]
    assert "a not written" in caplog.text


def _kept(path: Path) -> StateFile[int]:
    return StateFile(path, lambda document: int(document["number"]))


def test_a_file_is_settled_once_the_last_of_its_writes_is_done(tmp_path: Path) -> None:
    writes: list[Callable[[], None]] = []
    told: list[UserFacingError] = []
    file = _kept(tmp_path / "kept.json")
    writer = StateFileWriter(file, "The number could not be saved.")
    writer.write_with(lambda _file, write: writes.append(write), told.append)
    assert writer.is_settled
    writer.write({"number": 1})
    writer.write({"number": 2})
    writes[0]()
    assert not writer.is_settled
    writes[1]()
    assert writer.is_settled and not writer.has_failed
    assert file.read() == 2 and not told


def test_what_cannot_be_written_is_told_until_it_can(tmp_path: Path) -> None:
    told: list[UserFacingError] = []
    path = tmp_path / "folder" / "kept.json"
    writer = StateFileWriter(_kept(path), "The number could not be saved.", tell=told.append)
    writer.write({"number": 1})
    assert writer.is_settled and writer.has_failed
    (problem,) = told
    assert problem.title == "The number could not be saved." and problem.detail.startswith(f"{path}: ")
    path.parent.mkdir()
    writer.write({"number": 2})
    assert not writer.has_failed and len(told) == 1


def test_where_nobody_is_told_it_is_raised(tmp_path: Path) -> None:
    writer = StateFileWriter(_kept(tmp_path / "folder" / "kept.json"), "The number could not be saved.")
    with pytest.raises(UserFacingError, match="could not be saved"):
        writer.write({"number": 1})
    assert writer.is_settled and not writer.has_failed
