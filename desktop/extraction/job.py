"""Makes a table in the background: one document after the other, each kept before the next; any end is a pause."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from desktop.common.errors import QT_TRANSLATE_NOOP, Cancelled, UserFacingError, from_system
from desktop.extraction.filling import Ask, Filler, FillingProgress, Read
from desktop.extraction.kept import KeptTable, TableOrder
from desktop.extraction.rows import Row
from desktop.extraction.sources import Source

_log = logging.getLogger(__name__)


class EngineTroubleError(UserFacingError):
    """A model could not be asked, for a reason that lies in no document."""


class JobPhase(Enum):
    """Where a table stands."""

    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class JobState:
    """How a table is off.

    Attributes:
        place: Of the document that is being worked at, in the order of the table, from 0.
        filling: How far that is.
        error: What went wrong with the table as a whole; None: nothing.
    """

    phase: JobPhase
    place: int = 0
    filling: FillingProgress = field(default_factory=FillingProgress)
    error: UserFacingError | None = None


class TableJob:
    """Fills in what is left of a table, on a thread of its own. To be begun once; whoever goes on makes another one.

    Methods may be called from any thread.
    """

    def __init__(
        self,
        order: TableOrder,
        done: Mapping[str, Row],
        kept: KeptTable,
        ask: Ask,
        changed: Callable[[], None],
        read: Read | None = None,
    ) -> None:
        """
        Args:
            order: What is wanted.
            done: Rows that are there, by their documents; those with an error are tried again.
            kept: Where each row goes; nobody else writes there meanwhile.
            ask: Asks a model; raises Cancelled when the job is to pause.
            changed: Called on the thread of the job whenever its state, or a row, is another one.
            read: Reads a document; None: as the program does.
        """
        self._order, self._kept, self._changed = order, kept, changed
        self._rows = dict(done)
        self._given_up = threading.Event()
        self._filler = Filler(order.form, ask, self._given_up, read)
        self._state = JobState(JobPhase.RUNNING)
        self._thread = threading.Thread(target=self._run, name="table", daemon=True)

    @property
    def state(self) -> JobState:
        """How it is off now."""
        return self._state

    @property
    def rows(self) -> Mapping[str, Row]:
        """The rows that are done, by their documents."""
        return dict(self._rows)

    @property
    def has_ended(self) -> bool:
        """Whether it works no longer."""
        return self._state.phase is not JobPhase.RUNNING and not self._thread.is_alive()

    def begin(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def pause(self) -> None:
        """Has it stop reading; whoever makes ``ask`` has to see to that as well."""
        self._given_up.set()

    def wait(self, seconds: float) -> bool:
        """Waits until it has ended; returns whether it has."""
        if self._thread.ident is not None:
            self._thread.join(seconds)
        return not self._thread.is_alive()

    # --- the thread

    def _run(self) -> None:
        phase, error = JobPhase.DONE, None
        try:
            self._fill_in()
        except Cancelled:
            phase = JobPhase.PAUSED
        except UserFacingError as problem:
            phase, error = JobPhase.FAILED, problem
        except (OSError, MemoryError) as problem:
            phase, error = JobPhase.FAILED, from_system(problem)
        except Exception:  # a mistake of ours must not leave a table that never ends
            _log.exception("making a table has failed")
            phase = JobPhase.FAILED
            error = UserFacingError(QT_TRANSLATE_NOOP("Errors", "The table could not be made; the log says more."))
        self._state = JobState(phase, self._state.place, self._state.filling, error)
        self._changed()

    def _fill_in(self) -> None:
        was_troubled = False
        for place, source in enumerate(self._order.sources):
            before = self._rows.get(source.name)
            if before is not None and before.error is None:
                continue
            if self._given_up.is_set():
                raise Cancelled
            row = self._row(place, source)
            self._kept.add(row)
            self._rows[source.name] = row
            self._changed()
            troubled = isinstance(row.error, EngineTroubleError)
            if troubled and was_troubled:  # a single one may be a document that brings the engine down
                assert row.error is not None
                raise row.error
            was_troubled = troubled

    def _row(self, place: int, source: Source) -> Row:
        def show(filling: FillingProgress) -> None:
            self._state = JobState(JobPhase.RUNNING, place, filling)
            self._changed()

        show(FillingProgress())
        return self._filler.fill_in(source, show)
