"""Makes one table at a time, in the time that the person's own questions leave."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from desktop.common.errors import MessageTooLongError, UserFacingError
from desktop.engine.types import Asleep, EngineEvent, Failed, Finished, Sampling, SleepReason
from desktop.extraction.filling import Ask, Read, cut_off
from desktop.extraction.job import EngineTroubleError, JobPhase, JobState, TableJob
from desktop.extraction.kept import KeptTable, TableOrder
from desktop.extraction.rows import Row
from desktop.lifecycle.background_questions import BackgroundQuestions, BehindPort
from desktop.lifecycle.low_memory import SpareMemory

_TICK_MS: Final = 500
# After an answer people read it, and ask on; a table only takes the time that is left.
_QUIET_SECONDS: Final = 5.0
_END_SECONDS: Final = 2.0
_GREEDY: Final = Sampling(temperature=0.0, repeat_penalty=1.0)


class TableStanding(Enum):
    """How a table is off."""

    RUNNING = "running"
    WAITING_FOR_ANSWER = "waiting for an answer"
    WAITING_FOR_MEMORY = "waiting for memory"
    PAUSED = "paused"
    DONE = "done"


class TableMaking(QObject):
    """A table and the work at it: goes on, waits and pauses.

    Signals:
        rowsChanged: There may be more rows.
        failed: It has stopped, and nobody has paused it: a UserFacingError.
        done: Nothing is left to be filled in.
        moved: How it is off may be otherwise.
    """

    rowsChanged = Signal()
    failed = Signal(object)
    done = Signal()
    moved = Signal()
    _worked = Signal()  # emitted by the thread that works, received by that of the windows

    def __init__(
        self,
        kept: KeptTable,
        engine: BehindPort,
        request_ids: itertools.count[int],
        is_admitted: Callable[[], bool],
        is_in_use: Callable[[], bool],
        memory: SpareMemory,
        read: Read,
        parent: QObject | None = None,
        quiet_seconds: float = _QUIET_SECONDS,
    ) -> None:
        """
        Args:
            kept: Where each row goes.
            engine: Is asked, behind the person's own questions.
            request_ids: Source of ids never used twice.
            is_admitted: Whether the model is in memory, or may come there.
            is_in_use: Whether the person waits for an answer now, or writes.
            memory: Whether there is some to spare.
            read: Reads a document, on any thread.
            parent: Owner.
            quiet_seconds: After an answer, before the table goes on.
        """
        super().__init__(parent)
        self._kept, self._engine, self._request_ids = kept, engine, request_ids
        self._is_admitted, self._is_in_use, self._memory, self._read = is_admitted, is_in_use, memory, read
        self._quiet_seconds = quiet_seconds
        self._quiet_from = 0.0
        self._order: TableOrder | None = None
        self._rows: Mapping[str, Row] = MappingProxyType({})
        self._job: TableJob | None = None
        self._questions: BackgroundQuestions | None = None
        self._is_wanted = False
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._worked.connect(self._tick, Qt.ConnectionType.QueuedConnection)

    @property
    def order(self) -> TableOrder | None:
        """What is wanted; None: there is no table."""
        return self._order

    @property
    def rows(self) -> Mapping[str, Row]:
        """The rows that are done, by their documents."""
        return self._rows

    @property
    def is_running(self) -> bool:
        """Whether a table is being made, or waits to be gone on with by itself."""
        return self._is_wanted

    @property
    def is_idle(self) -> bool:
        """Whether nobody works at the table, and nobody will by themselves."""
        return not self._is_wanted and self._job is None

    @property
    def questions(self) -> BackgroundQuestions | None:
        """What asks the engine; None: nothing is worked at."""
        return self._questions

    @property
    def work(self) -> JobState | None:
        """How far the work is; None: nothing is worked at."""
        return self._job.state if self._job is not None else None

    @property
    def standing(self) -> TableStanding:
        """How the table is off now."""
        if not self._is_wanted:
            is_done = self._order is None or len(self._rows) >= len(self._order.sources)
            return TableStanding.DONE if is_done and self._job is None else TableStanding.PAUSED
        if self._questions is not None and self._questions.is_waiting:
            if not self._memory.is_there():
                return TableStanding.WAITING_FOR_MEMORY
            return TableStanding.WAITING_FOR_ANSWER
        return TableStanding.RUNNING

    def take(self, order: TableOrder, rows: Mapping[str, Row]) -> None:
        """Takes a table, of which some rows may be done; nothing is begun."""
        self._order, self._rows = order, rows

    def drop(self) -> None:
        """Takes that there is no table any more."""
        self._order, self._rows = None, MappingProxyType({})

    def go_on(self) -> None:
        """Fills in what is left, and tries again what has failed."""
        self._is_wanted = True
        self._quiet_from = time.monotonic()  # whoever asks for it now wants it now
        self._timer.start()
        self._tick()

    def pause(self) -> None:
        """Stops for now; the rows that are done are kept."""
        self._is_wanted = False
        self._stop_job()
        self._tick()

    def shut_down(self) -> None:
        """Stops for good: the program ends. What is done is kept."""
        self._timer.stop()
        self._is_wanted = False
        self._stop_job()
        if self._job is not None:
            self._job.wait(_END_SECONDS)

    def on_engine_event(self, event: EngineEvent) -> None:
        """Takes an event of the engine that answers."""
        questions = self._questions
        is_ours = questions is not None and questions.owns(getattr(event, "request_id", None))
        if questions is not None:
            questions.on_engine_event(event)
        if isinstance(event, Finished | Failed):
            if not is_ours:
                self._quiet_from = time.monotonic() + self._quiet_seconds
        elif isinstance(event, Asleep) and event.reason is SleepReason.ASKED and self._is_wanted:
            self.pause()  # whoever wants the model to sleep does not want it woken

    def _tick(self) -> None:
        self._take_rows()
        if self._is_wanted and self._job is None and self._order is not None:
            questions = self._questions = BackgroundQuestions(
                self._engine, self._request_ids, self._may_begin, self._memory.is_there, self._worked.emit
            )
            job = TableJob(self._order, self._rows, self._kept, _asker(questions), self._worked.emit, self._read)
            self._job = job
            job.begin()
        if self._questions is not None:
            self._questions.look()
        if self.is_idle:
            self._timer.stop()
        self.moved.emit()

    def _take_rows(self) -> None:
        """Takes what is done, and note of a job that has ended, however it did."""
        job = self._job
        if job is None:
            return
        self._rows = job.rows
        self.rowsChanged.emit()
        if not job.has_ended:
            return
        self._job = self._questions = None
        if job.state.phase is not JobPhase.PAUSED:
            self._is_wanted = False
        if job.state.error is not None:
            self.failed.emit(job.state.error)
        elif not self._is_wanted and self.standing is TableStanding.DONE:
            self.done.emit()

    def _stop_job(self) -> None:
        if self._job is not None:
            self._job.pause()
        if self._questions is not None:
            self._questions.end()

    def _may_begin(self) -> bool:
        if self._is_in_use() or time.monotonic() < self._quiet_from or not self._memory.is_there():
            return False
        if not self._is_admitted():
            self._memory.refuse()  # it is asked again when there may be more
            return False
        return True


def _asker(questions: BackgroundQuestions) -> Ask:
    """Returns what asks for a document, and says which errors are none of the document's."""

    def ask(question: str, schema: str) -> str:
        reply = questions.ask(question, _GREEDY, schema)
        if reply.error is not None:
            raise _as_trouble(reply.error)
        if not reply.is_whole:
            raise cut_off()
        return reply.text

    return ask


def _as_trouble(error: UserFacingError) -> UserFacingError:
    if isinstance(error, MessageTooLongError):
        return error
    return EngineTroubleError(error.title, error.pattern or error.detail, error.remedy, values=error.values)
