"""What a model can do: a line for each kind of tasks, what it got wrong, and the thumbs of its answers. Not modal."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QPalette
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.check.run import CheckProgress
from desktop.check.statistics import wilson
from desktop.check.summary import Line
from desktop.check.types import Kind, Language
from desktop.common.errors import UserFacingError
from desktop.ui.check.share_bar import ShareBar
from desktop.ui.check.words import line_title, progress_words, share_words
from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.close_keys import add_close_keys
from desktop.ui.widgets.glyphs import MenuButton
from desktop.ui.widgets.labels import AccentButton, ElidedLabel, MutedLabel, WarningLabel
from desktop.ui.widgets.layouts.gap import Gap
from desktop.ui.widgets.layouts.nesting import add_layout, holding
from desktop.ui.widgets.page_dialog import ScrolledPage
from desktop.ui.widgets.window_size import fitting_size
from desktop.ui.words import SEPARATOR, error_words

_SIZE_IN_UNITS: Final = QSize(92, 72)
_MOST_EXAMPLES: Final = 5
# Characters of a question or an answer that are shown; both may be pages.
_SHOWN: Final = 400


class Standing(Enum):
    """How the check of the model that is shown is off."""

    IDLE = "idle"
    RUNNING = "running"
    WAITING_FOR_ANSWER = "waiting for an answer"
    WAITING_FOR_POWER = "waiting for power"
    WAITING_FOR_MEMORY = "waiting for memory"
    PAUSED = "paused"


@dataclass(frozen=True)
class Example:
    """A task that the model got wrong."""

    kind: Kind
    language: Language
    question: str
    answer: str


@dataclass(frozen=True)
class Thumbs:
    """What the person thinks of answers of one model, in one month or in all.

    Attributes:
        title: Such as "2026-11"; empty: in all.
        up: Answers with the thumb up.
        rated: Answers with either.
    """

    title: str
    up: int
    rated: int


@dataclass(frozen=True)
class CheckView:
    """What is shown of one model.

    Attributes:
        name: Of the model.
        setup: With what it was checked; empty: it was not.
        summary: In words.
        lines: The figures.
        examples: What it got wrong.
        left_out: Why tasks were not asked, in sentences.
        thumbs: All months together, then each.
        is_complete: Every task was asked.
    """

    name: str
    setup: str = ""
    summary: str = ""
    lines: tuple[Line, ...] = ()
    examples: tuple[Example, ...] = ()
    left_out: tuple[str, ...] = ()
    thumbs: tuple[Thumbs, ...] = ()
    is_complete: bool = False


class CheckDialog(QDialog):
    """The dialog; made once and shown again for another model.

    Attributes:
        runRequested: The check shall begin, or go on.
        pauseRequested: It shall stop for now.
        againRequested: All tasks shall be asked once more.
        exportRequested: The answers that were marked down shall be written to a file of tasks.
    """

    runRequested = Signal()
    pauseRequested = Signal()
    againRequested = Signal()
    exportRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """
        Args:
            parent: Its window.
        """
        super().__init__(parent)
        self.setWindowTitle(self.tr("What can this model do?"))
        self._view = CheckView("")
        self._standing = Standing.IDLE
        self._heading, self._setup, self._summary = ElidedLabel(), MutedLabel(), QLabel()
        self._state, self._bar, self._trouble = MutedLabel(), QProgressBar(), WarningLabel()
        self._table, self._details, self._thumbs = QWidget(), QWidget(), QWidget()
        self._area = ScrolledPage()
        self._more, self._close = MenuButton(), QPushButton(self.tr("Close"))
        self._main = AccentButton()
        self._again = QAction(self.tr("Ask all tasks &again"), self)
        self._export = QAction(self.tr("&Export answers marked down…"), self)
        self._shown_examples: tuple[Kind, Language] | None = None
        self._lay_out()
        add_close_keys(self)
        self.resize(fitting_size(self, _SIZE_IN_UNITS))
        self.show_standing(Standing.IDLE, None)

    def show_view(self, view: CheckView) -> None:
        """Shows what is known of a model."""
        is_another = view.name != self._view.name
        if is_another:
            self._trouble.say("")
            self._shown_examples = None
        is_same_table = (view.lines, view.examples, view.left_out) == (
            self._view.lines,
            self._view.examples,
            self._view.left_out,
        )
        same_thumbs = view.thumbs == self._view.thumbs
        self._view = view
        self._heading.say(view.name)
        self._setup.setText(view.setup)
        self._setup.setVisible(bool(view.setup))
        self._summary.setText(
            view.summary
            or self.tr(
                "Not checked yet. The check asks some 300 small tasks in English and Chinese, and marks the answers by "
                "rules. Your own questions always come first; nothing leaves this computer."
            )
        )
        if not is_same_table or is_another:
            self._fill_table()
        if not same_thumbs or is_another:
            self._fill_thumbs()
        self._export.setEnabled(any(each.rated > each.up for each in view.thumbs))
        self.show_standing(self._standing, None)

    def show_standing(self, standing: Standing, progress: CheckProgress | None) -> None:
        """Shows how the check is off.

        Args:
            standing: See there.
            progress: How far it is; None: as it was.
        """
        self._standing = standing
        words = {
            Standing.IDLE: "",
            Standing.RUNNING: self.tr("Checking…"),
            Standing.WAITING_FOR_ANSWER: self.tr("Waiting while you use Catnap"),
            Standing.WAITING_FOR_POWER: self.tr("Waiting until this computer is plugged in"),
            Standing.WAITING_FOR_MEMORY: self.tr("Waiting until there is more free memory"),
            Standing.PAUSED: self.tr("Paused"),
        }[standing]
        if progress is not None:
            self._bar.setMaximum(progress.total)
            self._bar.setValue(progress.done)
            figures = progress_words(progress)
            words = figures if standing is Standing.RUNNING else SEPARATOR.join(filter(None, (words, figures)))
        self._state.setText(words)
        for widget in (self._state, self._bar):
            widget.setVisible(standing is not Standing.IDLE)
        is_under_way = standing not in (Standing.IDLE, Standing.PAUSED)
        if is_under_way:
            text = self.tr("&Pause")
        elif self._view.lines:
            text = self.tr("&Go on")
        else:
            text = self.tr("Sta&rt the check")
        self._main.setText(text)
        self._main.setVisible(is_under_way or not self._view.is_complete)
        self._main.set_accented(not is_under_way)
        self._again.setEnabled(not is_under_way and bool(self._view.lines))

    def show_error(self, error: UserFacingError | None) -> None:
        """Says what went wrong; None takes it away."""
        self._trouble.say("" if error is None else error_words(error))

    def show_examples(self, kind: Kind, language: Language) -> None:
        """Shows below the table what the model got wrong of one kind."""
        self._shown_examples = (kind, language)
        self._fill_examples()
        QTimer.singleShot(0, self._details, lambda: self._area.ensureWidgetVisible(self._details))

    def sizeHint(self) -> QSize:
        return fitting_size(self, _SIZE_IN_UNITS)

    def _fill_table(self) -> None:
        gap = spacing(self)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(gap.unit + gap.half)
        grid.setVerticalSpacing(gap.unit)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
        for row, line in enumerate(self._view.lines):
            title, figures = line_title(line), share_words(line.right, line.asked, line.interval)
            grid.addWidget(holding(QVBoxLayout(), _wrapping(title), MutedLabel(figures), gap=0), row, 0)
            if not line.asked:
                continue
            grid.addWidget(ShareBar(line.share, line.interval), row, 1)
            if not any((one.kind, one.language) == (line.kind, line.language) for one in self._view.examples):
                continue
            wrong = QPushButton(self.tr("Mistakes"))
            wrong.setAutoDefault(False)
            wrong.setToolTip(self.tr("Show some of the answers that were wrong"))
            wrong.setAccessibleName(SEPARATOR.join((wrong.text(), title, figures)))
            wrong.clicked.connect(lambda _checked, of=(line.kind, line.language): self.show_examples(*of))
            grid.addWidget(wrong, row, 2)
        table = QWidget()
        table.setLayout(grid)
        self._table = self._put(self._table, table)
        self._fill_examples()

    def _fill_examples(self) -> None:
        gap = spacing(self)
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(gap.half)
        for sentence in self._view.left_out:
            column.addWidget(MutedLabel(self.tr("Not asked: {why}").format(why=sentence)))
        shown = [each for each in self._view.examples if (each.kind, each.language) == self._shown_examples]
        line = next((one for one in self._view.lines if (one.kind, one.language) == self._shown_examples), None)
        if shown and line is not None:
            column.addWidget(Gap(gap.half))
            column.addWidget(_bold(self.tr("Mistakes: {kind}").format(kind=line_title(line))))
            for example in shown[:_MOST_EXAMPLES]:
                column.addWidget(MutedLabel(_cut(example.question)))
                column.addWidget(_selectable(_cut(example.answer) or self.tr("(no answer)")))
                column.addWidget(Gap(gap.half))
        details = QWidget()
        details.setLayout(column)
        details.setAccessibleName(self.tr("Mistakes"))
        self._details = self._put(self._details, details)

    def _fill_thumbs(self) -> None:
        gap = spacing(self)
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(gap.half)
        column.addWidget(Gap(gap.half))
        column.addWidget(_bold(self.tr("Your thumbs")))
        for thumbs in self._view.thumbs:
            words = share_words(thumbs.up, thumbs.rated, wilson(thumbs.up, thumbs.rated))
            up = self.tr("good: {share}").format(share=words)
            column.addWidget(MutedLabel(SEPARATOR.join((thumbs.title or self.tr("in all"), up))))
        if not self._view.thumbs:
            column.addWidget(
                MutedLabel(self.tr("None yet. Below each answer there is a thumb up and a thumb down for it."))
            )
        column.addWidget(MutedLabel(self.tr("They are kept on this computer only, with the conversations.")))
        widget = QWidget()
        widget.setLayout(column)
        self._thumbs = self._put(self._thumbs, widget)

    def _put(self, old: QWidget, new: QWidget) -> QWidget:
        self._column.replaceWidget(old, new)
        old.hide()
        old.deleteLater()
        return new

    def _pressed(self) -> None:
        self._trouble.say("")
        if self._standing in (Standing.IDLE, Standing.PAUSED):
            self.runRequested.emit()
        else:
            self.pauseRequested.emit()

    def _lay_out(self) -> None:
        gap = spacing(self)
        font = self._heading.font()
        font.setPointSizeF(font.pointSizeF() * 1.35)
        self._heading.setFont(font)
        self._summary.setWordWrap(True)
        self._summary.setTextFormat(Qt.TextFormat.PlainText)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(gap.unit)
        self._bar.setAccessibleName(self.tr("Progress of the check"))
        column = self._column = QVBoxLayout()
        column.setContentsMargins(gap.unit + gap.half, gap.unit, gap.unit + gap.half, gap.unit)
        column.setSpacing(gap.unit)
        for widget in (self._setup, self._summary, self._trouble, self._state, self._bar):
            column.addWidget(widget)
        for part in (self._table, self._details, self._thumbs):
            column.addWidget(part)
        column.addStretch()
        content = QWidget()
        content.setBackgroundRole(QPalette.ColorRole.Base)
        content.setLayout(column)
        area = self._area
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.StyledPanel)
        area.viewport().setBackgroundRole(QPalette.ColorRole.Base)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setAccessibleName(self.windowTitle())
        self._more.setText(self.tr("More"))
        menu = QMenu(self._more)
        menu.addAction(self._again)
        menu.addAction(self._export)
        self._more.setMenu(menu)
        self._again.triggered.connect(lambda _checked: self.againRequested.emit())
        self._export.triggered.connect(lambda _checked: self.exportRequested.emit())
        self._main.clicked.connect(self._pressed)
        self._close.setToolTip(self.tr("Close this window (Esc); a check goes on"))
        self._close.clicked.connect(self.close)
        for button in (self._main, self._close):
            button.setAutoDefault(False)
        foot = QHBoxLayout()
        foot.setSpacing(gap.unit)
        foot.addWidget(self._main)
        foot.addWidget(self._more)
        foot.addStretch()
        foot.addWidget(self._close)
        whole = QVBoxLayout(self)
        edge = gap.unit + gap.half
        whole.setContentsMargins(edge, edge, edge, edge)
        whole.setSpacing(gap.unit)
        whole.addWidget(self._heading)
        whole.addWidget(area, stretch=1)
        add_layout(whole, foot)


def _wrapping(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def _selectable(text: str) -> QLabel:
    label = _wrapping(text)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _bold(text: str) -> QLabel:
    label = _wrapping(text)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    return label


def _cut(text: str) -> str:
    text = text.strip()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
