"""A smaller model of one: what it takes, how far it is, what came of it. Not modal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFrame,
    QGridLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.common.errors import UserFacingError
from desktop.lifecycle.students.commands import steps_of
from desktop.lifecycle.students.making import Standing
from desktop.lifecycle.students.offers import LEARNING_MINUTES, Offer, Offered
from desktop.lifecycle.students.projects import Goal, StudentProject
from desktop.student.steps import StepProgress
from desktop.ui.students.words import (
    cost_words,
    offer_words,
    progress_words,
    pytorch_words,
    result_size_words,
    standing_words,
)
from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.accessible import ChoiceBox
from desktop.ui.widgets.close_keys import add_close_keys
from desktop.ui.widgets.labels import AccentButton, ElidedLabel, FieldLabel, MutedLabel, WarningLabel
from desktop.ui.widgets.layouts.foot import foot
from desktop.ui.widgets.layouts.gap import Gap
from desktop.ui.widgets.page_dialog import ScrolledPage
from desktop.ui.widgets.window_size import fitting_size
from desktop.ui.words import SEPARATOR, error_detail, error_title, error_words, sentences

_SIZE_IN_UNITS: Final = QSize(86, 58)
_STEPS: Final = 1000
# A question asked by a button is taken back when nobody answers it.
_SECOND_THOUGHTS_MS: Final = 6000


@dataclass(frozen=True)
class Choices:
    """What there is to choose from for a model.

    Attributes:
        name: Of the model.
        offers: The sizes, the largest first; empty: not known yet, or none can be made, see ``refusal``.
        training: Why no student can be trained here; None: it can, or nobody knows yet.
        is_looking: Whether it is still being found out.
        refusal: Why none can be made of it; None: nothing stands against it.
        commands: What to type to get PyTorch, where that is what is missing.
    """

    name: str
    offers: tuple[Offered, ...] = ()
    training: UserFacingError | None = None
    is_looking: bool = False
    refusal: UserFacingError | None = None
    commands: tuple[str, ...] = ()


class StudentDialog(QDialog):
    """The dialog; made once and shown again for another model.

    Attributes:
        startRequested: (Offer, Goal, minutes that it learns)
        lookRequested: Whether students can be trained here shall be looked at again.
        placeRequested: It shall be asked where PyTorch is.
        goOnRequested: The student shall be gone on with.
        stopRequested: It shall stop until then.
        removeRequested: It shall go, with everything that was done for it. Asked and confirmed.
        useRequested: It shall be one of the models, and answer.
        reportRequested: What came of it shall be shown at length.
    """

    startRequested = Signal(object, object, int)
    lookRequested = Signal()
    placeRequested = Signal()
    goOnRequested = Signal()
    stopRequested = Signal()
    removeRequested = Signal()
    useRequested = Signal()
    reportRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """
        Args:
            parent: Its window.
        """
        super().__init__(parent)
        self.setWindowTitle(self.tr("A smaller model of this one"))
        self._choices = Choices("")
        self._project: StudentProject | None = None
        self._heading, self._about = ElidedLabel(), QLabel()
        self._size, self._goal, self._time = ChoiceBox(), ChoiceBox(), ChoiceBox()
        self._fields = QWidget()
        self._time_label = FieldLabel(self.tr("How long it lear&ns"), self._time)
        self._cost, self._worse, self._lack = MutedLabel(), MutedLabel(), WarningLabel()
        self._untrained = QCheckBox(self.tr("Make it &without training, only to see how it goes"))
        self._untrained_help, self._meanwhile = MutedLabel(), MutedLabel()
        self._state, self._bar, self._trouble, self._sentence = QLabel(), QProgressBar(), WarningLabel(), QLabel()
        self._main, self._stop = AccentButton(), QPushButton(self.tr("&Stop"))
        self._remove, self._report = QPushButton(), QPushButton(self.tr("Show the re&port"))
        self._again, self._close = QPushButton(self.tr("&Look again")), QPushButton(self.tr("Close"))
        self._pytorch, self._commands = MutedLabel(), MutedLabel()
        self._copy, self._place = QPushButton(self.tr("Cop&y the lines")), QPushButton(self.tr("I h&ave PyTorch…"))
        self._is_installing = False
        self._is_amount_known = False
        self._lines: tuple[str, ...] = ()  # to get PyTorch, for a student that lacks it
        self._second_thoughts = QTimer(self, singleShot=True, interval=_SECOND_THOUGHTS_MS)
        self._standing = Standing.STOPPED
        self._lay_out()
        self._connect()
        add_close_keys(self)
        self.resize(fitting_size(self, _SIZE_IN_UNITS))
        self._refresh()

    @property
    def goal(self) -> Goal:
        """What is chosen."""
        return (Goal.FASTER, Goal.SMALLER)[max(0, self._goal.currentIndex())]

    @property
    def offer(self) -> Offer | None:
        """The size that is chosen; None: there is none to choose."""
        place = self._size.currentIndex()
        return self._choices.offers[place].offer if 0 <= place < len(self._choices.offers) else None

    @property
    def minutes(self) -> int:
        """How long it shall learn; 0: not at all."""
        if self._untrained.isChecked():
            return 0
        return LEARNING_MINUTES[max(0, self._time.currentIndex())]

    def show_choices(self, choices: Choices) -> None:
        """Shows what can be chosen for a model of which no smaller one is being made."""
        is_other = choices.name != self._choices.name or self._project is not None
        same_offers = choices.offers == self._choices.offers and not is_other
        self._choices, self._project = choices, None
        if is_other:
            self._trouble.say("")
            self._untrained.setChecked(False)
        if not same_offers:
            self._fill_offers(choices.offers)
        self._refresh()

    def show_project(self, project: StudentProject, standing: Standing, commands: tuple[str, ...] = ()) -> None:
        """Shows how a student is off.

        Args:
            project: The student.
            standing: How it is off.
            commands: What to type to get PyTorch, where that is what it lacks.
        """
        if self._project is None or self._project.id != project.id:
            self._ask_nothing()
            self._trouble.say("")
            self._is_installing = False
            self._show_amount(None)
        self._project, self._standing, self._lines = project, standing, commands
        self._show_pytorch(commands)
        self._refresh()

    def show_progress(self, progress: StepProgress | None) -> None:
        """Shows how far it is; to be called after :meth:`show_project`."""
        self._show_amount(progress)

    def show_installing(self, *, is_installing: bool) -> None:
        """Shows whether the student is being put among the models, which may take a while."""
        self._is_installing = is_installing
        self._refresh()

    def show_error(self, error: UserFacingError | None) -> None:
        """Says what went wrong; None takes it away."""
        self._trouble.say("" if error is None else error_words(error))

    def sizeHint(self) -> QSize:
        return fitting_size(self, _SIZE_IN_UNITS)

    def _refresh(self) -> None:
        project = self._project
        is_new = project is None
        for widget in (self._fields, self._cost):
            widget.setVisible(is_new and bool(self._choices.offers))
        for widget in (self._time_label, self._time):
            widget.setVisible(not self._untrained.isChecked())
        self._worse.setVisible(is_new)
        if project is None:
            self._show_new()
        else:
            self._show_known(project)

    def _show_new(self) -> None:
        choices = self._choices
        self._heading.say(choices.name)
        self._about.setText(
            self.tr(
                "Catnap can make a smaller and quicker model of this one: some of its layers are left out, and what is "
                "left learns from this model's answers. It is done while the computer is plugged in and you do not "
                "use Catnap; a question of yours stops it at once. You can quit Catnap meanwhile: it goes on later."
            )
        )
        self._worse.setText(
            self.tr(
                "The smaller one is always worse than the one that it is made of: it knows less and muddles more. At "
                "the end it is tried on texts that it has not seen, and the window says how much worse, and whether "
                "plain shrinking would have done better."
            )
        )
        cannot_train = choices.training is not None and choices.refusal is None
        lacks_it = cannot_train and not self._untrained.isChecked()  # else the room is for what it costs
        if choices.refusal is not None:
            self._lack.say(error_words(choices.refusal))
        else:
            self._lack.say(_lack_words(choices.training, choices.commands) if lacks_it else "")
        self._untrained.setVisible(cannot_train)
        self._untrained_help.setVisible(cannot_train)
        self._again.setVisible(lacks_it)
        self._show_pytorch(choices.commands if lacks_it else ())
        self._show_cost()
        for widget in (self._state, self._bar, self._sentence, self._stop, self._remove, self._report, self._meanwhile):
            widget.hide()
        looking = choices.is_looking and choices.refusal is None
        self._main.setText(self.tr("Looking at this computer…") if looking else self.tr("&Begin"))
        may = bool(choices.offers) and not looking and choices.refusal is None
        self._main.setEnabled(may and (choices.training is None or self._untrained.isChecked()))
        self._main.setVisible(choices.refusal is None)
        self._main.set_accented(self._main.isEnabled())

    def _show_pytorch(self, commands: tuple[str, ...]) -> None:
        self._commands.setText("\n".join(commands))
        for widget in (self._pytorch, self._commands, self._copy, self._place):
            widget.setVisible(bool(commands))

    def _show_cost(self) -> None:
        place = self._size.currentIndex()
        if 0 <= place < len(self._choices.offers):
            self._cost.setText(cost_words(self._choices.offers[place].costs[self.minutes]))

    def _show_known(self, project: StudentProject) -> None:
        standing = self._standing
        self._heading.say(project.wish.teacher_name)
        self._about.setText(result_size_words(project))
        self._lack.say(_lack_words(project.problem, self._lines))
        is_done = standing is Standing.DONE
        goes = standing not in (Standing.DONE, Standing.FAILED, Standing.STOPPED, Standing.STOPPING)
        self._sentence.setText(project.sentence)
        self._sentence.setVisible(is_done)
        for widget in (self._untrained, self._untrained_help, self._again):
            widget.hide()
        self._state.setVisible(not is_done and standing is not Standing.FAILED)
        self._meanwhile.setVisible(goes)
        self._bar.setVisible(self._has_bar())
        self._stop.setVisible(goes)
        self._remove.setVisible(True)
        self._report.setVisible(is_done and bool(project.report))
        if is_done and self._is_installing:
            self._main.setText(self.tr("Putting it among the models…"))
        else:
            self._main.setText(self.tr("&Use it") if is_done else self.tr("&Continue"))
        self._main.setVisible(not goes)
        self._main.setEnabled(standing is not Standing.STOPPING and not (is_done and self._is_installing))
        self._remove.setEnabled(not (is_done and self._is_installing))
        self._main.set_accented(self._main.isEnabled() and not goes)

    def _has_bar(self) -> bool:
        """Whether there is something to see of how far it is: an empty bar looks as if nothing had been done."""
        if self._standing in (Standing.STOPPED, Standing.STOPPING):
            return self._is_amount_known
        return self._standing not in (Standing.DONE, Standing.FAILED)

    def _show_amount(self, progress: StepProgress | None) -> None:
        self._is_amount_known = progress is not None
        self._bar.setVisible(self._project is not None and self._has_bar())
        waiting = standing_words(self._standing)
        steps = steps_of(self._project.wish.minutes) if self._project is not None else ()
        figures = progress_words(steps, progress) if progress is not None or not waiting else ""
        self._state.setText(SEPARATOR.join(filter(None, (waiting, figures))))
        if progress is None or not progress.total:
            self._bar.setRange(0, 0 if self._standing is Standing.RUNNING else _STEPS)
        else:
            self._bar.setRange(0, _STEPS)
            self._bar.setValue(round(progress.share * _STEPS))

    def _fill_offers(self, offers: Sequence[Offered]) -> None:
        self._size.clear()
        self._size.addItems([offer_words(each.offer) for each in offers])

    def _pressed(self) -> None:
        self._trouble.say("")
        if self._project is None:
            if self.offer is not None:
                self.startRequested.emit(self.offer, self.goal, self.minutes)
        elif self._standing is Standing.DONE:
            self.useRequested.emit()
        else:
            self.goOnRequested.emit()

    def _remove_pressed(self) -> None:
        if self._second_thoughts.isActive():
            self._ask_nothing()
            self.removeRequested.emit()
            return
        self._remove.setText(self.tr("Remove all that was done?"))
        self._second_thoughts.start()

    def _ask_nothing(self) -> None:
        self._second_thoughts.stop()
        self._remove.setText(self.tr("&Remove"))

    def _connect(self) -> None:
        for box in (self._size, self._time):
            box.currentIndexChanged.connect(lambda _place: self._show_cost())
        self._untrained.toggled.connect(lambda _on: self._refresh())
        self._main.clicked.connect(self._pressed)
        self._stop.clicked.connect(self.stopRequested)
        self._remove.clicked.connect(self._remove_pressed)
        self._second_thoughts.timeout.connect(self._ask_nothing)
        self._report.clicked.connect(self.reportRequested)
        self._again.clicked.connect(self.lookRequested)
        self._place.clicked.connect(self.placeRequested)
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._commands.text()))
        self._close.clicked.connect(self.close)

    def _lay_out_fields(self) -> None:
        gap = spacing(self)
        self._goal.addItems([self.tr("Faster answers"), self.tr("The smallest file")])
        self._goal.setItemData(0, self.tr("Four bits, and eight where four lose most"), Qt.ItemDataRole.ToolTipRole)
        self._goal.setItemData(
            1,
            self.tr("Four bits nearly everywhere: a tenth smaller, and further from its teacher"),
            Qt.ItemDataRole.ToolTipRole,
        )
        self._time.addItems([self.tr("An hour, to see how it goes"), self.tr("A night, five hours: the better one")])
        self._time.setCurrentIndex(1)
        labels = (
            FieldLabel(self.tr("How s&mall"), self._size),
            FieldLabel(self.tr("What &for"), self._goal),
            self._time_label,
        )
        grid = QGridLayout(self._fields)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(gap.double)
        grid.setVerticalSpacing(gap.unit)
        grid.setColumnStretch(1, 1)
        for row, (label, box) in enumerate(zip(labels, (self._size, self._goal, self._time), strict=True)):
            grid.addWidget(label, row, 0)
            grid.addWidget(box, row, 1)

    def _write_texts(self) -> None:
        font = self._heading.font()
        font.setPointSizeF(font.pointSizeF() * 1.35)
        self._heading.setFont(font)
        for label in (self._about, self._sentence, self._state):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._untrained_help.setText(
            self.tr(
                "A model with layers left out that has not learnt afterwards hardly speaks: of ten words it chooses "
                "some four as its teacher would. It is good for a look at the way, and not for use."
            )
        )
        self._meanwhile.setText(
            self.tr(
                "It goes on by itself while this computer is plugged in and you do not use Catnap. You can close this "
                "window, and quit Catnap: nothing is lost."
            )
        )
        self._pytorch.setText(pytorch_words())
        self._commands.setTextFormat(Qt.TextFormat.PlainText)
        self._commands.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Progress of the smaller model"))

    def _lay_out(self) -> None:
        gap = spacing(self)
        self._write_texts()
        self._bar.setFixedHeight(gap.unit)
        self._ask_nothing()
        self._lay_out_fields()
        column = self._column = QVBoxLayout()
        column.setContentsMargins(gap.unit + gap.half, gap.unit, gap.unit + gap.half, gap.unit)
        column.setSpacing(gap.unit)
        for widget in (
            *(self._about, self._sentence, self._state, self._bar, self._meanwhile),
            *(self._trouble, self._lack, self._pytorch, self._commands),
            *(self._untrained, self._untrained_help, Gap(gap.half)),
            *(self._fields, self._cost, self._worse),
        ):
            column.addWidget(widget)
        column.addStretch()
        content = QWidget()
        content.setBackgroundRole(QPalette.ColorRole.Base)
        content.setLayout(column)
        area = ScrolledPage()
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.StyledPanel)
        area.viewport().setBackgroundRole(QPalette.ColorRole.Base)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setAccessibleName(self.windowTitle())
        self._close.setToolTip(self.tr("Close this window (Esc); the smaller model is gone on with"))
        ways = (self._main, self._stop, self._again, self._copy, self._place, self._report, self._remove)
        for button in (*ways, self._close):
            button.setAutoDefault(False)
        whole = QVBoxLayout(self)
        edge = gap.unit + gap.half
        whole.setContentsMargins(edge, edge, edge, edge)
        whole.setSpacing(gap.unit)
        whole.addWidget(self._heading)
        whole.addWidget(area, stretch=1)
        whole.addWidget(foot(*ways, close=self._close, gap=gap.unit))


def _lack_words(problem: UserFacingError | None, commands: tuple[str, ...]) -> str:
    """Returns what went wrong; what to do about it as well, unless that stands below as lines to type."""
    if problem is None:
        return ""
    return sentences(error_title(problem), error_detail(problem)) if commands else error_words(problem)
