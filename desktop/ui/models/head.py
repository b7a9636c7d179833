"""What stands above the list of models: what to do, filters, errors; and the question that waits for a model."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop.common.errors import UserFacingError
from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.banner import Banner, Notice, NoticeAction, Severity
from desktop.ui.widgets.labels import MutedLabel
from desktop.ui.widgets.layouts.nesting import add_layout
from desktop.ui.words import error_detail, error_remedy, error_title

_TITLE_FACTOR = 1.35
# A question waiting for a model is recalled, not repeated.
_QUESTION_CHARS = 120
_QUESTION, _ERROR, _ARRIVED = "question", "error", "arrived"  # keys of the notices


class ModelsHead(QWidget):
    """Shows it.

    Attributes:
        question: Assures the user that a question is kept; to be laid out elsewhere.
        filtersChanged: Another filter is in force.
        talkRequested: The model that has come shall be asked something.
    """

    filtersChanged = Signal()
    talkRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._subtitle = QLabel(), MutedLabel()
        self._is_brief = self._offers = False
        self.question, self._error = Banner(inset=False), Banner(inset=False)
        self._fits_only = self._make_filter(self.tr("&Fits this computer"))
        self._chinese_only = self._make_filter(self.tr("C&hinese"))
        self._lay_out()

    @property
    def fits_only(self) -> bool:
        """Whether only models are wanted that fit into this computer's memory."""
        return self._fits_only.isChecked()

    @property
    def chinese_only(self) -> bool:
        """Whether only models are wanted that speak Chinese."""
        return self._chinese_only.isChecked()

    def say_title(self, *, begun: bool, offers: bool) -> None:
        """Says what this is about.

        Args:
            begun: There is a model to answer already.
            offers: There is something to choose from.
        """
        self._title.setText(self.tr("Models") if begun else self.tr("Choose a model to begin"))
        if begun:
            words = self.tr("Catnap uses one at a time. They answer on this computer, without a network.")
        else:
            words = self.tr("It is downloaded once. After that Catnap needs no network, and what you write stays here.")
        self._subtitle.setText(words)
        self._offers = offers
        self._subtitle.setVisible(offers and not self._is_brief)
        for chip in (self._fits_only, self._chinese_only):
            chip.setVisible(offers)

    def set_error(self, error: UserFacingError | None) -> None:
        """Says what went wrong; None: nothing did."""
        if error is None:
            self._error.withdraw(_ERROR)
            return
        notice = Notice(
            error_title(error), error_detail(error), error_remedy(error), severity=Severity.PROBLEM, key=_ERROR
        )
        self._error.show_notice(notice)

    def say_arrived(self, model: str) -> None:
        """Says that a model can be asked now, and leads there; empty: takes it away."""
        if not model:
            self._error.withdraw(_ARRIVED)
            return
        talk = NoticeAction(self.tr("&Ask it something"), self.talkRequested.emit)
        words = self.tr("{model} is ready.").format(model=model)
        self._error.show_notice(Notice("", words, actions=(talk,), key=_ARRIVED))

    def set_waiting_question(self, question: str) -> None:
        """Assures the user that a question is kept; empty: there is none."""
        if not question:
            self.question.withdraw(_QUESTION)
            return
        line = " ".join(question.split())
        short = line if len(line) <= _QUESTION_CHARS else line[: _QUESTION_CHARS - 1] + "…"
        text = self.tr("Your question is kept and will be asked when the model is ready: “{question}”")
        self.question.show_notice(Notice("", text.format(question=short), key=_QUESTION, closable=False))

    def set_brief(self, brief: bool) -> None:
        """Leaves out what can be done without, on a low screen."""
        self._is_brief = brief
        self._subtitle.setVisible(self._offers and not brief)

    def _make_filter(self, text: str) -> QPushButton:
        chip = QPushButton(text)
        chip.setCheckable(True)
        chip.setAutoDefault(False)
        chip.toggled.connect(lambda _on: self.filtersChanged.emit())
        return chip

    def _lay_out(self) -> None:
        gap = spacing(self)
        font = self._title.font()
        font.setPointSizeF(font.pointSizeF() * _TITLE_FACTOR)
        self._title.setFont(font)
        top = QHBoxLayout()
        top.setSpacing(gap.unit)
        top.addWidget(self._title, stretch=1)
        for chip in (self._fits_only, self._chinese_only):
            top.addWidget(chip, alignment=Qt.AlignmentFlag.AlignVCenter)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(gap.unit)
        add_layout(whole, top)
        for part in (self._subtitle, self._error):
            whole.addWidget(part)
