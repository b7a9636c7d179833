"""The history's open file: kept in its place, changed in transactions, its troubles told in sentences."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.sqlite import reported
from desktop.history.counted_time import count_time
from desktop.history.database import open_beside, open_database
from desktop.history.errors import as_user_error, is_damage
from desktop.history.owed_states import owed, settle
from desktop.history.rescue.vanished import place_of, write_again, written_again
from desktop.history.upkeep import Upkeep, needs_erasing

_log = logging.getLogger(__name__)

# How long a write waits for what is done in the background, where the file has to be written again.
_UPKEEP_SECONDS = 10.0


class HistoryFile:
    """What every part of the history does with its file; the thread that opened it uses it.

    Attributes:
        load_problem: What was wrong with the file when it was opened, to be said once; None: nothing.
    """

    def __init__(
        self,
        file: Path,
        now: Callable[[], float] = time.time,
        tell: Callable[[UserFacingError], None] | None = None,
        *,
        beside: bool = False,
        begins: bool = True,
    ) -> None:
        """Opens the file or begins a new one.

        Args:
            file: Its folder exists.
            now: The clock, in seconds since the epoch.
            tell: Takes what happens to the file later and was mended, in the middle of the call that has found it.
            beside: The app may have it open: see :func:`desktop.history.database.open_beside`.
            begins: The same.

        Raises:
            UserFacingError: The file is from a newer Catnap, or cannot be opened or written.
        """
        self._file = file
        self._now = now
        self._tell = tell
        self._beside = beside
        self._begins = begins
        self.load_problem = self._open()
        self._upkeep = Upkeep(file, now)
        self._is_closed = False

    @property
    def file(self) -> Path:
        """Where the conversations are."""
        return self._file

    def changes_elsewhere(self) -> int:
        """Returns a number that is another one once anybody but this thread has written to the file.

        Raises:
            UserFacingError: The file cannot be read.
        """
        with self._reported():
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Closes the file; may be called twice."""
        self._is_closed = True
        self._upkeep.close()
        self._connection.close()

    def back_up(self) -> None:
        """Has a copy made in the background, unless there is one of today. Called every hour; never raises.

        Nothing is done once the file is closed: what calls every hour ends a moment later.

        Also counts the time on, for a program that runs for months, finds out whether the file is in its place, and
        goes on with an erasing that something was in the way of.
        """
        if self._is_closed:
            return
        with suppress(UserFacingError), self.transaction(durable=False):  # it is logged
            count_time(self._connection, self._now())
            if needs_erasing(self._connection):
                self._upkeep.erase_removed()
        self._upkeep.back_up()

    def is_removed(self, conversation_id: str, message_id: int) -> bool:
        """Returns whether a message was in this file, and was removed for good: it is not there, and was not lost.

        Raises:
            UserFacingError: The file cannot be read.
        """
        if self.load_problem is not None:  # what a damage has cost cannot be told from that
            return False
        there = (
            "SELECT 1 FROM messages JOIN conversations ON conversations.id = conversation_id"
            " WHERE messages.id = ? AND conversation_id = ? AND coalesce(conversations.deleted, 0) >= 0"
        )
        given = "SELECT 1 FROM sqlite_sequence WHERE name = 'messages' AND seq >= ?"
        with self._reported():
            return (
                self._connection.execute(there, (message_id, conversation_id)).fetchone() is None
                and self._connection.execute(given, (message_id,)).fetchone() is not None
            )

    def erase_states(self, erase: Callable[[str], object]) -> None:
        """Erases what an earlier run may have left of conversations that changed or went; before there is an engine.

        Args:
            erase: Erases the states of a conversation.

        Raises:
            UserFacingError: The file cannot be read or written.
        """
        with self._reported():
            noted = owed(self._connection)
        for conversation_id in noted:
            erase(conversation_id)
        if noted:
            with self.transaction(durable=False):
                settle(self._connection, noted)

    def wait_done(self, seconds: float) -> bool:
        """Waits for what is done in the background: erasing, copying. Returns whether it is done."""
        return self._upkeep.wait_done(seconds)

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[None]:
        """Makes one of all changes inside: they are in the file together, or, where something raises, none of them.

        Args:
            durable: Wait until they are on the disk, so that a power cut takes nothing back. What can be done again in
                a moment needs no such wait, which is some 30 ms on an old hard disk. Of a transaction inside another
                one, the outer one decides.
        """
        with self._reported():
            if self._connection.in_transaction:  # a part of another one
                yield
                return
            self._keep_in_place()
            with self._upkeep.gate:
                self._connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield
                    self._connection.execute("COMMIT")
                except BaseException:
                    if self._connection.in_transaction:  # SQLite itself rolls back when the disk is full
                        self._connection.execute("ROLLBACK")
                    raise
        if durable:
            self._upkeep.checkpoint()

    def _open(self) -> UserFacingError | None:
        """Opens the file; returns what happened to it."""
        database = open_beside(self._file, begins=self._begins) if self._beside else open_database(self._file)
        self._connection = database.connection
        self._has_index = database.has_index
        self._place = place_of(self._file)
        return database.problem

    def keep_in_place(self) -> None:
        """Writes the file again where it was deleted, for another thread that is about to open it.

        Raises:
            UserFacingError: It cannot be written.
        """
        with self._reported():
            self._keep_in_place()

    def _keep_in_place(self) -> None:
        """Writes the file again where it has been deleted since it was opened; not on Windows, where it cannot be."""
        if os.name == "nt" or self._beside or place_of(self._file) == self._place:
            return
        _log.warning("%s is not in its place any more", self._file)
        self._upkeep.wait_done(_UPKEEP_SECONDS)
        write_again(self._connection, self._file, self._place)
        self._open()
        if self._tell is not None:
            self._tell(written_again(self._file))

    def _change(self, statement: str, *values: str | float | None) -> None:
        with self.transaction(durable=False):
            changed = self._connection.execute(statement, values).rowcount
        if not changed:
            raise conversation_gone()

    def _query(self, statement: str, *values: str | float) -> list[tuple[Any, ...]]:
        with self._reported():
            return self._connection.execute(statement, values).fetchall()

    def _reported(self) -> AbstractContextManager[None]:
        return reported(self._file, as_user_error, is_damage)


def conversation_gone() -> UserFacingError:
    """Returns what to say of a conversation that is not there."""
    return UserFacingError(QT_TRANSLATE_NOOP("Errors", "This conversation is no longer there."))
