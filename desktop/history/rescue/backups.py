"""A copy of the conversations a day, seven of them kept, in a folder beside their file.

A copy holds no index of words, which can be made again. It is an ordinary database: put into the place of the file it
is opened like one that an earlier Catnap wrote. What is removed for good is removed from the copies as well.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from desktop.common.errors import has_no_room

_log = logging.getLogger(__name__)

_KEPT = 7
_MESSAGE = "message:"
_NAME = re.compile(r"(\d{6,12})-(\d{8})\.sqlite3")
# As desktop/history/schema.py calls them.
_BEFORE_A_CHANGE = re.compile(r"\.v\d+(-\d+)?")
# Bytes that must be left on the disk beside the copy: somebody who is about to run out of them needs no backup now.
_ROOM = 200 << 20


def backups_folder(file: Path) -> Path:
    """Returns where the copies of a history lie."""
    return file.with_name("backups")


def backups(file: Path) -> list[Path]:
    """Returns the copies of a history, the newest first: by their number, since a clock may be wrong."""
    return [path for _number, _day, path in sorted(_copies(file), reverse=True)]


def back_up_if_due(connection: sqlite3.Connection, file: Path, now: float) -> Path | None:
    """Makes a copy unless there is one of today, nothing to copy, or hardly any room; returns it. Takes seconds.

    Args:
        connection: Of the history, used by nobody else meanwhile.
        file: The history.
        now: Seconds since the epoch.

    Raises:
        sqlite3.Error: The history cannot be read, or the copy not be written.
        OSError: The same.
    """
    day = time.strftime("%Y%m%d", time.localtime(now))
    copies = sorted(_copies(file), reverse=True)
    if copies and copies[0][1] == day:
        return None
    if not connection.execute("SELECT 1 FROM messages LIMIT 1").fetchone():
        return None  # seven empty copies would push the last full one out
    folder = backups_folder(file)
    folder.mkdir(mode=0o700, exist_ok=True)
    if shutil.disk_usage(folder).free < 2 * file.stat().st_size + _ROOM:
        _log.warning("no backup of the conversations: the disk is nearly full")
        return None
    for left_over in folder.glob("*.part*"):
        left_over.unlink(missing_ok=True)
    target = folder / f"{(copies[0][0] if copies else 0) + 1:06d}-{day}.sqlite3"
    partial = target.with_name(f"{target.name}.part")
    try:
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))  # SQLite would let others read it
        connection.execute("VACUUM INTO ?", (str(partial),))
        _leave_out_index(partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    for _number, _day, old in copies[_KEPT - 1 :]:
        _unlink(old)
    return target


def noted_message(message: int) -> str:
    """Returns how a message that is removed is noted among the ids of conversations, which look otherwise."""
    return f"{_MESSAGE}{message}"


def message_noted(noted: str) -> int | None:
    """Returns the message that was noted; None: it is a conversation."""
    number = noted.removeprefix(_MESSAGE)
    return int(number) if number != noted and number.isdecimal() else None


def remove_from_copies(file: Path, noted: Sequence[str]) -> None:
    """Removes conversations and messages from the backups, and from the copies made before the file was changed.

    A copy that is damaged is removed as a whole: it is of no use, and nothing can be taken out of it.

    Args:
        file: The history.
        noted: Ids of conversations, and what :func:`noted_message` made of those of messages. None: an earlier Catnap
            had removed some when the copy was made, and left them in the index of words.

    Raises:
        sqlite3.Error: A copy cannot be written; it was removed from the others.
    """
    failure: sqlite3.OperationalError | None = None
    for copy in (*backups(file), *_before_changes(file)):
        try:
            _remove_from(copy, noted)
        except sqlite3.OperationalError as problem:  # the disk, its permissions, or somebody has it open
            _log.warning("nothing removed from %s: %s", copy.name, problem)
            failure = problem
        except sqlite3.DatabaseError as problem:
            _log.warning("%s is damaged: %s", copy.name, problem)
            _unlink(copy)
    if failure is not None:
        raise failure


def _before_changes(file: Path) -> list[Path]:
    """Returns the copies of a history that were made before a newer Catnap changed it."""
    found = file.parent.glob(f"{file.stem}.v*{file.suffix}")
    return sorted(one for one in found if _BEFORE_A_CHANGE.fullmatch(one.stem.removeprefix(file.stem)))


def _remove_from(copy: Path, noted: Sequence[str]) -> None:
    try:
        with closing(_opened(copy)) as connection:
            _remove(connection, noted)
    except sqlite3.OperationalError:
        if not has_no_room(copy.parent):
            raise
        # Who deletes because the disk is full has no room for a journal; without it a kill now may cost the copy.
        with closing(_opened(copy, journal="MEMORY")) as connection:
            _remove(connection, noted)


def _remove(connection: sqlite3.Connection, noted: Sequence[str]) -> None:
    _drop_index(connection)
    _drop_removed(connection)
    has_versions = "parent" in {row[1] for row in connection.execute("PRAGMA table_info(messages)")}
    has_imported = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'imported'").fetchone()
    for one in noted:
        message = message_noted(one)
        if message is None:
            connection.execute("DELETE FROM messages WHERE conversation_id = ?", (one,))
            connection.execute("DELETE FROM conversations WHERE id = ?", (one,))
            continue
        if has_versions:
            connection.execute(
                "UPDATE messages SET parent = (SELECT parent FROM messages WHERE id = ?) WHERE parent = ?",
                (message, message),
            )
        if has_imported:  # another program's words about its messages
            connection.execute(
                "UPDATE imported SET aside = x'' WHERE conversation_id ="
                " (SELECT conversation_id FROM messages WHERE id = ?)",
                (message,),
            )
        connection.execute("DELETE FROM messages WHERE id = ?", (message,))
    connection.commit()


def _unlink(copy: Path) -> None:
    """Removes a copy with what a kill has left beside it."""
    for suffix in ("-journal", "-wal", "-shm", ""):
        copy.with_name(f"{copy.name}{suffix}").unlink(missing_ok=True)


def _copies(file: Path) -> Iterator[tuple[int, str, Path]]:
    try:
        paths = list(backups_folder(file).iterdir())
    except OSError:
        return
    for path in paths:
        name = _NAME.fullmatch(path.name)
        if name is not None and path.is_file():
            yield int(name[1]), name[2], path


def _leave_out_index(copy: Path) -> None:
    with closing(_opened(copy)) as connection:
        _drop_index(connection)
        _drop_removed(connection)
        connection.commit()
        connection.execute("VACUUM")


def _drop_removed(connection: sqlite3.Connection) -> None:
    """Takes out what was removed for good, and not erased yet when the copy was made."""
    connection.execute("DELETE FROM conversations WHERE deleted < 0")
    connection.execute("DELETE FROM messages WHERE conversation_id NOT IN (SELECT id FROM conversations)")


def _opened(copy: Path, journal: str = "DELETE") -> sqlite3.Connection:
    connection = sqlite3.connect(copy)
    try:
        connection.execute("PRAGMA foreign_keys = ON")  # with a conversation goes what was imported of it
        connection.execute("PRAGMA secure_delete = ON")
        # On the disk, though it holds what is removed: without it a kill would leave half a copy. It goes at the end,
        # or when the next start removes the rest.
        connection.execute(f"PRAGMA journal_mode = {journal}")
    except BaseException:
        connection.close()  # or it holds the copy as long as the failure is remembered
        raise
    return connection


def _drop_index(connection: sqlite3.Connection) -> None:
    for trigger in ("message_index_insert", "message_index_delete"):
        connection.execute(f"DROP TRIGGER IF EXISTS {trigger}")
    try:
        connection.execute("DROP TABLE IF EXISTS message_index")
    except sqlite3.OperationalError:  # this SQLite has no FTS5, so it cannot have made one
        _log.info("index of words left in a copy")
