"""What is done to the history in the background: daily copies, and erasing; and a clock that is wrong."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import sys
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from desktop.common.errors import UserFacingError
from desktop.history.database import open_database
from desktop.history.rescue.backups import backups
from desktop.history.schema import MIGRATIONS
from desktop.history.store import History
from tests.support.patience import PATIENCE_S

DAY = 86400.0
YEAR = 365 * DAY


class Clock:
    """Stands still until it is set."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def copy_now(history: History) -> None:
    history.back_up()
    assert history.wait_done(PATIENCE_S)


# Copies


def test_a_copy_a_day_and_seven_of_them(history: History, file: Path, clock: Clock) -> None:
    copy_now(history)
    assert backups(file) == [], "there is nothing to copy"
    conversation = history.create("Kept")
    for day in range(10):
        history.add_user_message(conversation.id, f"day {day}")
        copy_now(history)
        copy_now(history)
        clock.now += DAY
    copies = backups(file)
    assert [path.name[:6] for path in copies] == [f"{number:06d}" for number in range(10, 3, -1)]
    if sys.platform != "win32":
        assert {stat.S_IMODE(path.stat().st_mode) for path in copies} == {0o600}
        assert stat.S_IMODE(copies[0].parent.stat().st_mode) == 0o700
    # AND each can take the place of the file, words to search for included
    history.close()
    shutil.copy(copies[1], file)
    with closing(History(file)) as again:
        assert again.load_problem is None
        assert [one.text for one in again.transcript(conversation.id).messages] == [f"day {day}" for day in range(9)]
        assert len(again.search("day 8")) == 1


def test_a_clock_that_goes_back_makes_the_newest_copy_all_the_same(history: History, file: Path, clock: Clock) -> None:
    history.add_user_message(history.create().id, "Hi")
    clock.now += 10 * YEAR
    copy_now(history)
    clock.now -= 10 * YEAR
    copy_now(history)
    assert [path.name[:6] for path in backups(file)] == ["000002", "000001"]
    clock.now = 1e18  # beyond any calendar
    copy_now(history)
    assert len(backups(file)) == 2


def test_no_copy_on_a_disk_that_is_nearly_full(history: History, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history.add_user_message(history.create().id, "Hi")
    full = SimpleNamespace(disk_usage=lambda _: SimpleNamespace(free=1))
    monkeypatch.setattr("desktop.history.rescue.backups.shutil", full)
    copy_now(history)
    assert backups(file) == []


def test_a_folder_that_takes_no_copy_is_no_trouble(history: History, file: Path) -> None:
    history.add_user_message(history.create().id, "Hi")
    file.with_name("backups").write_text("a file")
    copy_now(history)
    history.add_user_message(history.create().id, "Hi again")


def words_in(folder: Path, word: str) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]


def test_what_is_deleted_for_good_leaves_the_copies_too(history: History, file: Path) -> None:
    # GIVEN a conversation that is in a backup, and in the copy of before a change of the file
    kept, gone = history.create("kept"), history.create("Quokka title")
    history.add_user_message(kept.id, "Wombats dig.")
    history.add_user_message(gone.id, "Xylophone " * 50)
    copy_now(history)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("VACUUM INTO ?", (str(file.with_name("history.v2.sqlite3")),))
    assert len(words_in(file.parent, "Xylophone")) >= 2
    damaged = file.with_name("backups") / "000000-20200101.sqlite3"
    damaged.write_bytes(b"Xylophone " * 2000)
    # WHEN it is deleted for good
    history.delete_for_good(gone.id)
    assert not history.has(gone.id)
    assert history.wait_done(PATIENCE_S)
    # THEN no file has a word of it
    for word in ("Xylophone", "xyl", "Quokka"):
        assert words_in(file.parent, word) == [], word
    assert len(backups(file)) == 1
    with closing(sqlite3.connect(backups(file)[0])) as connection:
        assert connection.execute("SELECT text FROM messages").fetchall() == [("Wombats dig.",)]


