"""What lies where SQLite wants its log, beside others who open and close the file."""

from __future__ import annotations

import os
import sqlite3
import threading
from pathlib import Path

import pytest

from desktop.common.set_aside import rename_aside
from desktop.common.sqlite import COMPANIONS, clear_log_names, companion


@pytest.mark.skipif(os.name != "posix", reason="links and pipes are made")
@pytest.mark.parametrize("kind", ["folder", "link that leads nowhere", "link in a circle", "pipe"])
@pytest.mark.parametrize("suffix", [*COMPANIONS, "-journal"])
def test_what_is_no_file_makes_room_for_the_log(tmp_path: Path, kind: str, suffix: str) -> None:
    file = tmp_path / "kept.db"
    part = companion(file, suffix)
    match kind:
        case "folder":
            part.mkdir()
        case "link that leads nowhere":
            part.symlink_to(tmp_path / "nowhere")
        case "link in a circle":
            part.symlink_to(part)
        case _:
            os.mkfifo(part)
    clear_log_names(file)
    assert [path.name for path in tmp_path.iterdir()] == [f"kept.damaged{suffix}.db"]


def test_a_log_that_goes_while_it_is_looked_at_is_no_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was there, was no file a moment later, and was taken for something in the way: another thread had closed."""
    file = tmp_path / "kept.db"
    gone = companion(file, "-shm")
    looked, real = [], os.stat

    def look(path: str | Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if Path(path) == gone:
            looked.append(path)
            if len(looked) > 1:  # it goes after the first look
                raise FileNotFoundError(2, "No such file or directory", str(path))
        return real(path, follow_symlinks=follow_symlinks)

    gone.touch()
    monkeypatch.setattr("os.stat", look)
    monkeypatch.setattr("os.lstat", lambda path: look(path, follow_symlinks=False))
    clear_log_names(file)
    assert looked and [path.name for path in tmp_path.iterdir()] == [gone.name]


def test_a_file_that_others_open_and_close_meanwhile_keeps_its_log(tmp_path: Path) -> None:
    file = tmp_path / "kept.db"
    over = threading.Event()

    def come_and_go() -> None:
        while not over.is_set():
            connection = sqlite3.connect(file)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("CREATE TABLE IF NOT EXISTS words (word TEXT)")
            connection.close()

    other = threading.Thread(target=come_and_go)
    other.start()
    try:
        for _ in range(3000):
            clear_log_names(file)
    finally:
        over.set()
        other.join()
    assert not [*tmp_path.glob("*damaged*")]


def test_a_log_that_goes_while_its_file_is_set_aside_holds_nothing_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "kept.db"
    file.write_text("noise")
    # It is said to be there, as it was a moment ago.
    monkeypatch.setattr(Path, "exists", lambda path: path.name.endswith("-wal") or path.is_file())
    aside = rename_aside(file, "damaged", COMPANIONS)
    assert [path.name for path in tmp_path.iterdir()] == [aside.name]
