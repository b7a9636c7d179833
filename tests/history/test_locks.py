"""The locks that keep other programs out stay, whatever this one does with the file meanwhile.

They belong to the process, and the system drops all of them when it closes any handle of the file: see
:mod:`desktop.common.regular_file`.
"""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.common.regular_file import NotAFileError, open_regular
from desktop.gguf.header import read_header
from desktop.history.database import open_database
from desktop.history.exchange.exporting import write_file
from desktop.history.exchange.importing import import_file
from desktop.history.locations import UNCHANGED, database_uri
from desktop.history.rescue.backups import back_up_if_due, remove_from_copies
from desktop.history.store import History
from tests.support.patience import PATIENCE_S

NOW = 1_790_000_000.0
DAY = 86400.0

_WRITES = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)
try:
    connection.execute("BEGIN IMMEDIATE")
except sqlite3.OperationalError as problem:
    print(problem)
else:
    print("let in")
"""
_LOOKS = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
print(connection.execute("SELECT count(*) FROM messages").fetchone()[0])
connection.close()
"""


def _another_program(code: str, file: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True, timeout=PATIENCE_S
    )
    return done.stdout.strip()


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    """The history as the app has it open, with a conversation."""
    opened = History(tmp_path / "history.sqlite3", lambda: NOW)
    conversation = opened.create("Mine")
    opened.add_user_message(conversation.id, "Q")
    opened.wait_done(PATIENCE_S)
    yield opened
    opened.close()


def _log(history: History) -> Path:
    return history.file.with_name(f"{history.file.name}-wal")


def _index(history: History) -> Path:
    return history.file.with_name(f"{history.file.name}-shm")


def _back_up(history: History) -> None:
    with closing(sqlite3.connect(history.file)) as connection:
        assert back_up_if_due(connection, history.file, NOW + DAY) is not None
    remove_from_copies(history.file, ["x"])


def _link_to(history: History) -> Path:
    link = history.file.with_name("model.gguf")
    link.symlink_to(history.file)
    return link


# What this program does with the file, or with one that a person has chosen.
DEEDS: dict[str, Callable[[History], object]] = {
    "a second thread opens it": lambda history: History(history.file, beside=True, begins=False).close(),
    "a command opens it": lambda history: History(history.file, beside=True).close(),
    "it is opened for good a second time": lambda history: open_database(history.file).connection.close(),
    "a copy is made and changed": _back_up,
    "it is imported": lambda history: import_file(history, history.file, NOW),
    "its log is imported": lambda history: import_file(history, _log(history), NOW),
    "the index of its log is imported": lambda history: import_file(history, _index(history), NOW),
    "it is tried as a model": lambda history: read_header(history.file),
    "the index of its log is tried as a model": lambda history: read_header(_index(history)),
    "a link to it is tried as a model": lambda history: read_header(_link_to(history)),
    "it is exported to": lambda history: write_file(history.file, iter(["x"]), replace=True),
    "it is exported to by another name": lambda history: write_file(_link_to(history), iter(["x"]), replace=True),
}


# But for two that would wait for the end of the transaction.
_DURING = sorted(DEEDS.keys() - {"it is opened for good a second time", "a copy is made and changed"})


@pytest.mark.parametrize("deed", _DURING)
def test_nobody_is_let_in_while_something_is_written(history: History, deed: str) -> None:
    conversation = history.conversations()[0]
    # GIVEN a transaction under way
    with history.transaction():
        history.add_user_message(conversation.id, "R")
        # WHEN something is done with the file
        with contextlib.suppress(UserFacingError):
            DEEDS[deed](history)
        # THEN another program still cannot write
        assert _another_program(_WRITES, history.file) == "database is locked"


@pytest.mark.parametrize("deed", DEEDS)
def test_another_program_never_takes_the_log_away(history: History, deed: str) -> None:
    # GIVEN what was done with the file
    with contextlib.suppress(UserFacingError):
        DEEDS[deed](history)
    log = _log(history).stat().st_ino
    # WHEN another program opens and closes it, which would be the last one to by the locks that it sees
    assert _another_program(_LOOKS, history.file) == "1"
    # THEN the log is there, and what is written now is there for everybody
    assert _log(history).stat().st_ino == log
    history.add_user_message(history.conversations()[0].id, "R")
    assert _another_program(_LOOKS, history.file) == "2"


@pytest.mark.parametrize(
    "deed", [deed for deed in DEEDS if "log is imported" in deed or "model" in deed or "export" in deed]
)
def test_a_file_of_the_history_is_no_file_to_choose(history: History, deed: str) -> None:
    # WHEN a person chooses a file of the history for something else THEN that is refused with a sentence
    with pytest.raises(UserFacingError) as refused:
        DEEDS[deed](history)
    assert refused.value.remedy
    # AND nothing is lost
    assert history.transcript(history.conversations()[0].id).messages[0].text == "Q"


def test_without_the_rule_another_program_is_let_in(history: History) -> None:
    """What this file is about, so that it cannot pass for another reason."""
    if sys.platform == "win32":
        pytest.skip("Windows keeps locks with the handle")
    with contextlib.suppress(UserFacingError), history.transaction():  # SQLite notices it itself, if it is too late
        history.add_user_message(history.conversations()[0].id, "R")
        assert _another_program(_WRITES, history.file) == "database is locked"
        _index(history).open("rb").close()
        assert _another_program(_WRITES, history.file) == "let in"


def test_a_deleted_history_is_not_begun_anew_by_a_second_thread(history: History) -> None:
    history.file.unlink()
    with pytest.raises(UserFacingError):
        History(history.file, beside=True, begins=False)
    assert not history.file.exists()
    # AND once the app has written it again it is there
    history.keep_in_place()
    beside = History(history.file, beside=True, begins=False)
    assert [one.title for one in beside.conversations()] == ["Mine"]
    beside.close()


def test_a_history_that_somebody_holds_is_not_taken_for_one_that_is_not_there(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.history.database._BESIDE_SECONDS", 0.0)
    monkeypatch.setattr("desktop.history.database.open_database", lambda _file: pytest.fail("opened for repairs"))
    with closing(sqlite3.connect(history.file, isolation_level=None)) as holder:
        history.close()
        holder.execute("PRAGMA locking_mode = EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(UserFacingError, match="no other program holds it"):
            History(history.file, beside=True)


@pytest.mark.parametrize("name", ["a b?c=1#d%41", "ünï", "一二", "it's"])
def test_a_database_is_found_by_any_name(tmp_path: Path, name: str) -> None:
    file = tmp_path / name / "history.sqlite3"
    file.parent.mkdir()
    sqlite3.connect(file).execute("CREATE TABLE t (x)").connection.close()
    with closing(sqlite3.connect(database_uri(file, UNCHANGED), uri=True)) as connection:
        assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("t",)]


def test_files_beside_which_no_log_lies_are_opened(tmp_path: Path) -> None:
    file = tmp_path / "notes-wal"
    file.write_bytes(b"x")
    with open_regular(file) as stream:
        assert stream.read() == b"x"
    (tmp_path / "notes").touch()
    with pytest.raises(NotAFileError):
        open_regular(file)