def test_while_somebody_reads_the_log_it_is_known_that_words_are_left_in_it(
    history: History, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.history.upkeep._BUSY_SECONDS", 0.1)
    gone = history.create("gone").id
    history.add_user_message(gone, "Xylophone " * 50)
    assert history.wait_done(PATIENCE_S)
    with closing(sqlite3.connect(file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM messages").fetchone()
        history.delete_for_good(gone)
        assert history.wait_done(PATIENCE_S)
        assert words_in(file.parent, "Xylophone")
    # WHEN an hour later nobody does
    history.back_up()
    assert history.wait_done(PATIENCE_S)
    assert words_in(file.parent, "Xylophone") == []
    assert not history._query("SELECT 1 FROM about WHERE name = 'index_holds_removed'")


# Deleted, and a wrong clock


def start(file: Path, clock: Clock, days: float = 30) -> tuple[str, ...]:
    """Does what a start does; returns the conversations that went for good."""
    with closing(History(file, clock)) as history:
        return history.purge_deleted(days * DAY)


@pytest.fixture
def deleted(file: Path, clock: Clock) -> str:
    with closing(History(file, clock)) as history:
        conversation = history.create("deleted").id
        history.add_user_message(conversation, "Hi")
        history.purge_deleted(30 * DAY)
        history.delete(conversation)
    return conversation


def test_deleted_conversations_are_kept_thirty_days(file: Path, clock: Clock, deleted: str) -> None:
    clock.now += 29 * DAY
    assert start(file, clock) == ()
    clock.now += 2 * DAY
    assert start(file, clock) == (deleted,)
    assert start(file, clock) == ()


def test_zero_days_is_the_next_start(file: Path, clock: Clock, deleted: str) -> None:
    assert start(file, clock, 0) == (deleted,)


def test_ten_years_ahead_and_back_purges_nothing(file: Path, clock: Clock, deleted: str) -> None:
    clock.now += 10 * YEAR
    assert start(file, clock) == ()
    assert start(file, clock) == ()
    clock.now -= 10 * YEAR
    assert start(file, clock) == ()
    clock.now += 29 * DAY
    assert start(file, clock) == ()
    clock.now += 2 * DAY
    assert start(file, clock) == (deleted,)


def test_deleted_while_the_clock_was_ahead_is_kept_as_long(file: Path, clock: Clock) -> None:
    clock.now += 10 * YEAR
    with closing(History(file, clock)) as history:
        conversation = history.create("deleted").id
        history.delete(conversation)
        clock.now -= 10 * YEAR
        assert [one.conversation.id for one in history.deleted()] == [conversation]
    clock.now += 29 * DAY
    assert start(file, clock) == ()
    for _week in range(4):
        clock.now += 7 * DAY
        assert start(file, clock) == ()
    clock.now += 7 * DAY
    assert start(file, clock) == (conversation,)


def test_a_program_not_used_for_a_year_purges_in_the_end(file: Path, clock: Clock, deleted: str) -> None:
    clock.now += YEAR
    assert start(file, clock) == (), "it may be the clock"
    clock.now += 31 * DAY
    assert start(file, clock) == (deleted,)


def test_a_program_that_runs_for_months_counts_on(file: Path, clock: Clock, deleted: str) -> None:
    with closing(History(file, clock)) as history:
        for _day in range(60):
            clock.now += DAY
            history.back_up()
    assert start(file, clock) == (deleted,)


# A file that goes away


def told_history(file: Path) -> tuple[History, list[UserFacingError]]:
    told: list[UserFacingError] = []
    return History(file, tell=told.append), told


@pytest.mark.skipif(os.name == "nt", reason="Windows does not delete files that are open")
def test_another_file_in_its_place_is_set_aside(file: Path) -> None:
    history, told = told_history(file)
    conversation = history.create("mine")
    history.add_user_message(conversation.id, "Hi")
    with closing(open_database(file.with_name("other"), MIGRATIONS).connection) as connection:
        connection.execute("INSERT INTO conversations (id, title, created, updated) VALUES ('x', 'theirs', 1, 1)")
    file.with_name("other").replace(file)
    history.add_user_message(conversation.id, "Hi again")
    assert [problem.title for problem in told] == [
        "The file of the conversations had been deleted; it was written again."
    ]
    history.close()
    (aside,) = file.parent.glob("*.replaced-*")
    with closing(History(aside)) as other:
        assert [one.title for one in other.conversations()] == ["theirs"]
    with closing(History(file)) as again:
        assert [one.text for one in again.transcript(conversation.id).messages] == ["Hi", "Hi again"]


@pytest.mark.skipif(os.name == "nt", reason="Windows does not delete files that are open")
def test_a_file_that_cannot_be_written_again_is_said_and_can_be_read(file: Path) -> None:
    folder = file.parent / "data"
    folder.mkdir()
    history, told = told_history(folder / "history.sqlite3")
    conversation = history.create("mine")
    message = history.add_user_message(conversation.id, "Hi")
    assert history.wait_done(PATIENCE_S)  # or its thread makes the log anew in the folder that is being removed
    shutil.rmtree(folder)
    folder.write_text("a file where the folder was")
    with pytest.raises(UserFacingError, match="was deleted and cannot be written again"):
        history.add_user_message(conversation.id, "Hi again")
    assert history.transcript(conversation.id).messages == (message,)
    assert told == []
    # WHEN it can be THEN all of it is there
    folder.unlink()
    history.add_user_message(conversation.id, "Hi again")
    assert len(told) == 1
    history.close()
    with closing(History(folder / "history.sqlite3")) as again:
        assert len(again.transcript(conversation.id).messages) == 2
