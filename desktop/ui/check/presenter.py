"""Has models checked beside the person's own questions, which always come first, and shows what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QDateTime, QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog

from desktop.check.store import Record, ResultStore
from desktop.check.types import WHY_NOT, Outcome, Task, Why
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError, from_system
from desktop.common.json_file import FileFault
from desktop.engine.types import (
    Asleep,
    Counted,
    Crashed,
    Dozing,
    EngineEvent,
    Failed,
    Finished,
    Reading,
    Stalled,
    Token,
    Waking,
)
from desktop.history.records import RatedAnswer
from desktop.lifecycle.checking.background import BackgroundCheck, CheckPhase
from desktop.lifecycle.checking.setup import place_of
from desktop.lifecycle.low_memory import SpareMemory
from desktop.machine.battery import PowerMonitor
from desktop.models.types import InstalledModel

if TYPE_CHECKING:  # the window itself is imported when it is first opened
    from desktop.check.run import CheckProgress
    from desktop.ui.check.dialog import CheckDialog, CheckView, Example, Standing, Thumbs

_TICK_MS: Final = 500
# Of the battery; psutil reads a file or two for it.
_POWER_SECONDS: Final = 5.0
# After an answer people read it, and ask on.
_QUIET_SECONDS: Final = 30.0
_END_SECONDS: Final = 1.0
_MOST_EXAMPLES: Final = 200
_BUSY = (Waking, Reading, Counted, Token, Stalled)
_AT_REST = (Finished, Failed, Dozing, Asleep, Crashed)


class ChecksPresenter(QObject):
    """Opens the dialog, runs one check at a time, and stops it whenever it would be in the way.

    Attributes:
        troubled: Something went wrong that the dialog, not being open, could not show: a UserFacingError.
        changed: There are other results: what is said of models on a list may be different.
    """

    troubled = Signal(object)
    changed = Signal()

    def __init__(
        self,
        make_dialog: Callable[[], CheckDialog],
        store: ResultStore,
        make_check: Callable[[InstalledModel, bool], BackgroundCheck],
        make_room: Callable[[], None],
        refusal: Callable[[InstalledModel], UserFacingError | None],
        ratings: Callable[[], Sequence[RatedAnswer]],
        power: PowerMonitor,
        memory: SpareMemory,
        is_answering: Callable[[], bool],
        parent: QObject | None = None,
        quiet_seconds: float = _QUIET_SECONDS,
    ) -> None:
        """
        Args:
            make_dialog: Makes the dialog.
            store: Has the results.
            make_check: Makes a check of a model; with True all of its tasks are asked anew.
            make_room: Gives back the memory of the model that answers, which comes again with the next question.
            refusal: Returns why a model does not fit into the memory; None: it does.
            ratings: Returns the answers that have a thumb.
            power: Knows whether the machine lives on its battery.
            memory: Knows whether there is some to spare.
            is_answering: Returns whether the person waits for an answer now.
            parent: Owner.
            quiet_seconds: After an answer, before the check goes on.
        """
        super().__init__(parent)
        self._make_dialog, self._store, self._make_check = make_dialog, store, make_check
        self._make_room, self._refusal, self._ratings, self._power = make_room, refusal, ratings, power
        self._memory, self._is_answering, self._quiet_seconds = memory, is_answering, quiet_seconds
        self._was_short = False  # since it began, or went on
        self._dialog: CheckDialog | None = None
        self._shown: InstalledModel | None = None
        self._checked: InstalledModel | None = None
        self._check: BackgroundCheck | None = None
        self._is_wanted = self._begins_again = False
        self._is_busy = False
        self._quiet_from = self._power_at = 0.0
        self._tasks: dict[str, Task] | None = None
        self._records: tuple[Record, ...] | None = None
        self._told: FileFault | None = None  # what was said to be wrong with the results
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self._tick)

    @property
    def dialog(self) -> CheckDialog | None:
        """The dialog, once it has been opened."""
        return self._dialog

    @property
    def is_checking(self) -> bool:
        """Whether a model is being checked now."""
        return self._check is not None

    def show(self, model: InstalledModel) -> None:
        """Opens the dialog for a model."""
        if self._dialog is None:
            dialog = self._dialog = self._make_dialog()
            dialog.runRequested.connect(self.run)
            dialog.pauseRequested.connect(self.pause)
            dialog.againRequested.connect(lambda: self.run(again=True))
            dialog.exportRequested.connect(self._ask_where)
        self._shown = model
        self._records = None
        self._refresh()
        self._dialog.show_error(None)
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()

    def summary_of(self, model: InstalledModel) -> str:
        """Returns in words what a model can do, for a list; empty: it was not checked."""
        record = self._record_of(model)
        if record is None:
            return ""
        from desktop.check.summary import lines_of, summary_of
        from desktop.ui.check.words import said

        return summary_of(lines_of(record.results), said)

    def run(self, again: bool = False) -> None:
        """Begins to check the model that is shown, or goes on with it; another one that is being checked is paused.

        Args:
            again: Ask all tasks anew.
        """
        if self._shown is None:
            return
        if (problem := self._refusal(self._shown)) is not None:
            self._say(problem)
            return
        if self._check is not None and self._checked is not None and self._checked.id != self._shown.id:
            self._check.pause()
        self._checked, self._is_wanted, self._begins_again = self._shown, True, again
        self._quiet_from = time.monotonic()  # whoever asks for it now wants it now
        self._timer.start()
        self._tick()

    def pause(self) -> None:
        """Stops for now; what was answered is kept."""
        self._is_wanted = False
        if self._check is not None:
            self._check.pause()
        self._tick()

    def shut_down(self) -> None:
        """Stops for good: the program ends."""
        self._is_wanted = False
        self._timer.stop()
        if self._check is not None:
            self._check.pause()
            self._check.wait(_END_SECONDS)
        if self._dialog is not None:
            self._dialog.hide()

    def on_engine_event(self, event: EngineEvent) -> None:
        """Takes an event of the engine that answers: while that works, nothing is checked."""
        if isinstance(event, _BUSY):
            if not self._is_busy:
                self._is_busy = True
                if self._check is not None:
                    self._check.pause()
                    self._tick()
        elif isinstance(event, _AT_REST):
            if self._is_busy:
                self._quiet_from = time.monotonic() + self._quiet_seconds
            self._is_busy = False

    def ratings_changed(self) -> None:
        """An answer has got a thumb, or lost it."""
        if self._dialog is not None and self._dialog.isVisible():
            self._refresh()

    def _tick(self) -> None:
        self._take_end()
        self._look_at_power()
        if self._is_wanted and self._check is None and self._may_run() and self._checked is not None:
            self._make_room()
            self._check = self._make_check(self._checked, self._begins_again)
            self._begins_again = False
            self._check.begin()
        elif self._check is not None and (self._power.unplugged or not self._has_memory()):
            self._check.pause()
        if self._check is None and not self._is_wanted:
            self._timer.stop()
        self._show_standing()

    def _take_end(self) -> None:
        """Takes note of a check that has ended, however it did."""
        check = self._check
        if check is None or not check.has_ended:
            return
        self._check = None
        if check.state.phase is not CheckPhase.PAUSED:
            self._is_wanted = False
        self._records = None
        if check.state.error is not None:
            self._say(check.state.error)
        self._refresh()
        self.changed.emit()

    def _look_at_power(self) -> None:
        now = time.monotonic()
        if (self._is_wanted or self._check is not None) and now >= self._power_at:
            self._power_at = now + _POWER_SECONDS
            self._power.poll()

    def _may_run(self) -> bool:
        is_in_use = self._is_busy or self._is_answering()
        if is_in_use or self._power.unplugged or time.monotonic() < self._quiet_from:
            return False
        return self._has_memory()

    def _has_memory(self) -> bool:
        """Returns whether there is memory for it; after a shortage, whether the model fits in again."""
        is_there = self._memory.is_there()
        if is_there and self._was_short and self._check is None and self._checked is not None:
            if self._refusal(self._checked) is not None:
                self._memory.refuse()
                return False
            self._was_short = False
        self._was_short = self._was_short or not is_there
        return is_there

    def _standing(self) -> Standing:
        from desktop.ui.check.dialog import Standing

        if self._shown is None or self._checked is None or self._shown.id != self._checked.id:
            return Standing.IDLE
        if not self._is_wanted:
            return Standing.IDLE if self._check is None else Standing.PAUSED
        if self._power.unplugged:
            return Standing.WAITING_FOR_POWER
        if not self._has_memory():
            return Standing.WAITING_FOR_MEMORY
        return Standing.RUNNING if self._check is not None and self._may_run() else Standing.WAITING_FOR_ANSWER

    def _show_standing(self) -> None:
        if self._dialog is not None and self._dialog.isVisible():
            progress: CheckProgress | None = self._check.state.progress if self._check is not None else None
            self._dialog.show_standing(self._standing(), progress)

    def _say(self, problem: UserFacingError) -> None:
        if self._dialog is not None and self._dialog.isVisible():
            self._dialog.show_error(problem)
        else:
            self.troubled.emit(problem)

    def _refresh(self) -> None:
        if self._dialog is None or self._shown is None:
            return
        self._dialog.show_view(self._view(self._shown))
        self._show_standing()

    def _record_of(self, model: InstalledModel) -> Record | None:
        """Returns the newest results of the program's own tasks for a model's file."""
        if self._records is None:
            self._records = self._store.all()
            fault = self._store.problem
            if fault is not None and fault != self._told:
                self._told = fault
                self._say(fault.as_error())
        place = place_of(model.path, model.size)
        fitting = (one for one in self._records if one.setup.place == place and not one.setup.task_file)
        return next((one for one in fitting if one.results), None)

    def _view(self, model: InstalledModel) -> CheckView:
        from desktop.check.summary import lines_of, summary_of
        from desktop.ui.check.dialog import CheckView
        from desktop.ui.check.words import said, setup_words

        record, thumbs = self._record_of(model), self._thumbs(model)
        if record is None:
            return CheckView(model.name, thumbs=thumbs)
        lines = lines_of(record.results)
        whys = dict.fromkeys(each.why for each in record.results if each.why is not Why.NOTHING)
        tasks = self._known_tasks()
        return CheckView(
            model.name,
            setup_words(record.setup, record.at),
            summary_of(lines, said),
            lines,
            self._examples(record, tasks),
            tuple(said(WHY_NOT[why]) for why in whys),
            thumbs,
            tasks.keys() <= {each.task_id for each in record.results},
        )

    def _examples(self, record: Record, tasks: dict[str, Task]) -> tuple[Example, ...]:
        from desktop.ui.check.dialog import Example

        wrong = [each for each in record.results if each.outcome is Outcome.WRONG and each.task_id in tasks]
        return tuple(
            Example(each.kind, each.language, tasks[each.task_id].question, each.answer)
            for each in wrong[:_MOST_EXAMPLES]
        )

    def _known_tasks(self) -> dict[str, Task]:
        if self._tasks is None:
            from desktop.check.tasks import builtin_tasks

            self._tasks = {task.id: task for task in builtin_tasks().tasks}
        return self._tasks

    def _thumbs(self, model: InstalledModel) -> tuple[Thumbs, ...]:
        """Returns what the person thinks of a model's answers: all months together, then each, the newest first."""
        from desktop.ui.check.dialog import Thumbs

        try:
            rated = [each for each in self._ratings() if each.model == model.name]
        except UserFacingError as problem:
            self._say(problem)
            return ()
        months: dict[str, list[bool]] = {}
        for each in rated:
            month = QDateTime.fromSecsSinceEpoch(round(each.created)).toString("yyyy-MM")
            months.setdefault(month, []).append(each.is_good)
        if not rated:
            return ()
        whole = Thumbs("", sum(each.is_good for each in rated), len(rated))
        parts = [Thumbs(month, sum(goods), len(goods)) for month, goods in sorted(months.items(), reverse=True)]
        return (whole, *parts)

    def _ask_where(self) -> None:
        from desktop.ui.widgets.file_dialog import FileDialog

        dialog = FileDialog(self._dialog, self.tr("Export answers marked down"), str(Path.home()))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([self.tr("Tasks for the check") + " (*.json)"])
        dialog.setDefaultSuffix("json")
        dialog.selectFile("tasks.json")
        dialog.fileSelected.connect(lambda name: self.export(Path(name)))
        dialog.finished.connect(lambda _result: dialog.deleteLater())
        dialog.open()

    def export(self, file: Path) -> None:
        """Writes the answers of the model that is shown, those marked down, to a file of tasks."""
        from desktop.check.ratings import ABOUT, tasks_of
        from desktop.check.tasks import document_of
        from desktop.common.json_file import write_json

        model = self._shown
        try:
            marked = [each for each in self._ratings() if not each.is_good and model and each.model == model.name]
            tasks = tasks_of((each.message_id, each.turns) for each in marked)
            if not tasks.tasks:
                raise UserFacingError(
                    QT_TRANSLATE_NOOP("Errors", "No answer was marked down, so there is nothing to write.")
                )
            write_json(file, document_of(tasks.tasks, ABOUT), unnamed=True)
        except UserFacingError as problem:
            self._say(problem)
        except OSError as problem:
            self._say(from_system(problem))
