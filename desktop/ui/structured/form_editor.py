"""A form, to be written or taken from the saved ones: its name and its fields."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.structured.fields import MOST_FIELDS, MOST_NAME, Field, FieldsError, Form, checked_form
from desktop.ui.structured.field_row import FieldRow
from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.accessible import ChoiceBox
from desktop.ui.widgets.layouts.nesting import holding
from desktop.ui.widgets.layouts.wrapping_row import WrappingRow


class FormEditor(QWidget):
    """Shows one form.

    Signals:
        deleteRequested: (name) A saved form shall go.

    Attributes:
        saved: The saved forms to choose from.
        name: Of the form.
    """

    deleteRequested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._forms: tuple[Form, ...] = ()
        self._rows: list[FieldRow] = []
        self.saved = ChoiceBox()
        self.saved.setAccessibleName(self.tr("Saved forms"))
        self.saved.activated.connect(self._on_saved)
        self._delete = QPushButton(self.tr("&Delete form"))
        self._delete.setAutoDefault(False)
        self._delete.clicked.connect(lambda: self.deleteRequested.emit(self.saved.currentText()))
        self.name = QLineEdit()
        self.name.setMaxLength(MOST_NAME)
        self.name.setAccessibleName(self.tr("Name of the form"))
        self._add = QPushButton(self.tr("&Add a field"))
        self._add.setAutoDefault(False)
        self._add.clicked.connect(lambda: self._add_row(None).name.setFocus(Qt.FocusReason.OtherFocusReason))
        self._lay_out()
        self.show_form(Form(""))

    def set_forms(self, forms: Sequence[Form]) -> None:
        """Offers the saved forms."""
        self._forms = tuple(forms)
        current = self.name.text()
        self.saved.clear()
        self.saved.addItem(self.tr("New form"))
        self.saved.addItems([form.name for form in forms])
        names = [form.name for form in forms]
        self.saved.setCurrentIndex(names.index(current) + 1 if current in names else 0)
        self._delete.setEnabled(self.saved.currentIndex() > 0)
        self._choice.setVisible(bool(forms))

    def show_form(self, form: Form) -> None:
        """Shows a form to be changed; one without fields has two empty ones."""
        for row in self._rows:
            row.hide()
            row.deleteLater()
        self._rows = []
        self.name.setText(form.name)
        for field in form.fields or (None, None):
            self._add_row(field)

    def focus_first(self) -> None:
        """Puts the keyboard where a form is begun: on the saved ones, else in the name of the first field."""
        first = self.saved if self._forms and not self._is_written else self._first_name()
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def form(self) -> Form:
        """Returns the form as it reads, without fields that are empty.

        Raises:
            UserFacingError: It cannot be used.
        """
        if not self._is_written:
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "No field has a name yet."),
                remedy=QT_TRANSLATE_NOOP("Errors", "Write at least one, such as: amount."),
            )
        name = self.name.text().strip() or self.tr("Form")
        try:
            return checked_form(Form(name, tuple(row.field for row in self._rows if not row.is_empty)))
        except FieldsError as problem:  # its example is how fields are written in one line, which nobody does here
            raise UserFacingError(problem.title, problem.pattern, values=problem.values) from problem

    @property
    def _is_written(self) -> bool:
        return not all(row.is_empty for row in self._rows)

    def _first_name(self) -> QLineEdit:
        return self._rows[0].name if self._rows else self.name

    def _on_saved(self, place: int) -> None:
        self.show_form(self._forms[place - 1] if place > 0 else Form(""))
        self._delete.setEnabled(place > 0)

    def _add_row(self, field: Field | None) -> FieldRow:
        row = FieldRow(field)
        row.removeRequested.connect(lambda: self._remove_row(row))
        self._rows.append(row)
        self._column.addWidget(row)
        row.follow(self._rows[-2].last if len(self._rows) > 1 else self.name)
        QWidget.setTabOrder(row.last, self._add)
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
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(gap.unit + gap.half)
        choice = holding(WrappingRow(), self.saved, self._delete, gap=gap.unit)
        self._choice = _labelled(self.tr("Saved &forms"), self.saved, choice, gap.half)
        self._choice.hide()
        outer.addWidget(self._choice)
        outer.addWidget(_labelled(self.tr("&Name of the form"), self.name, self.name, gap.half))
        rows = QWidget()
        self._column = QVBoxLayout(rows)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(gap.unit)
        outer.addWidget(_labelled(self.tr("Fields"), None, rows, gap.half))
        outer.addWidget(holding(WrappingRow(), self._add, gap=gap.unit))


def _labelled(words: str, control: QWidget | None, part: QWidget, gap: int) -> QWidget:
    """Returns a part of the page with its words close above it.

    Args:
        words: With the letter of the control.
        control: Gets the keyboard by that letter; None: there is no one control.
        part: What is below.
        gap: Between the two, in pixels.
    """
    label = QLabel(words)
    if control is not None:
        label.setBuddy(control)
    return holding(QVBoxLayout(), label, part, gap=gap)
