from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from desktop.engine.threads.remembered import RememberedThreads
from desktop.engine.threads.tuner import Counts
from desktop.machine.cpu import Processors

_HERE = Processors(logical=4, physical=2)
_THERE = Processors(logical=8, physical=8)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "pace.json"


def test_what_was_saved_is_known_to_the_next_run(file: Path) -> None:
    assert RememberedThreads(file).load(_HERE) == Counts()

    RememberedThreads(file).save(_HERE, Counts(generating=2, reading=2))

    assert RememberedThreads(file).load(_HERE) == Counts(generating=2, reading=2)
    assert [entry.name for entry in file.parent.iterdir()] == [file.name]


def test_machines_that_share_a_folder_keep_their_own(file: Path) -> None:
    memory = RememberedThreads(file)
    memory.save(_HERE, Counts(2, 2))
    memory.save(_THERE, Counts(5, 8))

    assert (memory.load(_HERE), memory.load(_THERE)) == (Counts(2, 2), Counts(5, 8))


def test_what_is_known_already_is_not_written_again(file: Path) -> None:
    memory = RememberedThreads(file)
    memory.save(_HERE, Counts())
    assert not file.exists()

    memory.save(_HERE, Counts(2, 2))
    os.utime(file, (0, 0))
    memory.save(_HERE, Counts(2, 2))

    assert file.stat().st_mtime == 0


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"format": 2, "machines": {}}', '{"format": 1, "machines": []}', '{"format": 1}', "\xff"],
)
def test_a_file_that_makes_no_sense_is_no_memory_and_is_replaced(file: Path, text: str) -> None:
    file.parent.mkdir()
    file.write_text(text, encoding="latin-1")
    memory = RememberedThreads(file)

    assert memory.load(_HERE) == Counts()
    memory.save(_HERE, Counts(2, 2))
    assert memory.load(_HERE) == Counts(2, 2)


@pytest.mark.parametrize(
    "entry",
    [
        3,
        {},
        {"generating": "2", "reading": 2},
        {"generating": -1, "reading": 2},
        {"generating": 2, "reading": 10**400},  # no message to the engine's process could carry it
        {"generating": 10**9, "reading": 2},
        {"generating": True, "reading": 2},
        {"generating": 2.0, "reading": 2},
    ],
    ids=lambda entry: str(entry)[:40],
)
def test_an_entry_that_makes_no_sense_is_no_memory(file: Path, entry: object) -> None:
    memory = RememberedThreads(file)
    memory.save(_HERE, Counts(2, 2))
    record = json.loads(file.read_text(encoding="utf-8"))
    record["machines"] = dict.fromkeys(record["machines"], entry)
    file.write_text(json.dumps(record), encoding="utf-8")

    assert memory.load(_HERE) == Counts()


def test_without_a_file_nothing_is_remembered() -> None:
    memory = RememberedThreads(None)
    memory.save(_HERE, Counts(2, 2))

    assert memory.load(_HERE) == Counts()


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in the place of a file is another error there")
def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    blocker = tmp_path / "cache"
    blocker.write_text("", encoding="utf-8")
    memory = RememberedThreads(blocker / "pace.json")
    memory.save(_HERE, Counts(2, 2))

    assert memory.load(_HERE) == Counts()
