"""Conversations out of another database of Catnap's: a daily copy, a damaged one, that of another computer."""

from __future__ import annotations

import functools
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from desktop.common.errors import UserFacingError
from desktop.common.sqlite import companion
from desktop.engine.types import Stats
from desktop.history.choices import AttachedDocument, ConversationChoices, PreferredLanguage
from desktop.history.database import open_database
from desktop.history.exchange.exporting import ExportFormat, pieces
from desktop.history.exchange.extent import Extent
from desktop.history.exchange.importing import import_file
from desktop.history.exchange.words import ExportWords
from desktop.history.locations import READ_ONLY, database_uri
from desktop.history.records import MessageState
from desktop.history.rescue.backups import backups
from desktop.history.schema import MIGRATIONS
from desktop.history.store import History
from tests.support.patience import PATIENCE_S

NOW = 1_800_000_000.0


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    """A new history, to import into."""
    (tmp_path / "new").mkdir()
    opened = History(tmp_path / "new" / "history.sqlite3")
    yield opened
    opened.close()
    assert [path.name for path in (tmp_path / "new").iterdir() if path.is_dir()] == []


def furnished(folder: Path) -> History:
    """Returns a history with versions, thoughts and one that was deleted."""
    folder.mkdir()
    old = History(folder / "history.sqlite3", lambda: NOW)
    for title in ("one", "two", "deleted"):
        conversation = old.create(title)
        question = old.add_user_message(conversation.id, f"What is {title}?")
        for answer in ("This.", "That."):
            old.add_answer(
                conversation.id, answer, state=MessageState.COMPLETE, thinking=f"hm, {title}", model="m",
                stats=Stats(generated_tokens=3), parent=question.id,
            )  # fmt: skip
    one = next(one.id for one in old.conversations() if one.title == "one")
    old.set_pinned(one, NOW)
    old.set_archived(one, NOW + 1)
    old.set_folder(one, "工作")
    old.set_choices(
        one,
        ConversationChoices(
            "teacher", "q.gguf", 0.2, AttachedDocument("d1", "1-3", 2), "l1", PreferredLanguage("zh", 1), {"newer": [1]}
        ),
    )
    old.delete(next(one.id for one in old.conversations() if one.title == "deleted"))
    return old


def told(history: History) -> list[str]:
    """Returns all that an export tells, but for the ids of messages and the day."""
    ids = [one.id for one in sorted(history.conversations(), key=lambda one: one.title)]
    text = "".join(pieces(history, ids, ExportFormat.MARKDOWN, ExportWords(), NOW, Extent(True, True)))
    arranged = [(one.title, one.pinned, one.archived, one.folder, one.choices) for one in history.conversations()]
    return [*text.splitlines(), *map(str, sorted(arranged, key=str))]


def test_a_daily_copy_brings_everything_back_and_twice_brings_nothing_more(tmp_path: Path, history: History) -> None:
    # GIVEN the copy of yesterday
    old = furnished(tmp_path / "old")
    before = told(old)
    old.back_up()
    assert old.wait_done(PATIENCE_S)
    old.close()
    (copy,) = backups(tmp_path / "old" / "history.sqlite3")
    content = copy.read_bytes()
    # WHEN it is imported THEN every version and thought is there, and what was deleted is not
    report = import_file(history, copy, NOW)
    assert (report.added, report.damaged, report.skipped) == (2, False, 0)
    assert told(history) == before
    # AND it is known when it comes again, and was only read
    assert import_file(history, copy, NOW).known == 2
    assert copy.read_bytes() == content and [path.name for path in copy.parent.iterdir()] == [copy.name]


def test_a_history_that_is_open_is_read_with_what_its_log_holds(tmp_path: Path, history: History) -> None:
    # GIVEN another Catnap at work, whose words are in the log beside its file
    old = furnished(tmp_path / "old")
    assert (tmp_path / "old" / "history.sqlite3-wal").exists()
    # WHEN its file is imported, and its own into itself
    assert import_file(history, old.file, NOW).added == 2
    assert import_file(history, history.file, NOW).known == 2
    # THEN it is there, and the other one goes on
    assert told(history) == told(old)
    old.create("three")
    old.close()


