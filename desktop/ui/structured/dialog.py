"""What the next answer is to look like: a form is written or taken from the saved ones, and how it is shown."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop.common.errors import UserFacingError
from desktop.structured.fields import Form
from desktop.structured.shape import AnswerShape, Look
from desktop.ui.structured.form_editor import FormEditor
from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.accessible import ChoiceBox
from desktop.ui.widgets.close_keys import add_close_keys
from desktop.ui.widgets.labels import AccentButton, MutedLabel, WarningLabel
from desktop.ui.widgets.layouts.foot import foot
from desktop.ui.widgets.layouts.nesting import holding
from desktop.ui.widgets.layouts.wrapping_row import WrappingRow
from desktop.ui.widgets.window_size import fitting_size
from desktop.ui.words import error_words

_SIZE_IN_UNITS = QSize(72, 76)


class ShapeDialog(QDialog):
    """Made once and shown again; not modal.

    Signals:
        chosen: (AnswerShape) The next answer shall keep to it.

    Attributes:
        editor: The form.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Answer as a table or a form"))
        self.editor = FormEditor()
        self._look = ChoiceBox()
        self._look.setAccessibleName(self.tr("Show the answer as"))
        words = (self.tr("a table of several rows"), self.tr("a filled form"), self.tr("JSON"))
        for look, word in zip(Look, words, strict=True):
            self._look.addItem(word, look)
        self._complaint = WarningLabel()
        self._use = AccentButton(self.tr("&Use for the next answer"))
        self._use.setDefault(True)
        self._use.clicked.connect(self._on_use)
        self._close = QPushButton(self.tr("Close"))
        self._close.setAutoDefault(False)
        self._close.setToolTip(self.tr("Close this window (Esc)"))
        self._close.clicked.connect(self.close)
        self._lay_out()
        add_close_keys(self)
        self.resize(fitting_size(self, _SIZE_IN_UNITS))

    def set_forms(self, forms: Sequence[Form]) -> None:
        """Offers the saved forms."""
        self.editor.set_forms(forms)

    def show_form(self, form: Form) -> None:
        """Shows a form to be changed."""
        self.editor.show_form(form)
        self._complaint.say("")

    def show_look(self, look: Look) -> None:
        """Shows how an answer is to be shown."""
        self._look.setCurrentIndex(list(Look).index(look))

    def sizeHint(self) -> QSize:
        return fitting_size(self, _SIZE_IN_UNITS)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous():
            self._complaint.say("")  # of the last time
            self.editor.focus_first()

    def _on_use(self) -> None:
        try:
            form = self.editor.form()
        except UserFacingError as problem:
            self._complaint.say(error_words(problem))
            self.editor.focus_first()
            return
        self._complaint.say("")
        self.chosen.emit(AnswerShape(form, Look(self._look.currentData())))
        self.close()

    def _lay_out(self) -> None:
        gap = spacing(self)
        inner = QWidget()
        outer = QVBoxLayout(inner)
        outer.setContentsMargins(0, 0, gap.unit, 0)
        outer.setSpacing(gap.unit + gap.half)
        explain = self.tr("The model fills in these fields with its next answer, and only with that one.")
        outer.addWidget(MutedLabel(explain))
        look = QLabel(self.tr("&Show the answer as"))
        look.setBuddy(self._look)
        shown = holding(WrappingRow(), self._look, gap=gap.unit)
        outer.addWidget(holding(QVBoxLayout(), look, shown, gap=gap.half))
        outer.addWidget(self.editor)
        outer.addStretch(1)
        area = QScrollArea()
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(inner)
        column = QVBoxLayout(self)
        edge = gap.unit + gap.half
        column.setContentsMargins(edge, edge, edge, edge)
        column.setSpacing(gap.unit)
        column.addWidget(area, 1)
        column.addWidget(self._complaint)
        column.addWidget(foot(self._use, close=self._close, gap=gap.unit))
