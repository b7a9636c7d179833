"""The history's file: older, newer, damaged, foreign."""

from __future__ import annotations

import math
import os
import shutil
import sqlite3
import stat
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from desktop import __version__
from desktop.common.errors import UserFacingError
from desktop.common.sqlite import companion, suspect_marker
from desktop.history.choices import ConversationChoices
from desktop.history.database import open_database
from desktop.history.errors import as_user_error
from desktop.history.schema import MIGRATIONS
from desktop.history.store import History
from tests.support.patience import PATIENCE_S
from tests.support.small_files import no_larger_files


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A history with one long conversation, closed in order."""
    file = tmp_path / "history.sqlite3"
    history = History(file)
    conversation = history.create("kept")
    with history.transaction():
        for number in range(300):
            history.add_user_message(conversation.id, f"message {number} " * 20)
    history.close()
    return file


def count_messages(file: Path) -> int:
    history = History(file)
    conversations = history.conversations()
    total = sum(len(history.transcript(conversation.id).messages) for conversation in conversations)
    assert history.load_problem is None
    history.close()
    return total


def others(file: Path) -> list[Path]:
    return sorted(path for path in file.parent.iterdir() if path != file)


# An older file


NEXT = (*MIGRATIONS, ("ALTER TABLE conversations ADD COLUMN colour TEXT NOT NULL DEFAULT 'grey'",))


def test_an_older_file_is_brought_up_to_date_after_a_copy_was_made(file: Path) -> None:
    # WHEN a program with one more migration opens the file
    database = open_database(file, NEXT)
    # THEN the new column is there with all that was
    assert database.connection.execute("SELECT title, colour FROM conversations").fetchall() == [("kept", "grey")]
    assert database.connection.execute("SELECT count(*) FROM messages").fetchone() == (300,)
    assert database.connection.execute("PRAGMA user_version").fetchone() == (len(NEXT),)
    database.connection.close()
    # AND a copy of the old version lies beside it
    (backup,) = others(file)
    assert backup.name == f"history.v{len(MIGRATIONS)}.sqlite3"
    if sys.platform != "win32":
        assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert count_messages(backup) == 300


def test_a_migration_that_fails_changes_nothing(file: Path) -> None:
    broken = (*NEXT, ("DROP TABLE messages", "SELECT nonsense"))
    with pytest.raises(UserFacingError):
        open_database(file, broken)
    assert count_messages(file) == 300
    assert [path.name for path in others(file)] == [f"history.v{len(MIGRATIONS)}.sqlite3"]


def test_a_second_backup_does_not_replace_the_first(file: Path) -> None:
    for _ in range(2):
        with pytest.raises(UserFacingError):
            open_database(file, (*MIGRATIONS, ("SELECT nonsense",)))
    assert [path.name for path in others(file)] == [
        f"history.v{len(MIGRATIONS)}{number}.sqlite3" for number in ("-2", "")
    ]


def test_a_new_file_needs_no_backup(tmp_path: Path) -> None:
    database = open_database(tmp_path / "new.sqlite3", NEXT)
    database.connection.close()
    assert [path.name for path in tmp_path.iterdir()] == ["new.sqlite3"]


# A newer file


@pytest.mark.parametrize("unclean", [False, True], ids=["closed in order", "log beside it"])
def test_a_newer_file_is_refused_with_both_versions_and_not_touched(tmp_path: Path, unclean: bool) -> None:
    # GIVEN a file that Catnap 1.3, which knows one migration more, has written to
    file = tmp_path / "history.sqlite3"
    newer = open_database(file, NEXT, "1.3").connection
    if unclean:
        pieces = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
        newer.close()
        for name, content in pieces.items():
            (tmp_path / name).write_bytes(content)
    else:
        newer.close()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    # WHEN Catnap 1.2 opens it
    with pytest.raises(UserFacingError) as caught:
        open_database(file, MIGRATIONS, "1.2")
    # THEN both are named, and the newer one finds all as it was
    assert caught.value.title == "The conversations were written by a newer Catnap."
    assert caught.value.detail == f"That was Catnap 1.3; this is Catnap 1.2. File: {file}."
    if not unclean:
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    again = open_database(file, NEXT, "1.3")
    assert again.problem is None
    again.connection.close()


def test_a_newer_file_that_does_not_say_who_wrote_it_is_refused_too(file: Path) -> None:
    connection = sqlite3.connect(file)
    connection.execute("DROP TABLE about")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = file.read_bytes(), file.stat().st_mtime_ns
    with pytest.raises(UserFacingError) as caught:
        History(file)
    assert f"this is Catnap {__version__}" in caught.value.detail
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before
    assert others(file) == []


def test_the_file_names_its_last_writer(file: Path) -> None:
    def writer() -> str:
        with closing(sqlite3.connect(file)) as connection:
            (name,) = connection.execute("SELECT value FROM about WHERE name = 'written_by'").fetchone()
            return str(name)

    assert writer() == __version__
    open_database(file, program="7.1").connection.close()
    assert writer() == "7.1"


def test_a_file_from_before_it_named_its_writer_is_brought_along(tmp_path: Path) -> None:
    # GIVEN a file of the first version with a conversation
    file = tmp_path / "history.sqlite3"
    with closing(sqlite3.connect(file)) as connection:
        for statement in MIGRATIONS[0]:
            connection.execute(statement)
        connection.execute("INSERT INTO conversations (id, title, created, updated) VALUES ('a', 'old', 1, 1)")
        connection.execute(
            "INSERT INTO messages (conversation_id, role, text, created, state)"
            " VALUES ('a', 'user', 'kept', 1, 'complete')"
        )
        connection.execute("PRAGMA user_version = 1")
        connection.commit()
    history = History(file)
    assert history.load_problem is None
    assert [message.text for message in history.transcript("a").messages] == ["kept"]
    assert [hit.excerpt for hit in history.search("kept")] == ["kept"]
    history.close()
    assert [path.name for path in others(file)] == ["history.v1.sqlite3"]


def test_a_linear_conversation_becomes_a_chain(tmp_path: Path) -> None:
    # GIVEN a file of the second version: two conversations told in turn, one of them deleted
    file = tmp_path / "history.sqlite3"
    with closing(open_database(file, MIGRATIONS[:2]).connection) as connection:
        for name, deleted in (("a", None), ("b", 5.0)):
            connection.execute(
                "INSERT INTO conversations (id, title, created, updated, cut, deleted) VALUES (?, ?, 1, 1, 2, ?)",
                (name, name, deleted),
            )
        for number in range(8):
            connection.execute(
                "INSERT INTO messages (conversation_id, role, text, created, state) VALUES (?, ?, ?, 1, 'complete')",
                ("ab"[number % 2], ("user", "assistant")[number // 2 % 2], str(number)),
            )
    with closing(History(file)) as history:
        shown = history.transcript("a")
        assert [(one.text, one.parent, one.versions) for one in shown.messages] == [
            ("0", None, 1), ("2", 1, 1), ("4", 3, 1), ("6", 5, 1),
        ]  # fmt: skip
        assert shown.conversation.cut == 2
        assert [one.text for one in history.transcript("b").messages] == ["1", "3", "5", "7"]
        assert [(one.conversation.id, one.messages) for one in history.deleted()] == [("b", 4)]
        assert [one.id for one in history.conversations()] == ["a"]
    assert [path.name for path in others(file)] == ["history.v2.sqlite3"]


def test_a_file_of_the_fourth_version_gets_a_place_for_the_arrangement(tmp_path: Path) -> None:
    # GIVEN a file of before conversations could be pinned
    file = tmp_path / "history.sqlite3"
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for statements in MIGRATIONS[:4]:
            for statement in statements:
                connection.execute(statement)
        connection.execute("INSERT INTO conversations (id, title, created, updated) VALUES ('a', 'old', 1, 1)")
        connection.execute(
            "INSERT INTO messages (conversation_id, role, text, created, state)"
            " VALUES ('a', 'user', 'kept', 1, 'complete')"
        )
        connection.execute("PRAGMA user_version = 4")
    # WHEN it is opened THEN nothing is pinned, archived, moved, chosen or deleted
    with closing(History(file)) as history:
        assert history.load_problem is None
        (one,) = history.conversations()
        assert (one.pinned, one.archived, one.folder, one.choices) == (None, None, "", ConversationChoices())
        assert [message.deleted for message in history.transcript("a").messages] == [None]
    assert [path.name for path in others(file)] == ["history.v4.sqlite3"]


def test_a_file_of_the_fifth_version_gets_a_place_for_sources_and_ratings(tmp_path: Path) -> None:
    # GIVEN a file of before answers named what they were taken from
    file = tmp_path / "history.sqlite3"
    with closing(open_database(file, MIGRATIONS[:5]).connection) as connection:
        connection.execute("INSERT INTO conversations (id, title, created, updated) VALUES ('a', 'old', 1, 1)")
        connection.execute(
            "INSERT INTO messages (conversation_id, role, text, created, state)"
            " VALUES ('a', 'assistant', 'kept', 1, 'complete')"
        )
    # WHEN it is opened THEN nothing is named and nothing was said
    with closing(History(file)) as history:
        assert history.load_problem is None
        (message,) = history.transcript("a").messages
        assert (message.sources, message.rating) == ((), 0)
        history.set_rating(message.id, -1)
        assert history.transcript("a").messages[0].rating == -1
    assert [path.name for path in others(file)] == ["history.v5.sqlite3"]


# A damaged file


@pytest.mark.parametrize(
    "content",
    [b"<html>not a database</html>", b"SQLite format 3\0", b"SQLite format 3\0" + b"\xff" * 4096, b"\0" * 100],
    ids=["page", "cut short", "noise", "zeros"],
)
def test_what_is_no_database_is_set_aside(file: Path, content: bytes) -> None:
    if content.startswith(b"SQLite format 3\0\xff"):
        content = content[:60] + b"\0\0\0\2" + content[64:]  # of this version, to come that far
    file.write_bytes(content)
    history = History(file)
    assert history.conversations() == ()
    assert history.create("new").title == "new"
    assert history.load_problem is not None
    history.close()
    (aside,) = others(file)
    assert ".damaged-" in aside.name
    assert str(aside) in history.load_problem.detail
    assert aside.read_bytes() == content
    assert count_messages(file) == 0


def _left_behind(file: Path, folder: Path) -> Path:
    """Returns a history as it lies there when the program ended before its log was written back."""
    folder.mkdir()
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("CREATE TABLE more AS SELECT randomblob(400000) AS noise")
        connection.execute("UPDATE about SET value = value")
        connection.execute("INSERT INTO conversations (id, title, created, updated) VALUES ('new', 'new', 1, 2)")
        for suffix in ("", "-wal"):
            shutil.copyfile(companion(file, suffix), companion(folder / file.name, suffix))
    return folder / file.name


@pytest.mark.parametrize("written", [0, 0.01, 0.3, 0.6, 0.99])
@pytest.mark.parametrize("order", ["from the front", "from the back"])
def test_an_end_while_the_log_is_written_back_is_no_damage(
    file: Path, tmp_path: Path, written: float, order: str
) -> None:
    # GIVEN a file into which a part of its log was written already, as its pages came
    left = _left_behind(file, tmp_path / "left")
    frames = list(_frames(companion(left, "-wal").read_bytes()))
    frames.sort(reverse=order == "from the back")
    with left.open("r+b") as stream:
        for number, page in frames[: math.ceil(written * len(frames))]:
            stream.seek((number - 1) * len(page))
            stream.write(page)
    # WHEN it is opened THEN all is there, and nothing is said
    history = History(left)
    assert history.load_problem is None
    assert sorted(one.title for one in history.conversations()) == ["kept", "new"]
    history.close()
    assert others(left) == []


def _frames(log: bytes) -> Iterator[tuple[int, bytes]]:
    """Yields the pages of a log with their numbers (https://www.sqlite.org/fileformat2.html#walformat)."""
    size = int.from_bytes(log[8:12], "big")
    for at in range(32, len(log), 24 + size):
        yield int.from_bytes(log[at : at + 4], "big"), log[at + 24 : at + 24 + size]


def test_an_empty_file_is_a_new_one(file: Path) -> None:
    file.write_bytes(b"")
    assert count_messages(file) == 0
    assert others(file) == []


def test_a_database_of_another_program_is_set_aside(tmp_path: Path) -> None:
    file = tmp_path / "history.sqlite3"
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE recipes (name)")
    connection.close()
    history = History(file)
    assert history.load_problem is not None
    history.close()
    (aside,) = others(file)
    connection = sqlite3.connect(aside)
    assert connection.execute("SELECT count(*) FROM recipes").fetchone() == (0,)
    connection.close()


def test_damage_met_while_reading_is_said_and_the_file_is_set_aside_at_the_next_start(file: Path) -> None:
    # GIVEN a file whose pages of messages are overwritten
    content = bytearray(file.read_bytes())
    with closing(sqlite3.connect(file)) as connection:
        about = connection.execute("SELECT rootpage FROM sqlite_schema WHERE tbl_name = 'about'").fetchall()
    for page in {*range(5, len(content) // 4096)} - {root - 1 for (root,) in about}:
        content[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    file.write_bytes(content)
    # WHEN it is read
    history = History(file)
    with pytest.raises(UserFacingError, match="damaged"):
        history.transcript(history.conversations()[0].id)
    history.close()
    assert suspect_marker(file).exists()
    # THEN the next start begins a new file with what the other pages hold, and keeps the old one
    history = History(file)
    assert history.load_problem is not None
    assert [one.title for one in history.conversations()] == ["kept"]
    history.close()
    (aside,) = others(file)
    assert aside.read_bytes() == bytes(content)


def test_a_damaged_index_is_made_anew(file: Path) -> None:
    # GIVEN a file whose index of words is damaged, and the messages are not
    connection = sqlite3.connect(file)
    connection.execute("UPDATE message_index_data SET block = x'00ff' WHERE id > 10")
    connection.commit()
    connection.close()
    history = History(file)
    with pytest.raises(UserFacingError, match="damaged"):
        history.search("message 299")
    history.close()
    # WHEN it is opened again
    history = History(file)
    # THEN everything is there and is found
    assert history.load_problem is None
    assert len(history.search("message 299")) == 1
    history.close()
    assert count_messages(file) == 300
    assert others(file) == []


def test_an_index_that_was_left_behind_is_caught_up(file: Path) -> None:
    # GIVEN a file that a SQLite without the trigram tokenizer has written to: the triggers are gone
    connection = sqlite3.connect(file)
    connection.execute("DROP TRIGGER message_index_insert")
    connection.execute(
        "INSERT INTO messages (conversation_id, role, text, created, state)"
        " SELECT id, 'user', 'a hippopotamus', 1, 'complete' FROM conversations"
    )
    connection.commit()
    connection.close()
    history = History(file)
    assert [hit.excerpt for hit in history.search("hippopotamus")] == ["a hippopotamus"]
    history.close()


def test_a_file_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserFacingError, match="cannot be read or saved"):
        History(tmp_path / "missing" / "history.sqlite3")


@pytest.mark.skipif(os.name == "nt", reason="FIFOs, and links that need no permission")
@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal", ".suspect", ".part"])
@pytest.mark.parametrize("kind", ["folder", "pipe", "dangling link", "noise", "empty"])
def test_what_is_no_file_of_ours_is_no_hindrance(file: Path, suffix: str, kind: str) -> None:
    if kind == "dangling link" and not suffix:
        pytest.skip("it may lead to a drive that is not there; nothing new is begun then")
    # GIVEN something else in the place of the file, or of one beside it, and a backup of yesterday
    with closing(History(file)) as history:
        history.back_up()
        assert history.wait_done(PATIENCE_S)
    place = file.with_name(file.name + suffix)
    place.unlink(missing_ok=True)
    match kind:
        case "folder":
            (place / "inner").mkdir(parents=True)
        case "pipe":
            os.mkfifo(place)
        case "dangling link":
            place.symlink_to(file.parent / "nowhere" / "file")
        case _:
            place.write_bytes(b"\xde\xad" * 5000 if kind == "noise" else b"")
    # WHEN the program starts THEN it does, with all that was said
    with closing(History(file)) as history:
        assert sum(len(history.transcript(one.id).messages) for one in history.conversations()) == 300
        assert (history.load_problem is not None) is (not suffix)
        history.add_user_message(history.create().id, "Hi")


# A full disk


def test_an_index_of_all_messages_is_made_anew(file: Path) -> None:
    # GIVEN a file whose index is as it was before long texts were left out of it
    with closing(History(file)) as history:
        history.add_user_message(history.create().id, "Azimuth")
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(
            """
            DROP TABLE message_index; DROP VIEW indexed_messages; DROP INDEX long_messages;
            DROP TRIGGER message_index_insert; DROP TRIGGER message_index_delete;
            CREATE VIRTUAL TABLE message_index USING fts5 (
                text, content='messages', content_rowid='id', tokenize='trigram');
            CREATE TRIGGER message_index_insert AFTER INSERT ON messages BEGIN
                INSERT INTO message_index (rowid, text) VALUES (new.id, new.text); END;
            CREATE TRIGGER message_index_delete AFTER DELETE ON messages BEGIN
                INSERT INTO message_index (message_index, rowid, text) VALUES ('delete', old.id, old.text); END;
            """
        )
    # WHEN it is opened THEN what was in it and what comes is found, and the index leaves out what is long
    with closing(History(file)) as history:
        assert history.load_problem is None
        history.add_user_message(history.create().id, "zenith")
    with closing(sqlite3.connect(file)) as connection:
        (sql,) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'message_index'").fetchone()
        assert "indexed_messages" in sql
        query = "SELECT count(*) FROM message_index WHERE message_index MATCH 'azimuth OR zenith'"
        connection.execute("INSERT INTO message_index (message_index) VALUES ('rebuild')")
        assert connection.execute(query).fetchone() == (2,)


def without_index(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        for trigger in ("message_index_insert", "message_index_delete"):
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute("DROP TABLE message_index")
        connection.commit()


@pytest.mark.parametrize("room", [40_000, 80_000])
def test_no_room_for_the_index_is_no_damage(file: Path, room: int) -> None:
    # GIVEN a healthy file whose index of words is to be made, and no room for that
    without_index(file)
    with no_larger_files(room), pytest.raises(UserFacingError, match="cannot be read or saved"):
        open_database(file)
    # THEN it lies where it was, and is whole when there is room
    assert not [path for path in others(file) if "damaged" in path.name or "recovering" in path.name]
    assert count_messages(file) == 300


def test_a_migration_that_finds_no_room_is_no_damage(file: Path) -> None:
    # SQLite takes a transaction back by itself where the disk is full, and refuses to do so once more.
    too_much = ("PRAGMA max_page_count = 1", "CREATE TABLE more (x)", "INSERT INTO more VALUES (zeroblob(900000))")
    migrations = (*MIGRATIONS, too_much)
    with pytest.raises(UserFacingError, match="disk is full"):
        open_database(file, migrations)
    assert count_messages(file) == 300


def test_a_copy_that_finds_no_room_is_not_left_behind(file: Path) -> None:
    with no_larger_files(file.stat().st_size // 2), pytest.raises(UserFacingError):
        open_database(file, NEXT)
    assert others(file) == []
    open_database(file, NEXT).connection.close()


def test_a_recovery_that_finds_no_room_leaves_only_the_damaged_file(file: Path) -> None:
    damaged = b"damaged!" + file.read_bytes()[8:]
    file.write_bytes(damaged)
    with no_larger_files(60_000), pytest.raises(UserFacingError):
        open_database(file)
    assert others(file) == []
    assert file.read_bytes() == damaged
    open_database(file).connection.close()


def test_a_share_of_the_disk_that_is_used_up_is_called_so(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # SQLite tells of it as of any other error of the disk.
    failure = sqlite3.OperationalError("disk I/O error")
    failure.sqlite_errorcode = sqlite3.SQLITE_IOERR | (3 << 8)
    assert "cannot be read" in as_user_error(failure, file).title
    monkeypatch.setattr("desktop.common.sqlite.has_no_room", lambda folder: folder == file.parent)
    assert "disk is full" in as_user_error(failure, file).title


def test_a_file_that_was_deleted_says_to_make_room_where_there_is_none(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = History(file)
    file.unlink()
    monkeypatch.setattr("desktop.common.sqlite.has_no_room", lambda _folder: True)
    with no_larger_files(60_000), pytest.raises(UserFacingError, match="make room on the disk"):
        history.create("new")
    assert "again" not in "".join(path.name for path in others(file))
    assert history.create("new").title == "new"
    history.close()
