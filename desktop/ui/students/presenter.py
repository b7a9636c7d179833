"""Has smaller models made beside the person's own questions, which always come first, and shows how far they are."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from desktop.common import detached
from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
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
from desktop.lifecycle.students.making import Standing, StudentMaking
from desktop.lifecycle.students.offers import Cost, Offer, Offered
from desktop.lifecycle.students.projects import Goal, ProjectState, StudentProject, Wish
from desktop.models.types import InstalledModel
from desktop.ui.students.words import tray_words
from desktop.ui.widgets.banner import Notice, NoticeAction, Severity
from desktop.ui.words import error_detail, error_remedy, error_title

if TYPE_CHECKING:  # the window itself is imported when it is first opened
    from desktop.ui.students.dialog import StudentDialog

_TICK_MS: Final = 500
# While it waits and nobody looks: a plug, or more memory, is noticed soon enough.
_SLOW_TICK_MS: Final = 5_000
_END_SECONDS: Final = 3.0
_NOTICE_KEY: Final = "student"
_BUSY = (Waking, Reading, Counted, Token, Stalled)
_AT_REST = (Finished, Failed, Dozing, Asleep, Crashed)

_T = TypeVar("_T")


@dataclass(frozen=True)
class StudentTools:
    """What the window needs of the rest; what takes a while is called on other threads.

    Attributes:
        look: Returns what finds out which sizes can be made of a model, and what they take; that raises UserFacingError
            where the model cannot be read.
        find_training: Returns what looks for what a model's students are trained with; that raises UserFacingError
            where there is none, or this model cannot.
        ask_place: Asks where PyTorch is; empty: nobody knows.
        check_place: Finds out whether students can be trained there; raises UserFacingError where they cannot.
        commands: What to type to get PyTorch; empty if that would not help with what went wrong.
        lacks_memory: Returns why the memory can never be had here that something takes; None: it can.
        room: Returns the bytes free on the disk of the projects; None: nobody can tell.
        install: Puts a student among the models; returns its id there.
        report: Returns where the report of a project lies.
        use: Chooses a model, once it was tried.
    """

    look: Callable[[InstalledModel], Callable[[], tuple[Offered, ...]]]
    find_training: Callable[[InstalledModel], Callable[[], object]]
    ask_place: Callable[[QWidget, str], str]
    check_place: Callable[[Path], object]
    commands: Callable[[UserFacingError | None], tuple[str, ...]]
    lacks_memory: Callable[[Cost], UserFacingError | None]
    room: Callable[[], int | None]
    install: Callable[[StudentProject], str]
    report: Callable[[StudentProject], Path]
    use: Callable[[str], None]


class StudentsPresenter(QObject):
    """Opens the dialog, and keeps the making going. GUI thread.

    Attributes:
        troubled: Something went wrong that the dialog, not being open, could not show: a UserFacingError.
        noticed: (Notice) A smaller model is made, or could not be.
        announced: (title, text) The same, for who does not look at a window.
        outdated: (str) Key of a notice that is true no longer.
        workChanged: (str) What the tray says of it; empty: nothing is under way.
    """

    troubled = Signal(object)
    noticed = Signal(object)
    announced = Signal(str, str)
    outdated = Signal(str)
    workChanged = Signal(str)
    _done = Signal(object, object)  # (take, future): emitted by another thread, received by that of the windows

    def __init__(
        self,
        make_dialog: Callable[[], StudentDialog],
        making: StudentMaking,
        tools: StudentTools,
        parent: QObject | None = None,
        open_url: Callable[[QUrl], object] = QDesktopServices.openUrl,
    ) -> None:
        """
        Args:
            make_dialog: Makes the dialog.
            making: Makes the students.
            tools: See there.
            parent: Owner.
            open_url: Shows the report in the system's program for that.
        """
        super().__init__(parent)
        self._make_dialog, self._making, self._tools, self._open_url = make_dialog, making, tools, open_url
        self._dialog: StudentDialog | None = None
        self._shown: InstalledModel | None = None
        self._offered: tuple[Offered, ...] = ()
        self._training: UserFacingError | None = None
        self._refusal: UserFacingError | None = None
        self._looks = 0  # of what is not known yet of the model that is shown
        self._turn = 0  # of the model that is shown; what was found out of others is not waited for any more
        self._is_busy = self._is_closed = False
        self._words = ""
        self._known: dict[str, ProjectState] = {each.id: each.state for each in making.projects.all()}
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._done.connect(self._take, Qt.ConnectionType.QueuedConnection)

    @property
    def dialog(self) -> StudentDialog | None:
        """The dialog, once it has been opened."""
        return self._dialog

    @property
    def making(self) -> StudentMaking:
        """Makes them."""
        return self._making

    def begin(self) -> None:
        """Goes on with what was under way when the program ended; says what is wrong with what it has kept."""
        fault = self._making.projects.problem
        if fault is not None:
            self.troubled.emit(fault.as_error())
        self._tick()

    def show(self, model: InstalledModel) -> None:
        """Opens the dialog for a model."""
        dialog = self._dialog or self._make()
        is_other = self._shown is None or self._shown.id != model.id
        self._shown = model
        if is_other:
            self._offered, self._training, self._refusal = (), None, None
        if self._project() is None and (is_other or self._training is not None or not self._offered):
            self._look()
        dialog.show_error(None)
        self._tick()
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def show_current(self) -> None:
        """Opens the dialog for the smaller model that is being made, or was made last."""
        project = self._making.current or next(reversed(self._making.projects.all()), None)
        if project is not None:
            wish = project.wish
            size = wish.teacher.stat().st_size if wish.teacher.is_file() else 0
            self.show(InstalledModel(wish.teacher_id, wish.teacher_name, wish.teacher, size))

    def on_engine_event(self, event: EngineEvent) -> None:
        """Takes an event of the engine that answers: while that works, nothing is made."""
        if isinstance(event, _BUSY) and not self._is_busy:
            self._is_busy = True
            self.give_way()
        elif isinstance(event, _AT_REST) and self._is_busy:
            self._is_busy = False
            self.give_way()  # whoever was answered reads, and asks on

    def give_way(self) -> None:
        """Somebody writes, or waits for an answer."""
        if self._making.is_under_way:
            self._making.give_way()
            self._show_standing()

    def pause(self) -> None:
        """Ends the process for now: the folder of models is being moved."""
        self._making.pause()

    def shut_down(self) -> None:
        """Stops for good: the program ends."""
        self._is_closed = True
        self._timer.stop()
        self._making.close(_END_SECONDS)
        if self._dialog is not None:
            self._dialog.hide()

    def _make(self) -> StudentDialog:
        dialog = self._dialog = self._make_dialog()
        dialog.startRequested.connect(self._begin)
        dialog.lookRequested.connect(self._look)
        dialog.placeRequested.connect(self._ask_place)
        dialog.goOnRequested.connect(lambda: self._with_project(self._making.go_on))
        dialog.stopRequested.connect(lambda: self._with_project(self._making.stop))
        dialog.removeRequested.connect(self._remove)
        dialog.useRequested.connect(self._use)
        dialog.reportRequested.connect(self._show_report)
        return dialog

    # --- what can be made

    def _look(self) -> None:
        """Finds out what can be made of the model that is shown, and whether it can be trained here."""
        model = self._shown
        if model is None:
            return
        self._turn += 1
        self._looks = 2
        self._start(self._tools.look(model), self._on_offered)
        self._start(self._tools.find_training(model), self._on_training)
        self._show_standing()

    def _on_offered(self, found: tuple[Offered, ...] | UserFacingError) -> None:
        self._looks -= 1
        self._refusal = None
        if isinstance(found, UserFacingError):
            self._refusal = found
        elif not found:
            self._refusal = UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "This model has too few layers to leave any out.")
            )
        else:
            self._offered = found
        self._show_standing()

    def _on_training(self, found: object) -> None:
        self._looks -= 1
        self._training = found if isinstance(found, UserFacingError) else None
        self._show_standing()

    def _ask_place(self) -> None:
        if self._dialog is None:
            return
        place = self._tools.ask_place(self._dialog, self.tr("The folder of a Python environment that has PyTorch"))
        if place:
            take = partial(self._on_place, Path(place))
            self._start(partial(self._tools.check_place, Path(place)), take, of_model=False)

    def _on_place(self, place: Path, found: object) -> None:
        if isinstance(found, UserFacingError):
            self._say(found)
            return
        try:
            self._making.projects.choose_python(place)
        except UserFacingError as problem:
            self._say(problem)
            return
        if self._dialog is not None:
            self._dialog.show_error(None)
        if self._project() is None:
            self._look()
        else:
            self._with_project(self._making.go_on)

    def _begin(self, offer: Offer, goal: Goal, minutes: int) -> None:
        model = self._shown
        offered = next((each for each in self._offered if each.offer == offer), None)
        if model is None or offered is None:
            return
        cost = offered.costs[minutes]
        room = self._tools.room()
        lack = self._tools.lacks_memory(cost)
        if lack is not None:
            self._say(lack)
            return
        if room is not None and room < cost.disk:
            self._say(
                UserFacingError(
                    QT_TRANSLATE_NOOP("Errors", "There is too little room on the disk to make a smaller model."),
                    QT_TRANSLATE_NOOP("Errors", "It needs {0} meanwhile, and {1} are free."),
                    QT_TRANSLATE_NOOP("Errors", "Delete what you no longer need, then begin again."),
                    values=(format_bytes(cost.disk), format_bytes(room)),
                )
            )
            return
        try:
            self._making.begin(
                Wish(model.id, model.name, model.path, offer.layers, offer.of_layers, offer.kind, goal, minutes)
            )
        except UserFacingError as problem:
            self._say(problem)
        self._tick()

    # --- what is made

    def _project(self) -> StudentProject | None:
        return self._making.projects.of_teacher(self._shown.id) if self._shown is not None else None

    def _with_project(self, do: Callable[[StudentProject], None]) -> None:
        project = self._project()
        if project is None:
            return
        try:
            do(project)
        except UserFacingError as problem:
            self._say(problem)
        self._tick()

    def _remove(self) -> None:
        project = self._project()
        if project is None:
            return
        self.outdated.emit(_NOTICE_KEY)
        try:
            self._start(self._making.drop(project), self._on_removed, of_model=False)
        except UserFacingError as problem:
            self._say(problem)
        if not self._offered:
            self._look()
        self._tick()

    def _on_removed(self, found: object) -> None:
        if isinstance(found, UserFacingError):
            self._say(found)

    def _use(self) -> None:
        project = self._project()
        if project is None:
            return
        self.outdated.emit(_NOTICE_KEY)
        if self._dialog is not None:
            self._dialog.show_installing(is_installing=True)
        self._start(lambda: self._tools.install(project), self._on_installed, of_model=False)

    def _on_installed(self, found: str | UserFacingError) -> None:
        if self._dialog is not None:
            self._dialog.show_installing(is_installing=False)
        if isinstance(found, UserFacingError):
            self._say(found)
            return
        if self._dialog is not None:
            self._dialog.close()
        self._tools.use(found)

    def _show_report(self) -> None:
        project = self._project()
        if project is None or not project.report:
            return
        report = self._tools.report(project)
        if report.is_file():
            self._open_url(QUrl.fromLocalFile(str(report)))
        else:
            title = QT_TRANSLATE_NOOP("Errors", "The report is not there any more.")
            self._say(UserFacingError(title, f"{report}."))

    # --- how far it is

    def _tick(self) -> None:
        if self._is_closed:
            return
        self._making.look()
        self._tell_news()
        if self._making.is_under_way:
            is_seen = self._dialog is not None and self._dialog.isVisible()
            current = self._making.current
            goes = current is not None and self._making.standing(current) is Standing.RUNNING
            interval = _TICK_MS if is_seen or goes else _SLOW_TICK_MS
            if not self._timer.isActive() or self._timer.interval() != interval:
                self._timer.start(interval)
        else:
            self._timer.stop()
        self._show_standing()

    def _tell_news(self) -> None:
        """Says what has come to its end where nobody sees it."""
        for project in self._making.projects.all():
            before = self._known.get(project.id)
            self._known[project.id] = project.state
            if before is project.state or before is None:
                continue
            if before is ProjectState.FAILED:  # it is gone on with
                self.outdated.emit(_NOTICE_KEY)
            if self._shown is not None and self._dialog is not None and self._dialog.isVisible():
                continue
            show = NoticeAction(self.tr("Show"), partial(self._show_of, project))
            if project.state is ProjectState.DONE:
                title = self.tr("The smaller model of {model} is made.").format(model=project.wish.teacher_name)
                self.noticed.emit(Notice(title, project.sentence, actions=(show,), key=_NOTICE_KEY))
                self.announced.emit(title, project.sentence)
            elif (problem := project.problem) is not None and project.state is ProjectState.FAILED:
                words = error_title(problem), error_detail(problem), error_remedy(problem)
                self.noticed.emit(Notice(*words, actions=(show,), severity=Severity.PROBLEM, key=_NOTICE_KEY))

    def _show_of(self, project: StudentProject) -> None:
        wish = project.wish
        self.show(InstalledModel(wish.teacher_id, wish.teacher_name, wish.teacher, 0))

    def _show_standing(self) -> None:
        current = self._making.current
        words = ""
        if current is not None:
            words = tray_words(self._making.standing(current), self._making.progress(current.id))
        if words != self._words:
            self._words = words
            self.workChanged.emit(words)
        dialog = self._dialog
        if dialog is None or self._shown is None:
            return
        project = self._project()
        if project is None:
            dialog.show_choices(self._choices(self._shown))
        else:
            dialog.show_project(project, self._making.standing(project), self._tools.commands(project.problem))
            dialog.show_progress(self._making.progress(project.id))

    def _choices(self, model: InstalledModel) -> Any:
        from desktop.ui.students.dialog import Choices

        training = self._training
        if self._offered and training is None:
            training = self._tools.lacks_memory(max(self._offered[-1].costs.items())[1])
        commands = self._tools.commands(training)
        return Choices(model.name, self._offered, training, self._looks > 0, self._refusal, commands)

    def _say(self, problem: UserFacingError) -> None:
        if self._dialog is not None and self._dialog.isVisible():
            self._dialog.show_error(problem)
        else:
            self.troubled.emit(problem)

    def _start(self, work: Callable[[], _T], take: Callable[[Any], None], *, of_model: bool = True) -> None:
        """Does work on a thread of its own, and hands over what it returns, or the UserFacingError that it raises."""
        turn = self._turn if of_model else None

        def hand_over(found: Any) -> None:
            if turn is None or turn == self._turn:
                take(found)

        def ended(future: Future[_T]) -> None:
            with suppress(RuntimeError):  # the window is gone, with the program
                self._done.emit(hand_over, future)

        detached.start(work, "student").add_done_callback(ended)

    def _take(self, hand_over: Callable[[Any], None], future: Future[Any]) -> None:
        if self._is_closed:
            return
        try:
            found = future.result()
        except UserFacingError as problem:
            found = problem
        hand_over(found)
