"""What was removed for good goes out of every copy that can be written, whatever the others are like."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from desktop.history.rescue.backups import backups_folder, noted_message, remove_from_copies
from desktop.history.schema import MIGRATIONS
from desktop.history.store import History
from tests.support.readable_words import files_with

GONE = "Xylophone"


def filled(file: Path) -> str:
    """Makes a history, with a copy of today and one of before a change; returns the conversation that is to go."""
    with closing(History(file)) as history:
        history.add_user_message(history.create("kept").id, "Wombats dig.")
        gone = history.create(GONE).id
        history.add_user_message(gone, f"{GONE} " * 99)
    backups_folder(file).mkdir()
    for copy in (backups_folder(file) / "000001-20200101.sqlite3", file.with_name("history.v5.sqlite3")):
        shutil.copyfile(file, copy)
    return gone


def kept_in(copy: Path) -> list[str]:
    with closing(sqlite3.connect(copy)) as connection:
        return [text for (text,) in connection.execute("SELECT text FROM messages")]


def test_one_that_somebody_has_open_keeps_the_others_from_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = filled(file)
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, timeout=0.0))  # nobody is waited for
    held = backups_folder(file) / "000001-20200101.sqlite3"
    with closing(sqlite3.connect(held, isolation_level=None)) as somebody:
        somebody.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            remove_from_copies(file, [gone])
        assert files_with(file.parent, GONE) == [f"backups/{held.name}", file.name]
    remove_from_copies(file, [gone])
    assert files_with(file.parent, GONE) == [file.name]
    assert kept_in(held) == kept_in(file.with_name("history.v5.sqlite3")) == ["Wombats dig."]


def test_a_damaged_one_of_before_a_change_goes_and_a_file_of_the_person_stays(file: Path) -> None:
    gone = filled(file)
    theirs = [file.with_name(f"history.{name}.sqlite3") for name in ("vacation", "v5 of mine", "damaged-20260101-1")]
    for copy in (file.with_name("history.v4-2.sqlite3"), *theirs):
        copy.write_bytes(f"{GONE} ".encode() * 2000)
    file.with_name("history.v4-2.sqlite3-journal").write_bytes(GONE.encode())
    remove_from_copies(file, [gone])
    assert files_with(file.parent, GONE) == sorted([file.name, *(one.name for one in theirs)])
    assert kept_in(file.with_name("history.v5.sqlite3")) == ["Wombats dig."]


def test_what_an_earlier_catnap_had_left_in_the_index_goes_out_of_the_copies(file: Path) -> None:
    # GIVEN a copy of a file in which a conversation was removed for good, and not yet erased
    gone = filled(file)
    with closing(sqlite3.connect(file.with_name("history.v5.sqlite3"))) as connection:
        connection.execute("UPDATE conversations SET deleted = -1, title = '' WHERE id = ?", (gone,))
        connection.commit()
    # WHEN it is not known any more which that was
    remove_from_copies(file, [])
    assert files_with(file.parent, GONE) == ["backups/000001-20200101.sqlite3", file.name]


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS) + 1))
def test_every_version_of_the_file_loses_conversations_and_messages(file: Path, version: int) -> None:
    copy = file.with_name(f"history.v{version}.sqlite3")
    with closing(sqlite3.connect(copy, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        for statements in MIGRATIONS[:version]:
            for statement in statements:
                database.execute(statement)
        database.execute(f"PRAGMA user_version = {version}")
        for key in ("a", "b"):
            database.execute(
                "INSERT INTO conversations (id, title, created, updated) VALUES (?, ?, 1, 1)",
                (key, GONE if key == "a" else "kept"),
            )
        for number, (key, text) in enumerate((("a", GONE * 999), ("b", "first"), ("b", GONE), ("b", "last")), 1):
            database.execute(
                "INSERT INTO messages (id, conversation_id, role, text, created, state)"
                " VALUES (?, ?, 'user', ?, 1, 'complete')",
                (number, key, text),
            )
    remove_from_copies(file, ["a", noted_message(3)])
    assert files_with(file.parent, GONE) == []
    assert kept_in(copy) == ["first", "last"]
