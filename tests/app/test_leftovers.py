"""What runs that were killed have left beside the scratch files of small ones: states, benchmarks, half copies."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from desktop.app.leftovers import sweep_leftovers, sweep_model_folder
from desktop.common.paths import Paths, resolve_paths
from desktop.history.rescue.backups import backups_folder

_NOBODY = 4_194_303  # above what Linux gives unless told to (proc(5), pid_max)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = resolve_paths(tmp_path / "data")
    made.create()
    made.snapshots_dir.mkdir(parents=True)
    made.models_dir.mkdir()
    return made


def aged(path: Path, seconds: float) -> Path:
    moment = path.stat().st_mtime - seconds
    os.utime(path, (moment, moment))
    return path


def test_half_written_states_of_conversations_go(paths: Paths) -> None:
    for name in ("tmpx1.tmp", ".0123.json-4711-0123abcd.tmp", "0123.state", "0123.json"):
        (paths.snapshots_dir / name).write_bytes(b"private")
    sweep_leftovers(paths)
    assert sorted(file.name for file in paths.snapshots_dir.iterdir()) == ["0123.json", "0123.state"]


def test_half_a_daily_copy_goes_and_whole_ones_stay(paths: Paths) -> None:
    # GIVEN what a kill in the middle of VACUUM INTO leaves, with the words of conversations in it
    folder = backups_folder(paths.history_file)
    folder.mkdir()
    for name in ("000002-20260131.sqlite3.part", "000002-20260131.sqlite3.part-journal", "000001-20260130.sqlite3"):
        (folder / name).write_bytes(b"private")
    sweep_leftovers(paths)
    assert [file.name for file in folder.iterdir()] == ["000001-20260130.sqlite3"]


@pytest.mark.parametrize(
    "attribute", ["settings_file", "drafts_file", "last_open_file", "crash_marks_file", "told_file"]
)
def test_half_a_file_of_the_apps_own_goes(paths: Paths, attribute: str) -> None:
    file: Path = getattr(paths, attribute)
    half = file.with_name(f".{file.name}-{os.getppid()}-0123abcd.tmp")  # its number belongs to another program by now
    half.write_bytes(b"private")
    sweep_leftovers(paths)
    assert not half.exists()


def test_the_folder_of_a_benchmark_that_was_killed_goes(paths: Paths) -> None:
    dead, old = paths.cache / f"bench-{_NOBODY}-abcdefgh", paths.cache / "bench-abcdefgh"
    living, young, other = (
        paths.cache / name for name in (f"bench-{os.getpid()}-abcdefgh", "bench-hgfedcba", "bench-of-mine")
    )
    for folder in (dead, old, living, young, other):
        folder.mkdir()
        (folder / "x.state").write_bytes(b"x")
    for folder in (old, other):
        aged(folder, 7200)
    sweep_leftovers(paths)
    assert [folder.exists() for folder in (dead, old, living, young, other)] == [False, False, True, True, True]


def test_the_copy_of_an_import_that_was_killed_goes(paths: Paths) -> None:
    dead = paths.data / f".importing-{_NOBODY}-abcdefgh"
    others = [
        paths.data / name for name in (f".importing-{os.getpid()}-abcdefgh", "import-contacts", ".importing-notes")
    ]
    for folder in (dead, *others):
        folder.mkdir()
        (folder / "history.sqlite3").write_bytes(b"x")
        aged(folder, 7200)
    sweep_leftovers(paths)
    assert [folder.exists() for folder in (dead, *others)] == [False, True, True, True]


def test_notes_and_half_copies_beside_models_go_and_models_stay(paths: Paths) -> None:
    folder = paths.models_dir
    gone = [
        folder / f"..m.gguf.verified-{_NOBODY}-0123abcd.tmp",
        folder / f".m.gguf.part.json-{_NOBODY}-0123abcd.tmp",
        folder / "m.gguf.moving",
    ]
    kept = [folder / name for name in ("m.gguf", "m.gguf.part", ".m.gguf.verified", "n.gguf.moving", "o.moving")]
    for file in (*gone, *kept):
        file.write_bytes(b"x")
    for file in (gone[2], kept[4]):
        aged(file, 7200)
    sweep_model_folder(folder)
    assert [file for file in gone if file.exists()] == []
    assert [file for file in kept if not file.exists()] == []


def test_a_folder_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    sweep_model_folder(tmp_path / "missing")
    sweep_leftovers(resolve_paths(tmp_path / "missing"))