@pytest.mark.parametrize("way", ["a folder that cannot be written to", "damaged"])
def test_the_log_beside_a_file_that_nobody_has_open_is_read_too(
    tmp_path: Path, history: History, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    # GIVEN what a computer left behind that went down: the last change is in the log
    old = furnished(tmp_path / "old")
    assert old.wait_done(PATIENCE_S)
    old._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    first = old.conversations()[0]
    old.rename(first.id, "Named last")
    left = tmp_path / "left" / "history.sqlite3"
    left.parent.mkdir()
    for suffix in ("", "-wal"):
        shutil.copyfile(companion(old.file, suffix), companion(left, suffix))
    old.close()
    log = companion(left, "-wal").read_bytes()
    if way == "damaged":
        content = left.read_bytes()
        assert 1 not in [int.from_bytes(log[at : at + 4], "big") for at in range(32, len(log), 24 + 4096)]
        left.write_bytes(content[:18] + b"\xff" * 42 + content[60:])
    else:
        refused = functools.partial(_refuse_to_write, sqlite3.connect, left)
        monkeypatch.setattr("desktop.history.exchange.formats.own_database.sqlite3.connect", refused)
        monkeypatch.setattr("desktop.history.exchange.formats.own_database.os.access", lambda *_: False)
    there = {path.name: path.read_bytes() for path in left.parent.iterdir()}
    # WHEN it is imported
    report = import_file(history, left, NOW)
    # THEN what lies in the log has come, and nothing was changed there
    assert "Named last" in [one.title for one in history.conversations()]
    assert report.damaged is (way == "damaged")
    assert {path.name: path.read_bytes() for path in left.parent.iterdir() if path.name in there} == there


def _refuse_to_write(connect: Callable[..., sqlite3.Connection], file: Path, where: object, **more: Any) -> Any:
    """Opens a database as SQLite does on a disk that is read-only: there is no room for the index of a log."""
    if where == database_uri(file, READ_ONLY):
        raise sqlite3.OperationalError("unable to open database file")
    return connect(where, **more)


def test_an_older_file_is_read_and_stays_as_it_is(tmp_path: Path, history: History) -> None:
    # GIVEN a file of the first Catnap
    file = tmp_path / "old.sqlite3"
    with closing(open_database(file, MIGRATIONS[:2]).connection) as connection:
        connection.execute("INSERT INTO conversations (id, title, created, updated) VALUES ('a', 'first', 1, 2)")
        connection.execute(
            "INSERT INTO messages (conversation_id, role, text, created, thinking, state, model)"
            " VALUES ('a', 'user', 'Q', 1, '', 'complete', '')"
        )
        connection.execute("PRAGMA journal_mode = DELETE")
    content = file.read_bytes()
    # WHEN it is imported
    assert import_file(history, file, NOW).added == 1
    assert [one.title for one in history.conversations()] == ["first"]
    # THEN it is of its version still, and no copy lies beside it
    assert file.read_bytes() == content
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "old.sqlite3"]


@pytest.mark.parametrize("damage", ["head", "middle"])
def test_of_a_damaged_file_comes_what_can_be_read(tmp_path: Path, history: History, damage: str) -> None:
    # GIVEN a file that was set aside
    furnished(tmp_path / "old").close()
    file = tmp_path / "old" / "history.sqlite3"
    content = bytearray(file.read_bytes())
    if damage == "head":
        content[18:60] = b"\xff" * 42
    else:
        with closing(sqlite3.connect(file)) as connection:
            (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'conversations'").fetchone()
        content[(page - 1) * 4096 : page * 4096] = b"\xa5" * 4096
    file.write_bytes(content)
    # WHEN it is imported THEN the messages are there, and that it is damaged is said
    report = import_file(history, file, NOW)
    assert report.damaged
    texts = [message.text for one in history.conversations() for message in history.transcript(one.id).messages]
    assert {"What is one?", "What is two?", "That."} <= set(texts)


def test_the_database_of_another_program_is_refused(tmp_path: Path, history: History) -> None:
    file = tmp_path / "other.sqlite3"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE chats (x)")
        connection.execute("INSERT INTO chats VALUES ('words')")
        connection.commit()
    with pytest.raises(UserFacingError, match="no conversations that Catnap can read"):
        import_file(history, file, NOW)


def test_a_newer_file_is_refused_by_name(tmp_path: Path, history: History) -> None:
    furnished(tmp_path / "old").close()
    file = tmp_path / "old" / "history.sqlite3"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(UserFacingError, match="newer Catnap") as refused:
        import_file(history, file, NOW)
    assert "import the file there" in refused.value.remedy


def test_an_empty_history_brings_nothing_and_is_no_fault(tmp_path: Path, history: History) -> None:
    History(tmp_path / "empty.sqlite3").close()
    report = import_file(history, tmp_path / "empty.sqlite3", NOW)
    assert (report.added, report.known, report.damaged) == (0, 0, False)


def test_an_import_that_is_stopped_leaves_no_copy(tmp_path: Path, history: History) -> None:
    old = furnished(tmp_path / "old")
    asked = iter([False, False, True])
    report = import_file(history, old.file, NOW, cancelled=lambda: next(asked, True))
    assert report.cancelled
    old.close()
