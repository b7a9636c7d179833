"""Models that bring the engine down whenever they are loaded."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from desktop.engine.types import Awake, Crashed, EngineConfig, Waking, Work
from desktop.lifecycle.crash_marks import CrashMarks


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "crashes.json"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "bad.gguf"
    path.write_bytes(b"GGUF, nearly")
    return path


def crash(marks: CrashMarks, model: Path | None, work: Work = Work.LOADING, excuse: str = "") -> None:
    changed, short = excuse == "file_changed", excuse == "out_of_memory"
    marks.on_engine_event(Crashed(model, work, file_changed=changed, out_of_memory=short))


def test_the_second_death_in_loading_marks_a_model(file: Path, model: Path) -> None:
    marks, changes = CrashMarks(file), []
    marks.subscribe(lambda: changes.append(marks.is_marked(model)))
    crash(marks, model)
    assert not marks.is_marked(model)
    crash(marks, model)
    assert marks.is_marked(model)
    assert changes == [False, True]


def test_deaths_are_counted_over_restarts(file: Path, model: Path) -> None:
    crash(CrashMarks(file), model)
    crash(CrashMarks(file), model)
    assert CrashMarks(file).is_marked(model)


@pytest.mark.parametrize("work", [work for work in Work if work is not Work.LOADING])
def test_a_death_at_anything_else_does_not_count(file: Path, model: Path, work: Work) -> None:
    marks = CrashMarks(file)
    for _ in range(3):
        crash(marks, model, work)
    assert not marks.is_marked(model)
    assert not file.exists()


@pytest.mark.parametrize("excuse", ["out_of_memory", "file_changed"])
def test_what_is_not_the_model_s_fault_does_not_count(file: Path, model: Path, excuse: str) -> None:
    marks = CrashMarks(file)
    for _ in range(3):
        crash(marks, model, excuse=excuse)
    assert not marks.is_marked(model)


def test_the_mark_ends_when_the_file_changes(file: Path, model: Path) -> None:
    marks = CrashMarks(file)
    crash(marks, model)
    crash(marks, model)
    # WHEN it is downloaded again, as large and as old as before
    status = model.stat()
    other = model.with_name("other")
    other.write_bytes(b"GGUF, wholly")
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(model)
    # THEN it has a clean record, and needs two deaths again
    assert not marks.is_marked(model)
    crash(marks, model)
    assert not marks.is_marked(model)
    crash(marks, model)
    assert marks.is_marked(model)


def test_a_file_that_was_written_to_has_changed(file: Path, model: Path) -> None:
    marks = CrashMarks(file)
    crash(marks, model)
    crash(marks, model)
    model.write_bytes(b"GGUF, another")
    assert not marks.is_marked(model)
    model.unlink()
    assert not marks.is_marked(model)
    crash(marks, model)  # of what is gone there is nothing to count
    crash(marks, None)


def test_the_mark_ends_when_it_loads_after_all(file: Path, model: Path) -> None:
    marks = CrashMarks(file)
    crash(marks, model)
    crash(marks, model)
    marks.on_engine_event(Waking(1, 1.0))
    assert marks.is_marked(model)
    # WHEN another model is awake THEN that says nothing
    marks.on_engine_event(Awake("other", 512, 1, False, EngineConfig(model.with_name("other"))))
    assert marks.is_marked(model)
    marks.on_engine_event(Awake("bad", 512, 1, False, EngineConfig(model)))
    assert not marks.is_marked(model)
    assert not file.exists()
    assert not CrashMarks(file).is_marked(model)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"[" * 200_000, b"[]", b'{"format": 2}', b'{"format": 1, "files": []}'],
    ids=lambda content: content[:24],
)
def test_a_damaged_file_counts_for_nothing_and_is_replaced(
    file: Path, model: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    file.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        marks = CrashMarks(file)
    assert "not read" in caplog.text
    assert not marks.is_marked(model)
    crash(marks, model)
    crash(marks, model)
    assert CrashMarks(file).is_marked(model)


def test_an_entry_that_makes_no_sense_does_not_cost_the_others(file: Path, model: Path) -> None:
    marks = CrashMarks(file)
    crash(marks, model)
    crash(marks, model)
    text = file.read_text()
    file.write_text(text.replace('"files": {', '"files": {"/a": 3, "/b": {"inode": "x"}, '))
    assert CrashMarks(file).is_marked(model)


def test_names_that_are_no_unicode_are_remembered(file: Path, model: Path) -> None:
    try:
        odd = model.rename(model.with_name("caf\udce9.gguf"))
    except (OSError, UnicodeError):
        pytest.skip("no such names here")
    for _ in range(2):
        crash(CrashMarks(file), odd)
    assert CrashMarks(file).is_marked(odd)


def test_a_disk_that_takes_nothing_is_survived(tmp_path: Path, model: Path) -> None:
    marks = CrashMarks(tmp_path / "not there" / "crashes.json")
    crash(marks, model)
    crash(marks, model)
    assert marks.is_marked(model)


def test_no_more_than_a_hundred_files_are_remembered(file: Path, tmp_path: Path) -> None:
    marks = CrashMarks(file)
    models = [tmp_path / f"{number}.gguf" for number in range(101)]
    for each in models:
        each.write_bytes(b"GGUF")
        crash(marks, each)
    for each in (models[0], models[100]):
        crash(marks, each)
    # THEN the first death of the oldest is forgotten, that of the newest is not
    assert (marks.is_marked(models[0]), marks.is_marked(models[100])) == (False, True)
