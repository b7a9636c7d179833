"""Work on the history that takes too long for the GUI thread: a thread with a connection of its own.

What is removed for good is only marked by :class:`~desktop.history.store.History`; here it goes, row by row, so that
nobody who writes meanwhile waits for more than one of them: out of the tables, the index of words, the log beside the
file, and the copies. What a crash, a full disk or somebody who reads meanwhile leaves undone is noted still, and done
within the hour or at the next start.
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from pathlib import Path

from desktop.common.json_file import parse_json, to_json
from desktop.common.sqlite import suspect_marker
from desktop.history.errors import is_damage
from desktop.history.locations import database_uri
from desktop.history.rescue.backups import back_up_if_due, noted_message, remove_from_copies

_log = logging.getLogger(__name__)

# The row of the table "about" that is there while something removed may still be readable: JSON with a number, which
# tells one removal from the next, and the ids of the conversations that are to go from the copies too.
_UNERASED = "index_holds_removed"
# The time that marks a conversation as removed for good (column "deleted"): from then on nothing shows it.
REMOVED = -1.0
# Pages of the index that are merged at once: some 10 ms on a laptop of 2012.
_MERGE_PAGES = 16
_PAUSE_SECONDS = 0.002  # between two steps, for whoever wants to write
_BUSY_SECONDS = 1.0  # for another process; it is tried again
_CLOSE_SECONDS = 3.0

Job = Callable[[sqlite3.Connection], object]


class Upkeep:
    """Does one job after the other. Methods return at once and never raise.

    Attributes:
        gate: Held while something is written, so that whoever else writes waits for one step and no longer: SQLite
            itself looks again after up to 100 ms.
    """

    def __init__(self, file: Path, now: Callable[[], float]) -> None:
        """
        Args:
            file: The history, open elsewhere.
            now: The clock, in seconds since the epoch.
        """
        self._file = file
        self._now = now
        self.gate = threading.Lock()
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._idle = threading.Condition()
        self._waiting = 0
        self._stopping = threading.Event()
        self._connection: sqlite3.Connection | None = None

    def erase_removed(self) -> None:
        """Removes what was marked, or noted with :func:`note_removal`, and every trace of it."""
        self._put(self._erase)

    def back_up(self) -> None:
        """Makes the copy of today, if there is none yet."""
        self._put(lambda connection: back_up_if_due(connection, self._file, self._now()))

    def checkpoint(self) -> None:
        """Brings what was written from the log into the file, so that nobody who writes has to do it."""
        self._put(lambda connection: connection.execute("PRAGMA wal_checkpoint(PASSIVE)"))

    def wait_done(self, seconds: float) -> bool:
        """Waits until all that was asked for is done; returns whether it is."""
        with self._idle:
            return self._idle.wait_for(lambda: not self._waiting, seconds)

    def close(self) -> None:
        """Ends the thread, in the middle of a job after three seconds; may be called twice."""
        thread = self._thread
        if thread is None:
            return
        if not self.wait_done(_CLOSE_SECONDS):
            self._stopping.set()
            connection = self._connection
            if connection is not None:
                with suppress(sqlite3.ProgrammingError):  # closed just now
                    connection.interrupt()
        self._jobs.put(None)
        thread.join(_CLOSE_SECONDS)
        self._thread = None
        self._stopping.set()

    def _put(self, job: Job) -> None:
        if self._stopping.is_set():
            return
        with self._idle:
            self._waiting += 1
        self._jobs.put(job)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="history-upkeep", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                self._do(job)
            except (sqlite3.Error, OSError, ValueError, OverflowError) as problem:  # or a clock beyond any calendar
                if not self._stopping.is_set():
                    _log.warning("upkeep of the history: %s", problem)
                if isinstance(problem, sqlite3.Error) and is_damage(problem):
                    with suppress(OSError):
                        suspect_marker(self._file).touch()
            finally:
                with self._idle:
                    self._waiting -= 1
                    self._idle.notify_all()

    def _do(self, job: Job) -> None:
        if self._stopping.is_set() or not self._file.exists():
            return
        uri = database_uri(self._file, "mode=rw")  # never makes one
        with closing(
            sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        ) as connection:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA synchronous = NORMAL")
            self._connection = connection
            try:
                job(connection)
            finally:
                self._connection = None

    def _erase(self, connection: sqlite3.Connection) -> None:
        removed = connection.execute("SELECT id FROM conversations WHERE deleted = ?", (REMOVED,)).fetchall()
        for (conversation_id,) in removed:
            messages = connection.execute("SELECT id FROM messages WHERE conversation_id = ?", (conversation_id,))
            for row in messages.fetchall():
                self._step(connection, "DELETE FROM messages WHERE id = ?", row)
            self._step(connection, "DELETE FROM conversations WHERE id = ?", (conversation_id,))
        row = connection.execute("SELECT value FROM about WHERE name = ?", (_UNERASED,)).fetchone()
        if row is None or self._stopping.is_set():
            return
        self._merge_index(connection)
        remove_from_copies(self._file, _noted(row[0])[1])
        if self._empty_log(connection):
            self._step(connection, "DELETE FROM about WHERE name = ? AND value = ?", (_UNERASED, row[0]))

    def _empty_log(self, connection: sqlite3.Connection) -> bool:
        """Brings all of the log into the file and leaves none of its words; returns whether nobody was in the way."""
        if self._stopping.is_set():
            return False
        with self.gate:
            (busy, _pages, _done) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            _log.info("the log of the history is read by somebody, and emptied later")
        return not busy

    def _merge_index(self, connection: sqlite3.Connection) -> None:
        """Takes the words of removed messages out of the index.

        FTS5 only notes that a row is gone, until the parts of the index are merged; ``secure_delete`` knows nothing of
        that. A merge of a negative number of pages begins to make one part of all, positive ones go on until nothing is
        left to do (https://www.sqlite.org/fts5.html#the_merge_command).
        """
        if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'message_index'").fetchone():
            return
        command = "INSERT INTO message_index (message_index, rank) VALUES ('merge', ?)"
        pages = -_MERGE_PAGES
        while True:
            before = connection.total_changes
            self._step(connection, command, (pages,))
            if self._stopping.is_set() or (pages > 0 and connection.total_changes - before < 2):
                return
            pages = _MERGE_PAGES

    def _step(self, connection: sqlite3.Connection, statement: str, values: tuple[object, ...] = ()) -> None:
        if not self._stopping.is_set():
            with self.gate:
                connection.execute(statement, values)
            time.sleep(_PAUSE_SECONDS)


def note_removal(
    connection: sqlite3.Connection, conversation_ids: Sequence[str] = (), messages: Iterable[int] = ()
) -> None:
    """Notes that something readable may be left of what was removed; a part of a transaction.

    Args:
        connection: Of the history.
        conversation_ids: What is to go from the copies too.
        messages: Likewise, of conversations that stay; no id of a message is ever used again.
    """
    row = connection.execute("SELECT value FROM about WHERE name = ?", (_UNERASED,)).fetchone()
    number, known = _noted(row[0]) if row else (0, ())
    value = to_json([number + 1, *dict.fromkeys((*known, *conversation_ids, *map(noted_message, messages)))])
    connection.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (_UNERASED, value))


def needs_erasing(connection: sqlite3.Connection) -> bool:
    """Returns whether something that was removed may still be readable."""
    return (
        connection.execute(
            "SELECT 1 FROM about WHERE name = ? UNION SELECT 1 FROM conversations WHERE deleted = ?",
            (_UNERASED, REMOVED),
        ).fetchone()
        is not None
    )


def _noted(value: str) -> tuple[int, tuple[str, ...]]:
    try:
        number, *conversation_ids = parse_json(value)
        return int(number), tuple(map(str, conversation_ids))
    except (ValueError, TypeError):  # "1", as an earlier Catnap wrote it, or a damaged row
        return 0, ()
