"""What the next answer is to look like: a form is written or taken from the saved ones, and how it is shown."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFrame,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.common.errors import UserFacingError
from desktop.structured.fields import MOST_FIELDS, MOST_NAME, Field, Form, checked_form
from desktop.structured.shape import AnswerShape, Look
from desktop.ui.structured.field_row import FieldRow
from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.close_keys import add_close_keys
from desktop.ui.widgets.labels import AccentButton, MutedLabel, WarningLabel
from desktop.ui.widgets.layouts.nesting import holding
from desktop.ui.widgets.layouts.wrapping_row import WrappingRow
from desktop.ui.widgets.window_size import fitting_size
from desktop.ui.words import error_words

_SIZE_IN_UNITS = QSize(72, 76)


class ShapeDialog(QDialog):
    """Made once and shown again; not modal.

    Signals:
        chosen: (AnswerShape) The next answer shall keep to it.
        deleteRequested: (name) A saved form shall go.
    """

    chosen = Signal(object)
    deleteRequested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Answer as a table or a form"))
        self._forms: tuple[Form, ...] = ()
        self._rows: list[FieldRow] = []
        self._saved = QComboBox()
        self._saved.setAccessibleName(self.tr("Saved forms"))
        self._saved.activated.connect(self._on_saved)
        self._delete = QPushButton(self.tr("&Delete form"))
        self._delete.setAutoDefault(False)
        self._delete.clicked.connect(lambda: self.deleteRequested.emit(self._saved.currentText()))
        self._name = QLineEdit()
        self._name.setMaxLength(MOST_NAME)
        self._name.setAccessibleName(self.tr("Name of the form"))
        self._add = QPushButton(self.tr("&Add a field"))
        self._add.setAutoDefault(False)
        self._add.clicked.connect(lambda: self._add_row(None).name.setFocus(Qt.FocusReason.OtherFocusReason))
        self._look = QComboBox()
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
        self.show_form(Form(""))
        self.resize(fitting_size(self, _SIZE_IN_UNITS))

    def set_forms(self, forms: Sequence[Form]) -> None:
        """Offers the saved forms."""
        self._forms = tuple(forms)
        current = self._name.text()
        self._saved.clear()
        self._saved.addItem(self.tr("New form"))
        self._saved.addItems([form.name for form in forms])
        names = [form.name for form in forms]
        self._saved.setCurrentIndex(names.index(current) + 1 if current in names else 0)
        self._delete.setEnabled(self._saved.currentIndex() > 0)

    def show_form(self, form: Form) -> None:
        """Shows a form to be changed; one without fields has two empty ones."""
        for row in self._rows:
            row.hide()
            row.deleteLater()
        self._rows = []
        self._name.setText(form.name)
        for field in form.fields or (None, None):
            self._add_row(field)
        self._complaint.say("")

    def show_look(self, look: Look) -> None:
        """Shows how an answer is to be shown."""
        self._look.setCurrentIndex(list(Look).index(look))

    def sizeHint(self) -> QSize:
        return fitting_size(self, _SIZE_IN_UNITS)

    def _on_saved(self, place: int) -> None:
        self.show_form(self._forms[place - 1] if place > 0 else Form(""))
        self._delete.setEnabled(place > 0)

    def _on_use(self) -> None:
        name = self._name.text().strip() or self.tr("Form")
        fields = tuple(row.field for row in self._rows if not row.is_empty)
        try:
            form = checked_form(Form(name, fields))
        except UserFacingError as problem:
            self._complaint.say(error_words(problem))
            return
        self._complaint.say("")
        self.chosen.emit(AnswerShape(form, Look(self._look.currentData())))
        self.close()

    def _add_row(self, field: Field | None) -> FieldRow:
        row = FieldRow(field)
        row.removeRequested.connect(lambda: self._remove_row(row))
        self._rows.append(row)
        self._column.addWidget(row)
        self._add.setEnabled(len(self._rows) < MOST_FIELDS)
        return row

    def _remove_row(self, row: FieldRow) -> None:
        self._rows.remove(row)
        row.hide()
        row.deleteLater()
        self._add.setEnabled(True)
        self._add.setFocus(Qt.FocusReason.OtherFocusReason)

    def _lay_out(self) -> None:
        gap = spacing(self)
        inner = QWidget()
        outer = QVBoxLayout(inner)
        outer.setContentsMargins(gap.unit, gap.unit, gap.unit, gap.unit)
        outer.setSpacing(gap.unit)
        explain = self.tr("The model fills in these fields with its next answer, and only with that one.")
        outer.addWidget(MutedLabel(explain))
        outer.addWidget(holding(WrappingRow(), self._saved, self._delete, gap=gap.unit))
        name = QLabel(self.tr("&Name of the form"))
        name.setBuddy(self._name)
        outer.addWidget(name)
        outer.addWidget(self._name)
        look = QLabel(self.tr("&Show the answer as"))
        look.setBuddy(self._look)
        outer.addWidget(look)
        outer.addWidget(holding(WrappingRow(), self._look, gap=gap.unit))
        outer.addWidget(QLabel(self.tr("Fields")))
        rows = QWidget()
        self._column = QVBoxLayout(rows)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(gap.unit)
        outer.addWidget(rows)
        outer.addWidget(holding(WrappingRow(), self._add, gap=gap.unit))
        outer.addStretch(1)
        area = QScrollArea()
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(inner)
        column = QVBoxLayout(self)
        column.addWidget(area, 1)
        column.addWidget(self._complaint)
        column.addWidget(holding(WrappingRow(to_right=True), self._use, self._close, gap=gap.unit))
